#include "chat/seal.h"

#include <sodium.h>

static void mac_of(const uint8_t key[WIRE_KEY_SIZE], const uint8_t *bytes, size_t len, uint8_t mac[WIRE_MAC_SIZE])
{
	crypto_generichash(mac, WIRE_MAC_SIZE, bytes, len, key, WIRE_KEY_SIZE);
}

void seal_stamp(const uint8_t key[WIRE_KEY_SIZE], uint8_t *bytes, size_t len)
{
	if (len >= WIRE_MAC_SIZE)
		mac_of(key, bytes, len - WIRE_MAC_SIZE, bytes + len - WIRE_MAC_SIZE);
}

bool seal_holds(const uint8_t key[WIRE_KEY_SIZE], const uint8_t *bytes, size_t len)
{
	uint8_t mac[WIRE_MAC_SIZE];

	if (len < WIRE_MAC_SIZE)
		return false;
	mac_of(key, bytes, len - WIRE_MAC_SIZE, mac);
	return sodium_memcmp(mac, bytes + len - WIRE_MAC_SIZE, sizeof mac) == 0;
}
