#include "base/allowance.h"

#include <string.h>

#define SECOND_NS UINT64_C(1000000000)
#define FRACTION_BITS 10

static uint64_t cost_ns(const struct pace *pace, uint32_t amount)
{
	return (amount * pace->each) >> FRACTION_BITS;
}

struct pace pace_of(const struct allowance_rate *rate)
{
	struct pace pace = { .each = (SECOND_NS << FRACTION_BITS) / rate->a_second };

	pace.room_ns = cost_ns(&pace, rate->at_once);
	return pace;
}

static uint64_t later(uint64_t a_ns, uint64_t b_ns)
{
	return a_ns > b_ns ? a_ns : b_ns;
}

/* When the bucket would be empty with that amount in it; 0 if it has no room. */
static uint64_t empty_with(const struct bucket *b, const struct pace *pace, uint32_t amount, uint64_t now_us)
{
	uint64_t now_ns = now_us * 1000;
	uint64_t empty_ns = later(b->empty_ns, now_ns) + cost_ns(pace, amount);

	return empty_ns - now_ns <= pace->room_ns ? empty_ns : 0;
}

bool bucket_takes(struct bucket *b, const struct pace *pace, uint32_t amount, uint64_t now_us)
{
	uint64_t empty_ns = empty_with(b, pace, amount, now_us);

	if (empty_ns == 0)
		return false;
	b->empty_ns = empty_ns;
	return true;
}

void allowance_init(struct allowance *a, const struct allowance_rates *rates, const uint8_t key[CROWD_KEY_SIZE])
{
	for (enum crowd crowd = 0; crowd < CROWDS; crowd++)
		a->pace[crowd] = pace_of(&rates->each[crowd]);
	a->pace_of_all = pace_of(&rates->all);
	memcpy(a->key, key, sizeof a->key);
}

/*
 * The two buckets of a crowd, and when they would be empty; 0 if one has no room. The emptier one counts: in the other
 * one strangers may have put something, and it is left as it is.
 */
struct claim {
	struct bucket *buckets[CROWD_PLACES];
	uint64_t empty_ns[CROWD_PLACES];
};

static bool claim(struct allowance *a, enum crowd crowd, const struct address *who, uint32_t amount, uint64_t now_us,
                  struct claim *c)
{
	struct crowd_places places = crowd_places(who, crowd, a->key, ALLOWANCE_COUNTERS);
	bool has_room = false;

	for (unsigned i = 0; i < CROWD_PLACES; i++) {
		c->buckets[i] = &a->each[crowd][places.at[i]];
		c->empty_ns[i] = empty_with(c->buckets[i], &a->pace[crowd], amount, now_us);
		has_room |= c->empty_ns[i] != 0;
	}
	return has_room;
}

static void settle(const struct claim *c)
{
	for (unsigned i = 0; i < CROWD_PLACES; i++)
		if (c->empty_ns[i] != 0)
			c->buckets[i]->empty_ns = c->empty_ns[i];
}

bool allowance_takes(struct allowance *a, const struct address *who, uint32_t amount, uint64_t now_us)
{
	struct claim claims[CROWDS];

	for (enum crowd crowd = 0; crowd < CROWDS; crowd++)
		if (!claim(a, crowd, who, amount, now_us, &claims[crowd]))
			return false;
	if (!bucket_takes(&a->all, &a->pace_of_all, amount, now_us))
		return false;
	for (enum crowd crowd = 0; crowd < CROWDS; crowd++)
		settle(&claims[crowd]);
	return true;
}
