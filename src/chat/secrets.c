#include "chat/secrets.h"

#include <sodium.h>
#include <string.h>

_Static_assert(crypto_generichash_BYTES_MAX == 2 * SECRETS_KEY_SIZE, "two keys come from one hash");

/* What is hashed, part by part. */
struct parts {
	uint8_t bytes[256];
	size_t len;
};

static void add(struct parts *p, const void *bytes, size_t len)
{
	memcpy(p->bytes + p->len, bytes, len);
	p->len += len;
}

static void add_in_order(struct parts *p, const uint8_t *a, const uint8_t *b, size_t len)
{
	bool in_order = memcmp(a, b, len) < 0;

	add(p, in_order ? a : b, len);
	add(p, in_order ? b : a, len);
}

void secrets_public(const uint8_t secret[CARD_SECRET_SIZE], uint8_t key[CARD_KEY_SIZE])
{
	crypto_scalarmult_base(key, secret);
}

bool secrets_path_key(const uint8_t secret[CARD_SECRET_SIZE], const struct card *mine, const struct card *theirs,
                      const uint8_t token[SECRETS_TOKEN_SIZE], uint8_t key[SECRETS_KEY_SIZE])
{
	static const char purpose[] = "p2pchat 3 path key";
	uint8_t shared[crypto_scalarmult_BYTES];
	struct parts text = { .len = 0 };
	bool good = crypto_scalarmult(shared, secret, theirs->exchange) == 0;

	add(&text, purpose, sizeof purpose);
	add(&text, token, SECRETS_TOKEN_SIZE);
	add_in_order(&text, mine->identity, theirs->identity, sizeof mine->identity + sizeof mine->exchange);
	crypto_generichash(key, SECRETS_KEY_SIZE, text.bytes, text.len, shared, sizeof shared);
	sodium_memzero(shared, sizeof shared);
	return good;
}

bool secrets_text_keys(const uint8_t path_key[SECRETS_KEY_SIZE], const uint8_t secret[CARD_SECRET_SIZE],
                       const uint8_t mine[CARD_KEY_SIZE], const uint8_t theirs[CARD_KEY_SIZE],
                       uint8_t sending[SECRETS_KEY_SIZE], uint8_t receiving[SECRETS_KEY_SIZE])
{
	static const char purpose[] = "p2pchat 3 text keys";
	uint8_t shared[crypto_scalarmult_BYTES], both[2 * SECRETS_KEY_SIZE];
	struct parts text = { .len = 0 };
	bool good = crypto_scalarmult(shared, secret, theirs) == 0;
	bool first = memcmp(mine, theirs, CARD_KEY_SIZE) < 0;

	add(&text, purpose, sizeof purpose);
	add(&text, shared, sizeof shared);
	add_in_order(&text, mine, theirs, CARD_KEY_SIZE);
	crypto_generichash(both, sizeof both, text.bytes, text.len, path_key, SECRETS_KEY_SIZE);
	memcpy(sending, both + (first ? 0 : SECRETS_KEY_SIZE), SECRETS_KEY_SIZE);
	memcpy(receiving, both + (first ? SECRETS_KEY_SIZE : 0), SECRETS_KEY_SIZE);
	sodium_memzero(shared, sizeof shared);
	sodium_memzero(both, sizeof both);
	sodium_memzero(&text, sizeof text);
	return good;
}

void secrets_split(const uint8_t key[SECRETS_KEY_SIZE], uint8_t left[SECRETS_KEY_SIZE], uint8_t right[SECRETS_KEY_SIZE])
{
	static const char purpose[] = "p2pchat 3 split key";
	uint8_t both[2 * SECRETS_KEY_SIZE];

	crypto_generichash(both, sizeof both, (const uint8_t *)purpose, sizeof purpose, key, SECRETS_KEY_SIZE);
	memcpy(left, both, SECRETS_KEY_SIZE);
	memcpy(right, both + SECRETS_KEY_SIZE, SECRETS_KEY_SIZE);
	sodium_memzero(both, sizeof both);
}
