/*
 * The keys that two peers agree on, by X25519 and keyed BLAKE2b. Pure.
 *
 *     path key    of both exchange keys, as the cards bring them: for the macs of probes, before anybody was heard
 *     text keys   of the path key and of an ephemeral key that each side makes for one life of the path: the root
 *                 of a tree for each direction, whose leaves are for SECRETS_BLOCK texts each, see block_keys.h
 *
 * The exchange keys live as long as a login, the ephemeral ones as long as a life of the path: who gets the identity
 * keys later reads nothing of what was said before, and who gets them now can only pretend to be somebody from now on.
 */
#ifndef SECRETS_H
#define SECRETS_H

#include "chat/card.h"

#include <stddef.h>

#define SECRETS_KEY_SIZE 32
#define SECRETS_TOKEN_SIZE 16
#define SECRETS_BLOCK 256u /* texts under one key */

/* The key of a path with that token: both sides find the same. Returns false for an exchange key that is no good. */
bool secrets_path_key(const uint8_t secret[CARD_SECRET_SIZE], const struct card *mine, const struct card *theirs,
                      const uint8_t token[SECRETS_TOKEN_SIZE], uint8_t key[SECRETS_KEY_SIZE])
    __attribute__((warn_unused_result));

/* The public half of an ephemeral key. */
void secrets_public(const uint8_t secret[CARD_SECRET_SIZE], uint8_t key[CARD_KEY_SIZE]);

/* The roots of the text keys of a life: what one sends with is what the other receives with. Returns as above. */
bool secrets_text_keys(const uint8_t path_key[SECRETS_KEY_SIZE], const uint8_t secret[CARD_SECRET_SIZE],
                       const uint8_t mine[CARD_KEY_SIZE], const uint8_t theirs[CARD_KEY_SIZE],
                       uint8_t sending[SECRETS_KEY_SIZE], uint8_t receiving[SECRETS_KEY_SIZE])
    __attribute__((warn_unused_result));

/* Two keys of one, from neither of which it, or the other, can be found. */
void secrets_split(const uint8_t key[SECRETS_KEY_SIZE], uint8_t left[SECRETS_KEY_SIZE],
                   uint8_t right[SECRETS_KEY_SIZE]);

#endif
