/* Clients, the server and NATs together, on a virtual clock: what a user sees must hold whatever the network does. */
#include "chat.h"
#include "chat/seal.h"
#include "suite.h"

#include <stdio.h>

#include <stdlib.h>

/* Everything a chat has: two logins, a list, a punch, a text each way. */
static void a_whole_chat(struct network *n)
{
	network_start(n, 0, chat_port_restricted, CHAT_PUNCH_TIMEOUT, CHAT_KEEPALIVE);
	network_start(n, 1, chat_port_restricted, CHAT_PUNCH_TIMEOUT, CHAT_KEEPALIVE);
	chat_login(n, 0);
	chat_login(n, 1);
	CU_ASSERT_TRUE(chat_sees(n, 0, "logged in as", 9 * SECOND));
	CU_ASSERT_TRUE(chat_sees(n, 1, "logged in as", 9 * SECOND));
	peer_list(chat_peer(n, 0), "", n->now_us);
	CU_ASSERT_TRUE(chat_sees(n, 0, "2 peers", 9 * SECOND));
	chat_punch(n, 0, 1);
	chat_say(n, 0, 1, "one");
	chat_say(n, 0, 1, "two");
	CU_ASSERT_TRUE(chat_sees(n, 0, "punched 203.0.113.11:5000 via", 9 * SECOND));
	CU_ASSERT_TRUE(chat_sees(n, 1, "punched 203.0.113.10:5000 via", 9 * SECOND));
	chat_say(n, 1, 0, "three");
	CU_ASSERT_TRUE(chat_sees(n, 0, "from 203.0.113.11:5000: three", 9 * SECOND));
	CU_ASSERT_TRUE(chat_sees(n, 0, "delivered 203.0.113.11:5000: two", 9 * SECOND));
	CU_ASSERT_TRUE(chat_sees(n, 1, "delivered 203.0.113.10:5000: three", 9 * SECOND));
	network_run(n, 4 * SECOND); /* for what is late */
	CU_ASSERT_EQUAL(network_count(n, 0, "logged in"), 1);
	CU_ASSERT_EQUAL(network_count(n, 0, "peer 203.0.113.10:5000 (you)"), 1);
	CU_ASSERT_EQUAL(network_count(n, 0, "peer 203.0.113.11:5000"), 1);
	CU_ASSERT_EQUAL(network_count(n, 0, "punched") + network_count(n, 1, "punched"), 2);
	CU_ASSERT_EQUAL(network_count(n, 1, "from 203.0.113.10:5000: one"), 1);
	CU_ASSERT_EQUAL(network_count(n, 1, "from 203.0.113.10:5000: two"), 1);
	CU_ASSERT_EQUAL(network_count(n, 0, "from"), 1);
	CU_ASSERT_EQUAL(network_count(n, 0, "path") + network_count(n, 1, "path"), 0);
	CU_ASSERT_EQUAL(network_count(n, 0, "punch failed") + network_count(n, 1, "punch failed"), 0);
	CU_ASSERT_EQUAL(n->misbehaviour, 0);
}

static void the_classic_table_holds(void)
{
	for (unsigned a = 0; a < 5; a++) {
		for (unsigned b = 0; b < 5; b++) {
			bool shut = a + b >= 7; /* port-restricted or chat_symmetric, with chat_symmetric */
			struct network *n = chat_pair(classic_nats[a], classic_nats[b]);

			chat_punch(n, 0, 1);
			if (shut) {
				CU_ASSERT_TRUE(
				    chat_sees(n, 0, "punch failed 203.0.113.11:5000 after 10.0 s: no probe arrived",
				              11 * SECOND));
				CU_ASSERT_TRUE(chat_sees(
				    n, 1, "punch failed 203.0.113.10:5000 after 10.0 s: no probe arrived", SECOND));
				CU_ASSERT_EQUAL(network_count(n, 0, "punched") + network_count(n, 1, "punched"), 0);
			} else {
				CU_ASSERT_TRUE(chat_sees(n, 0, "punched 203.0.113.11:5000 via 203.0.113.11:", SECOND));
				CU_ASSERT_TRUE(chat_sees(n, 1, "punched 203.0.113.10:5000 via 203.0.113.10:", SECOND));
				chat_say(n, 0, 1, "there");
				chat_say(n, 1, 0, "and back");
				CU_ASSERT_TRUE(chat_sees(n, 1, "from 203.0.113.10:5000: there", 100 * MS));
				CU_ASSERT_TRUE(chat_sees(n, 0, "from 203.0.113.11:5000: and back", 100 * MS));
			}
			CU_ASSERT_EQUAL(network_count(n, 1, "peer 203.0.113.10:5000 asks to punch"), 1);
			chat_end(n);
		}
	}
}

/* Each datagram of a chat fares ill in each way, at one of the latencies; with CHAT_SOAK at all of them. */
static void no_single_mishap_is_noticed(void)
{
	unsigned step = getenv("CHAT_SOAK") != NULL ? 1 : 3;
	static const enum fate fates[] = { LOST, TWICE, LATE_300_MS, LATE_3_S, DAMAGED_BETWEEN_PEERS };
	static const uint64_t latencies[] = { 0, CHAT_LATENCY, 150 * MS };

	for (unsigned l = 0; l < sizeof latencies / sizeof latencies[0]; l++) {
		for (size_t i = 0; i < sizeof fates / sizeof fates[0]; i++) {
			unsigned reached = 0;

			for (unsigned k = l % step; k <= reached + step && k < 80; k += step) {
				struct network *n = network_new(latencies[l]);

				n->fate = fate_of_the_chosen;
				n->chosen = k;
				n->chosen_fate = fates[i];
				a_whole_chat(n);
				reached = n->sent;
				network_free(n);
			}
			CU_ASSERT_TRUE(reached > 25);
		}
	}
}

/* One datagram in four is lost, repeated or late, of all that there are. */
static void a_bad_network_is_survived(void)
{
	static const enum fate fates[] = { LOST, TWICE, LATE_300_MS };

	for (size_t i = 0; i < sizeof fates / sizeof fates[0]; i++) {
		for (uint32_t seed = 1; seed <= 20; seed++) {
			struct network *n = network_new(CHAT_LATENCY);

			n->fate = fate_by_dice;
			n->dice = seed * 7919;
			n->chosen = 4;
			n->chosen_fate = fates[i];
			a_whole_chat(n);
			network_free(n);
		}
	}
}

static void failures_tell_what_is_known(void)
{
	struct network *n = network_new(CHAT_LATENCY);
	struct endpoint nobody = endpoint_ipv4(0xcb0071c8, 1);
	struct endpoint ipv6 = { .address = { ADDRESS_IPV6, { 0x20, 1, 0xd, 0xb8 } }, .port = 9 };

	network_start(n, 0, chat_port_restricted, SECOND, CHAT_KEEPALIVE);
	network_start(n, 1, chat_port_restricted, 2 * SECOND, CHAT_KEEPALIVE);
	chat_punch(n, 0, 1);
	CU_ASSERT_TRUE(chat_sees(n, 0, "punch failed 203.0.113.11:5000 after 0.0 s: not logged in", 0));
	peer_list(chat_peer(n, 0), "", n->now_us);
	CU_ASSERT_TRUE(chat_sees(n, 0, "list failed: not logged in", 0));
	chat_say(n, 0, 1, "x");
	CU_ASSERT_TRUE(chat_sees(n, 0, "not delivered 203.0.113.11:5000 (punch failed): x", 0) ||
	               chat_sees(n, 0, "not delivered 203.0.113.11:5000 (no path): x", 0));
	chat_login(n, 0);
	chat_login(n, 1);
	network_run(n, SECOND);
	peer_punch(chat_peer(n, 0), &nobody, NULL, n->now_us);
	CU_ASSERT_TRUE(chat_sees(n, 0, "punch failed 203.0.113.200:1 after 0.0 s: peer is not logged in", SECOND));
	chat_punch(n, 0, 0);
	CU_ASSERT_TRUE(chat_sees(n, 0, "punch failed 203.0.113.10:5000 after 0.0 s: that is you", SECOND));
	peer_punch(chat_peer(n, 0), &ipv6, NULL, n->now_us);
	CU_ASSERT_TRUE(
	    chat_sees(n, 0, "punch failed [2001:db8::]:9 after 0.0 s: the peer has another address family", SECOND));
	n->fate = chat_second_host_unheard; /* A is heard by B, B never by A */
	chat_punch(n, 0, 1);
	CU_ASSERT_TRUE(chat_sees(n, 0, "punch failed 203.0.113.11:5000 after 1.0 s: no probe arrived", 2 * SECOND));
	CU_ASSERT_TRUE(chat_sees(
	    n, 1, "punch failed 203.0.113.10:5000 after 2.0 s: probes arrived, but our answers never did", 2 * SECOND));
	n->fate = NULL;
	network_kill_server(n);
	chat_punch(n, 0, 1);
	CU_ASSERT_TRUE(
	    chat_sees(n, 0, "punch failed 203.0.113.11:5000 after 1.0 s: the server does not answer", 2 * SECOND));
	chat_end(n);
}

static void what_waits_for_a_login_shares_its_end(void)
{
	struct network *n = network_new(CHAT_LATENCY);

	network_start(n, 0, chat_open, CHAT_PUNCH_TIMEOUT, CHAT_KEEPALIVE);
	network_start(n, 1, chat_open, CHAT_PUNCH_TIMEOUT, CHAT_KEEPALIVE);
	chat_login(n, 1);
	network_run(n, SECOND);
	chat_login(n, 0);
	peer_list(chat_peer(n, 0), "", n->now_us);
	chat_punch(n, 0, 1);
	chat_say(n, 0, 1, "all at once");
	CU_ASSERT_FALSE(peer_is_idle(chat_peer(n, 0)));
	CU_ASSERT_TRUE(chat_sees(n, 0, "delivered 203.0.113.11:5000: all at once", SECOND));
	CU_ASSERT_TRUE(chat_sees(n, 0, "2 peers", SECOND));
	CU_ASSERT_TRUE(peer_is_idle(chat_peer(n, 0)));
	network_kill_server(n);
	network_start(n, 2, chat_open, CHAT_PUNCH_TIMEOUT, CHAT_KEEPALIVE);
	chat_login(n, 2);
	peer_list(chat_peer(n, 2), "", n->now_us);
	peer_list(chat_peer(n, 2), "", n->now_us);
	chat_punch(n, 2, 1);
	chat_say(n, 2, 1, "x");
	CU_ASSERT_TRUE(chat_sees(n, 2, "login failed 203.0.113.1:5000: no answer in 10.0 s", 11 * SECOND));
	CU_ASSERT_EQUAL(network_count(n, 2, "list failed: not logged in"), 2);
	CU_ASSERT_EQUAL(network_count(n, 2, "punch failed 203.0.113.11:5000 after 0.0 s: not logged in"), 1);
	CU_ASSERT_EQUAL(network_count(n, 2, "not delivered 203.0.113.11:5000 (punch failed): x"), 1);
	CU_ASSERT_TRUE(peer_is_idle(chat_peer(n, 2)));
	chat_end(n);
}

static enum fate no_search_arrives(struct network *n, const struct flight *f)
{
	(void)n;
	return f->bytes[5] == WIRE_FIND ? LOST : ARRIVES;
}

/* Its time begins when the login is done. */
static void a_search_that_waited_for_a_login_ends(void)
{
	struct network *n = network_new(CHAT_LATENCY);
	uint8_t bob[NAME_SIZE];
	struct endpoint who;
	enum reason reason = REASON_NONE;

	name_pad("bob", bob);
	network_start(n, 0, chat_open, CHAT_PUNCH_TIMEOUT, CHAT_KEEPALIVE);
	n->fate = no_search_arrives;
	chat_login(n, 0);
	CU_ASSERT_FALSE(peer_find(chat_peer(n, 0), bob, &who, &reason, n->now_us));
	network_run(n, 9 * SECOND);
	CU_ASSERT_TRUE(peer_is_finding(chat_peer(n, 0)));
	network_run(n, 2 * SECOND);
	CU_ASSERT_FALSE(peer_is_finding(chat_peer(n, 0)));
	CU_ASSERT_TRUE(peer_find(chat_peer(n, 0), bob, &who, &reason, n->now_us));
	CU_ASSERT_EQUAL(reason, REASON_NO_ANSWER);
	chat_end(n);
}

/* An answer to an older probe than one that was answered, on another way, came late: the peer may have begun anew. */
static void an_older_answer_tells_no_keys(void)
{
	struct network *n = chat_punched_pair(chat_open, chat_open);
	struct path *path = &chat_peer(n, 0)->paths.list[0];
	struct wire_message m = { .type = WIRE_REPLY, .who = network_address(n, 0), .ephemeral = { 9 } };
	uint8_t bytes[WIRE_MAX_DATAGRAM], theirs[WIRE_EPHEMERAL_SIZE];
	struct endpoint from = network_address(n, 1);
	size_t len;

	memcpy(theirs, path->theirs, sizeof theirs);
	memcpy(m.token, path->token, sizeof m.token);
	memcpy(m.to, path->mine, sizeof m.to);
	m.serial = path->via->last_serial;
	path->last_answered = m.serial + 1;
	len = wire_encode(&m, bytes, sizeof bytes);
	seal_stamp(path->key, bytes, len);
	path->via->answered = 0;
	peer_receive(chat_peer(n, 0), 0, &from, bytes, len, n->now_us);
	CU_ASSERT_EQUAL(path->via->answered, m.serial); /* it was heard */
	CU_ASSERT_EQUAL(memcmp(path->theirs, theirs, sizeof theirs), 0);
	path->via->answered = 0;
	path->last_answered = m.serial - 1;
	peer_receive(chat_peer(n, 0), 0, &from, bytes, len, n->now_us);
	CU_ASSERT_NOT_EQUAL(memcmp(path->theirs, theirs, sizeof theirs), 0);
	chat_end(n);
}

/* A path outlives a login; whoever leaves says goodbye on it. */
static void who_has_a_path_is_in(void)
{
	struct network *n = chat_punched_pair(chat_open, chat_open);
	struct peer *p = chat_peer(n, 0);

	CU_ASSERT_TRUE(peer_is_in(p));
	p->login.state = LOGIN_OUT;
	CU_ASSERT_TRUE(peer_is_in(p));
	p->paths.list[0].state = PATH_CLOSING;
	CU_ASSERT_TRUE(peer_is_in(p));
	p->paths.list[0].state = PATH_DOWN;
	CU_ASSERT_FALSE(peer_is_in(p));
	chat_end(n);
}

/* It gives way to nobody from then on. */
static void who_punches_an_open_path_wants_it(void)
{
	struct network *n = chat_punched_pair(chat_open, chat_open);
	const struct path *path = &chat_peer(n, 1)->paths.list[0];

	CU_ASSERT_FALSE(path->wanted); /* the other side has asked for it */
	chat_punch(n, 1, 0);
	CU_ASSERT_TRUE(path->wanted);
	CU_ASSERT_TRUE(chat_sees(n, 1, "punched 203.0.113.10:5000", 0));
	chat_end(n);
}

static void what_was_too_much_is_told_at_the_end(void)
{
	struct network *n = chat_punched_pair(chat_open, chat_open);

	chat_peer(n, 0)->paths.list[0].too_much = 3;
	chat_peer(n, 0)->paths.list[0].told_next_us = UINT64_MAX; /* long after the end */
	peer_logout(chat_peer(n, 0), n->now_us);
	CU_ASSERT_TRUE(chat_sees(n, 0, "too fast 203.0.113.11:5000: 3 dropped", SECOND));
	chat_end(n);
}

/* Of what comes by way of the server offers alone are looked at. */
static void who_takes_no_relay_hears_nothing_by_it(void)
{
	struct network *n = chat_punched_pair(chat_open, chat_open);
	struct peer *p = chat_peer(n, 0);
	struct wire_message probe = { .type = WIRE_PROBE, .serial = 1 };
	uint8_t inner[WIRE_MAX_DATAGRAM], bytes[WIRE_MAX_DATAGRAM];
	struct wire_message m = { .type = WIRE_RELAYED, .who = network_address(n, 1), .data = inner };
	uint64_t before = p->fx.drops.count[DROP_NOT_FOR_US];
	size_t len;

	m.data_len = wire_encode(&probe, inner, sizeof inner);
	memcpy(m.session, p->login.session, sizeof m.session);
	len = wire_encode(&m, bytes, sizeof bytes);
	p->means.strategies = STRATEGY_AUTO;
	peer_receive(p, 0, &n->server_at, bytes, len, n->now_us);
	CU_ASSERT_EQUAL(p->fx.drops.count[DROP_NOT_FOR_US], before);
	p->means.strategies = STRATEGY_BASIC;
	peer_receive(p, 0, &n->server_at, bytes, len, n->now_us);
	CU_ASSERT_EQUAL(p->fx.drops.count[DROP_NOT_FOR_US], before + 1);
	chat_end(n);
}

static void logging_out_tells_everybody(void)
{
	for (unsigned lost = 0; lost < 6; lost++) {
		struct network *n = chat_punched_pair(chat_port_restricted, chat_full_cone);
		uint64_t before;

		network_run(n, SECOND);
		n->fate = fate_of_the_chosen;
		n->chosen = n->sent + lost;
		n->chosen_fate = LOST;
		before = n->now_us;
		peer_logout(chat_peer(n, 0), n->now_us);
		CU_ASSERT_TRUE(peer_is_leaving(chat_peer(n, 0)));
		CU_ASSERT_TRUE(chat_sees(n, 0, "logged out", 2 * SECOND));
		CU_ASSERT_TRUE(chat_sees(n, 1, "path lost 203.0.113.10:5000: peer left", 2 * SECOND));
		while (peer_is_leaving(chat_peer(n, 0)) && n->now_us < before + 2 * SECOND)
			network_run(n, 10 * MS);
		CU_ASSERT_TRUE(n->now_us - before <= SECOND);
		CU_ASSERT_FALSE(peer_is_in(chat_peer(n, 0)));
		CU_ASSERT_EQUAL(roster_count(&n->server.roster), 1);
		network_run(n, 2 * SECOND);
		CU_ASSERT_EQUAL(network_count(n, 1, "path lost"), 1);
		CU_ASSERT_EQUAL(network_count(n, 0, "path lost"), 0);
		chat_end(n);
	}
}

static void a_new_login_after_a_logout_works(void)
{
	struct network *n = chat_punched_pair(chat_port_restricted, chat_port_restricted);

	peer_logout(chat_peer(n, 0), n->now_us);
	CU_ASSERT_TRUE(chat_sees(n, 0, "logged out", SECOND));
	chat_login(n, 0);
	network_run(n, SECOND);
	CU_ASSERT_EQUAL(network_count(n, 0, "logged in as"), 2);
	chat_punch(n, 0, 1);
	network_run(n, SECOND);
	CU_ASSERT_EQUAL(network_count(n, 0, "punched"), 2);
	CU_ASSERT_EQUAL(network_count(n, 1, "punched"), 2);
	chat_say(n, 0, 1, "again");
	CU_ASSERT_TRUE(chat_sees(n, 1, "from 203.0.113.10:5000: again", SECOND));
	chat_end(n);
}

static void a_restarted_server_is_noticed(void)
{
	struct network *n = chat_punched_pair(chat_port_restricted, chat_port_restricted);

	network_start_server(n);
	peer_list(chat_peer(n, 0), "", n->now_us);
	CU_ASSERT_TRUE(chat_sees(n, 0, "server lost 203.0.113.1:5000: it does not know us any more", SECOND));
	CU_ASSERT_TRUE(chat_sees(n, 0, "1 peer", SECOND)); /* the list is not lost with it */
	CU_ASSERT_EQUAL(network_count(n, 0, "logged in as 203.0.113.10:5000"), 2);
	CU_ASSERT_TRUE(chat_sees(n, 1, "server lost 203.0.113.1:5000: it does not know us any more", 16 * SECOND));
	network_run(n, SECOND);
	CU_ASSERT_EQUAL(network_count(n, 1, "logged in as 203.0.113.11:5000"), 2);
	CU_ASSERT_EQUAL(network_count(n, 0, "path") + network_count(n, 1, "path"), 0);
	chat_say(n, 1, 0, "open all the time");
	CU_ASSERT_TRUE(chat_sees(n, 0, "from 203.0.113.11:5000: open all the time", SECOND));
	chat_end(n);
}

static void a_stopping_server_says_so(void)
{
	struct network *n = chat_punched_pair(chat_port_restricted, chat_port_restricted);

	rendezvous_stop(&n->server);
	network_carry_out(n);
	network_kill_server(n);
	CU_ASSERT_TRUE(chat_sees(n, 0, "server lost 203.0.113.1:5000: it is stopping", SECOND));
	CU_ASSERT_TRUE(chat_sees(n, 1, "server lost 203.0.113.1:5000: it is stopping", SECOND));
	network_run(n, 100 * SECOND);
	CU_ASSERT_EQUAL(network_count(n, 0, "login failed"), 0); /* it goes on trying */
	CU_ASSERT_TRUE(peer_is_idle(chat_peer(n, 0)));           /* but nobody waits for it */
	CU_ASSERT_EQUAL(network_count(n, 0, "path"), 0);
	network_start_server(n);
	network_run(n, 3 * SECOND);
	CU_ASSERT_EQUAL(network_count(n, 0, "logged in as"), 2);
	chat_end(n);
}

static void a_dead_server_is_noticed(void)
{
	struct network *n = chat_punched_pair(chat_port_restricted, chat_port_restricted);

	network_kill_server(n);
	CU_ASSERT_TRUE(chat_sees(n, 0, "server lost 203.0.113.1:5000: 3 keepalives unanswered", 61 * SECOND));
	CU_ASSERT_EQUAL(network_count(n, 0, "path"), 0);
	chat_end(n);
}

static void only_who_was_logged_in_is_logged_out(void)
{
	struct network *n = network_new(CHAT_LATENCY);

	network_start(n, 0, chat_open, CHAT_PUNCH_TIMEOUT, CHAT_KEEPALIVE);
	network_kill_server(n);
	chat_login(n, 0);
	network_run(n, SECOND);
	peer_logout(chat_peer(n, 0), n->now_us);
	network_run(n, 2 * SECOND);
	CU_ASSERT_EQUAL(n->hosts[0].log_len, 0);
	CU_ASSERT_FALSE(peer_is_in(chat_peer(n, 0)) || peer_is_leaving(chat_peer(n, 0)));
	network_start_server(n);
	chat_login(n, 0);
	network_run(n, SECOND);
	network_kill_server(n);
	CU_ASSERT_TRUE(chat_sees(n, 0, "server lost", 70 * SECOND));
	peer_logout(chat_peer(n, 0), n->now_us); /* logging in by itself: the user has seen no end of the login yet */
	network_run(n, SECOND);
	CU_ASSERT_EQUAL(network_count(n, 0, "logged out"), 1);
	chat_end(n);
}

/* What fails counts as the user's failure only if the user typed it. */
static void only_what_was_typed_can_fail(void)
{
	struct network *n = chat_pair(chat_port_restricted, chat_symmetric);

	chat_punch(n, 0, 1);
	network_run(n, 11 * SECOND);
	CU_ASSERT_EQUAL(network_count(n, 0, "punch failed") + network_count(n, 1, "punch failed"), 2);
	CU_ASSERT_EQUAL(n->hosts[0].failures, 1);
	CU_ASSERT_EQUAL(n->hosts[1].failures, 0);
	chat_punch(n, 0, 1);
	network_run(n, SECOND);
	chat_punch(n, 1, 0); /* now both want it */
	network_run(n, 12 * SECOND);
	CU_ASSERT_EQUAL(n->hosts[0].failures, 2);
	CU_ASSERT_EQUAL(n->hosts[1].failures, 1);
	chat_punch(n, 0, 0);
	network_run(n, SECOND);
	CU_ASSERT_EQUAL(n->hosts[0].failures, 3);
	chat_end(n);
	n = chat_punched_pair(chat_port_restricted, chat_port_restricted);
	n->hosts[1].up = false;
	CU_ASSERT_TRUE(chat_sees(n, 0, "punch failed 203.0.113.11:5000 after", 99 * SECOND)); /* the automatic one */
	CU_ASSERT_EQUAL(n->hosts[0].failures, 0);
	chat_punch(n, 0, 1);
	network_run(n, 11 * SECOND);
	CU_ASSERT_EQUAL(network_count(n, 0, "punch failed"), 2);
	CU_ASSERT_EQUAL(n->hosts[0].failures, 1);
	chat_end(n);
}

static bool status_of_host_1_is(struct network *n, const char *state)
{
	char line[96];

	n->hosts[0].log_len = 0;
	n->hosts[0].log[0] = '\0';
	snprintf(line, sizeof line, "status 203.0.113.11:5000: %s", state);
	peer_status(chat_peer(n, 0), n->now_us);
	network_carry_out(n);
	return network_count(n, 0, line) == 1;
}

static void a_status_tells_how_each_path_is(void)
{
	struct network *n = chat_pair(chat_port_restricted, chat_symmetric);

	network_kill_server(n);
	chat_punch(n, 0, 1);
	CU_ASSERT_TRUE(status_of_host_1_is(n, "asking the server"));
	network_start_server(n);
	chat_end(n);
	n = chat_pair(chat_port_restricted, chat_symmetric);
	chat_punch(n, 0, 1);
	network_run(n, SECOND);
	CU_ASSERT_TRUE(status_of_host_1_is(n, "punching"));
	chat_end(n);
	n = chat_punched_pair(chat_open, chat_open);
	network_run(n, SECOND);
	CU_ASSERT_TRUE(status_of_host_1_is(n, "open, server-reflexive via "));
	n->hosts[1].up = false;
	network_run(n, CHAT_KEEPALIVE); /* one is without an answer, which may come yet */
	CU_ASSERT_TRUE(status_of_host_1_is(n, "open, server-reflexive via "));
	network_run(n, CHAT_KEEPALIVE);
	CU_ASSERT_TRUE(status_of_host_1_is(n, "open, but silent, server-reflexive via "));
	peer_logout(chat_peer(n, 0), n->now_us);
	CU_ASSERT_TRUE(status_of_host_1_is(n, "leaving"));
	network_run(n, 2 * SECOND);
	CU_ASSERT_FALSE(status_of_host_1_is(n, ""));
	CU_ASSERT_EQUAL(network_count(n, 0, "status 203.0.113.1:5000: not logged in"), 1);
	chat_end(n);
}

static void leaving_a_dead_server_takes_a_second(void)
{
	struct network *n = chat_pair(chat_open, chat_open);

	network_kill_server(n);
	peer_logout(chat_peer(n, 0), n->now_us);
	network_carry_out(n);
	CU_ASSERT_TRUE(chat_sees(n, 0, "logged out", 1100 * MS));
	chat_end(n);
}

static void a_full_server_is_told_of_or_tried_again(void)
{
	struct network *n = chat_pair(chat_open, chat_open);
	uint8_t secret[RENDEZVOUS_SECRET_SIZE] = { 9 };

	memset(&n->server, 0, sizeof n->server);
	memset(n->memory, 0, roster_memory_size(1));
	rendezvous_init(&n->server, n->memory, 1, 60 * SECOND, secret); /* started again, with room for one */
	network_run(n, 40 * SECOND);
	CU_ASSERT_EQUAL(network_count(n, 0, "logged in") + network_count(n, 1, "logged in"), 3);
	CU_ASSERT_EQUAL(network_count(n, 0, "login failed") + network_count(n, 1, "login failed"),
	                0); /* it goes on trying */
	network_start(n, 2, chat_open, CHAT_PUNCH_TIMEOUT, CHAT_KEEPALIVE);
	chat_login(n, 2);
	CU_ASSERT_TRUE(chat_sees(n, 2, "login failed 203.0.113.1:5000: the server is full", SECOND));
	network_start_server(n);
	network_run(n, 40 * SECOND);
	CU_ASSERT_EQUAL(network_count(n, 0, "logged in") + network_count(n, 1, "logged in"), 3 + 2);
	chat_end(n);
}

/* Both ends show the same code, eight groups of five digits; that of another pair is another. */
static void codes_can_be_compared(void)
{
	struct network *n = chat_punched_pair(chat_open, chat_open);
	char first[CARD_CODE_SIZE] = "", second[CARD_CODE_SIZE] = "", other[CARD_CODE_SIZE] = "";
	struct endpoint a = network_address(n, 0), b = network_address(n, 1), c;

	network_start(n, 2, chat_open, CHAT_PUNCH_TIMEOUT, CHAT_KEEPALIVE);
	chat_login(n, 2);
	CU_ASSERT_TRUE(chat_sees(n, 2, "logged in as", SECOND));
	c = network_address(n, 2);
	CU_ASSERT_FALSE(peer_verify(chat_peer(n, 0), &c));
	chat_punch(n, 0, 2);
	CU_ASSERT_TRUE(chat_sees(n, 0, "punched 203.0.113.12:5000", SECOND));
	CU_ASSERT_TRUE(peer_verify(chat_peer(n, 0), &b) && peer_verify(chat_peer(n, 1), &a));
	CU_ASSERT_TRUE(peer_verify(chat_peer(n, 0), &c));
	network_carry_out(n);
	CU_ASSERT_EQUAL(sscanf(strstr(n->hosts[0].log, "code of 203.0.113.11"), "code of %*s %47[0-9 ]", first), 1);
	CU_ASSERT_EQUAL(sscanf(strstr(n->hosts[1].log, "code of 203.0.113.10"), "code of %*s %47[0-9 ]", second), 1);
	CU_ASSERT_EQUAL(sscanf(strstr(n->hosts[0].log, "code of 203.0.113.12"), "code of %*s %47[0-9 ]", other), 1);
	CU_ASSERT_EQUAL(strlen(first), CARD_CODE_SIZE - 1);
	CU_ASSERT_STRING_EQUAL(first, second);
	CU_ASSERT_STRING_NOT_EQUAL(first, other);
	chat_end(n);
}

SUITE(peer, TEST(codes_can_be_compared), TEST(the_classic_table_holds), TEST(no_single_mishap_is_noticed),
      TEST(a_bad_network_is_survived), TEST(failures_tell_what_is_known), TEST(what_waits_for_a_login_shares_its_end),
      TEST(who_has_a_path_is_in), TEST(an_older_answer_tells_no_keys), TEST(a_search_that_waited_for_a_login_ends),
      TEST(what_was_too_much_is_told_at_the_end), TEST(who_takes_no_relay_hears_nothing_by_it),
      TEST(who_punches_an_open_path_wants_it), TEST(logging_out_tells_everybody),
      TEST(a_new_login_after_a_logout_works), TEST(a_restarted_server_is_noticed), TEST(a_stopping_server_says_so),
      TEST(a_dead_server_is_noticed), TEST(only_who_was_logged_in_is_logged_out), TEST(only_what_was_typed_can_fail),
      TEST(a_status_tells_how_each_path_is), TEST(leaving_a_dead_server_takes_a_second),
      TEST(a_full_server_is_told_of_or_tried_again))
