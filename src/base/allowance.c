#include "base/allowance.h"

#include <string.h>

#define SECOND_NS UINT64_C(1000000000)

static uint64_t time_of(const struct allowance_rate *rate, uint32_t amount)
{
	return amount * SECOND_NS / rate->a_second;
}

static bool bucket_has_room(const struct bucket *b, const struct allowance_rate *rate, uint32_t amount, uint64_t now_us)
{
	uint64_t now_ns = now_us * 1000;
	uint64_t ahead_ns = b->empty_ns > now_ns ? b->empty_ns - now_ns : 0;

	return ahead_ns + time_of(rate, amount) <= time_of(rate, rate->at_once);
}

static void bucket_put(struct bucket *b, const struct allowance_rate *rate, uint32_t amount, uint64_t now_us)
{
	uint64_t now_ns = now_us * 1000;

	b->empty_ns = (b->empty_ns > now_ns ? b->empty_ns : now_ns) + time_of(rate, amount);
}

bool bucket_takes(struct bucket *b, const struct allowance_rate *rate, uint32_t amount, uint64_t now_us)
{
	bool takes = bucket_has_room(b, rate, amount, now_us);

	if (takes)
		bucket_put(b, rate, amount, now_us);
	return takes;
}

void allowance_init(struct allowance *a, const struct allowance_rates *rates, const uint8_t key[CROWD_KEY_SIZE])
{
	memset(a, 0, sizeof *a);
	a->rates = *rates;
	memcpy(a->key, key, sizeof a->key);
}

/* Of the two buckets of a crowd the emptier one counts: in the other one strangers may have put something. */
static bool has_room(const struct allowance *a, enum crowd crowd, const struct crowd_places *p, uint32_t amount,
                     uint64_t now_us)
{
	const struct bucket *each = a->each[crowd];
	const struct allowance_rate *rate = &a->rates.each[crowd];

	return bucket_has_room(&each[p->at[0]], rate, amount, now_us) ||
	       bucket_has_room(&each[p->at[1]], rate, amount, now_us);
}

/* A bucket that strangers have filled is left as it is. */
static void put(struct allowance *a, enum crowd crowd, const struct crowd_places *p, uint32_t amount, uint64_t now_us)
{
	const struct allowance_rate *rate = &a->rates.each[crowd];
	bool same = p->at[0] == p->at[1];

	for (unsigned i = 0; i < (same ? 1 : CROWD_PLACES); i++)
		bucket_takes(&a->each[crowd][p->at[i]], rate, amount, now_us);
}

bool allowance_takes(struct allowance *a, const struct address *who, uint32_t amount, uint64_t now_us)
{
	struct crowd_places places[CROWDS];

	if (!bucket_has_room(&a->all, &a->rates.all, amount, now_us))
		return false;
	for (enum crowd crowd = 0; crowd < CROWDS; crowd++) {
		places[crowd] = crowd_places(who, crowd, a->key, ALLOWANCE_COUNTERS);
		if (!has_room(a, crowd, &places[crowd], amount, now_us))
			return false;
	}
	for (enum crowd crowd = 0; crowd < CROWDS; crowd++)
		put(a, crowd, &places[crowd], amount, now_us);
	bucket_put(&a->all, &a->rates.all, amount, now_us);
	return true;
}
