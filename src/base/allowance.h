/*
 * How much somebody may have in a time: so much a second, and so much at once. An allowance holds for each address, for
 * each network (see crowd.h) and for all together. Pure; of fixed size, whoever comes.
 */
#ifndef ALLOWANCE_H
#define ALLOWANCE_H

#include "base/crowd.h"

#include <stdbool.h>

#define ALLOWANCE_COUNTERS 4096u

struct allowance_rate {
	uint32_t a_second; /* 1 to 1,000,000,000 */
	uint32_t at_once;
};

struct allowance_rates {
	struct allowance_rate each[CROWDS]; /* address, network */
	struct allowance_rate all;
};

/* A leaky bucket: the time, in nanoseconds, at which it will be empty. Zero is an empty one. */
struct bucket {
	uint64_t empty_ns;
};

struct allowance {
	struct allowance_rates rates;
	struct bucket each[CROWDS][ALLOWANCE_COUNTERS];
	struct bucket all;
	uint8_t key[CROWD_KEY_SIZE];
};

/* True if `amount` has room in the bucket, and is in it now; false, and nothing changes, if there is not so much. */
bool bucket_takes(struct bucket *b, const struct allowance_rate *rate, uint32_t amount, uint64_t now_us);

/* Nobody has had anything. */
void allowance_init(struct allowance *a, const struct allowance_rates *rates, const uint8_t key[CROWD_KEY_SIZE]);

/* True if `who` may have that amount now, and has it; false, and nothing changes, if it, its network or all had enough.
 */
bool allowance_takes(struct allowance *a, const struct address *who, uint32_t amount, uint64_t now_us);

#endif
