#include "chat/rendezvous/repeats.h"

#include "base/cursor.h"

#include <sodium.h>
#include <string.h>

_Static_assert(crypto_shorthash_KEYBYTES == REPEATS_KEY_SIZE, "the key is one of SipHash");

#define TEXT_SIZE (WIRE_SESSION_SIZE + 4 + 3 + 16)

bool repeats_note(struct repeats *r, const struct wire_message *request, const uint8_t key[REPEATS_KEY_SIZE])
{
	uint8_t text[TEXT_SIZE];
	struct writer w = writer_of(text, sizeof text);
	uint32_t hash[2];
	uint32_t *told;

	write_bytes(&w, request->session, sizeof request->session);
	write_u32(&w, request->serial);
	write_u8(&w, request->who.address.family);
	write_u16(&w, request->who.port);
	write_bytes(&w, request->who.address.bytes, sizeof request->who.address.bytes);
	crypto_shorthash((uint8_t *)hash, text, sizeof text, key);
	told = &r->told[hash[0] % REPEATS_KEPT];
	hash[1] |= hash[1] == 0;
	if (*told == hash[1])
		return true;
	*told = hash[1];
	return false;
}
