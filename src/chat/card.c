#include "chat/card.h"

#include <sodium.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

_Static_assert(crypto_sign_SEEDBYTES == CARD_SEED_SIZE && crypto_sign_PUBLICKEYBYTES == CARD_KEY_SIZE &&
                   crypto_sign_BYTES == CARD_SIGNATURE_SIZE,
               "the sizes are those of Ed25519");
_Static_assert(crypto_scalarmult_BYTES == CARD_KEY_SIZE && crypto_scalarmult_SCALARBYTES == CARD_SECRET_SIZE,
               "the sizes are those of X25519");
_Static_assert(sizeof(struct card) == CARD_SIZE, "a card is what its parts are, without gaps");

/* What is signed: no signature for this can be one for anything else. */
static const char purpose[] = "p2pchat 3 exchange key";
#define SIGNED_SIZE (sizeof purpose + CARD_KEY_SIZE + NAME_SIZE)

static void write_signed(const struct card *card, uint8_t text[SIGNED_SIZE])
{
	memcpy(text, purpose, sizeof purpose);
	memcpy(text + sizeof purpose, card->exchange, CARD_KEY_SIZE);
	memcpy(text + sizeof purpose + CARD_KEY_SIZE, card->name, NAME_SIZE);
}

void card_make(struct card *card, const uint8_t seed[CARD_SEED_SIZE], const uint8_t secret[CARD_SECRET_SIZE],
               const char *name)
{
	uint8_t text[SIGNED_SIZE], signing[crypto_sign_SECRETKEYBYTES];

	crypto_sign_seed_keypair(card->identity, signing, seed);
	crypto_scalarmult_base(card->exchange, secret);
	name_pad(name, card->name);
	write_signed(card, text);
	crypto_sign_detached(card->signature, NULL, text, sizeof text, signing);
	sodium_memzero(signing, sizeof signing);
}

bool card_holds(const struct card *card)
{
	uint8_t text[SIGNED_SIZE];

	write_signed(card, text);
	return crypto_sign_verify_detached(card->signature, text, sizeof text, card->identity) == 0;
}

static const char login_purpose[] = "p2pchat 3 login";
#define CHALLENGE_MAX 64
#define PROVED_SIZE (sizeof login_purpose + CHALLENGE_MAX)

static size_t write_proved(const uint8_t *challenge, size_t len, uint8_t text[PROVED_SIZE])
{
	len = len < CHALLENGE_MAX ? len : CHALLENGE_MAX;
	memcpy(text, login_purpose, sizeof login_purpose);
	memcpy(text + sizeof login_purpose, challenge, len);
	return sizeof login_purpose + len;
}

void card_prove(const uint8_t seed[CARD_SEED_SIZE], const uint8_t *challenge, size_t len,
                uint8_t proof[CARD_SIGNATURE_SIZE])
{
	uint8_t text[PROVED_SIZE], identity[CARD_KEY_SIZE], signing[crypto_sign_SECRETKEYBYTES];
	size_t text_len = write_proved(challenge, len, text);

	crypto_sign_seed_keypair(identity, signing, seed);
	crypto_sign_detached(proof, NULL, text, text_len, signing);
	sodium_memzero(signing, sizeof signing);
}

bool card_is_proved(const struct card *card, const uint8_t *challenge, size_t len,
                    const uint8_t proof[CARD_SIGNATURE_SIZE])
{
	uint8_t text[PROVED_SIZE];
	size_t text_len = write_proved(challenge, len, text);

	return crypto_sign_verify_detached(proof, text, text_len, card->identity) == 0;
}

static const char code_purpose[] = "p2pchat 3 verify";
#define GROUPS 4         /* of a half, of 5 digits: 66 bits */
#define HALF_SIZE 24     /* they, blanks between them, and the final zero */
#define HALF_ROUNDS 4096 /* about 1 ms: what a key costs to whoever looks for one that has a certain half */

_Static_assert(CARD_CODE_SIZE == 2 * HALF_SIZE, "a code is two halves, a blank and a final zero");

/* The half of one key. The key is in each round, so that no two go on alike from where they meet. */
static void write_half(const uint8_t key[CARD_KEY_SIZE], char text[HALF_SIZE])
{
	uint8_t bytes[2 * CARD_KEY_SIZE] = { 0 };
	size_t len = 0;

	memcpy(bytes + CARD_KEY_SIZE, key, CARD_KEY_SIZE);
	for (unsigned i = 0; i < HALF_ROUNDS; i++) {
		uint8_t hash[CARD_KEY_SIZE];

		crypto_generichash(hash, sizeof hash, bytes, sizeof bytes, (const uint8_t *)code_purpose,
		                   sizeof code_purpose - 1);
		memcpy(bytes, hash, sizeof hash);
	}
	for (size_t i = 0; i < GROUPS; i++) {
		const uint8_t *b = bytes + 4 * i;
		uint32_t word = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];

		len += (size_t)snprintf(text + len, HALF_SIZE - len, "%s%05u", i > 0 ? " " : "",
		                        (unsigned)(word % 100000));
	}
}

const char *card_code(const uint8_t a[CARD_KEY_SIZE], const uint8_t b[CARD_KEY_SIZE], char text[CARD_CODE_SIZE])
{
	char one[HALF_SIZE], other[HALF_SIZE];
	bool in_order;

	write_half(a, one);
	write_half(b, other);
	in_order = strcmp(one, other) < 0;
	snprintf(text, CARD_CODE_SIZE, "%s %s", in_order ? one : other, in_order ? other : one);
	return text;
}
