#include "chat/peer/effects.h"

#include <sodium.h>
#include <string.h>

_Static_assert(crypto_generichash_BYTES_MAX == EFFECTS_SEED_SIZE + CARD_SECRET_SIZE, "one hash: a seed and a secret");

void effects_secret(struct effects *fx, uint8_t secret[CARD_SECRET_SIZE])
{
	uint8_t both[EFFECTS_SEED_SIZE + CARD_SECRET_SIZE];

	crypto_generichash(both, sizeof both, NULL, 0, fx->seed, sizeof fx->seed);
	memcpy(fx->seed, both, EFFECTS_SEED_SIZE);
	memcpy(secret, both + EFFECTS_SEED_SIZE, CARD_SECRET_SIZE);
	sodium_memzero(both, sizeof both);
}

void effects_nonce(struct effects *fx, uint8_t nonce[WIRE_NONCE_SIZE])
{
	do {
		uint8_t secret[CARD_SECRET_SIZE];

		effects_secret(fx, secret);
		memcpy(nonce, secret, WIRE_NONCE_SIZE);
	} while (sodium_is_zero(nonce, WIRE_NONCE_SIZE));
}

uint32_t effects_dice(struct effects *fx)
{
	uint8_t nonce[WIRE_NONCE_SIZE];

	effects_nonce(fx, nonce);
	return (uint32_t)nonce[0] << 24 | (uint32_t)nonce[1] << 16 | (uint32_t)nonce[2] << 8 | nonce[3];
}

void effects_tell(struct effects *fx, struct event event)
{
	eventq_put(&fx->events, event, NULL, 0);
}

void effects_drop(struct effects *fx, enum drop reason)
{
	fx->drops.count[reason]++;
}
