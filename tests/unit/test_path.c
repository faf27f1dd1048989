/* The path to one peer, from its first probe to its end: on a virtual clock, through NATs that forget. */
#include "chat.h"
#include "chat/seal.h"
#include "suite.h"

#include <string.h>

static void a_real_source_is_learned_and_told(void)
{
	struct network *n = chat_punched_pair(chat_full_cone, chat_symmetric);

	/* two trips from its first probe that arrived: it is probed back at once, not at the sequence's next turn */
	CU_ASSERT_EQUAL(network_count(n, 0, "punched 203.0.113.11:5000 via 203.0.113.11:5001 in 50 ms, 3 probes"), 1);
	CU_ASSERT_EQUAL(network_count(n, 1, "punched 203.0.113.10:5000 via 203.0.113.10:5000 in"), 1);
	chat_end(n);
}

static void both_at_once_get_one_path(void)
{
	for (uint64_t apart = 0; apart <= 40 * MS; apart += 5 * MS) {
		struct network *n = chat_pair(chat_port_restricted, chat_port_restricted);

		chat_punch(n, 0, 1);
		network_run(n, apart);
		chat_punch(n, 1, 0);
		CU_ASSERT_TRUE(chat_sees(n, 0, "punched 203.0.113.11:5000 via 203.0.113.11:5000 in", SECOND));
		CU_ASSERT_TRUE(chat_sees(n, 1, "punched 203.0.113.10:5000 via 203.0.113.10:5000 in", SECOND));
		network_run(n, 12 * SECOND);
		CU_ASSERT_TRUE(network_count(n, 0, "punched") == 1);
		CU_ASSERT_TRUE(network_count(n, 1, "punched") <= 2); /* the second asked when it was open already */
		CU_ASSERT_EQUAL(network_count(n, 0, "punch failed") + network_count(n, 1, "punch failed"), 0);
		CU_ASSERT_EQUAL(network_count(n, 0, "path") + network_count(n, 1, "path"), 0);
		chat_end(n);
	}
}

static void a_punch_of_an_open_path_is_answered_at_once(void)
{
	struct network *n = chat_punched_pair(chat_full_cone, chat_symmetric);
	unsigned sent;

	network_run(n, SECOND);
	sent = n->sent;
	chat_punch(n, 0, 1);
	CU_ASSERT_EQUAL(n->sent, sent);
	CU_ASSERT_EQUAL(network_count(n, 0, "punched 203.0.113.11:5000 via 203.0.113.11:5001 in 0 ms, 0 probes"), 1);
	chat_end(n);
}

static void a_late_start_opens_all_the_same(void)
{
	struct network *n = chat_pair(chat_port_restricted, chat_port_restricted);

	n->fate = chat_second_host_unheard; /* 300 ms as if the second one had not started */
	chat_punch(n, 0, 1);
	network_run(n, 300 * MS);
	n->fate = NULL;
	CU_ASSERT_TRUE(chat_sees(n, 0, "punched 203.0.113.11:5000 via", 700 * MS));
	CU_ASSERT_TRUE(chat_sees(n, 1, "punched 203.0.113.10:5000 via", 700 * MS));
	chat_end(n);
}

static void a_peer_that_logs_out_ends_the_punch(void)
{
	struct network *n = chat_pair(chat_port_restricted, chat_symmetric);

	chat_punch(n, 0, 1);
	network_run(n, 600 * MS);
	peer_logout(chat_peer(n, 1), n->now_us);
	CU_ASSERT_TRUE(chat_sees(n, 1, "logged out", SECOND));
	CU_ASSERT_TRUE(chat_sees(n, 0, "punch failed 203.0.113.11:5000 after", 3 * SECOND));
	CU_ASSERT_NOT_EQUAL(strstr(n->hosts[0].log, "peer logged out"), NULL);
	chat_end(n);
}

static enum fate answers_are_lost(struct network *n, const struct flight *f)
{
	(void)n;
	return f->bytes[5] == WIRE_REPLY ? LOST : ARRIVES;
}

/* Each has heard the other, which is no open path; but a goodbye finds its way. */
static void who_leaves_says_so_where_it_heard_the_peer(void)
{
	struct network *n = chat_pair(chat_port_restricted, chat_port_restricted);

	n->fate = answers_are_lost;
	chat_punch(n, 0, 1);
	network_run(n, SECOND);
	CU_ASSERT_EQUAL(network_count(n, 0, "punched"), 0);
	peer_logout(chat_peer(n, 1), n->now_us);
	CU_ASSERT_TRUE(chat_sees(n, 0, "punch failed 203.0.113.11:5000 after 1.0 s: peer left", 100 * MS));
	CU_ASSERT_TRUE(chat_sees(n, 1, "logged out", 100 * MS));
	network_run(n, 100 * MS);
	CU_ASSERT_FALSE(peer_is_leaving(chat_peer(n, 1))); /* the answer to the goodbye has come */
	chat_end(n);
}

static void a_peer_that_vanishes_is_noticed(void)
{
	struct network *n = chat_punched_pair(chat_port_restricted, chat_port_restricted);
	uint64_t before = n->now_us;

	n->hosts[1].up = false;
	CU_ASSERT_TRUE(chat_sees(n, 0, "path lost 203.0.113.11:5000: 3 keepalives unanswered", 70 * SECOND));
	CU_ASSERT_TRUE(n->now_us - before >= 45 * SECOND);
	CU_ASSERT_TRUE(chat_sees(n, 0, "punch failed 203.0.113.11:5000 after", 30 * SECOND));
	network_run(n, 60 * SECOND);
	CU_ASSERT_EQUAL(network_count(n, 0, "punch failed"), 1); /* once more, and no more */
	CU_ASSERT_EQUAL(roster_count(&n->server.roster), 1);     /* the server has forgotten it too */
	chat_punch(n, 0, 1);
	CU_ASSERT_TRUE(chat_sees(n, 0, "punch failed 203.0.113.11:5000 after 0.0 s: peer is not logged in", SECOND));
	chat_end(n);
}

/* Both lose the path and the server, and find both again by themselves, if the outage ends in time for the new punch.
 */
static void an_outage_is_survived(void)
{
	for (uint64_t wait = 0; wait < 15 * SECOND; wait += 1250 * MS) {
		struct network *n = chat_punched_pair(chat_port_restricted, chat_port_restricted);

		network_run(n, wait);
		n->fate = chat_nothing_arrives;
		CU_ASSERT_TRUE(chat_sees(n, 0, "path lost 203.0.113.11:5000: 3 keepalives unanswered", 70 * SECOND));
		network_run(n, 100 * MS);
		n->fate = NULL;
		network_run(n, 20 * SECOND);
		CU_ASSERT_EQUAL(network_count(n, 0, "punched"), 2);
		CU_ASSERT_EQUAL(network_count(n, 0, "punch failed") + network_count(n, 1, "punch failed"), 0);
		chat_say(n, 1, 0, "back");
		CU_ASSERT_TRUE(chat_sees(n, 0, "from 203.0.113.11:5000: back", SECOND));
		chat_end(n);
	}
}

static void an_idle_path_stays(void)
{
	struct network *n = chat_punched_pair(chat_port_restricted, chat_full_cone);

	network_run(n, 600 * SECOND);
	CU_ASSERT_EQUAL(network_count(n, 0, "path") + network_count(n, 1, "path"), 0);
	CU_ASSERT_EQUAL(network_count(n, 0, "server lost") + network_count(n, 1, "server lost"), 0);
	chat_say(n, 1, 0, "still here");
	CU_ASSERT_TRUE(chat_sees(n, 0, "from 203.0.113.11:5000: still here", SECOND));
	CU_ASSERT_TRUE(n->sent < 600); /* 2 peers, a ping and a probe each 15 s, with their answers: 40 rounds of 8 */
	chat_end(n);
}

/* conntrack -F: what comes in is shut out until the inside sends, and a symmetric NAT then gives another port. */
static void reboot_nat(struct network *n, unsigned i)
{
	n->hosts[i].flow_count = 0;
	if (n->hosts[i].nat.mapping == MAP_ENDPOINT_INDEPENDENT)
		n->hosts[i].next_port = 5000;
}

static void a_rebooted_nat_is_survived(void)
{
	struct network *n = chat_punched_pair(chat_full_cone, chat_symmetric);

	network_run(n, 20 * SECOND);
	reboot_nat(n, 1);
	network_run(n, 60 * SECOND);
	CU_ASSERT_EQUAL(network_count(n, 0, "path moved 203.0.113.11:5000 via 203.0.113.11:"), 1);
	CU_ASSERT_EQUAL(network_count(n, 0, "path lost") + network_count(n, 1, "path lost"), 0);
	chat_say(n, 0, 1, "found you");
	CU_ASSERT_TRUE(chat_sees(n, 1, "from 203.0.113.10:5000: found you", SECOND));
	chat_end(n);
	n = chat_punched_pair(chat_port_restricted, chat_port_restricted);
	reboot_nat(n, 0);
	network_run(n, 60 * SECOND);
	CU_ASSERT_EQUAL(network_count(n, 0, "path") + network_count(n, 1, "path"), 0);
	chat_end(n);
}

/* One side has lost the path, the other has not: the new punch opens it, and texts go on. */
static void a_restarted_client_is_found_again(void)
{
	struct network *n = chat_punched_pair(chat_full_cone, chat_port_restricted);
	size_t at = 0;

	chat_say(n, 1, 0, "before");
	CU_ASSERT_TRUE(chat_sees(n, 0, "from 203.0.113.11:5000: before", SECOND));
	/* killed and started again on the same port */
	network_start(n, 1, chat_port_restricted, CHAT_PUNCH_TIMEOUT, CHAT_KEEPALIVE);
	chat_login(n, 1);
	network_run(n, SECOND);
	at = n->hosts[0].log_len;
	chat_punch(n, 1, 0);
	CU_ASSERT_TRUE(network_await(n, 0, &at, "path lost 203.0.113.11:5000: peer logged in anew", SECOND));
	CU_ASSERT_TRUE(network_await(n, 0, &at, "peer 203.0.113.11:5000 asks to punch", 0));
	CU_ASSERT_TRUE(network_await(n, 0, &at, "punched 203.0.113.11:5000 via", SECOND));
	chat_say(n, 1, 0, "after");
	chat_say(n, 0, 1, "hello again");
	CU_ASSERT_TRUE(network_await(n, 0, &at, "from 203.0.113.11:5000: after", SECOND));
	CU_ASSERT_TRUE(chat_sees(n, 1, "from 203.0.113.10:5000: hello again", SECOND));
	chat_end(n);
}

/* The asker gave up early; its second try must not wait for the other side's slow probes of the first. */
static void a_second_try_is_as_quick_as_the_first(void)
{
	struct network *n = network_new(CHAT_LATENCY);

	network_start(n, 0, chat_port_restricted, SECOND, CHAT_KEEPALIVE);
	network_start(n, 1, chat_port_restricted, CHAT_PUNCH_TIMEOUT, CHAT_KEEPALIVE);
	chat_login(n, 0);
	chat_login(n, 1);
	network_run(n, SECOND);
	n->fate = chat_second_host_unheard;
	chat_punch(n, 0, 1);
	CU_ASSERT_TRUE(chat_sees(n, 0, "punch failed", 2 * SECOND));
	network_run(n, 3 * SECOND);
	n->fate = NULL;
	chat_punch(n, 0, 1);
	CU_ASSERT_TRUE(chat_sees(n, 0, "punched 203.0.113.11:5000 via", 100 * MS));
	CU_ASSERT_TRUE(chat_sees(n, 1, "punched 203.0.113.10:5000 via", 100 * MS));
	chat_end(n);
}

/* Every reboot gives the peer another port, more often than there are places for candidates. */
static void a_path_moves_as_often_as_its_peer(void)
{
	struct network *n = chat_punched_pair(chat_full_cone, chat_symmetric);

	for (unsigned i = 1; i <= 3 * CANDIDATES_MAX; i++) {
		network_run(n, 20 * SECOND);
		reboot_nat(n, 1);
		network_run(n, 40 * SECOND);
		CU_ASSERT_EQUAL(network_count(n, 0, "path moved 203.0.113.11:5000 via 203.0.113.11:"), i);
	}
	CU_ASSERT_EQUAL(network_count(n, 0, "path lost") + network_count(n, 1, "path lost"), 0);
	CU_ASSERT_EQUAL(n->hosts[0].peer.fx.drops.count[DROP_FULL], 0);
	chat_say(n, 0, 1, "wherever you are");
	CU_ASSERT_TRUE(chat_sees(n, 1, "from 203.0.113.10:5000: wherever you are", SECOND));
	chat_end(n);
}

/* A goodbye with the right mac, as host 1 sends it to host 0, but for the nonce it is addressed to. */
static void say_goodbye(struct network *n, uint8_t wrong_bit)
{
	const struct path *path = &n->hosts[1].peer.paths.list[0];
	struct endpoint a = network_address(n, 0), b = network_address(n, 1);
	struct wire_message m = { .type = WIRE_BYE };
	uint8_t bytes[WIRE_MAX_DATAGRAM];
	size_t len;

	memcpy(m.token, path->token, sizeof m.token);
	memcpy(m.from, path->mine, sizeof m.from);
	memcpy(m.to, path->theirs, sizeof m.to);
	m.to[0] ^= wrong_bit;
	len = wire_encode(&m, bytes, sizeof bytes);
	seal_stamp(path->key, bytes, len);
	network_inject(n, &b, &a, bytes, len);
	network_run(n, 1);
}

/* One that was recorded in an earlier life of the path is addressed to the nonce of that life. */
static void a_goodbye_is_for_one_life(void)
{
	struct network *n = chat_punched_pair(chat_open, chat_open);

	say_goodbye(n, 1);
	CU_ASSERT_EQUAL(network_count(n, 0, "path lost"), 0);
	CU_ASSERT_EQUAL(n->hosts[0].peer.fx.drops.count[DROP_LATE], 1);
	say_goodbye(n, 0);
	CU_ASSERT_EQUAL(network_count(n, 0, "path lost 203.0.113.11:5000: peer left"), 1);
	chat_end(n);
}

static unsigned probes_of_host_0;

static void count_probes_of_host_0(struct network *n, const struct flight *f)
{
	struct endpoint a = network_address(n, 0);

	probes_of_host_0 += f->bytes[5] == WIRE_PROBE && endpoint_equal(&f->from, &a);
}

/* Whoever opens first goes on a moment: the other may still need a probe, and its own may all have been lost. */
static void who_opens_first_does_not_fall_silent(void)
{
	struct network *n = chat_pair(chat_open, chat_open);

	chat_punch(n, 0, 1);
	CU_ASSERT_TRUE(chat_sees(n, 0, "punched", SECOND));
	probes_of_host_0 = 0;
	n->watch = count_probes_of_host_0;
	network_run(n, SECOND);
	CU_ASSERT_EQUAL(probes_of_host_0, 3);
	chat_end(n);
}

SUITE(path, TEST(a_real_source_is_learned_and_told), TEST(both_at_once_get_one_path),
      TEST(a_punch_of_an_open_path_is_answered_at_once), TEST(a_late_start_opens_all_the_same),
      TEST(a_peer_that_logs_out_ends_the_punch), TEST(who_leaves_says_so_where_it_heard_the_peer),
      TEST(a_peer_that_vanishes_is_noticed), TEST(an_outage_is_survived), TEST(an_idle_path_stays),
      TEST(a_rebooted_nat_is_survived), TEST(a_path_moves_as_often_as_its_peer),
      TEST(a_restarted_client_is_found_again), TEST(a_second_try_is_as_quick_as_the_first),
      TEST(a_goodbye_is_for_one_life), TEST(who_opens_first_does_not_fall_silent))
