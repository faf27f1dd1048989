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
	uint32_t a_second; /* 1 to 100,000,000 */
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

/* A rate as buckets count it. */
struct pace {
	uint64_t each;    /* what one takes, in 1/1024 ns */
	uint64_t room_ns; /* of a bucket */
};

struct allowance {
	struct pace pace[CROWDS], pace_of_all;
	struct bucket each[CROWDS][ALLOWANCE_COUNTERS];
	struct bucket all;
	uint8_t key[CROWD_KEY_SIZE];
};

/* The pace of so many a second, and so many at once. */
struct pace pace_of(const struct allowance_rate *rate);

/* True if `amount` has room in the bucket, and is in it now; false, and nothing changes, if there is not so much. */
bool bucket_takes(struct bucket *b, const struct pace *pace, uint32_t amount, uint64_t now_us);

/* Nobody has had anything. `a` is all zero, as fresh memory is. */
void allowance_init(struct allowance *a, const struct allowance_rates *rates, const uint8_t key[CROWD_KEY_SIZE]);

/* True if `who` may have that amount now, and has it; false, and nothing changes, if it, its network or all had enough.
 */
bool allowance_takes(struct allowance *a, const struct address *who, uint32_t amount, uint64_t now_us);

#endif
