#include "base/crowd.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

static_assert(CROWD_KEY_SIZE == crypto_shorthash_KEYBYTES, "the key is one of SipHash");
static_assert(sizeof(struct crowd_places) == crypto_shorthash_BYTES, "one hash tells all places");

struct address crowd_of(const struct address *a, enum crowd crowd)
{
	if (a->family == ADDRESS_IPV6)
		return address_network(a, crowd == CROWD_ADDRESS ? 64 : 56);
	return address_network(a, crowd == CROWD_ADDRESS ? 32 : 24);
}

struct crowd_places crowd_places(const struct address *a, enum crowd crowd, const uint8_t key[CROWD_KEY_SIZE],
                                 uint32_t count)
{
	struct address who = crowd_of(a, crowd);
	uint8_t text[2 + sizeof who.bytes] = { (uint8_t)crowd, who.family };
	struct crowd_places places;

	memcpy(text + 2, who.bytes, sizeof who.bytes);
	crypto_shorthash((uint8_t *)&places, text, sizeof text, key);
	for (unsigned i = 0; i < CROWD_PLACES; i++)
		places.at[i] %= count;
	return places;
}
