/* Clients, the server and NATs together, on a virtual clock: what a user sees must hold whatever the network does. */
#include "network.h"
#include "suite.h"

#include <stdio.h>
#include <string.h>

#define PUNCH_TIMEOUT (10 * SECOND)
#define KEEPALIVE (15 * SECOND)
#define LATENCY (10 * MS)

static const struct nat_kind open_nat = { "open", MAP_NONE, LET_ALL_IN };
static const struct nat_kind port_restricted = { "port-restricted", MAP_ENDPOINT_INDEPENDENT, LET_ADDRESS_AND_PORT_IN };
static const struct nat_kind symmetric = { "symmetric", MAP_ADDRESS_AND_PORT_DEPENDENT, LET_ADDRESS_AND_PORT_IN };
static const struct nat_kind full_cone = { "full-cone", MAP_ENDPOINT_INDEPENDENT, LET_ALL_IN };

static struct peer *peer_of(struct network *n, unsigned i)
{
	return &n->hosts[i].peer;
}

static void login(struct network *n, unsigned i)
{
	peer_login(peer_of(n, i), n->now_us);
	network_carry_out(n);
}

static void punch(struct network *n, unsigned i, unsigned other)
{
	struct endpoint who = network_address(n, other);

	peer_punch(peer_of(n, i), &who, n->now_us);
	network_carry_out(n);
}

static void say(struct network *n, unsigned i, unsigned other, const char *text)
{
	struct endpoint who = network_address(n, other);

	peer_send(peer_of(n, i), &who, (const uint8_t *)text, strlen(text), n->now_us);
	network_carry_out(n);
}

static bool sees(struct network *n, unsigned i, const char *start, uint64_t us)
{
	size_t at = 0;

	return network_await(n, i, &at, start, us);
}

/* Two peers that are logged in. */
static struct network *pair(struct nat_kind a, struct nat_kind b)
{
	struct network *n = network_new(LATENCY);

	network_start(n, 0, a, PUNCH_TIMEOUT, KEEPALIVE);
	network_start(n, 1, b, PUNCH_TIMEOUT, KEEPALIVE);
	login(n, 0);
	login(n, 1);
	CU_ASSERT_TRUE(sees(n, 0, "logged in as 203.0.113.10:5000", SECOND));
	CU_ASSERT_TRUE(sees(n, 1, "logged in as 203.0.113.11:5000", SECOND));
	return n;
}

/* Two peers with a path that is open. */
static struct network *punched_pair(struct nat_kind a, struct nat_kind b)
{
	struct network *n = pair(a, b);

	punch(n, 0, 1);
	CU_ASSERT_TRUE(sees(n, 0, "punched 203.0.113.11:5000 via", SECOND));
	CU_ASSERT_TRUE(sees(n, 1, "punched 203.0.113.10:5000 via", SECOND));
	return n;
}

static void end(struct network *n)
{
	CU_ASSERT_EQUAL(n->misbehaviour, 0);
	network_free(n);
}

static void the_classic_table_holds(void)
{
	for (unsigned a = 0; a < 5; a++) {
		for (unsigned b = 0; b < 5; b++) {
			bool shut = a + b >= 7; /* port-restricted or symmetric, with symmetric */
			struct network *n = pair(classic_nats[a], classic_nats[b]);

			punch(n, 0, 1);
			if (shut) {
				CU_ASSERT_TRUE(sees(n, 0, "punch failed 203.0.113.11:5000 after 10.0 s: no probe arrived", 11 * SECOND));
				CU_ASSERT_TRUE(sees(n, 1, "punch failed 203.0.113.10:5000 after 10.0 s: no probe arrived", SECOND));
				CU_ASSERT_EQUAL(network_count(n, 0, "punched") + network_count(n, 1, "punched"), 0);
			} else {
				CU_ASSERT_TRUE(sees(n, 0, "punched 203.0.113.11:5000 via 203.0.113.11:", SECOND));
				CU_ASSERT_TRUE(sees(n, 1, "punched 203.0.113.10:5000 via 203.0.113.10:", SECOND));
				say(n, 0, 1, "there");
				say(n, 1, 0, "and back");
				CU_ASSERT_TRUE(sees(n, 1, "from 203.0.113.10:5000: there", 100 * MS));
				CU_ASSERT_TRUE(sees(n, 0, "from 203.0.113.11:5000: and back", 100 * MS));
			}
			CU_ASSERT_EQUAL(network_count(n, 1, "peer 203.0.113.10:5000 asks to punch"), 1);
			end(n);
		}
	}
}

static void a_real_source_is_learned_and_told(void)
{
	struct network *n = punched_pair(full_cone, symmetric);

	CU_ASSERT_EQUAL(network_count(n, 0, "punched 203.0.113.11:5000 via 203.0.113.11:5001 in"), 1);
	CU_ASSERT_EQUAL(network_count(n, 1, "punched 203.0.113.10:5000 via 203.0.113.10:5000 in"), 1);
	end(n);
}

/* Everything a chat has: two logins, a list, a punch, a text each way. */
static void a_whole_chat(struct network *n)
{
	network_start(n, 0, port_restricted, PUNCH_TIMEOUT, KEEPALIVE);
	network_start(n, 1, port_restricted, PUNCH_TIMEOUT, KEEPALIVE);
	login(n, 0);
	login(n, 1);
	CU_ASSERT_TRUE(sees(n, 0, "logged in as", 9 * SECOND));
	CU_ASSERT_TRUE(sees(n, 1, "logged in as", 9 * SECOND));
	peer_list(peer_of(n, 0), n->now_us);
	CU_ASSERT_TRUE(sees(n, 0, "2 peers", 9 * SECOND));
	punch(n, 0, 1);
	say(n, 0, 1, "one");
	say(n, 0, 1, "two");
	CU_ASSERT_TRUE(sees(n, 0, "punched 203.0.113.11:5000 via", 9 * SECOND));
	CU_ASSERT_TRUE(sees(n, 1, "punched 203.0.113.10:5000 via", 9 * SECOND));
	say(n, 1, 0, "three");
	CU_ASSERT_TRUE(sees(n, 0, "from 203.0.113.11:5000: three", 9 * SECOND));
	CU_ASSERT_TRUE(sees(n, 0, "delivered 203.0.113.11:5000: two", 9 * SECOND));
	CU_ASSERT_TRUE(sees(n, 1, "delivered 203.0.113.10:5000: three", 9 * SECOND));
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

static void no_single_mishap_is_noticed(void)
{
	static const enum fate fates[] = { LOST, TWICE, LATE_300_MS, LATE_3_S, DAMAGED_BETWEEN_PEERS };
	static const uint64_t latencies[] = { 0, LATENCY, 150 * MS };

	for (size_t l = 0; l < sizeof latencies / sizeof latencies[0]; l++) {
		for (size_t i = 0; i < sizeof fates / sizeof fates[0]; i++) {
			unsigned reached = 0;

			for (unsigned k = 0; k <= reached && k < 80; k++) {
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
			struct network *n = network_new(LATENCY);

			n->fate = fate_by_dice;
			n->dice = seed * 7919;
			n->chosen = 4;
			n->chosen_fate = fates[i];
			a_whole_chat(n);
			network_free(n);
		}
	}
}

static void both_at_once_get_one_path(void)
{
	for (uint64_t apart = 0; apart <= 40 * MS; apart += 5 * MS) {
		struct network *n = pair(port_restricted, port_restricted);

		punch(n, 0, 1);
		network_run(n, apart);
		punch(n, 1, 0);
		CU_ASSERT_TRUE(sees(n, 0, "punched 203.0.113.11:5000 via 203.0.113.11:5000 in", SECOND));
		CU_ASSERT_TRUE(sees(n, 1, "punched 203.0.113.10:5000 via 203.0.113.10:5000 in", SECOND));
		network_run(n, 12 * SECOND);
		CU_ASSERT_TRUE(network_count(n, 0, "punched") == 1);
		CU_ASSERT_TRUE(network_count(n, 1, "punched") <= 2); /* the second asked when it was open already */
		CU_ASSERT_EQUAL(network_count(n, 0, "punch failed") + network_count(n, 1, "punch failed"), 0);
		CU_ASSERT_EQUAL(network_count(n, 0, "path") + network_count(n, 1, "path"), 0);
		end(n);
	}
}

static void a_punch_of_an_open_path_is_answered_at_once(void)
{
	struct network *n = punched_pair(full_cone, symmetric);
	unsigned sent;

	network_run(n, SECOND);
	sent = n->sent;
	punch(n, 0, 1);
	CU_ASSERT_EQUAL(n->sent, sent);
	CU_ASSERT_EQUAL(network_count(n, 0, "punched 203.0.113.11:5000 via 203.0.113.11:5001 in 0 ms, 0 probes"), 1);
	end(n);
}

static enum fate second_host_unheard(struct network *n, const struct flight *f)
{
	struct endpoint second = network_address(n, 1);

	return endpoint_same_address(&f->from, &second) && f->bytes[5] >= WIRE_PROBE ? LOST : ARRIVES;
}

static void a_late_start_opens_all_the_same(void)
{
	struct network *n = pair(port_restricted, port_restricted);

	n->fate = second_host_unheard; /* 300 ms as if the second one had not started */
	punch(n, 0, 1);
	network_run(n, 300 * MS);
	n->fate = NULL;
	CU_ASSERT_TRUE(sees(n, 0, "punched 203.0.113.11:5000 via", 700 * MS));
	CU_ASSERT_TRUE(sees(n, 1, "punched 203.0.113.10:5000 via", 700 * MS));
	end(n);
}

static void failures_tell_what_is_known(void)
{
	struct network *n = network_new(LATENCY);
	struct endpoint nobody = endpoint_ipv4(0xcb0071c8, 1);
	struct endpoint ipv6 = { .family = ENDPOINT_IPV6, .addr = { 0x20, 1, 0xd, 0xb8 }, .port = 9 };

	network_start(n, 0, port_restricted, SECOND, KEEPALIVE);
	network_start(n, 1, port_restricted, 2 * SECOND, KEEPALIVE);
	punch(n, 0, 1);
	CU_ASSERT_TRUE(sees(n, 0, "punch failed 203.0.113.11:5000 after 0.0 s: not logged in", 0));
	peer_list(peer_of(n, 0), n->now_us);
	CU_ASSERT_TRUE(sees(n, 0, "list failed: not logged in", 0));
	say(n, 0, 1, "x");
	CU_ASSERT_TRUE(sees(n, 0, "not delivered 203.0.113.11:5000 (punch failed): x", 0) ||
	               sees(n, 0, "not delivered 203.0.113.11:5000 (no path): x", 0));
	login(n, 0);
	login(n, 1);
	network_run(n, SECOND);
	peer_punch(peer_of(n, 0), &nobody, n->now_us);
	CU_ASSERT_TRUE(sees(n, 0, "punch failed 203.0.113.200:1 after 0.0 s: peer is not logged in", SECOND));
	punch(n, 0, 0);
	CU_ASSERT_TRUE(sees(n, 0, "punch failed 203.0.113.10:5000 after 0.0 s: that is you", SECOND));
	peer_punch(peer_of(n, 0), &ipv6, n->now_us);
	CU_ASSERT_TRUE(sees(n, 0, "punch failed [2001:db8::]:9 after 0.0 s: the peer has another address family", SECOND));
	n->fate = second_host_unheard; /* A is heard by B, B never by A */
	punch(n, 0, 1);
	CU_ASSERT_TRUE(sees(n, 0, "punch failed 203.0.113.11:5000 after 1.0 s: no probe arrived", 2 * SECOND));
	CU_ASSERT_TRUE(sees(n, 1, "punch failed 203.0.113.10:5000 after 2.0 s: probes arrived, but our answers never did",
	                    2 * SECOND));
	n->fate = NULL;
	network_kill_server(n);
	punch(n, 0, 1);
	CU_ASSERT_TRUE(sees(n, 0, "punch failed 203.0.113.11:5000 after 1.0 s: the server does not answer", 2 * SECOND));
	end(n);
}

static void a_peer_that_logs_out_ends_the_punch(void)
{
	struct network *n = pair(port_restricted, symmetric);

	punch(n, 0, 1);
	network_run(n, 600 * MS);
	peer_logout(peer_of(n, 1), n->now_us);
	CU_ASSERT_TRUE(sees(n, 1, "logged out", SECOND));
	CU_ASSERT_TRUE(sees(n, 0, "punch failed 203.0.113.11:5000 after", 3 * SECOND));
	CU_ASSERT_NOT_EQUAL(strstr(n->hosts[0].log, "peer logged out"), NULL);
	end(n);
}

static void what_waits_for_a_login_shares_its_end(void)
{
	struct network *n = network_new(LATENCY);

	network_start(n, 0, open_nat, PUNCH_TIMEOUT, KEEPALIVE);
	network_start(n, 1, open_nat, PUNCH_TIMEOUT, KEEPALIVE);
	login(n, 1);
	network_run(n, SECOND);
	login(n, 0);
	peer_list(peer_of(n, 0), n->now_us);
	punch(n, 0, 1);
	say(n, 0, 1, "all at once");
	CU_ASSERT_FALSE(peer_is_idle(peer_of(n, 0)));
	CU_ASSERT_TRUE(sees(n, 0, "delivered 203.0.113.11:5000: all at once", SECOND));
	CU_ASSERT_TRUE(sees(n, 0, "2 peers", SECOND));
	CU_ASSERT_TRUE(peer_is_idle(peer_of(n, 0)));
	network_kill_server(n);
	network_start(n, 2, open_nat, PUNCH_TIMEOUT, KEEPALIVE);
	login(n, 2);
	peer_list(peer_of(n, 2), n->now_us);
	peer_list(peer_of(n, 2), n->now_us);
	punch(n, 2, 1);
	say(n, 2, 1, "x");
	CU_ASSERT_TRUE(sees(n, 2, "login failed 203.0.113.1:5000: no answer in 10.0 s", 11 * SECOND));
	CU_ASSERT_EQUAL(network_count(n, 2, "list failed: not logged in"), 2);
	CU_ASSERT_EQUAL(network_count(n, 2, "punch failed 203.0.113.11:5000 after 0.0 s: not logged in"), 1);
	CU_ASSERT_EQUAL(network_count(n, 2, "not delivered 203.0.113.11:5000 (punch failed): x"), 1);
	CU_ASSERT_TRUE(peer_is_idle(peer_of(n, 2)));
	end(n);
}

static void logging_out_tells_everybody(void)
{
	for (unsigned lost = 0; lost < 6; lost++) {
		struct network *n = punched_pair(port_restricted, full_cone);
		uint64_t before;

		network_run(n, SECOND);
		n->fate = fate_of_the_chosen;
		n->chosen = n->sent + lost;
		n->chosen_fate = LOST;
		before = n->now_us;
		peer_logout(peer_of(n, 0), n->now_us);
		CU_ASSERT_TRUE(peer_is_leaving(peer_of(n, 0)));
		CU_ASSERT_TRUE(sees(n, 0, "logged out", 2 * SECOND));
		CU_ASSERT_TRUE(sees(n, 1, "path lost 203.0.113.10:5000: peer left", 2 * SECOND));
		while (peer_is_leaving(peer_of(n, 0)) && n->now_us < before + 2 * SECOND)
			network_run(n, 10 * MS);
		CU_ASSERT_TRUE(n->now_us - before <= SECOND);
		CU_ASSERT_FALSE(peer_is_in(peer_of(n, 0)));
		CU_ASSERT_EQUAL(n->server.roster.here.count, 1);
		network_run(n, 2 * SECOND);
		CU_ASSERT_EQUAL(network_count(n, 1, "path lost"), 1);
		CU_ASSERT_EQUAL(network_count(n, 0, "path lost"), 0);
		end(n);
	}
}

static void a_new_login_after_a_logout_works(void)
{
	struct network *n = punched_pair(port_restricted, port_restricted);

	peer_logout(peer_of(n, 0), n->now_us);
	CU_ASSERT_TRUE(sees(n, 0, "logged out", SECOND));
	login(n, 0);
	network_run(n, SECOND);
	CU_ASSERT_EQUAL(network_count(n, 0, "logged in as"), 2);
	punch(n, 0, 1);
	network_run(n, SECOND);
	CU_ASSERT_EQUAL(network_count(n, 0, "punched"), 2);
	CU_ASSERT_EQUAL(network_count(n, 1, "punched"), 2);
	say(n, 0, 1, "again");
	CU_ASSERT_TRUE(sees(n, 1, "from 203.0.113.10:5000: again", SECOND));
	end(n);
}

static void a_peer_that_vanishes_is_noticed(void)
{
	struct network *n = punched_pair(port_restricted, port_restricted);
	uint64_t before = n->now_us;

	n->hosts[1].up = false;
	CU_ASSERT_TRUE(sees(n, 0, "path lost 203.0.113.11:5000: 3 keepalives unanswered", 70 * SECOND));
	CU_ASSERT_TRUE(n->now_us - before >= 45 * SECOND);
	CU_ASSERT_TRUE(sees(n, 0, "punch failed 203.0.113.11:5000 after", 20 * SECOND));
	network_run(n, 60 * SECOND);
	CU_ASSERT_EQUAL(network_count(n, 0, "punch failed"), 1); /* once more, and no more */
	CU_ASSERT_EQUAL(n->server.roster.here.count, 1);         /* the server has forgotten it too */
	punch(n, 0, 1);
	CU_ASSERT_TRUE(sees(n, 0, "punch failed 203.0.113.11:5000 after 0.0 s: peer is not logged in", SECOND));
	end(n);
}

static enum fate nothing_arrives(struct network *n, const struct flight *f)
{
	(void)n;
	(void)f;
	return LOST;
}

/* Both lose the path and the server, and find both again by themselves, if the outage ends in time for the new punch. */
static void an_outage_is_survived(void)
{
	for (uint64_t wait = 0; wait < 15 * SECOND; wait += 1250 * MS) {
		struct network *n = punched_pair(port_restricted, port_restricted);

		network_run(n, wait);
		n->fate = nothing_arrives;
		CU_ASSERT_TRUE(sees(n, 0, "path lost 203.0.113.11:5000: 3 keepalives unanswered", 70 * SECOND));
		network_run(n, 100 * MS);
		n->fate = NULL;
		network_run(n, 20 * SECOND);
		CU_ASSERT_EQUAL(network_count(n, 0, "punched"), 2);
		CU_ASSERT_EQUAL(network_count(n, 0, "punch failed") + network_count(n, 1, "punch failed"), 0);
		say(n, 1, 0, "back");
		CU_ASSERT_TRUE(sees(n, 0, "from 203.0.113.11:5000: back", SECOND));
		end(n);
	}
}

static void an_idle_path_stays(void)
{
	struct network *n = punched_pair(port_restricted, symmetric.mapping == MAP_NONE ? open_nat : full_cone);

	network_run(n, 600 * SECOND);
	CU_ASSERT_EQUAL(network_count(n, 0, "path") + network_count(n, 1, "path"), 0);
	CU_ASSERT_EQUAL(network_count(n, 0, "server lost") + network_count(n, 1, "server lost"), 0);
	say(n, 1, 0, "still here");
	CU_ASSERT_TRUE(sees(n, 0, "from 203.0.113.11:5000: still here", SECOND));
	CU_ASSERT_TRUE(n->sent < 600); /* 2 peers, a ping and a probe each 15 s, with their answers: 40 rounds of 8 */
	end(n);
}

static void a_restarted_server_is_noticed(void)
{
	struct network *n = punched_pair(port_restricted, port_restricted);

	network_start_server(n);
	peer_list(peer_of(n, 0), n->now_us);
	CU_ASSERT_TRUE(sees(n, 0, "server lost 203.0.113.1:5000: it does not know us any more", SECOND));
	CU_ASSERT_TRUE(sees(n, 0, "1 peer", SECOND)); /* the list is not lost with it */
	CU_ASSERT_EQUAL(network_count(n, 0, "logged in as 203.0.113.10:5000"), 2);
	CU_ASSERT_TRUE(sees(n, 1, "server lost 203.0.113.1:5000: it does not know us any more", 16 * SECOND));
	network_run(n, SECOND);
	CU_ASSERT_EQUAL(network_count(n, 1, "logged in as 203.0.113.11:5000"), 2);
	CU_ASSERT_EQUAL(network_count(n, 0, "path") + network_count(n, 1, "path"), 0);
	say(n, 1, 0, "open all the time");
	CU_ASSERT_TRUE(sees(n, 0, "from 203.0.113.11:5000: open all the time", SECOND));
	end(n);
}

static void a_stopping_server_says_so(void)
{
	struct network *n = punched_pair(port_restricted, port_restricted);

	rendezvous_stop(&n->server);
	network_carry_out(n);
	network_kill_server(n);
	CU_ASSERT_TRUE(sees(n, 0, "server lost 203.0.113.1:5000: it is stopping", SECOND));
	CU_ASSERT_TRUE(sees(n, 1, "server lost 203.0.113.1:5000: it is stopping", SECOND));
	network_run(n, 100 * SECOND);
	CU_ASSERT_EQUAL(network_count(n, 0, "login failed"), 0); /* it goes on trying */
	CU_ASSERT_TRUE(peer_is_idle(peer_of(n, 0)));             /* but nobody waits for it */
	CU_ASSERT_EQUAL(network_count(n, 0, "path"), 0);
	network_start_server(n);
	network_run(n, 3 * SECOND);
	CU_ASSERT_EQUAL(network_count(n, 0, "logged in as"), 2);
	end(n);
}

static void a_dead_server_is_noticed(void)
{
	struct network *n = punched_pair(port_restricted, port_restricted);

	network_kill_server(n);
	CU_ASSERT_TRUE(sees(n, 0, "server lost 203.0.113.1:5000: 3 keepalives unanswered", 61 * SECOND));
	CU_ASSERT_EQUAL(network_count(n, 0, "path"), 0);
	end(n);
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
	struct network *n = punched_pair(full_cone, symmetric);

	network_run(n, 20 * SECOND);
	reboot_nat(n, 1);
	network_run(n, 60 * SECOND);
	CU_ASSERT_EQUAL(network_count(n, 0, "path moved 203.0.113.11:5000 via 203.0.113.11:"), 1);
	CU_ASSERT_EQUAL(network_count(n, 0, "path lost") + network_count(n, 1, "path lost"), 0);
	say(n, 0, 1, "found you");
	CU_ASSERT_TRUE(sees(n, 1, "from 203.0.113.10:5000: found you", SECOND));
	end(n);
	n = punched_pair(port_restricted, port_restricted);
	reboot_nat(n, 0);
	network_run(n, 60 * SECOND);
	CU_ASSERT_EQUAL(network_count(n, 0, "path") + network_count(n, 1, "path"), 0);
	end(n);
}

/* One side has lost the path, the other has not: the new punch opens it, and texts go on. */
static void a_restarted_client_is_found_again(void)
{
	struct network *n = punched_pair(full_cone, port_restricted);
	size_t at = 0;

	say(n, 1, 0, "before");
	CU_ASSERT_TRUE(sees(n, 0, "from 203.0.113.11:5000: before", SECOND));
	network_start(n, 1, port_restricted, PUNCH_TIMEOUT, KEEPALIVE); /* killed and started again on the same port */
	login(n, 1);
	network_run(n, SECOND);
	at = n->hosts[0].log_len;
	punch(n, 1, 0);
	CU_ASSERT_TRUE(network_await(n, 0, &at, "path lost 203.0.113.11:5000: peer logged in anew", SECOND));
	CU_ASSERT_TRUE(network_await(n, 0, &at, "peer 203.0.113.11:5000 asks to punch", 0));
	CU_ASSERT_TRUE(network_await(n, 0, &at, "punched 203.0.113.11:5000 via", SECOND));
	say(n, 1, 0, "after");
	say(n, 0, 1, "hello again");
	CU_ASSERT_TRUE(network_await(n, 0, &at, "from 203.0.113.11:5000: after", SECOND));
	CU_ASSERT_TRUE(sees(n, 1, "from 203.0.113.10:5000: hello again", SECOND));
	end(n);
}

/* The asker gave up early; its second try must not wait for the other side's slow probes of the first. */
static void a_second_try_is_as_quick_as_the_first(void)
{
	struct network *n = network_new(LATENCY);

	network_start(n, 0, port_restricted, SECOND, KEEPALIVE);
	network_start(n, 1, port_restricted, PUNCH_TIMEOUT, KEEPALIVE);
	login(n, 0);
	login(n, 1);
	network_run(n, SECOND);
	n->fate = second_host_unheard;
	punch(n, 0, 1);
	CU_ASSERT_TRUE(sees(n, 0, "punch failed", 2 * SECOND));
	network_run(n, 3 * SECOND);
	n->fate = NULL;
	punch(n, 0, 1);
	CU_ASSERT_TRUE(sees(n, 0, "punched 203.0.113.11:5000 via", 100 * MS));
	CU_ASSERT_TRUE(sees(n, 1, "punched 203.0.113.10:5000 via", 100 * MS));
	end(n);
}

static struct flight recorded[400];
static size_t recorded_count;

static void record(struct network *n, const struct flight *f)
{
	(void)n;
	if (recorded_count < sizeof recorded / sizeof recorded[0])
		recorded[recorded_count++] = *f;
}

/* Everything ever sent is sent again, from where it came and from elsewhere, at once and in later lives of the path. */
static void replays_change_nothing(void)
{
	struct endpoint elsewhere = endpoint_ipv4(0xcb0071fe, 4444);
	struct network *n = pair(full_cone, full_cone);
	size_t at;

	recorded_count = 0;
	n->watch = record;
	punch(n, 0, 1);
	say(n, 0, 1, "only once");
	say(n, 1, 0, "no path yet");
	network_run(n, 2 * SECOND);
	say(n, 1, 0, "once too");
	network_run(n, 2 * SECOND);
	n->watch = NULL;
	for (unsigned life = 0; life < 2; life++) {
		for (size_t i = 0; i < recorded_count; i++) {
			network_inject(n, &recorded[i].from, &recorded[i].to, recorded[i].bytes, recorded[i].len);
			network_inject(n, &elsewhere, &recorded[i].to, recorded[i].bytes, recorded[i].len);
			network_run(n, 20 * MS);
		}
		network_run(n, 2 * SECOND);
		CU_ASSERT_EQUAL(network_count(n, 1, "from 203.0.113.10:5000: only once"), 1);
		CU_ASSERT_EQUAL(network_count(n, 0, "from 203.0.113.11:5000: once too"), 1);
		CU_ASSERT_EQUAL(network_count(n, 0, "path moved") + network_count(n, 1, "path moved"), 0);
		CU_ASSERT_EQUAL(network_count(n, 0, "logged in"), 1);
		CU_ASSERT_EQUAL(network_count(n, 0, "punched"), 1 + life);
		if (life == 0) { /* both lose the path; the same token, another life */
			for (unsigned i = 0; i < 2; i++)
				for (unsigned p = 0; p < PEER_PATHS; p++)
					if (n->hosts[i].peer.paths[p].state == PATH_OPEN)
						n->hosts[i].peer.paths[p].state = PATH_DOWN;
			at = n->hosts[0].log_len;
			punch(n, 0, 1);
			CU_ASSERT_TRUE(network_await(n, 0, &at, "punched", SECOND));
		}
	}
	say(n, 0, 1, "still well");
	CU_ASSERT_TRUE(sees(n, 1, "from 203.0.113.10:5000: still well", SECOND));
	end(n);
}

static void forged_datagrams_are_counted_and_dropped(void)
{
	struct network *n = pair(open_nat, open_nat);
	struct endpoint a = network_address(n, 0);
	struct endpoint elsewhere = endpoint_ipv4(0xcb0071fe, 4444);
	const struct drops *drops = &n->hosts[0].peer.fx.drops;
	struct flight probe;
	size_t i = 0;

	recorded_count = 0;
	n->watch = record;
	punch(n, 0, 1);
	network_run(n, 2 * SECOND);
	n->watch = NULL;
	while (i < recorded_count && !(recorded[i].bytes[5] == WIRE_PROBE && endpoint_equal(&recorded[i].to, &a)))
		i++;
	CU_ASSERT_FATAL(i < recorded_count);
	probe = recorded[i];
	probe.bytes[WIRE_HEADER_SIZE] ^= 1;
	network_inject(n, &elsewhere, &a, probe.bytes, probe.len);
	network_run(n, 1);
	CU_ASSERT_EQUAL(drops->count[DROP_TOKEN], 1);
	probe.bytes[WIRE_HEADER_SIZE] ^= 1;
	for (size_t bit = 8 * (size_t)(WIRE_HEADER_SIZE + WIRE_TOKEN_SIZE); bit < probe.len * 8; bit++) {
		probe.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		network_inject(n, &elsewhere, &a, probe.bytes, probe.len);
		network_run(n, 1);
		probe.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	CU_ASSERT_EQUAL(drops->count[DROP_MAC], (probe.len - WIRE_HEADER_SIZE - WIRE_TOKEN_SIZE) * 8);
	network_inject(n, &elsewhere, &a, (const uint8_t *)"garbage", 7);
	network_inject(n, &elsewhere, &a, (const uint8_t *)"more garbage", 12);
	network_run(n, 1);
	CU_ASSERT_EQUAL(drops->count[WIRE_BAD_SIZE], 1);
	CU_ASSERT_EQUAL(drops->count[WIRE_BAD_MAGIC], 1);
	for (i = 0; i < recorded_count; i++) /* our own datagrams, reflected */
		if (endpoint_equal(&recorded[i].from, &a) && recorded[i].bytes[5] >= WIRE_PROBE)
			network_inject(n, &recorded[i].to, &a, recorded[i].bytes, recorded[i].len);
	network_run(n, SECOND);
	CU_ASSERT_TRUE(drops->count[DROP_REFLECTED] > 0);
	CU_ASSERT_EQUAL(network_count(n, 0, "path"), 0);
	end(n);
}

static void the_servers_words_are_taken_from_the_server_alone(void)
{
	struct network *n = pair(open_nat, open_nat);
	struct endpoint a = network_address(n, 0);
	struct endpoint b = network_address(n, 1);
	struct wire_message m = { .type = WIRE_SHUTDOWN };
	uint8_t bytes[WIRE_MAX_DATAGRAM];
	size_t len;

	memcpy(m.session, n->hosts[0].peer.login.session, sizeof m.session);
	len = wire_encode(&m, bytes, sizeof bytes);
	network_inject(n, &b, &a, bytes, len);
	network_run(n, 1);
	m.session[0] ^= 1;
	len = wire_encode(&m, bytes, sizeof bytes);
	network_inject(n, &n->server_at, &a, bytes, len);
	network_run(n, 1);
	CU_ASSERT_EQUAL(network_count(n, 0, "server lost"), 0);
	CU_ASSERT_EQUAL(n->hosts[0].peer.fx.drops.count[DROP_SOURCE], 1);
	CU_ASSERT_EQUAL(n->hosts[0].peer.fx.drops.count[DROP_SESSION], 1);
	end(n);
}

static void undeliverable_texts_are_told(void)
{
	struct network *n = punched_pair(port_restricted, port_restricted);
	char text[16];

	network_run(n, SECOND);
	n->hosts[1].up = false;
	for (unsigned i = 0; i <= OUTBOX_TEXTS; i++) {
		snprintf(text, sizeof text, "text %u", i);
		say(n, 0, 1, text);
	}
	CU_ASSERT_EQUAL(network_count(n, 0, "not delivered 203.0.113.11:5000 (too many texts waiting): text 32"), 1);
	CU_ASSERT_TRUE(sees(n, 0, "not delivered 203.0.113.11:5000 (no answer in 10.0 s): text 0", 11 * SECOND));
	CU_ASSERT_TRUE(sees(n, 0, "path lost", 60 * SECOND));
	network_run(n, 30 * SECOND);
	CU_ASSERT_EQUAL(network_count(n, 0, "not delivered"), OUTBOX_TEXTS + 1);
	CU_ASSERT_TRUE(peer_is_idle(peer_of(n, 0)));
	end(n);
}

static void texts_keep_their_order(void)
{
	struct network *n = punched_pair(port_restricted, port_restricted);
	size_t at = 0;
	char text[64];

	n->fate = fate_by_dice;
	n->chosen = 3;
	n->chosen_fate = LATE_300_MS;
	for (unsigned i = 0; i < 20; i++) {
		snprintf(text, sizeof text, "number %u", i);
		say(n, 0, 1, text);
	}
	for (unsigned i = 0; i < 20; i++) {
		snprintf(text, sizeof text, "from 203.0.113.10:5000: number %u", i);
		CU_ASSERT_TRUE(network_await(n, 1, &at, text, 20 * SECOND));
	}
	network_run(n, 20 * SECOND);
	CU_ASSERT_EQUAL(network_count(n, 1, "from"), 20);
	end(n);
}

static void strangers_cannot_use_up_the_paths(void)
{
	struct network *n = pair(open_nat, open_nat);
	struct peer *p = peer_of(n, 0);
	uint8_t bytes[WIRE_MAX_DATAGRAM];
	struct endpoint a = network_address(n, 0);

	punch(n, 0, 1);
	network_run(n, SECOND);
	for (unsigned i = 0; i < 3 * PEER_PATHS; i++) { /* a server gone mad introduces hundreds */
		struct wire_message m = { .type = WIRE_INTRODUCE, .serial = i + 1, .role = WIRE_YOU_ARE_ASKED };

		m.who = endpoint_ipv4(0xc6336400 + i, 1000);
		m.token[0] = (uint8_t)i;
		m.token[1] = 1;
		memcpy(m.session, p->login.session, sizeof m.session);
		network_inject(n, &n->server_at, &a, bytes, wire_encode(&m, bytes, sizeof bytes));
		network_run(n, 1);
	}
	CU_ASSERT_TRUE(p->fx.drops.count[DROP_FULL] > 0);
	CU_ASSERT_EQUAL(p->fx.out.refused + p->fx.events.refused, 0);
	network_run(n, 11 * SECOND);
	CU_ASSERT_EQUAL(network_count(n, 0, "punch failed 198.51.100."), PEER_PATHS - 1);
	say(n, 0, 1, "unharmed");
	CU_ASSERT_TRUE(sees(n, 1, "from 203.0.113.10:5000: unharmed", SECOND));
	end(n);
}

/* Both NATs give every destination a new port and let in anybody: each probe comes from a new source. */
static void new_sources_do_not_breed(void)
{
	static const struct nat_kind breeding = { "apd/ei", MAP_ADDRESS_AND_PORT_DEPENDENT, LET_ALL_IN };
	struct network *n = pair(breeding, breeding);
	unsigned before = n->sent;

	punch(n, 0, 1);
	network_run(n, 10 * SECOND);
	CU_ASSERT_TRUE(n->sent - before < 1000);
	end(n);
}

SUITE(peer, TEST(new_sources_do_not_breed), TEST(the_classic_table_holds), TEST(a_real_source_is_learned_and_told), TEST(no_single_mishap_is_noticed),
      TEST(a_bad_network_is_survived), TEST(both_at_once_get_one_path), TEST(a_punch_of_an_open_path_is_answered_at_once),
      TEST(a_late_start_opens_all_the_same), TEST(failures_tell_what_is_known), TEST(a_peer_that_logs_out_ends_the_punch),
      TEST(what_waits_for_a_login_shares_its_end), TEST(logging_out_tells_everybody),
      TEST(a_new_login_after_a_logout_works), TEST(a_peer_that_vanishes_is_noticed), TEST(an_outage_is_survived), TEST(an_idle_path_stays),
      TEST(a_restarted_server_is_noticed), TEST(a_stopping_server_says_so), TEST(a_dead_server_is_noticed),
      TEST(a_rebooted_nat_is_survived), TEST(a_restarted_client_is_found_again),
      TEST(a_second_try_is_as_quick_as_the_first), TEST(replays_change_nothing),
      TEST(forged_datagrams_are_counted_and_dropped), TEST(the_servers_words_are_taken_from_the_server_alone),
      TEST(undeliverable_texts_are_told), TEST(texts_keep_their_order), TEST(strangers_cannot_use_up_the_paths))
