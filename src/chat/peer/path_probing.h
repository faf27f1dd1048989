/*
 * The probes of one path: single ones, and the sequence of them that punches a path or checks an open one. Pure; part
 * of path.
 */
#ifndef PATH_PROBING_H
#define PATH_PROBING_H

#include "chat/peer/path.h"

#define PATH_PROBING_QUICK_US 50000u /* the pace of the first probes */

/* Sends a datagram of this path that way. The caller has set its type, `to` and what else it carries. */
void path_probing_send(struct path *p, struct effects *fx, const struct route *to, struct wire_message *m);

/* Sends one probe where nobody is known to be: who hears it answers, and is then heard. */
void path_probing_guess(struct path *p, struct effects *fx, const struct route *to);

/* Sends one probe. */
void path_probing_probe(struct path *p, struct effects *fx, struct candidate *to, uint64_t now_us);

/* Starts the sequence of probes, with a first one to every candidate. The path's deadline is the end of the punch
 * time-out. */
void path_probing_start(struct path *p, struct effects *fx, const struct path_times *times, uint64_t now_us);

/* One step of the sequence: a probe to every candidate. */
void path_probing_step(struct path *p, struct effects *fx, uint64_t now_us);

/* The open path is probed a few times more, from then on, before it has but keepalives. */
void path_probing_linger(struct path *p, uint64_t from_us);

/*
 * Shows again that an open path works, or finds one that does, within the punch time-out but no longer than four
 * seconds; nothing new if that is under way.
 */
void path_probing_check(struct path *p, struct effects *fx, const struct path_times *times, uint64_t now_us);

#endif
