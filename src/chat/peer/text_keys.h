/*
 * The keys that texts of one life of a path go under, a block of texts under each: those to send with, and those to
 * receive with, of which the one before is kept as long as a text of its block may come once more. Pure; part of path.
 */
#ifndef TEXT_KEYS_H
#define TEXT_KEYS_H

#include "chat/block_keys.h"
#include "chat/wire.h"

struct text_keys {
	bool agreed;
	uint8_t theirs[WIRE_EPHEMERAL_SIZE]; /* agreed with */
	struct block_keys sending, receiving;
	bool has_received;
	uint8_t received[SECRETS_KEY_SIZE]; /* of the block before, while its last text may come once more */
};

/* Begins with the keys of both ephemeral ones, unless that was done. */
void text_keys_agree(struct text_keys *k, const uint8_t path_key[SECRETS_KEY_SIZE],
                     const uint8_t secret[CARD_SECRET_SIZE], const uint8_t mine[WIRE_EPHEMERAL_SIZE],
                     const uint8_t theirs[WIRE_EPHEMERAL_SIZE]);

/* The key to send the text of that serial with: never of a block before that of the last. */
const uint8_t *text_keys_to_send(struct text_keys *k, uint32_t serial);

/* Reads a text; the keys move on with it. Returns false if it is of none of them. */
bool text_keys_read(struct text_keys *k, const struct wire_message *m, const uint8_t *bytes, size_t len,
                    uint8_t text[WIRE_TEXT_MAX]) __attribute__((warn_unused_result));

#endif
