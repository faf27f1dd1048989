/* The keys of texts move on by blocks, in step at both ends. */
#include "chat/peer/text_keys.h"

#include "chat/seal.h"
#include "suite.h"

#include <sodium.h>
#include <string.h>

/* libsodium's, with the calls counted: what a datagram makes a client do. */
static unsigned hashes;

int crypto_generichash(unsigned char *out, size_t out_len, const unsigned char *in, unsigned long long in_len,
                       const unsigned char *key, size_t key_len)
{
	hashes++;
	return crypto_generichash_blake2b(out, out_len, in, in_len, key, key_len);
}

static const uint8_t path_key[SECRETS_KEY_SIZE] = { 1 };
static const uint8_t a_secret[CARD_SECRET_SIZE] = { 16 }, b_secret[CARD_SECRET_SIZE] = { 24 };
static uint8_t a_public[CARD_KEY_SIZE], b_public[CARD_KEY_SIZE];

static void agree(struct text_keys *a, struct text_keys *b)
{
	*a = *b = (struct text_keys){ 0 };
	secrets_public(a_secret, a_public);
	secrets_public(b_secret, b_public);
	text_keys_agree(a, path_key, a_secret, a_public, b_public);
	text_keys_agree(b, path_key, b_secret, b_public, a_public);
}

/* A text of that serial from one to the other: whether it is read. */
static bool passes(struct text_keys *from, struct text_keys *to, uint32_t serial)
{
	struct wire_message m = {
		.type = WIRE_TEXT, .serial = serial, .text = (const uint8_t *)"hello", .text_len = 5
	};
	uint8_t bytes[WIRE_MAX_DATAGRAM], text[WIRE_TEXT_MAX] = { 0 };
	size_t len = wire_encode(&m, bytes, sizeof bytes);

	seal_text(text_keys_to_send(from, serial), serial, bytes, len);
	CU_ASSERT_EQUAL(memcmp(bytes + WIRE_TEXT_AT, "hello", 5) == 0, false);
	CU_ASSERT_EQUAL_FATAL(wire_decode(bytes, len, &m), WIRE_OK);
	if (!text_keys_read(to, &m, bytes, len, text))
		return false;
	CU_ASSERT_EQUAL(memcmp(text, "hello", 5), 0);
	return true;
}

static void both_directions_are_read(void)
{
	struct text_keys a, b, none = { 0 };

	agree(&a, &b);
	CU_ASSERT_FALSE(passes(&a, &none, 1)); /* who has agreed with nobody */
	for (uint32_t serial = 1; serial < 3 * SECRETS_BLOCK; serial += 37)
		CU_ASSERT_TRUE(passes(&a, &b, serial) && passes(&b, &a, serial));
	CU_ASSERT_EQUAL(a.receiving.block, 2);
	CU_ASSERT_NOT_EQUAL(memcmp(a.sending.key, a.receiving.key, SECRETS_KEY_SIZE), 0);
}

static void a_repeat_of_the_block_before_is_still_read(void)
{
	struct text_keys a, b, old, older;

	agree(&a, &b);
	older = a;
	CU_ASSERT_TRUE(passes(&a, &b, SECRETS_BLOCK - 1));
	CU_ASSERT_TRUE(passes(&a, &b, SECRETS_BLOCK));
	old = older;
	CU_ASSERT_TRUE(passes(&old, &b, SECRETS_BLOCK - 1)); /* its acknowledgement was lost */
	CU_ASSERT_TRUE(passes(&a, &b, 2 * SECRETS_BLOCK));
	old = older;
	CU_ASSERT_TRUE(passes(&old, &b, 2 * SECRETS_BLOCK - 1));
	CU_ASSERT_FALSE(passes(&older, &b, SECRETS_BLOCK - 1)); /* its key is gone */
}

static void a_life_that_begins_late_catches_up(void)
{
	struct text_keys a, b, zero;

	agree(&a, &b);
	CU_ASSERT_TRUE(passes(&a, &b, 1000 * SECRETS_BLOCK + 5));
	CU_ASSERT_TRUE(passes(&a, &b, 1000 * SECRETS_BLOCK + 6));
	memset(&zero, 0, sizeof zero);
	CU_ASSERT_FALSE(passes(&zero, &b, 999 * SECRETS_BLOCK)); /* no key is no key of zeros */
	CU_ASSERT_EQUAL(b.receiving.block, 1000);
	agree(&a, &b);
	CU_ASSERT_TRUE(passes(&a, &b, UINT32_MAX));
	CU_ASSERT_FALSE(passes(&a, &b, UINT32_MAX - 3 * SECRETS_BLOCK)); /* and back again: no */
}

/* Anybody who has seen a datagram can send one with another serial in it. */
static void a_forged_text_is_little_work(void)
{
	static const uint32_t serials[] = { 1, 255, 256, 511, 65535u * 256, 65536u * 256, 0x7fffffff, UINT32_MAX };
	uint8_t bytes[WIRE_MAX_DATAGRAM] = { 0 }, text[WIRE_TEXT_MAX];
	struct text_keys a, b;

	agree(&a, &b);
	CU_ASSERT_TRUE(passes(&a, &b, 1));
	for (size_t i = 0; i < sizeof serials / sizeof serials[0]; i++) {
		struct wire_message m = { .type = WIRE_TEXT, .serial = serials[i], .text = bytes, .text_len = 5 };

		hashes = 0;
		CU_ASSERT_FALSE(text_keys_read(&b, &m, bytes, wire_encode(&m, bytes, sizeof bytes), text));
		CU_ASSERT_TRUE(hashes <= BLOCK_KEYS_BITS);
	}
	hashes = 0;
	CU_ASSERT_TRUE(passes(&a, &b, 16 * SECRETS_BLOCK)); /* and what is counted is what is done */
	CU_ASSERT_TRUE(hashes > 0 && hashes <= 2 * BLOCK_KEYS_BITS);
}

static void a_forged_text_moves_nothing(void)
{
	struct text_keys a, b, other;
	uint8_t before[sizeof b];

	agree(&a, &b);
	other = a;
	other.sending.later[2][0] ^= 1; /* which block 5 is below */
	memcpy(before, &b, sizeof before);
	CU_ASSERT_FALSE(passes(&other, &b, 5 * SECRETS_BLOCK));
	CU_ASSERT_EQUAL(memcmp(before, (const uint8_t *)&b, sizeof b), 0);
	CU_ASSERT_TRUE(passes(&a, &b, 1));
	b = (struct text_keys){ 0 };
	CU_ASSERT_FALSE(passes(&a, &b, 2)); /* nothing was agreed */
}

static void another_life_has_other_keys(void)
{
	struct text_keys a, b, once;
	uint8_t before[sizeof a];

	agree(&a, &b);
	CU_ASSERT_TRUE(passes(&a, &b, 5 * SECRETS_BLOCK));
	once = a;
	memcpy(before, &a, sizeof before);
	text_keys_agree(&a, path_key, a_secret, a_public, b_public);
	CU_ASSERT_EQUAL(memcmp(before, (const uint8_t *)&a, sizeof a), 0); /* the same: nothing to do */
	text_keys_agree(&a, path_key, a_secret, a_public, a_public);
	CU_ASSERT_NOT_EQUAL(memcmp(once.sending.key, a.sending.key, SECRETS_KEY_SIZE), 0);
	CU_ASSERT_EQUAL(a.sending.block + a.receiving.block, 0); /* counted anew */
	CU_ASSERT_FALSE(passes(&a, &b, 6 * SECRETS_BLOCK));
}

SUITE(text_keys, TEST(both_directions_are_read), TEST(a_repeat_of_the_block_before_is_still_read),
      TEST(a_life_that_begins_late_catches_up), TEST(a_forged_text_is_little_work), TEST(a_forged_text_moves_nothing),
      TEST(another_life_has_other_keys))
