/* A login lives on: what goes to the server again and again. */
#include "chat.h"
#include "suite.h"

#include <string.h>

static uint32_t pings;
static bool in_order;

static void note_pings(struct network *n, const struct flight *f)
{
	struct wire_message m;

	(void)n;
	if (wire_decode(f->bytes, f->len, &m) == WIRE_OK && m.type == WIRE_PING)
		in_order &= m.serial == ++pings;
}

/* The first comes with the login: a full server takes who never does anything for one who is not there. */
static void pings_are_numbered_from_one(void)
{
	struct network *n = chat_pair(chat_open, chat_open);

	n->hosts[1].up = false;
	pings = 1;
	in_order = true;
	n->watch = note_pings;
	network_run(n, 10 * CHAT_KEEPALIVE + SECOND);
	CU_ASSERT_EQUAL(pings, 11);
	CU_ASSERT_TRUE(in_order);
	chat_end(n);
}

/* Every login shows another exchange key, of the same identity. */
static void every_login_has_a_card_of_its_own(void)
{
	struct network *n = chat_pair(chat_open, chat_open);
	struct card first = chat_peer(n, 0)->fx.card, second;

	CU_ASSERT_TRUE(card_holds(&first));
	peer_logout(chat_peer(n, 0), n->now_us);
	CU_ASSERT_TRUE(chat_sees(n, 0, "logged out", SECOND));
	chat_login(n, 0);
	network_run(n, SECOND);
	CU_ASSERT_EQUAL(network_count(n, 0, "logged in"), 2);
	second = chat_peer(n, 0)->fx.card;
	CU_ASSERT_TRUE(card_holds(&second));
	CU_ASSERT_EQUAL(memcmp(first.identity, second.identity, sizeof first.identity), 0);
	CU_ASSERT_NOT_EQUAL(memcmp(first.exchange, second.exchange, sizeof first.exchange), 0);
	chat_end(n);
}

static void from_server(struct network *n, struct wire_message m)
{
	struct endpoint a = network_address(n, 0);
	uint8_t bytes[WIRE_MAX_DATAGRAM];

	memcpy(m.session, chat_peer(n, 0)->login.session, sizeof m.session);
	network_inject(n, &n->server_at, &a, bytes, wire_encode(&m, bytes, sizeof bytes));
	network_run(n, 1);
}

static void who_is_unknown_logs_in_again_at_once(void)
{
	struct network *n = chat_pair(chat_open, chat_open);

	from_server(n, (struct wire_message){ .type = WIRE_UNKNOWN });
	CU_ASSERT_EQUAL(network_count(n, 0, "server lost"), 1);
	network_run(n, 5 * CHAT_LATENCY); /* two trips there and back, and no retry between */
	CU_ASSERT_EQUAL(network_count(n, 0, "logged in"), 2);
	chat_end(n);
}

static void says_other_version(struct network *n, const struct endpoint *from)
{
	static const uint8_t bytes[] = { 'P', '2', 'P', 'C', WIRE_VERSION + 1, WIRE_OTHER_VERSION, 0, 0 };
	struct endpoint to = network_address(n, 0);

	network_inject(n, from, &to, bytes, sizeof bytes);
}

/* It is told as the reason, and never makes a login fail that could go on. */
static void a_server_of_another_version_is_told_of(void)
{
	struct network *n = network_new(CHAT_LATENCY);
	struct endpoint elsewhere = endpoint_ipv4(0xcb007199, 5000);

	network_start(n, 0, chat_open, CHAT_PUNCH_TIMEOUT, CHAT_KEEPALIVE);
	network_kill_server(n);
	chat_login(n, 0);
	says_other_version(n, &elsewhere);
	CU_ASSERT_TRUE(chat_sees(n, 0, "login failed 203.0.113.1:5000: no answer in 10.0 s", 11 * SECOND));
	chat_login(n, 0);
	says_other_version(n, &n->server_at);
	CU_ASSERT_TRUE(
	    chat_sees(n, 0, "login failed 203.0.113.1:5000: it speaks another version of the protocol", 11 * SECOND));
	network_start_server(n);
	chat_login(n, 0);
	says_other_version(n, &n->server_at);
	CU_ASSERT_TRUE(chat_sees(n, 0, "logged in", SECOND));
	network_kill_server(n); /* and another takes its place */
	CU_ASSERT_FALSE(chat_sees(n, 0, "server lost", 20 * SECOND));
	says_other_version(n, &n->server_at);
	CU_ASSERT_TRUE(
	    chat_sees(n, 0, "server lost 203.0.113.1:5000: it speaks another version of the protocol", 61 * SECOND));
	chat_end(n);
}

static void what_nobody_asked_for_is_dropped(void)
{
	struct network *n = chat_pair(chat_open, chat_open);
	const uint64_t *drops = chat_peer(n, 0)->fx.drops.count;
	struct wire_message m = { .type = WIRE_INTRODUCE, .serial = 1, .role = WIRE_YOU_ARE_ASKED };

	from_server(n, (struct wire_message){ .type = WIRE_REFUSED, .serial = 9, .reason = WIRE_PEER_UNKNOWN });
	CU_ASSERT_EQUAL(drops[DROP_LATE], 1);
	m.card = chat_stranger_card(0);
	m.who = network_address(n, 0); /* ourselves */
	from_server(n, m);
	m.who = endpoint_ipv4(0xe0000001, 7); /* nobody one can send to */
	from_server(n, m);
	m.who = endpoint_ipv4(0x7f000001, 7); /* on this computer: the server is not */
	from_server(n, m);
	m.who = n->server_at;
	from_server(n, m);
	CU_ASSERT_EQUAL(drops[DROP_SOURCE], 4);
	m.who = endpoint_ipv4(0xc6336401, 7);
	m.card.signature[0] ^= 1;
	from_server(n, m);
	CU_ASSERT_EQUAL(drops[DROP_CARD], 1);
	CU_ASSERT_EQUAL(network_count(n, 0, "peer "), 0);
	chat_end(n);
}

/* What flows of before a change at the box still bear: from the dead address, to it. */
static enum fate old_flows_are_dead(struct network *n, const struct flight *f)
{
	struct endpoint dead = network_address(n, 0);

	return endpoint_equal(&f->from, &dead) || endpoint_equal(&f->to, &dead) ? LOST : ARRIVES;
}

/* A box may go on sending old flows from an address that it lost, or lose their answers: a new port helps. */
static void who_hears_nobody_takes_another_socket(void)
{
	struct network *n = chat_punched_pair(chat_port_restricted, chat_port_restricted);

	n->fate = old_flows_are_dead;
	chat_say(n, 0, 1, "is somebody there?");
	CU_ASSERT_TRUE(chat_sees(n, 0, "logged in as 203.0.113.10:5001", 30 * SECOND));
	CU_ASSERT_NOT_EQUAL(n->hosts[0].sockets[0], 5000);
	CU_ASSERT_EQUAL(chat_peer(n, 0)->means.hosts[0].port, n->hosts[0].sockets[0]);
	network_run(n, 30 * SECOND);
	CU_ASSERT_EQUAL(network_count(n, 0, "not delivered"), 0);
	CU_ASSERT_EQUAL(network_count(n, 1, "from 203.0.113.10:5001: is somebody there?"), 1);
	chat_end(n);
}

static void a_port_that_was_chosen_is_kept(void)
{
	struct network *n = chat_punched_pair(chat_port_restricted, chat_port_restricted);

	chat_peer(n, 0)->keeps_port = true;
	n->fate = old_flows_are_dead;
	network_run(n, 200 * SECOND);
	CU_ASSERT_EQUAL(network_count(n, 0, "server lost"), 1);
	CU_ASSERT_EQUAL(n->hosts[0].sockets[0], 5000);
	chat_end(n);
}

/* A server that is gone is no reason while the peer answers. */
static void who_hears_a_peer_keeps_the_socket(void)
{
	struct network *n = chat_punched_pair(chat_port_restricted, chat_port_restricted);

	network_kill_server(n);
	network_run(n, 300 * SECOND);
	CU_ASSERT_EQUAL(network_count(n, 0, "server lost"), 1);
	CU_ASSERT_EQUAL(n->hosts[0].sockets[0], 5000);
	CU_ASSERT_EQUAL(network_count(n, 0, "path"), 0);
	chat_end(n);
}

/* Less and less often; and who comes back finds the server when that does. */
static void sockets_are_not_changed_for_ever(void)
{
	struct network *n = chat_pair(chat_port_restricted, chat_port_restricted);

	network_kill_server(n);
	network_run(n, 600 * SECOND);
	CU_ASSERT_TRUE(n->hosts[0].opened >= 5 && n->hosts[0].opened <= 14);
	network_start_server(n);
	network_run(n, 3 * SECOND);
	CU_ASSERT_EQUAL(network_count(n, 0, "logged in as"), 2);
	chat_end(n);
}

/* A peer that is gone is no reason to doubt the server for long. */
static void a_server_that_answers_is_not_doubted(void)
{
	struct network *n = chat_punched_pair(chat_open, chat_open);

	n->hosts[1].up = false;
	CU_ASSERT_TRUE(chat_sees(n, 0, "path lost", 90 * SECOND));
	network_run(n, 10 * SECOND);
	CU_ASSERT_EQUAL(network_count(n, 0, "server lost"), 0);
	CU_ASSERT_FALSE(chat_peer(n, 0)->login.doubted);
	CU_ASSERT_EQUAL(n->hosts[0].sockets[0], 5000);
	chat_end(n);
}

SUITE(login, TEST(who_hears_nobody_takes_another_socket), TEST(a_port_that_was_chosen_is_kept),
      TEST(who_hears_a_peer_keeps_the_socket), TEST(sockets_are_not_changed_for_ever),
      TEST(a_server_that_answers_is_not_doubted), TEST(who_is_unknown_logs_in_again_at_once),
      TEST(a_server_of_another_version_is_told_of), TEST(what_nobody_asked_for_is_dropped),
      TEST(pings_are_numbered_from_one), TEST(every_login_has_a_card_of_its_own))
