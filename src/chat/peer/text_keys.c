#include "chat/peer/text_keys.h"

#include "chat/seal.h"

#include <sodium.h>
#include <string.h>

/* A text is under way alone, so the next block is all that can come early; blocks that a life has not begun with may be
 * many where the life before counted on. */
#define BLOCKS_MAX 65536u

void text_keys_agree(struct text_keys *k, const uint8_t path_key[SECRETS_KEY_SIZE],
                     const uint8_t secret[CARD_SECRET_SIZE], const uint8_t mine[WIRE_EPHEMERAL_SIZE],
                     const uint8_t theirs[WIRE_EPHEMERAL_SIZE])
{
	if (k->agreed && memcmp(k->theirs, theirs, WIRE_EPHEMERAL_SIZE) == 0)
		return;
	*k = (struct text_keys){ 0 };
	memcpy(k->theirs, theirs, sizeof k->theirs);
	k->agreed = secrets_text_keys(path_key, secret, mine, theirs, k->sending, k->receiving);
}

static void advance(uint8_t key[SECRETS_KEY_SIZE], uint32_t *block, uint32_t to)
{
	for (; *block < to; ++*block)
		secrets_advance(key);
}

const uint8_t *text_keys_to_send(struct text_keys *k, uint32_t serial)
{
	advance(k->sending, &k->sending_block, serial / SECRETS_BLOCK);
	return k->sending;
}

static bool read_ahead(struct text_keys *k, const struct wire_message *m, const uint8_t *bytes, size_t len,
                       uint8_t text[WIRE_TEXT_MAX])
{
	uint32_t block = m->serial / SECRETS_BLOCK, at = k->receiving_block;
	uint8_t key[SECRETS_KEY_SIZE], before[SECRETS_KEY_SIZE];
	bool good;

	if (block - at > BLOCKS_MAX)
		return false;
	memcpy(key, k->receiving, sizeof key);
	memcpy(before, k->received, sizeof before);
	for (; at < block; at++) {
		memcpy(before, key, sizeof before);
		secrets_advance(key);
	}
	good = seal_read_text(key, m, bytes, len, text);
	if (good) {
		k->receiving_block = block;
		memcpy(k->receiving, key, sizeof key);
		memcpy(k->received, before, sizeof before);
	}
	sodium_memzero(key, sizeof key);
	sodium_memzero(before, sizeof before);
	return good;
}

bool text_keys_read(struct text_keys *k, const struct wire_message *m, const uint8_t *bytes, size_t len,
                    uint8_t text[WIRE_TEXT_MAX])
{
	uint32_t block = m->serial / SECRETS_BLOCK;

	if (!k->agreed)
		return false;
	if (block >= k->receiving_block)
		return read_ahead(k, m, bytes, len, text);
	return block + 1 == k->receiving_block && seal_read_text(k->received, m, bytes, len, text);
}
