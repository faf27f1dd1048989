/*
 * Whom a limit is about. Who has one address has all its ports, and often its neighbours too: so limits hold for an
 * address (of IPv6 its /64, which one host has whole) and for its network (a /24, of IPv6 a /56). Pure.
 *
 * There are too many of either to count each, so they share the counters of a table: each has two, found by a keyed
 * hash, and what it has is what both of them show. Nobody can choose whom to share with, and two that share one counter
 * hardly share the other.
 */
#ifndef CROWD_H
#define CROWD_H

#include "base/address.h"

enum crowd { CROWD_ADDRESS, CROWD_NETWORK, CROWDS };

#define CROWD_KEY_SIZE 16 /* crypto_shorthash, SipHash-2-4 */
#define CROWD_PLACES 2

struct crowd_places {
	uint32_t at[CROWD_PLACES];
};

/* What of the address counts: all who have the same are one. */
struct address crowd_of(const struct address *a, enum crowd crowd);

/* Where the counters of that address stand in a table of `count`. */
struct crowd_places crowd_places(const struct address *a, enum crowd crowd, const uint8_t key[CROWD_KEY_SIZE],
                                 uint32_t count);

#endif
