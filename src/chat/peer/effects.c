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

void effects_drop(struct effects *fx, enum drop reason)
{
	fx->drops.count[reason]++;
}
