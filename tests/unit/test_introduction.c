/* How a path begins: what the server's introductions, early, late or never, do to it. */
#include "chat.h"
#include "suite.h"

#include <string.h>

static enum fate introductions_are_lost(struct network *n, const struct flight *f)
{
	(void)n;
	return f->bytes[5] == WIRE_INTRODUCE ? LOST : ARRIVES;
}

/* Who asks waits no longer than from the asking on, however late the introduction comes. */
static void a_late_introduction_does_not_prolong_a_punch(void)
{
	struct network *n = chat_pair(chat_port_restricted, chat_symmetric);

	n->fate = introductions_are_lost;
	chat_punch(n, 0, 1);
	network_run(n, 6 * SECOND);
	n->fate = NULL;
	CU_ASSERT_TRUE(chat_sees(n, 0, "punch failed 203.0.113.11:5000 after 10.0 s: no probe arrived", 4100 * MS));
	CU_ASSERT_EQUAL(network_count(n, 1, "peer 203.0.113.10:5000 asks to punch"), 1);
	chat_end(n);
}

static void introduce(struct network *n, enum wire_role role, uint32_t i)
{
	struct wire_message m = { .type = WIRE_INTRODUCE, .serial = 1, .role = (uint8_t)role };
	struct endpoint a = network_address(n, 0);
	uint8_t bytes[WIRE_MAX_DATAGRAM];

	m.who = endpoint_ipv4(0xc6336400 + i, 1000);
	m.card = chat_stranger_card((uint8_t)i);
	m.token[0] = (uint8_t)i;
	m.token[1] = 1;
	memcpy(m.session, chat_peer(n, 0)->login.session, sizeof m.session);
	network_inject(n, &n->server_at, &a, bytes, wire_encode(&m, bytes, sizeof bytes));
	network_run(n, 1);
}

/* The answer to a request whose path is gone already must not cost another its place. */
static void a_late_answer_takes_no_place(void)
{
	struct network *n = chat_pair(chat_open, chat_open);
	unsigned down = 0;

	for (uint32_t i = 0; i < PATHS_MAX; i++)
		introduce(n, WIRE_YOU_ARE_ASKED, i);
	network_run(n, 11 * SECOND);
	introduce(n, WIRE_YOU_ASKED, PATHS_MAX);
	for (size_t i = 0; i < PATHS_MAX; i++)
		down += chat_peer(n, 0)->paths.list[i].state == PATH_DOWN;
	CU_ASSERT_EQUAL(down, PATHS_MAX);
	chat_end(n);
}

static enum fate requests_are_lost(struct network *n, const struct flight *f)
{
	(void)n;
	return f->bytes[5] == WIRE_PUNCH ? LOST : ARRIVES;
}

/* The server answers host 0: whom it asked for is there, and everything may go by way of the server. */
static void answer_punch_to(struct network *n, const struct endpoint *who)
{
	const struct path *path = paths_to(&chat_peer(n, 0)->paths, who);
	struct wire_message m = { .type = WIRE_INTRODUCE, .role = WIRE_YOU_ASKED, .passes = WIRE_PASSES_ALL };
	struct endpoint a = network_address(n, 0);
	uint8_t bytes[WIRE_MAX_DATAGRAM];

	CU_ASSERT_PTR_NOT_NULL_FATAL(path);
	m.serial = path->request;
	m.who = *who;
	m.card = chat_stranger_card(1);
	memcpy(m.session, chat_peer(n, 0)->login.session, sizeof m.session);
	network_inject(n, &n->server_at, &a, bytes, wire_encode(&m, bytes, sizeof bytes));
	network_run(n, 1);
}

/* A server that relays introduces one family to the other; who takes no relay is told at once why that is no help. */
static void who_takes_no_relay_is_told_of_the_other_family(void)
{
	struct endpoint who = { .address = { ADDRESS_IPV6, { 0x20, 1, 0xd, 0xb8, [15] = 9 } }, .port = 6000 };

	for (unsigned takes_relay = 0; takes_relay < 2; takes_relay++) {
		struct network *n = chat_pair(chat_open, chat_open);

		chat_peer(n, 0)->means.strategies = takes_relay ? STRATEGY_AUTO : STRATEGY_BASIC;
		n->fate = requests_are_lost;
		peer_punch(chat_peer(n, 0), &who, NULL, n->now_us);
		peer_send(chat_peer(n, 0), &who, NULL, (const uint8_t *)"hello", 5, n->now_us);
		answer_punch_to(n, &who);
		CU_ASSERT_EQUAL(network_count(n, 0,
		                              "punch failed [2001:db8::9]:6000 after 0.0 s: the peer has another "
		                              "address family"),
		                !takes_relay);
		CU_ASSERT_EQUAL(network_count(n, 0, "not delivered [2001:db8::9]:6000 (punch failed): hello"),
		                !takes_relay);
		network_run(n, CHAT_PUNCH_TIMEOUT);
		CU_ASSERT_EQUAL(network_count(n, 0, "punch failed"), 1);
		chat_end(n);
	}
}

/* Who was asked for by a name is to have it, or one that looks like it: while he is asked for, or is there. */
static void who_was_called_is_nobody_else(void)
{
	static const struct {
		const char *called; /* NULL: by address alone */
		bool is_ended, is_meant;
	} rows[] = { { NULL, false, true }, { "bob", false, false }, { "", false, true }, { "bob", true, true } };
	struct endpoint who = endpoint_ipv4(0xc6336401, 6000);

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct network *n = chat_pair(chat_open, chat_open);
		uint8_t called[NAME_SIZE];
		struct path *path;

		n->fate = requests_are_lost;
		name_pad(rows[i].called != NULL ? rows[i].called : "", called);
		peer_punch(chat_peer(n, 0), &who, rows[i].called != NULL ? called : NULL, n->now_us);
		path = paths_to(&chat_peer(n, 0)->paths, &who);
		CU_ASSERT_PTR_NOT_NULL_FATAL(path);
		if (rows[i].is_ended)
			path->state = PATH_DOWN;
		answer_punch_to(n, &who);
		CU_ASSERT_EQUAL(network_count(n, 0, "punch failed"), !rows[i].is_meant);
		CU_ASSERT_EQUAL(chat_peer(n, 0)->fx.drops.count[DROP_CARD], !rows[i].is_meant);
		chat_end(n);
	}
}

/* Who is on the server's computer, and took its loopback address, is where nobody else reaches it. */
static void a_peer_at_the_servers_loopback_is_told_as_that(void)
{
	struct endpoint who = endpoint_ipv4(0x7f000001, 6000);
	struct network *n = chat_pair(chat_port_restricted, chat_symmetric);
	const uint64_t *dropped = &chat_peer(n, 0)->fx.drops.count[DROP_SOURCE];

	n->fate = requests_are_lost;
	peer_punch(chat_peer(n, 0), &who, NULL, n->now_us);
	answer_punch_to(n, &who);
	CU_ASSERT_TRUE(
	    chat_sees(n, 0, "punch failed 127.0.0.1:6000 after 0.0 s: one of the two is at the server's loopback", 0));
	CU_ASSERT_EQUAL(*dropped, 1);
	n->fate = NULL;
	chat_peer(n, 0)->login.you = who; /* and now it is this side */
	chat_punch(n, 0, 1);
	CU_ASSERT_TRUE(chat_sees(n, 0, "punch failed 203.0.113.11:5000 after 10.0 s: one of the two", 11 * SECOND));
	chat_end(n);
}

SUITE(introduction, TEST(who_was_called_is_nobody_else), TEST(a_peer_at_the_servers_loopback_is_told_as_that),
      TEST(a_late_introduction_does_not_prolong_a_punch), TEST(a_late_answer_takes_no_place),
      TEST(who_takes_no_relay_is_told_of_the_other_family))
