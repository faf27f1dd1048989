/*
 * What a client shows of itself at a login, and the server passes on to those it introduces: its identity key, which
 * stays, an exchange key of this run, and a name if it has
 * one, signed by it. So an introduction brings all that both sides need to agree
 * on keys, without one more trip, and whoever cannot sign by the identity key cannot take its place. Pure.
 */
#ifndef CARD_H
#define CARD_H

#include "chat/name.h"

#include <stdbool.h>
#include <stdint.h>

enum { CARD_SEED_SIZE = 32, CARD_KEY_SIZE = 32, CARD_SIGNATURE_SIZE = 64, CARD_SECRET_SIZE = 32 };
#define CARD_SIZE (2 * CARD_KEY_SIZE + CARD_SIGNATURE_SIZE + NAME_SIZE)

/* As it is on the wire. */
struct card {
	uint8_t identity[CARD_KEY_SIZE]; /* Ed25519 */
	uint8_t exchange[CARD_KEY_SIZE]; /* X25519 */
	uint8_t signature[CARD_SIGNATURE_SIZE];
	uint8_t name[NAME_SIZE]; /* all zero for none */
};

/*
 * Makes the card of the identity that `seed` stands for, of the exchange key whose secret half is given, and of a name
 * ("" for none).
 */
void card_make(struct card *card, const uint8_t seed[CARD_SEED_SIZE], const uint8_t secret[CARD_SECRET_SIZE],
               const char *name);

/* True if exchange key and name are signed by the identity. */
bool card_holds(const struct card *card) __attribute__((warn_unused_result));

/*
 * What shows a server that a login is of the card's identity: a signature over the cookie, which is good for one
 * address only, and the login's nonce. Not over the server, which does not know by what address it is reached: one that
 * is logged in at can pass all this on to another, see README.md.
 */
void card_prove(const uint8_t seed[CARD_SEED_SIZE], const uint8_t *challenge, size_t len,
                uint8_t proof[CARD_SIGNATURE_SIZE]);
bool card_is_proved(const struct card *card, const uint8_t *challenge, size_t len,
                    const uint8_t proof[CARD_SIGNATURE_SIZE]) __attribute__((warn_unused_result));

#define CARD_CODE_SIZE 48

/*
 * Eight groups of five digits, "12345 67890 ...", for people to compare by another way: the same for both sides, and
 * another if either identity is another's. Four groups are of one identity key and four of the other, the smaller half
 * first, so that who stands between needs keys for two given halves, 10^20 tries each, and a try takes about 1 ms. (Of
 * one hash over both keys he would need any two that agree, and both of them may be his: 2^33 quick tries.) Takes about
 * 2 ms. Returns `text`.
 */
const char *card_code(const uint8_t a[CARD_KEY_SIZE], const uint8_t b[CARD_KEY_SIZE], char text[CARD_CODE_SIZE]);

#endif
