/*
 * Punching through boxes that take for their own what comes before their host has sent, and with it the place in their
 * table (the INPUT trap): nothing may reach the other's box before the other has sent. Probes that end on the way open
 * the own box first, from a new socket, and both sides go step by step: what each has done it tells in the serial of
 * its offer, by way of the server, and none does the next step before the other has done this one. So it does not
 * matter which of them begins, nor how late the other hears of it. Pure; part of path_ways.
 *
 *     serial   the sender
 *     1        has the socket whose port this offer names
 *     2        has sent from it to the port that the other's offer 1 named, probes that go few hops
 *     3, 4     the same with another socket and other numbers of hops; and so on
 *
 * Who has sent 2 and heard 2 sends probes that go all the way. Who hears a serial of a later attempt than its own goes
 * on there.
 */
#ifndef PATH_LOW_TTL_H
#define PATH_LOW_TTL_H

#include <stdbool.h>
#include <stdint.h>

struct effects;
struct means;
struct path;
struct wire_message;

struct low_ttl {
	bool on;
	uint8_t attempt;       /* from 0 */
	uint16_t socket, port; /* of this attempt: ours, and the port that all see of it; 0 for none yet */
	uint8_t near;          /* probes sent that do not go far */
	uint8_t far;           /* those that do */
	uint32_t their_serial; /* of the furthest of their offers */
	uint16_t their_port;   /* that it names; 0 for none */
	uint64_t next_us;      /* the next probe; 0: look at once what can be done */
	uint64_t until_us;     /* when this attempt has failed */
};

/* Our socket for the first attempt; the first one measured will do, if there is one. Part of the first offer. */
void path_low_ttl_prepare(struct path *p, struct means *means);

/* Its turn has come, at that time or later. */
void path_low_ttl_start(struct path *p, uint64_t at_us);

/* What our offers say of it. */
void path_low_ttl_offer(const struct path *p, struct wire_message *offer);

/* An offer of the peer came. */
void path_low_ttl_receive(struct path *p, const struct wire_message *offer);

/* Does what is due. Returns true if the peer is to be told. */
bool path_low_ttl_tick(struct path *p, struct means *means, struct effects *fx, uint64_t now_us);
uint64_t path_low_ttl_deadline(const struct path *p, const struct means *means);

#endif
