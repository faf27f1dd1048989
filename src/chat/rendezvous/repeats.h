/*
 * Which requests are repeats of those that were told already. A request is repeated until it is answered, several at a
 * time in turn, and each is to be logged once; but none may be hidden by another. So a repeat is what has the same
 * session, serial and target as one that is remembered, by a keyed hash. One table for all: where two want the same
 * place the later one has it, and the earlier is told twice, if it is repeated still. Pure.
 */
#ifndef REPEATS_H
#define REPEATS_H

#include "base/endpoint.h"
#include "chat/wire.h"

#define REPEATS_KEY_SIZE 16 /* crypto_shorthash, SipHash-2-4 */
#define REPEATS_KEPT 4096u

struct repeats {
	uint32_t told[REPEATS_KEPT]; /* hashes; 0 for none */
};

/* True if that request, a punch, was noted before; it is noted now. */
bool repeats_note(struct repeats *r, const struct wire_message *request, const uint8_t key[REPEATS_KEY_SIZE]);

#endif
