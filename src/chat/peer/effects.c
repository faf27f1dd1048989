#include "chat/peer/effects.h"

#include <sodium.h>

_Static_assert(crypto_shorthash_BYTES == WIRE_NONCE_SIZE, "a nonce is one SipHash");

void effects_nonce(struct effects *fx, uint8_t nonce[WIRE_NONCE_SIZE])
{
	do {
		uint8_t text[8];

		fx->drawn++;
		for (size_t i = 0; i < sizeof text; i++)
			text[i] = (uint8_t)(fx->drawn >> (8 * i));
		crypto_shorthash(nonce, text, sizeof text, fx->seed);
	} while (sodium_is_zero(nonce, WIRE_NONCE_SIZE));
}

uint32_t effects_dice(struct effects *fx)
{
	uint8_t nonce[WIRE_NONCE_SIZE];

	effects_nonce(fx, nonce);
	return (uint32_t)nonce[0] << 24 | (uint32_t)nonce[1] << 16 | (uint32_t)nonce[2] << 8 | nonce[3];
}

void effects_drop(struct effects *fx, enum drop reason)
{
	fx->drops.count[reason]++;
}
