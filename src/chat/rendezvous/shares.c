#include "chat/rendezvous/shares.h"

#include <string.h>

#define NETWORK_PART 8u
#define NETWORK_LEAST 1024u
#define ADDRESS_PART 16u /* of what a network may have */
#define ADDRESS_LEAST 256u

static uint32_t at_least(uint32_t value, uint32_t least)
{
	return value > least ? value : least;
}

void shares_init(struct shares *s, uint32_t places, const uint8_t key[CROWD_KEY_SIZE])
{
	s->most[CROWD_NETWORK] = at_least(places / NETWORK_PART, NETWORK_LEAST);
	s->most[CROWD_ADDRESS] = at_least(s->most[CROWD_NETWORK] / ADDRESS_PART, ADDRESS_LEAST);
	memcpy(s->key, key, sizeof s->key);
}

/* No counter shows less than what its own have, so the lower one is nearer to it. */
static uint32_t held_by(const struct shares *s, const struct address *who, enum crowd crowd)
{
	struct crowd_places places = crowd_places(who, crowd, s->key, SHARES_COUNTERS);
	uint32_t a = s->held[crowd][places.at[0]], b = s->held[crowd][places.at[1]];

	return a < b ? a : b;
}

bool shares_has_room(const struct shares *s, const struct address *who)
{
	return held_by(s, who, CROWD_ADDRESS) < s->most[CROWD_ADDRESS] &&
	       held_by(s, who, CROWD_NETWORK) < s->most[CROWD_NETWORK];
}

static void add(struct shares *s, const struct address *who, uint32_t n)
{
	for (enum crowd crowd = 0; crowd < CROWDS; crowd++) {
		struct crowd_places places = crowd_places(who, crowd, s->key, SHARES_COUNTERS);

		for (unsigned i = 0; i < CROWD_PLACES; i++)
			s->held[crowd][places.at[i]] += n;
	}
}

void shares_take(struct shares *s, const struct address *who)
{
	add(s, who, 1);
}

void shares_give_back(struct shares *s, const struct address *who)
{
	add(s, who, UINT32_MAX); /* one less, modulo 2^32 */
}
