/*
 * How many of the roster's places one address, and one network, have taken, and how many each may have: one host has
 * 64,000 ports. Pure; part of roster.
 */
#ifndef SHARES_H
#define SHARES_H

#include "base/crowd.h"

#include <stdbool.h>

#define SHARES_COUNTERS 16384u

struct shares {
	uint32_t most[CROWDS];
	uint32_t held[CROWDS][SHARES_COUNTERS];
	uint8_t key[CROWD_KEY_SIZE];
};

/*
 * Nobody has any of the `places`; `s` is all zero, as fresh memory is. A network may have an eighth of them, but 1,024
 * at least; an address a sixteenth of that, but 256 at least: behind the address of a carrier's NAT stand many.
 */
void shares_init(struct shares *s, uint32_t places, const uint8_t key[CROWD_KEY_SIZE]);

/* Whether that address may have one more. */
bool shares_has_room(const struct shares *s, const struct address *who);

void shares_take(struct shares *s, const struct address *who);
void shares_give_back(struct shares *s, const struct address *who);

#endif
