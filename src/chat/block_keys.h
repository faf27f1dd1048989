/*
 * The keys of texts, a block of texts under each: from the key of a block those before it cannot be found, and to go on
 * to any other, however far, takes a step for each bit of its number. Pure.
 *
 * The keys are the leaves of a tree whose nodes are each split in two; what is kept is the key of one block and, for
 * each subtree that begins later and hangs on the way to it, that of its root:
 *
 *             .            at block 2 of 8: key is that of leaf 2, later[0] of leaf 3, later[2] of 4 to 7;
 *          .     .         1 has no root there: bit 1 of 2 is set, and what hung there is past
 *         . .   . .
 *        01 23 45 67
 */
#ifndef BLOCK_KEYS_H
#define BLOCK_KEYS_H

#include "chat/secrets.h"

#define BLOCK_KEYS_BITS 24u /* of a block's number: all serials of texts, by SECRETS_BLOCK */

struct block_keys {
	uint32_t block;
	uint8_t key[SECRETS_KEY_SIZE];                    /* of that block */
	uint8_t later[BLOCK_KEYS_BITS][SECRETS_KEY_SIZE]; /* of the 2^i blocks from the next multiple of 2^i on */
};

/* At block 0 of the tree below `root`. */
void block_keys_begin(struct block_keys *k, const uint8_t root[SECRETS_KEY_SIZE]);

/* On to a block, which is not before that it is at and below 2^BLOCK_KEYS_BITS: BLOCK_KEYS_BITS hashes at most. */
void block_keys_advance(struct block_keys *k, uint32_t to);

#endif
