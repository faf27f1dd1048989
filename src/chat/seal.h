/*
 * What protects a datagram between peers. Its mac is keyed BLAKE2b (libsodium's crypto_generichash) over everything
 * before it, under the path's key: only who holds the key can open, move or close a path, or be heard on it. A text is
 * encrypted in its place by ChaCha20-Poly1305 (RFC 8439), its serial being the nonce, and the tag is the mac. Pure.
 */
#ifndef SEAL_H
#define SEAL_H

#include "chat/secrets.h"
#include "chat/wire.h"

/* Writes the mac over the last WIRE_MAC_SIZE bytes of a datagram of `len` bytes, which wire_encode() made. */
void seal_stamp(const uint8_t key[SECRETS_KEY_SIZE], uint8_t *bytes, size_t len);

/* True if the last WIRE_MAC_SIZE bytes are the mac of the others. Takes the same time for every wrong mac. */
bool seal_holds(const uint8_t key[SECRETS_KEY_SIZE], const uint8_t *bytes, size_t len)
    __attribute__((warn_unused_result));

/* Encrypts the text of a whole text datagram with that serial. No key may see a serial with two different texts. */
void seal_text(const uint8_t key[SECRETS_KEY_SIZE], uint32_t serial, uint8_t *bytes, size_t len);

/* Decrypts the text of a datagram that wire_decode() has read into *m. Returns false if it is not of that key. */
bool seal_read_text(const uint8_t key[SECRETS_KEY_SIZE], const struct wire_message *m, const uint8_t *bytes, size_t len,
                    uint8_t text[WIRE_TEXT_MAX]) __attribute__((warn_unused_result));

#endif
