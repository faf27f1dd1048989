/*
 * Who has recorded everything, and gets both identity files later, reads nothing: the keys came of others, that are
 * gone. The attack is shown to be one by whoever has these.
 */
#include "chat.h"
#include "chat/block_keys.h"
#include "chat/seal.h"
#include "suite.h"
#include "tape.h"

#include <sodium.h>
#include <string.h>

/* What was to be seen of the path between hosts 0 and 1. */
struct recording {
	uint8_t token[WIRE_TOKEN_SIZE];
	struct card cards[2];
	uint8_t ephemerals[2][WIRE_EPHEMERAL_SIZE];
};

static bool is_from(struct network *n, const struct flight *f, unsigned i)
{
	struct endpoint here = network_address(n, i);

	return endpoint_equal(&f->from, &here);
}

static void note(struct network *n, struct recording *r, const struct flight *f)
{
	struct wire_message m;

	if (wire_decode(f->bytes, f->len, &m) != WIRE_OK)
		return;
	if (m.type == WIRE_INTRODUCE) {
		struct endpoint a = network_address(n, 0);

		memcpy(r->token, m.token, sizeof r->token);
		r->cards[endpoint_equal(&f->to, &a)] = m.card;
	} else if (m.type == WIRE_PROBE) {
		memcpy(r->ephemerals[is_from(n, f, 1)], m.ephemeral, sizeof m.ephemeral);
	}
}

static struct recording what_was_seen(struct network *n)
{
	struct recording r = { 0 };

	for (size_t i = 0; i < tape_count(); i++) {
		struct flight f = tape_flight(i);

		note(n, &r, &f);
	}
	return r;
}

/* How many of the texts on the tape are of the first block below that root. */
static unsigned count_read(const uint8_t root[SECRETS_KEY_SIZE])
{
	struct block_keys k;
	unsigned count = 0;

	block_keys_begin(&k, root);
	for (size_t i = 0; i < tape_count(); i++) {
		struct flight f = tape_flight(i);
		uint8_t text[WIRE_TEXT_MAX];
		struct wire_message m;

		count += wire_decode(f.bytes, f.len, &m) == WIRE_OK && m.type == WIRE_TEXT &&
		         seal_read_text(k.key, &m, f.bytes, f.len, text);
	}
	return count;
}

/* The texts that are read by who has these secrets, taken for those of host `i`. */
static unsigned attack(const struct recording *r, unsigned i, const uint8_t exchange[CARD_SECRET_SIZE],
                       const uint8_t ephemeral[CARD_SECRET_SIZE])
{
	uint8_t key[SECRETS_KEY_SIZE], sending[SECRETS_KEY_SIZE], receiving[SECRETS_KEY_SIZE];

	if (!secrets_path_key(exchange, &r->cards[i], &r->cards[1 - i], r->token, key) ||
	    !secrets_text_keys(key, ephemeral, r->ephemerals[i], r->ephemerals[1 - i], sending, receiving))
		return 0;
	return count_read(sending) + count_read(receiving);
}

/* A conversation of two texts, from the login on, on the tape. */
static struct network *converse(void)
{
	struct network *n = network_new(CHAT_LATENCY);

	tape_start(n);
	for (unsigned i = 0; i < 2; i++) {
		network_start(n, i, chat_open, CHAT_PUNCH_TIMEOUT, CHAT_KEEPALIVE);
		chat_login(n, i);
	}
	network_run(n, SECOND);
	chat_punch(n, 0, 1);
	network_run(n, SECOND);
	chat_say(n, 0, 1, "at the old mill");
	chat_say(n, 1, 0, "at midnight");
	network_run(n, SECOND);
	tape_stop(n);
	return n;
}

struct loot {
	uint8_t secrets[6][CARD_SECRET_SIZE];
	unsigned count;
};

static void take(struct loot *l, const uint8_t secret[CARD_SECRET_SIZE])
{
	memcpy(l->secrets[l->count++], secret, CARD_SECRET_SIZE);
}

/* The identity key of host `i`, as one for exchanges. */
static void take_identity(struct loot *l, struct network *n, unsigned i)
{
	uint8_t public[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES], scalar[CARD_SECRET_SIZE];

	crypto_sign_seed_keypair(public, secret, chat_peer(n, i)->login.identity);
	CU_ASSERT_EQUAL(memcmp(public, chat_peer(n, i)->fx.card.identity, sizeof public), 0);
	CU_ASSERT_EQUAL(crypto_sign_ed25519_sk_to_curve25519(scalar, secret), 0);
	take(l, scalar);
}

static unsigned attack_by_all(const struct recording *r, const struct loot *l)
{
	unsigned count = 0;

	for (unsigned i = 0; i < 2; i++)
		for (unsigned a = 0; a < l->count; a++)
			for (unsigned b = 0; b < l->count; b++)
				count += attack(r, i, l->secrets[a], l->secrets[b]);
	return count;
}

static void who_gets_both_identities_later_reads_nothing(void)
{
	struct network *n = converse();
	struct recording seen = what_was_seen(n);
	struct loot loot = { .count = 0 };

	for (unsigned i = 0; i < 2; i++) /* while they are there: it is an attack */
		CU_ASSERT_EQUAL(attack(&seen, i, chat_peer(n, i)->fx.exchange, chat_peer(n, i)->paths.list[0].secret),
		                2);
	for (unsigned i = 0; i < 2; i++)
		peer_logout(chat_peer(n, i), n->now_us);
	network_run(n, 2 * SECOND);
	for (unsigned i = 0; i < 2; i++) { /* the programs run again, with their files */
		network_start(n, i, chat_open, CHAT_PUNCH_TIMEOUT, CHAT_KEEPALIVE);
		chat_login(n, i);
		take_identity(&loot, n, i);
	}
	network_run(n, SECOND);
	chat_punch(n, 0, 1);
	network_run(n, SECOND);
	for (unsigned i = 0; i < 2; i++) {
		take(&loot, chat_peer(n, i)->fx.exchange);
		take(&loot, chat_peer(n, i)->paths.list[0].secret);
	}
	CU_ASSERT_EQUAL(attack_by_all(&seen, &loot), 0);
	chat_end(n);
}

/* Texts that come late, for which no key is left, are not counted as if somebody had changed them. */
static void a_text_of_a_path_that_has_ended_is_late(void)
{
	struct network *n = converse();
	const struct drops *drops = &chat_peer(n, 1)->fx.drops;
	struct endpoint b = network_address(n, 1);
	unsigned late = 0;

	peer_logout(chat_peer(n, 0), n->now_us);
	network_run(n, 2 * SECOND);
	late = (unsigned)drops->count[DROP_LATE];
	for (size_t i = 0; i < tape_count(); i++) {
		struct flight f = tape_flight(i);

		if (f.bytes[5] == WIRE_TEXT && is_from(n, &f, 0))
			network_inject(n, &f.from, &b, f.bytes, f.len);
	}
	network_run(n, SECOND);
	CU_ASSERT_EQUAL(drops->count[DROP_LATE], late + 1);
	CU_ASSERT_EQUAL(drops->count[DROP_MAC], 0);
	CU_ASSERT_EQUAL(network_count(n, 1, "from"), 1);
	chat_end(n);
}

/* Nor is a key in the memory of a program that runs on: a path that has ended keeps no key of a text. */
static void what_has_ended_leaves_no_key_behind(void)
{
	struct network *n = converse();

	peer_logout(chat_peer(n, 0), n->now_us);
	network_run(n, 2 * SECOND);
	for (unsigned i = 0; i < 2; i++) {
		const struct path *path = &chat_peer(n, i)->paths.list[0];

		CU_ASSERT_EQUAL(path->state, PATH_DOWN);
		CU_ASSERT_TRUE(sodium_is_zero(path->secret, sizeof path->secret));
		CU_ASSERT_TRUE(sodium_is_zero((const uint8_t *)&path->text_keys, sizeof path->text_keys));
	}
	CU_ASSERT_TRUE(sodium_is_zero(chat_peer(n, 0)->fx.exchange, CARD_SECRET_SIZE));
	CU_ASSERT_FALSE(sodium_is_zero(chat_peer(n, 1)->fx.exchange, CARD_SECRET_SIZE)); /* is still logged in */
	chat_end(n);
}

SUITE(forward_secrecy, TEST(who_gets_both_identities_later_reads_nothing),
      TEST(a_text_of_a_path_that_has_ended_is_late), TEST(what_has_ended_leaves_no_key_behind))
