#include "chat/rendezvous/repeats.h"

#include <sodium.h>
#include <string.h>

_Static_assert(crypto_shorthash_KEYBYTES == REPEATS_KEY_SIZE, "the key is one of SipHash");

static uint32_t hash_of(uint32_t serial, const struct endpoint *who, const uint8_t key[REPEATS_KEY_SIZE])
{
	uint8_t bytes[4 + 3 + sizeof who->address.bytes] = { (uint8_t)(serial >> 24), (uint8_t)(serial >> 16),
		                                             (uint8_t)(serial >> 8),  (uint8_t)serial,
		                                             who->address.family,     (uint8_t)(who->port >> 8),
		                                             (uint8_t)who->port };
	uint8_t hash[crypto_shorthash_BYTES];
	uint32_t value;

	memcpy(bytes + 7, who->address.bytes, sizeof who->address.bytes);
	crypto_shorthash(hash, bytes, sizeof bytes, key);
	memcpy(&value, hash, sizeof value);
	return value != 0 ? value : 1;
}

bool repeats_note(struct repeats *r, uint32_t serial, const struct endpoint *who, const uint8_t key[REPEATS_KEY_SIZE])
{
	uint32_t hash = hash_of(serial, who, key);

	for (size_t i = 0; i < REPEATS_KEPT; i++)
		if (r->told[i] == hash)
			return true;
	r->told[r->next++ % REPEATS_KEPT] = hash;
	return false;
}
