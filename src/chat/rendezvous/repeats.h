/*
 * Which requests of one peer are repeats of those that were told already. A request is repeated until it is answered,
 * several at a time in turn, and each is to be logged once; but none may be hidden by another. So a repeat is what has
 * the same serial and the same target as one of the last few, and the hash they are remembered by is keyed. Pure; part
 * of roster.
 */
#ifndef REPEATS_H
#define REPEATS_H

#include "base/endpoint.h"

#define REPEATS_KEY_SIZE 16 /* crypto_shorthash, SipHash-2-4 */
#define REPEATS_KEPT 8      /* who asks for more at a time is logged more than once */

struct repeats {
	uint32_t told[REPEATS_KEPT]; /* hashes; 0 for none */
	uint32_t next;               /* the place that is overwritten next */
};

/* True if that request was noted before; it is noted now. */
bool repeats_note(struct repeats *r, uint32_t serial, const struct endpoint *who, const uint8_t key[REPEATS_KEY_SIZE]);

#endif
