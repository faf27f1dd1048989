#include "chat/seal.h"

#include <sodium.h>
#include <string.h>

static void mac_of(const uint8_t key[SECRETS_KEY_SIZE], const uint8_t *bytes, size_t len, uint8_t mac[WIRE_MAC_SIZE])
{
	crypto_generichash(mac, WIRE_MAC_SIZE, bytes, len, key, SECRETS_KEY_SIZE);
}

void seal_stamp(const uint8_t key[SECRETS_KEY_SIZE], uint8_t *bytes, size_t len)
{
	if (len >= WIRE_MAC_SIZE)
		mac_of(key, bytes, len - WIRE_MAC_SIZE, bytes + len - WIRE_MAC_SIZE);
}

bool seal_holds(const uint8_t key[SECRETS_KEY_SIZE], const uint8_t *bytes, size_t len)
{
	uint8_t mac[WIRE_MAC_SIZE];

	if (len < WIRE_MAC_SIZE)
		return false;
	mac_of(key, bytes, len - WIRE_MAC_SIZE, mac);
	return sodium_memcmp(mac, bytes + len - WIRE_MAC_SIZE, sizeof mac) == 0;
}

_Static_assert(crypto_aead_chacha20poly1305_ietf_KEYBYTES == SECRETS_KEY_SIZE &&
                   crypto_aead_chacha20poly1305_ietf_ABYTES == WIRE_MAC_SIZE,
               "the tag stands in the mac's place");

#define AEAD_NONCE_SIZE crypto_aead_chacha20poly1305_ietf_NPUBBYTES

static void write_nonce(uint32_t serial, uint8_t nonce[AEAD_NONCE_SIZE])
{
	memset(nonce, 0, AEAD_NONCE_SIZE);
	for (unsigned i = 0; i < 4; i++)
		nonce[AEAD_NONCE_SIZE - 1 - i] = (uint8_t)(serial >> (8 * i));
}

void seal_text(const uint8_t key[SECRETS_KEY_SIZE], uint32_t serial, uint8_t *bytes, size_t len)
{
	uint8_t nonce[AEAD_NONCE_SIZE];
	size_t end = len - WIRE_MAC_SIZE;

	write_nonce(serial, nonce);
	crypto_aead_chacha20poly1305_ietf_encrypt_detached(bytes + WIRE_TEXT_AT, bytes + end, NULL,
	                                                   bytes + WIRE_TEXT_AT, end - WIRE_TEXT_AT, bytes,
	                                                   WIRE_TEXT_AT, NULL, nonce, key);
}

bool seal_read_text(const uint8_t key[SECRETS_KEY_SIZE], const struct wire_message *m, const uint8_t *bytes, size_t len,
                    uint8_t text[WIRE_TEXT_MAX])
{
	uint8_t nonce[AEAD_NONCE_SIZE];

	write_nonce(m->serial, nonce);
	return crypto_aead_chacha20poly1305_ietf_decrypt_detached(
		   text, NULL, m->text, m->text_len, bytes + len - WIRE_MAC_SIZE, bytes, WIRE_TEXT_AT, nonce, key) == 0;
}
