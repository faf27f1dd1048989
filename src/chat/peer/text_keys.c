#include "chat/peer/text_keys.h"

#include "chat/seal.h"

#include <sodium.h>
#include <string.h>

void text_keys_agree(struct text_keys *k, const uint8_t path_key[SECRETS_KEY_SIZE],
                     const uint8_t secret[CARD_SECRET_SIZE], const uint8_t mine[WIRE_EPHEMERAL_SIZE],
                     const uint8_t theirs[WIRE_EPHEMERAL_SIZE])
{
	uint8_t sending[SECRETS_KEY_SIZE], receiving[SECRETS_KEY_SIZE];

	if (k->agreed && memcmp(k->theirs, theirs, WIRE_EPHEMERAL_SIZE) == 0)
		return;
	*k = (struct text_keys){ 0 };
	memcpy(k->theirs, theirs, sizeof k->theirs);
	k->agreed = secrets_text_keys(path_key, secret, mine, theirs, sending, receiving);
	block_keys_begin(&k->sending, sending);
	block_keys_begin(&k->receiving, receiving);
	sodium_memzero(sending, sizeof sending);
	sodium_memzero(receiving, sizeof receiving);
}

const uint8_t *text_keys_to_send(struct text_keys *k, uint32_t serial)
{
	block_keys_advance(&k->sending, serial / SECRETS_BLOCK);
	return k->sending.key;
}

/* The keys move on only with a text that is read by them: anybody can write any serial. */
static bool read_ahead(struct text_keys *k, const struct wire_message *m, const uint8_t *bytes, size_t len,
                       uint8_t text[WIRE_TEXT_MAX])
{
	struct block_keys ahead = k->receiving;
	bool good;

	block_keys_advance(&ahead, m->serial / SECRETS_BLOCK);
	good = seal_read_text(ahead.key, m, bytes, len, text);
	if (good && ahead.block > k->receiving.block) {
		k->has_received = ahead.block == k->receiving.block + 1;
		if (k->has_received)
			memcpy(k->received, k->receiving.key, sizeof k->received);
		else
			sodium_memzero(k->received, sizeof k->received);
		k->receiving = ahead;
	}
	sodium_memzero(&ahead, sizeof ahead);
	return good;
}

bool text_keys_read(struct text_keys *k, const struct wire_message *m, const uint8_t *bytes, size_t len,
                    uint8_t text[WIRE_TEXT_MAX])
{
	uint32_t block = m->serial / SECRETS_BLOCK;

	if (!k->agreed)
		return false;
	if (block >= k->receiving.block)
		return read_ahead(k, m, bytes, len, text);
	return k->has_received && block + 1 == k->receiving.block && seal_read_text(k->received, m, bytes, len, text);
}
