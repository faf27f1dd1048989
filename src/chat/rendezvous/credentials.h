/*
 * What the server hands out, made from its secret alone: BLAKE2b (libsodium's crypto_generichash) over that and the
 * rest, so that it needs to remember none of it. Nobody can make or guess one without the secret, and no two purposes
 * share a hash. Pure.
 */
#ifndef CREDENTIALS_H
#define CREDENTIALS_H

#include "base/endpoint.h"
#include "chat/wire.h"

#define CREDENTIALS_SECRET_SIZE 32
#define CREDENTIALS_ROSTER_KEY_SIZE 16

/* The cookie for a login from that address with that nonce, in that slice of time. */
void credentials_cookie(const uint8_t secret[CREDENTIALS_SECRET_SIZE], const struct endpoint *from,
                        const uint8_t nonce[WIRE_NONCE_SIZE], uint64_t slice, uint8_t cookie[WIRE_COOKIE_SIZE]);

/* The session of a login; `number` is another for every login. */
void credentials_session(const uint8_t secret[CREDENTIALS_SECRET_SIZE], const struct endpoint *from,
                         const uint8_t nonce[WIRE_NONCE_SIZE], uint64_t number, uint8_t session[WIRE_SESSION_SIZE]);

/* The token of the path between two sessions, the same whichever of them asks. */
void credentials_path(const uint8_t secret[CREDENTIALS_SECRET_SIZE], const uint8_t a[WIRE_SESSION_SIZE],
                      const uint8_t b[WIRE_SESSION_SIZE], uint8_t token[WIRE_TOKEN_SIZE]);

/* The key of the roster's hash. */
void credentials_roster_key(const uint8_t secret[CREDENTIALS_SECRET_SIZE], uint8_t key[CREDENTIALS_ROSTER_KEY_SIZE]);

#endif
