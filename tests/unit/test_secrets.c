/*
 * Cards, keys and sealed texts: the handshake of docs in src/README.md, by vectors that another program has computed
 * (Python's hashlib and the reference formulas of RFC 7748 and RFC 8032: tests/unit/vectors.py), and what it refuses.
 */
#include "chat/block_keys.h"
#include "chat/seal.h"
#include "suite.h"

#include "vectors.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

static void unhex(const char *text, uint8_t *bytes)
{
	CU_ASSERT_EQUAL(sodium_hex2bin(bytes, strlen(text) / 2, text, strlen(text), NULL, NULL, NULL), 0);
}

static bool is_hex(const uint8_t *bytes, size_t len, const char *text)
{
	char seen[512] = "";

	for (size_t i = 0; i < len; i++)
		snprintf(seen + 2 * i, sizeof seen - 2 * i, "%02x", bytes[i]);
	return strcmp(seen, text) == 0;
}

struct side {
	uint8_t seed[CARD_SEED_SIZE], secret[CARD_SECRET_SIZE], life[CARD_SECRET_SIZE], life_public[CARD_KEY_SIZE];
	struct card card;
};

static struct side side(uint8_t first, const char *name)
{
	struct side s;

	for (uint8_t i = 0; i < 32; i++) {
		s.seed[i] = (uint8_t)(first + i);
		s.secret[i] = (uint8_t)(first + 32 + i);
		s.life[i] = (uint8_t)(first + 64 + i);
	}
	card_make(&s.card, s.seed, s.secret, name);
	secrets_public(s.life, s.life_public);
	return s;
}

static void cards_are_as_computed_elsewhere(void)
{
	struct side a = side(1, "Zoë");

	CU_ASSERT_TRUE(is_hex(a.card.identity, 32, VECTOR_A_IDENTITY));
	CU_ASSERT_TRUE(is_hex(a.card.exchange, 32, VECTOR_A_EXCHANGE));
	CU_ASSERT_TRUE(is_hex(a.card.signature, 64, VECTOR_A_SIGNATURE));
	CU_ASSERT_TRUE(card_holds(&a.card));
}

static void a_card_with_one_other_bit_is_refused(void)
{
	for (size_t bit = 0; bit < 8 * sizeof(struct card); bit += 5) {
		struct side a = side(1, "Zoë");
		uint8_t *bytes = (uint8_t *)&a.card;

		bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		CU_ASSERT_FALSE(card_holds(&a.card));
	}
}

static void both_sides_find_the_keys_computed_elsewhere(void)
{
	struct side a = side(1, "Zoë"), b = side(101, "");
	uint8_t token[SECRETS_TOKEN_SIZE], key[SECRETS_KEY_SIZE], other[SECRETS_KEY_SIZE];
	uint8_t a_sends[32], a_gets[32], b_sends[32], b_gets[32];

	unhex(VECTOR_TOKEN, token);
	CU_ASSERT_TRUE(secrets_path_key(a.secret, &a.card, &b.card, token, key));
	CU_ASSERT_TRUE(secrets_path_key(b.secret, &b.card, &a.card, token, other));
	CU_ASSERT_TRUE(is_hex(key, 32, VECTOR_PATH_KEY));
	CU_ASSERT_EQUAL(memcmp(key, other, sizeof key), 0);
	CU_ASSERT_TRUE(secrets_text_keys(key, a.life, a.life_public, b.life_public, a_sends, a_gets));
	CU_ASSERT_TRUE(secrets_text_keys(key, b.life, b.life_public, a.life_public, b_sends, b_gets));
	CU_ASSERT_TRUE(is_hex(a_sends, 32, VECTOR_A_SENDS));
	CU_ASSERT_TRUE(is_hex(b_sends, 32, VECTOR_B_SENDS));
	CU_ASSERT_EQUAL(memcmp(a_sends, b_gets, 32), 0);
	CU_ASSERT_EQUAL(memcmp(b_sends, a_gets, 32), 0);
}

static void blocks_have_the_keys_computed_elsewhere(void)
{
	struct block_keys k, last;
	uint8_t root[SECRETS_KEY_SIZE];

	unhex(VECTOR_A_SENDS, root);
	block_keys_begin(&k, root);
	CU_ASSERT_TRUE(is_hex(k.key, 32, VECTOR_A_BLOCK_0));
	block_keys_advance(&k, 3); /* by way of others, or at once: the same */
	block_keys_advance(&k, 5);
	CU_ASSERT_TRUE(is_hex(k.key, 32, VECTOR_A_BLOCK_5));
	block_keys_advance(&k, 4);
	CU_ASSERT_TRUE(is_hex(k.key, 32, VECTOR_A_BLOCK_5)); /* never back */
	last = k;
	block_keys_advance(&last, (1u << BLOCK_KEYS_BITS) - 1);
	CU_ASSERT_TRUE(is_hex(last.key, 32, VECTOR_A_BLOCK_LAST));
}

/* From what is kept at a block no key before it can be found: none of its nodes is above one. */
static void what_is_past_is_wiped(void)
{
	static const uint8_t none[SECRETS_KEY_SIZE];
	struct block_keys k;
	uint8_t root[SECRETS_KEY_SIZE];

	unhex(VECTOR_A_SENDS, root);
	block_keys_begin(&k, root);
	for (uint32_t block = 1; block < 4000; block += 1 + block / 3) {
		block_keys_advance(&k, block);
		for (unsigned i = 0; i < BLOCK_KEYS_BITS; i++)
			CU_ASSERT_EQUAL(memcmp(k.later[i], none, sizeof none) == 0, (block >> i & 1) != 0);
	}
}

static void another_identity_or_path_is_another_key(void)
{
	struct side a = side(1, "Zoë"), b = side(101, ""), other = side(151, "");
	uint8_t token[SECRETS_TOKEN_SIZE] = { 1 }, key[32], changed[32];

	CU_ASSERT_TRUE(secrets_path_key(a.secret, &a.card, &b.card, token, key));
	token[15] ^= 1;
	CU_ASSERT_TRUE(secrets_path_key(a.secret, &a.card, &b.card, token, changed));
	CU_ASSERT_NOT_EQUAL(memcmp(key, changed, 32), 0);
	token[15] ^= 1;
	memcpy(b.card.identity, other.card.identity, 32); /* the same exchange key under another name */
	CU_ASSERT_TRUE(secrets_path_key(a.secret, &a.card, &b.card, token, changed));
	CU_ASSERT_NOT_EQUAL(memcmp(key, changed, 32), 0);
	memset(b.card.exchange, 0, 32); /* a point of small order: everybody would know what comes of it */
	CU_ASSERT_FALSE(secrets_path_key(a.secret, &a.card, &b.card, token, changed));
}

static size_t text_datagram(const char *text, uint32_t serial, uint8_t bytes[WIRE_MAX_DATAGRAM])
{
	struct wire_message m = { .type = WIRE_TEXT, .serial = serial, .text = (const uint8_t *)text };

	m.text_len = strlen(text);
	memset(m.token, 1, sizeof m.token);
	memset(m.to, 2, sizeof m.to);
	memset(m.from, 3, sizeof m.from);
	return wire_encode(&m, bytes, WIRE_MAX_DATAGRAM);
}

static void a_sealed_text_is_as_computed_elsewhere(void)
{
	uint8_t key[32], bytes[WIRE_MAX_DATAGRAM], text[WIRE_TEXT_MAX];
	size_t len = text_datagram("attack at dawn", 7, bytes);
	struct wire_message m;

	unhex(VECTOR_A_SENDS, key);
	seal_text(key, 7, bytes, len);
	CU_ASSERT_TRUE(is_hex(bytes, len, VECTOR_SEALED));
	CU_ASSERT_EQUAL_FATAL(wire_decode(bytes, len, &m), WIRE_OK);
	CU_ASSERT_TRUE(seal_read_text(key, &m, bytes, len, text));
	CU_ASSERT_EQUAL(memcmp(text, "attack at dawn", 14), 0);
}

static void a_text_with_one_other_bit_is_refused(void)
{
	uint8_t key[32] = { 9 }, bytes[WIRE_MAX_DATAGRAM], text[WIRE_TEXT_MAX];
	size_t len = text_datagram("100 euro", 7, bytes);

	seal_text(key, 7, bytes, len);
	for (size_t bit = 0; bit < 8 * len; bit++) {
		struct wire_message m;

		bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		CU_ASSERT_FALSE(wire_decode(bytes, len, &m) == WIRE_OK && seal_read_text(key, &m, bytes, len, text));
		bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}

/* The same words at either end. */
static void the_code_to_compare_is_as_computed_elsewhere(void)
{
	struct side a = side(1, "Zoë"), b = side(101, "");
	char text[CARD_CODE_SIZE];

	CU_ASSERT_STRING_EQUAL(card_code(a.card.identity, b.card.identity, text), VECTOR_CODE);
	CU_ASSERT_STRING_EQUAL(card_code(b.card.identity, a.card.identity, text), VECTOR_CODE);
	CU_ASSERT_STRING_EQUAL(card_code(a.card.identity, a.card.identity, text), VECTOR_A_HALF " " VECTOR_A_HALF);
}

/*
 * Who stands between shows each of two a key of his own. Each code has the half of its reader's key, whatever he shows
 * him, so that he cannot look for two keys that agree: he needs one with the half of each of theirs.
 */
static void each_code_has_the_half_of_its_readers_key(void)
{
	struct side a = side(1, "");

	for (uint8_t i = 0; i < 50; i++) {
		struct side between = side((uint8_t)(2 + i), "");
		char text[CARD_CODE_SIZE];

		CU_ASSERT_PTR_NOT_NULL(strstr(card_code(a.card.identity, between.card.identity, text), VECTOR_A_HALF));
		CU_ASSERT_STRING_NOT_EQUAL(text, VECTOR_CODE);
	}
}

SUITE(secrets, TEST(the_code_to_compare_is_as_computed_elsewhere), TEST(each_code_has_the_half_of_its_readers_key),
      TEST(cards_are_as_computed_elsewhere), TEST(a_card_with_one_other_bit_is_refused),
      TEST(both_sides_find_the_keys_computed_elsewhere), TEST(blocks_have_the_keys_computed_elsewhere),
      TEST(what_is_past_is_wiped), TEST(another_identity_or_path_is_another_key),
      TEST(a_sealed_text_is_as_computed_elsewhere), TEST(a_text_with_one_other_bit_is_refused))
