#include "chat.h"

#include "suite.h"

#include <string.h>

const struct nat_kind chat_open = { "open", MAP_NONE, LET_ALL_IN, PORTS_IN_ORDER };
const struct nat_kind chat_port_restricted = { "port-restricted", MAP_ENDPOINT_INDEPENDENT, LET_ADDRESS_AND_PORT_IN,
	                                       PORTS_IN_ORDER };
const struct nat_kind chat_symmetric = { "symmetric", MAP_ADDRESS_AND_PORT_DEPENDENT, LET_ADDRESS_AND_PORT_IN,
	                                 PORTS_IN_ORDER };
const struct nat_kind chat_full_cone = { "full-cone", MAP_ENDPOINT_INDEPENDENT, LET_ALL_IN, PORTS_IN_ORDER };

struct peer *chat_peer(struct network *n, unsigned i)
{
	return &n->hosts[i].peer;
}

void chat_login(struct network *n, unsigned i)
{
	peer_login(chat_peer(n, i), "", n->now_us);
	network_carry_out(n);
}

void chat_punch(struct network *n, unsigned i, unsigned other)
{
	struct endpoint who = network_address(n, other);

	peer_punch(chat_peer(n, i), &who, NULL, n->now_us);
	network_carry_out(n);
}

void chat_say(struct network *n, unsigned i, unsigned other, const char *text)
{
	struct endpoint who = network_address(n, other);

	peer_send(chat_peer(n, i), &who, NULL, (const uint8_t *)text, strlen(text), n->now_us);
	network_carry_out(n);
}

bool chat_sees(struct network *n, unsigned i, const char *start, uint64_t us)
{
	size_t at = 0;

	return network_await(n, i, &at, start, us);
}

struct network *chat_pair(struct nat_kind a, struct nat_kind b)
{
	struct network *n = network_new(CHAT_LATENCY);

	network_start(n, 0, a, CHAT_PUNCH_TIMEOUT, CHAT_KEEPALIVE);
	network_start(n, 1, b, CHAT_PUNCH_TIMEOUT, CHAT_KEEPALIVE);
	chat_login(n, 0);
	chat_login(n, 1);
	CU_ASSERT_TRUE(chat_sees(n, 0, "logged in as 203.0.113.10:5000", SECOND));
	CU_ASSERT_TRUE(chat_sees(n, 1, "logged in as 203.0.113.11:5000", SECOND));
	return n;
}

struct network *chat_punched_pair(struct nat_kind a, struct nat_kind b)
{
	struct network *n = chat_pair(a, b);

	chat_punch(n, 0, 1);
	CU_ASSERT_TRUE(chat_sees(n, 0, "punched 203.0.113.11:5000 via", SECOND));
	CU_ASSERT_TRUE(chat_sees(n, 1, "punched 203.0.113.10:5000 via", SECOND));
	return n;
}

static const uint8_t stranger_seed[CARD_SEED_SIZE] = { 77 };

/* Each is a run of its own. */
struct card chat_stranger_card(uint8_t stranger)
{
	const uint8_t secret[CARD_SECRET_SIZE] = { 78, stranger };
	struct card card;

	card_make(&card, stranger_seed, secret, "");
	return card;
}

void chat_stranger_key(struct network *n, unsigned i, uint8_t stranger, const uint8_t token[WIRE_TOKEN_SIZE],
                       uint8_t key[SECRETS_KEY_SIZE])
{
	const uint8_t secret[CARD_SECRET_SIZE] = { 78, stranger };
	struct card card = chat_stranger_card(stranger);

	CU_ASSERT_TRUE(secrets_path_key(secret, &card, &chat_peer(n, i)->fx.card, token, key));
}

void chat_end(struct network *n)
{
	CU_ASSERT_EQUAL(n->misbehaviour, 0);
	network_free(n);
}

enum fate chat_second_host_unheard(struct network *n, const struct flight *f)
{
	struct endpoint second = network_address(n, 1);

	return endpoint_same_address(&f->from, &second) && f->bytes[5] >= WIRE_PROBE ? LOST : ARRIVES;
}

enum fate chat_nothing_arrives(struct network *n, const struct flight *f)
{
	(void)n;
	(void)f;
	return LOST;
}
