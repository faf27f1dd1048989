#include "chat/block_keys.h"

#include <sodium.h>
#include <string.h>

/* k->key is the root of `height` levels; goes down to the leaf of k->block. */
static void descend(struct block_keys *k, unsigned height)
{
	uint8_t left[SECRETS_KEY_SIZE], right[SECRETS_KEY_SIZE];

	while (height-- > 0) {
		bool goes_right = (k->block >> height & 1) != 0;

		secrets_split(k->key, left, right);
		memcpy(k->key, goes_right ? right : left, sizeof k->key);
		if (goes_right)
			sodium_memzero(k->later[height], sizeof k->later[height]);
		else
			memcpy(k->later[height], right, sizeof right);
	}
	sodium_memzero(left, sizeof left);
	sodium_memzero(right, sizeof right);
}

void block_keys_begin(struct block_keys *k, const uint8_t root[SECRETS_KEY_SIZE])
{
	*k = (struct block_keys){ .block = 0 };
	memcpy(k->key, root, sizeof k->key);
	descend(k, BLOCK_KEYS_BITS);
}

void block_keys_advance(struct block_keys *k, uint32_t to)
{
	unsigned height = BLOCK_KEYS_BITS;

	if (to <= k->block)
		return;
	while (((k->block ^ to) >> --height & 1) == 0)
		; /* the highest bit in which they differ: 0 here, 1 there */
	k->block = to;
	memcpy(k->key, k->later[height], sizeof k->key);
	sodium_memzero(k->later[height], sizeof k->later[height]);
	descend(k, height);
}
