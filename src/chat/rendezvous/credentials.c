#include "chat/rendezvous/credentials.h"

#include "base/cursor.h"

#include <sodium.h>

/* The first byte of what is hashed: the same bytes never mean two things. */
enum purpose { FOR_COOKIE = 1, FOR_SESSION, FOR_PATH, FOR_ROSTER };

#define TEXT_SIZE 64 /* of what is hashed; the longest is 37 */

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

static void hash(const uint8_t *secret, const struct writer *w, uint8_t *out, size_t len)
{
	crypto_generichash(out, len, w->bytes, w->len, secret, CREDENTIALS_SECRET_SIZE);
}

/* Purpose, number, address and nonce: what cookies and sessions have in common. */
static void hash_login(const uint8_t *secret, enum purpose purpose, const struct endpoint *from, const uint8_t *nonce,
                       uint64_t number, uint8_t *out, size_t len)
{
	uint8_t text[TEXT_SIZE];
	struct writer w = writer_of(text, sizeof text);

	write_u8(&w, (uint8_t)purpose);
	write_u64(&w, number);
	write_endpoint(&w, from);
	write_bytes(&w, nonce, WIRE_NONCE_SIZE);
	hash(secret, &w, out, len);
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
	struct writer w = writer_of(text, sizeof text);

	write_u8(&w, FOR_PATH);
	write_bytes(&w, in_order ? a : b, WIRE_SESSION_SIZE);
	write_bytes(&w, in_order ? b : a, WIRE_SESSION_SIZE);
	hash(secret, &w, token, WIRE_TOKEN_SIZE);
}

void credentials_roster_key(const uint8_t secret[CREDENTIALS_SECRET_SIZE], uint8_t key[CREDENTIALS_ROSTER_KEY_SIZE])
{
	uint8_t text[1];
	struct writer w = writer_of(text, sizeof text);

	write_u8(&w, FOR_ROSTER);
	hash(secret, &w, key, CREDENTIALS_ROSTER_KEY_SIZE);
}
