/*
 * The mac of a datagram between peers: keyed BLAKE2b (libsodium's crypto_generichash) over everything before it, under
 * the key the server gave to both. Only who holds the key can open, move or close a path, or be heard on it. The text
 * itself is not hidden. Pure.
 */
#ifndef SEAL_H
#define SEAL_H

#include "chat/wire.h"

/* Writes the mac over the last WIRE_MAC_SIZE bytes of a datagram of `len` bytes, which wire_encode() made. */
void seal_stamp(const uint8_t key[WIRE_KEY_SIZE], uint8_t *bytes, size_t len);

/* True if the last WIRE_MAC_SIZE bytes are the mac of the others. Takes the same time for every wrong mac. */
bool seal_holds(const uint8_t key[WIRE_KEY_SIZE], const uint8_t *bytes, size_t len) __attribute__((warn_unused_result));

#endif
