#include "chat/rendezvous/credentials.h"

#include "base/cursor.h"

#include <sodium.h>

/* The first byte of what is hashed: the same bytes never mean two things. */
enum purpose { FOR_COOKIE = 1, FOR_SESSION, FOR_PATH, FOR_ROSTER };

/*
 * Of what is hashed; the longest is 69. The secret stands before the rest, as a key would (RFC 7693 section 2.9), but
 * without a block of its own: all is one block of BLAKE2b, which takes half the time. Nobody can lengthen a text whose
 * hash is known, as with older hashes.
 */
#define TEXT_SIZE 128

static void write_endpoint(struct writer *w, const struct endpoint *e)
{
	write_u8(w, e->address.family);
	write_u16(w, e->port);
	write_bytes(w, e->address.bytes, sizeof e->address.bytes);
}

static void write_u64(struct writer *w, uint64_t value)
{
	write_u32(w, (uint32_t)(value >> 32));
	write_u32(w, (uint32_t)value);
}

static struct writer text_for(enum purpose purpose, const uint8_t *secret, uint8_t text[TEXT_SIZE])
{
	struct writer w = writer_of(text, TEXT_SIZE);

	write_bytes(&w, secret, CREDENTIALS_SECRET_SIZE);
	write_u8(&w, (uint8_t)purpose);
	return w;
}

static void hash(const struct writer *w, uint8_t *out, size_t len)
{
	crypto_generichash(out, len, w->bytes, w->len, NULL, 0);
}

/* Purpose, number, address and nonce: what cookies and sessions have in common. */
static void hash_login(const uint8_t *secret, enum purpose purpose, const struct endpoint *from, const uint8_t *nonce,
                       uint64_t number, uint8_t *out, size_t len)
{
	uint8_t text[TEXT_SIZE];
	struct writer w = text_for(purpose, secret, text);

	write_u64(&w, number);
	write_endpoint(&w, from);
	write_bytes(&w, nonce, WIRE_NONCE_SIZE);
	hash(&w, out, len);
}

void credentials_cookie(const uint8_t secret[CREDENTIALS_SECRET_SIZE], const struct endpoint *from,
                        const uint8_t nonce[WIRE_NONCE_SIZE], uint64_t slice, uint8_t cookie[WIRE_COOKIE_SIZE])
{
	hash_login(secret, FOR_COOKIE, from, nonce, slice, cookie, WIRE_COOKIE_SIZE);
}

void credentials_session(const uint8_t secret[CREDENTIALS_SECRET_SIZE], const struct endpoint *from,
                         const uint8_t nonce[WIRE_NONCE_SIZE], uint64_t number, uint8_t session[WIRE_SESSION_SIZE])
{
	hash_login(secret, FOR_SESSION, from, nonce, number, session, WIRE_SESSION_SIZE);
}

void credentials_path(const uint8_t secret[CREDENTIALS_SECRET_SIZE], const uint8_t a[WIRE_SESSION_SIZE],
                      const uint8_t b[WIRE_SESSION_SIZE], uint8_t token[WIRE_TOKEN_SIZE])
{
	bool in_order = memcmp(a, b, WIRE_SESSION_SIZE) < 0;
	uint8_t text[TEXT_SIZE];
	struct writer w = text_for(FOR_PATH, secret, text);

	write_bytes(&w, in_order ? a : b, WIRE_SESSION_SIZE);
	write_bytes(&w, in_order ? b : a, WIRE_SESSION_SIZE);
	hash(&w, token, WIRE_TOKEN_SIZE);
}

void credentials_roster_key(const uint8_t secret[CREDENTIALS_SECRET_SIZE], uint8_t key[CREDENTIALS_ROSTER_KEY_SIZE])
{
	uint8_t text[TEXT_SIZE];
	struct writer w = text_for(FOR_ROSTER, secret, text);

	hash(&w, key, CREDENTIALS_ROSTER_KEY_SIZE);
}
