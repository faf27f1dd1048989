/* Could one sight of a packet follow another? For join.c. Pure. */
#ifndef JOIN_FIT_H
#define JOIN_FIT_H

#include "trace/journey.h"

/* How well a packet fits behind a journey; the smallest is best. */
enum fit { FIT_EXACT, FIT_ODD_TTL, FIT_LOOSE, FIT_NONE };

/* By topology, addresses and TTL: could `b` be the sight that follows `a`? The keys are the same. */
enum fit fit_after(const struct scene *s, const struct leg *a, const struct leg *b);

/*
 * Could `p`, seen as `l` with a key that nobody knows, be what a box made of that journey, which came in there and is
 * not seen to leave it? A box may rewrite a payload (an ALG); it keeps the IP identification, and one end.
 */
bool fit_rewritten(const struct scene *s, const struct journey *j, const struct leg *l, const struct packet *p);

/*
 * Did the journey bear what an ICMP error quotes? A box that changes prefixes (RFC 6296) may quote a host's address
 * inside of what it had outside, if it is the box that says it: it changed that before.
 */
bool fit_quoted(const struct scene *s, const struct journey *j, const struct packet_ip *quote);

/* The point (scene.h) a leg was seen at. */
unsigned leg_point(const struct leg *l);

/* Where journeys end: a host's own interface. A box keeps the door open: the packet may yet come out of it. */
bool fit_ends(const struct scene *s, const struct leg *l);

/* True if what is seen there first seems to begin at a box of which another side was captured, too. */
bool fit_begins_at_box(const struct scene *s, const struct leg *l);

#endif
