/*
 * Relays: hosts that send on to somebody what somebody else sent them. Found from the bytes alone: what came in at a
 * host leaves it soon after for another end, in the same wrapping (a header of a few bytes more or less) or in none.
 * Whose protocol that is does not matter.
 */
#ifndef RELAY_H
#define RELAY_H

#include "trace/journey.h"

/* Packets that `from` sent to `via` and that `via` sent on to `to`: nodes, each another one. */
struct relayed {
	int from, via, to;
	uint64_t count;
};

struct relay_memory;

struct relays {
	struct relayed *list;
	size_t count;
	struct relay_memory *memory; /* private: what came in last at each host */
};

int relays_begin(struct relays *r) __attribute__((warn_unused_result));
void relays_free(struct relays *r);

/* To be told of every journey of UDP, in their order. What needs memory that is not there is not counted. */
void relays_journey(struct relays *r, const struct scene *s, const struct journey *j);

/* The host that passes on most between the two, or -1: one packet of equal bytes may be chance, several are not. */
int relays_between(const struct relays *r, int a, int b);

/* How many packets `via` passed on that way. */
uint64_t relays_count(const struct relays *r, int from, int via, int to);

#endif
