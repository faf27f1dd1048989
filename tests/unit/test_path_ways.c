/* The ways beyond plain punching, each where it is the one that helps, on a made-up internet. */
#include "chat.h"
#include "suite.h"

#include <stdlib.h>
#include <string.h>

static const struct nat_kind steady = { "steady", MAP_ADDRESS_AND_PORT_DEPENDENT, LET_ADDRESS_AND_PORT_IN,
	                                PORTS_IN_ORDER };
static const struct nat_kind fresh = { "fresh", MAP_ADDRESS_AND_PORT_DEPENDENT, LET_ADDRESS_AND_PORT_IN,
	                               PORTS_KEPT_AT_FIRST };
static const struct nat_kind random_ports = { "random", MAP_ADDRESS_AND_PORT_DEPENDENT, LET_ADDRESS_AND_PORT_IN,
	                                      PORTS_BY_CHANCE };

/* Two peers that are logged in and use those strategies; `dice` makes what is left to chance another. */
static struct network *pair_with(struct nat_kind a, struct nat_kind b, unsigned strategies, uint32_t dice)
{
	struct network *n = network_new(CHAT_LATENCY);

	n->strategies = strategies;
	n->dice = dice * 2654435761u + 1;
	network_start(n, 0, a, CHAT_PUNCH_TIMEOUT, CHAT_KEEPALIVE);
	network_start(n, 1, b, CHAT_PUNCH_TIMEOUT, CHAT_KEEPALIVE);
	for (unsigned i = 0; i < 2; i++) {
		n->hosts[i].peer.fx.seed[0] = (uint8_t)dice;
		chat_login(n, i);
		CU_ASSERT_TRUE(chat_sees(n, i, "logged in as", SECOND));
		n->hosts[i].outside = n->hosts[i].peer.login.you; /* what the others call it */
	}
	return n;
}

/* Whether the punch of 0 to 1 opens, for both alike, and both can talk. */
static bool opens(struct network *n)
{
	bool both;

	chat_punch(n, 0, 1);
	network_run(n, 11 * SECOND);
	both = network_count(n, 0, "punched") == 1 && network_count(n, 1, "punched") == 1;
	CU_ASSERT_EQUAL(network_count(n, 0, "punched"), network_count(n, 1, "punched"));
	if (both) {
		chat_say(n, 0, 1, "there");
		chat_say(n, 1, 0, "and back");
		network_run(n, SECOND);
		CU_ASSERT_EQUAL(network_count(n, 0, "delivered") + network_count(n, 1, "delivered"), 2);
	}
	return both;
}

static bool went(const struct network *n, unsigned i, const char *way)
{
	const char *line = strstr(n->hosts[i].log, "way to ");

	return line != NULL && (line = strstr(line, ": ")) != NULL && strncmp(line + 2, way, strlen(way)) == 0;
}

static unsigned sockets_open(const struct network *n, unsigned host)
{
	unsigned open = 0;

	for (uint16_t i = 1; i <= SOCKET_SET_MAX; i++)
		open += n->hosts[host].sockets[i] != 0;
	return open;
}

static void expect_pair(struct nat_kind a, struct nat_kind b, unsigned strategies, const char *way_of_0)
{
	struct network *n = pair_with(a, b, strategies, 1);
	bool opened = opens(n);

	CU_ASSERT_EQUAL(opened, way_of_0 != NULL);
	if (opened && way_of_0 != NULL)
		CU_ASSERT_TRUE(went(n, 0, way_of_0));
	for (unsigned host = 0; host < 2; host++) /* none is left behind but the one that the path goes by */
		CU_ASSERT_TRUE(sockets_open(n, host) <= (opened ? 1 : 0));
	chat_end(n);
}

static void basic_is_the_table_of_old(void)
{
	expect_pair(chat_port_restricted, steady, STRATEGY_BASIC, NULL);
	expect_pair(steady, steady, STRATEGY_BASIC, NULL);
	expect_pair(chat_port_restricted, random_ports, STRATEGY_BASIC, NULL);
	expect_pair(fresh, fresh, STRATEGY_BASIC, NULL);
	expect_pair(chat_port_restricted, chat_port_restricted, STRATEGY_BASIC, "server-reflexive");
	expect_pair(chat_full_cone, steady, STRATEGY_BASIC, "peer-reflexive");
}

static void ports_in_order_are_predicted(void)
{
	expect_pair(chat_port_restricted, steady, STRATEGY_PLAIN | STRATEGY_PREDICT, "predicted");
	expect_pair(steady, chat_port_restricted, STRATEGY_PLAIN | STRATEGY_PREDICT, "server-reflexive");
	expect_pair(chat_port_restricted, random_ports, STRATEGY_PLAIN | STRATEGY_PREDICT, NULL);
	expect_pair(steady, steady, STRATEGY_PLAIN | STRATEGY_PREDICT, NULL);
}

static unsigned offers[WIRE_MAPPING_RANDOM + 1]; /* how many of each mapping were seen */

/* Each names as many ports as its mapping leaves. */
static void note_offers(struct network *n, const struct flight *f)
{
	struct wire_message outer, m;

	if (wire_decode(f->bytes, f->len, &outer) != WIRE_OK || outer.type != WIRE_RELAY ||
	    wire_decode(outer.data, outer.data_len, &m) != WIRE_OK || m.type != WIRE_OFFER)
		return;
	offers[m.mapping]++;
	if (m.mapping == WIRE_MAPPING_FRESH)
		n->misbehaviour += m.span != 1 || m.port < 1024;
	else if (m.mapping == WIRE_MAPPING_SAME)
		n->misbehaviour += m.span > 1;
	else if (m.mapping == WIRE_MAPPING_STEADY)
		n->misbehaviour += m.span < 17 || m.span > 2 * 8 * 16 + 17;
	else
		n->misbehaviour += m.span != 0;
}

static void offers_name_ports_as_the_mapping_has_them(void)
{
	static const struct nat_kind *const nats[] = { &chat_port_restricted, &fresh, &steady, &random_ports };

	memset(offers, 0, sizeof offers);
	for (size_t i = 0; i < sizeof nats / sizeof nats[0]; i++) {
		struct network *n = pair_with(*nats[i], random_ports, STRATEGY_AUTO, 1);

		n->watch = note_offers;
		chat_punch(n, 0, 1);
		network_run(n, 3 * SECOND);
		chat_end(n);
	}
	for (enum wire_mapping kind = WIRE_MAPPING_SAME; kind <= WIRE_MAPPING_RANDOM; kind++)
		CU_ASSERT_TRUE(offers[kind] > 0);
}

static void a_fresh_socket_keeps_its_port(void)
{
	expect_pair(chat_port_restricted, fresh, STRATEGY_PLAIN | STRATEGY_FRESH, "fresh socket");
	expect_pair(fresh, chat_port_restricted, STRATEGY_PLAIN | STRATEGY_FRESH, "fresh socket");
	expect_pair(fresh, fresh, STRATEGY_PLAIN | STRATEGY_FRESH, "fresh socket");
	expect_pair(fresh, steady, STRATEGY_PLAIN | STRATEGY_FRESH, NULL);
}

static void many_sockets_and_many_guesses_meet(void)
{
	expect_pair(chat_port_restricted, random_ports, STRATEGY_PLAIN | STRATEGY_BIRTHDAY, "birthday");
	expect_pair(random_ports, chat_port_restricted, STRATEGY_PLAIN | STRATEGY_BIRTHDAY, "birthday");
	expect_pair(random_ports, random_ports, STRATEGY_PLAIN | STRATEGY_BIRTHDAY, NULL);
	/* also where the other was ready for something else */
	expect_pair(random_ports, chat_port_restricted, STRATEGY_AUTO & ~STRATEGY_RELAY, "birthday");
}

static void the_relay_is_the_last_resort(void)
{
	struct network *n = pair_with(random_ports, random_ports, STRATEGY_AUTO, 1);

	CU_ASSERT_FALSE(opens(n)); /* the server does not allow it */
	chat_end(n);
	n = pair_with(random_ports, random_ports, STRATEGY_AUTO, 1);
	rendezvous_allow_relay(&n->server);
	CU_ASSERT_TRUE(opens(n));
	CU_ASSERT_TRUE(went(n, 0, "relayed") && went(n, 1, "relayed"));
	CU_ASSERT_EQUAL(network_count(n, 0, "punched 203.0.113.11"), 1);
	CU_ASSERT_NOT_EQUAL(strstr(n->hosts[0].log, " via 203.0.113.1:5000 in "), NULL);
	chat_end(n);
	n = pair_with(chat_port_restricted, chat_port_restricted, STRATEGY_AUTO, 1);
	rendezvous_allow_relay(&n->server);
	CU_ASSERT_TRUE(opens(n) && went(n, 0, "server-reflexive"));
	CU_ASSERT_EQUAL(n->server.relayed, 2); /* an offer of each */
	chat_end(n);
}

static enum fate direct_is_cut(struct network *n, const struct flight *f)
{
	bool by_server = endpoint_same_address(&f->from, &n->server_at) || endpoint_same_address(&f->to, &n->server_at);

	return by_server ? ARRIVES : LOST;
}

static void a_relayed_pair_moves_over_when_it_can(void)
{
	struct network *n = pair_with(chat_port_restricted, chat_port_restricted, STRATEGY_AUTO, 1);

	rendezvous_allow_relay(&n->server);
	n->fate = direct_is_cut;
	CU_ASSERT_TRUE(opens(n) && went(n, 0, "relayed"));
	network_run(n, 60 * SECOND);
	CU_ASSERT_EQUAL(network_count(n, 0, "path"), 0);
	n->fate = NULL;
	CU_ASSERT_TRUE(chat_sees(n, 0, "path moved", 5 * SECOND));
	CU_ASSERT_TRUE(chat_sees(n, 1, "path moved", 5 * SECOND));
	network_run(n, 60 * SECOND);
	CU_ASSERT_EQUAL(network_count(n, 0, "path lost") + network_count(n, 0, "path moved"), 1);
	chat_end(n);
}

static void hosts_are_told_only_to_the_peer(void)
{
	struct network *n = pair_with(chat_open, chat_open, STRATEGY_BASIC, 1);
	struct wire_message m = { .type = WIRE_OFFER, .serial = 1, .peer_count = 4 };
	struct path *p;
	uint64_t before;

	n->fate = direct_is_cut;
	chat_punch(n, 0, 1);
	network_run(n, SECOND);
	p = &chat_peer(n, 0)->paths.list[0];
	CU_ASSERT_EQUAL(p->state, PATH_PUNCHING);
	CU_ASSERT_TRUE(p->ways.heard);
	p->ways.heard = false;
	m.peers[0] = endpoint_ipv4(0x7f000001, 5000); /* loopback, multicast, the server, nowhere */
	m.peers[1] = endpoint_ipv4(0xe0000001, 5000);
	m.peers[2] = endpoint_ipv4(0xcb007101, 22);
	m.peers[3] = endpoint_ipv4(0, 5000);
	before = chat_peer(n, 0)->fx.drops.count[DROP_CANDIDATE];
	path_ways_receive(p, &chat_peer(n, 0)->means, &chat_peer(n, 0)->fx, &m, n->now_us);
	CU_ASSERT_EQUAL(chat_peer(n, 0)->fx.drops.count[DROP_CANDIDATE], before + 4);
	CU_ASSERT_EQUAL(p->candidates.count, 1);
	p->ways.heard = false;
	m.peers[0] = endpoint_ipv4(0x0a000009, 5000);
	m.peer_count = 1;
	path_ways_receive(p, &chat_peer(n, 0)->means, &chat_peer(n, 0)->fx, &m, n->now_us);
	CU_ASSERT_EQUAL_FATAL(p->candidates.count, 2);
	CU_ASSERT_EQUAL(p->candidates.list[1].way, WAY_HOST);
	chat_end(n);
}

/*
 * So many pairs open as chance has it (1 - C(64512 - 256, guesses) / C(64512, guesses)) within three standard
 * deviations. CHAT_SOAK is how many are tried.
 */
static double expected_share(unsigned guesses)
{
	double miss = 1;

	for (unsigned i = 0; i < guesses; i++)
		miss *= (64512.0 - 256 - i) / (64512.0 - i);
	return 1 - miss;
}

static unsigned opened_of(unsigned pairs, unsigned guesses)
{
	unsigned opened = 0;

	for (uint32_t seed = 1; seed <= pairs; seed++) {
		struct network *n =
		    pair_with(chat_port_restricted, random_ports, STRATEGY_PLAIN | STRATEGY_BIRTHDAY, seed);
		struct path_ways *ways = &chat_peer(n, 0)->paths.list[0].ways;

		chat_punch(n, 0, 1);
		for (unsigned i = 0; i < 100 && !ways->planned; i++)
			network_run(n, 10 * MS);
		ways->guesses.count = guesses;
		ways->next_us = n->now_us + 2500 * MS; /* when all sockets of the other have sent */
		network_run(n, 11 * SECOND);
		opened += network_count(n, 0, "punched");
		chat_end(n);
	}
	return opened;
}

static void birthdays_open_as_often_as_chance_has_it(void)
{
	const char *soak = getenv("CHAT_SOAK");
	unsigned pairs = soak != NULL ? (unsigned)strtoul(soak, NULL, 10) : 25;
	double share = expected_share(174), off = opened_of(pairs, 174) - pairs * share;

	CU_ASSERT_TRUE(share > 0.49 && share < 0.51);
	CU_ASSERT_TRUE(off * off <= 9 * pairs * share * (1 - share));
}

static void guesses_hit_no_port_twice(void)
{
	static const uint32_t dice[] = { 0xdeadbeef, 0, 6, 20, 62, 0xffffffff };
	struct port_guesses g;
	uint16_t port;

	for (size_t i = 0; i < sizeof dice / sizeof dice[0]; i++) {
		static bool seen[65536];
		unsigned count = 0;

		memset(seen, 0, sizeof seen);
		port_guesses_anywhere(&g, dice[i]);
		CU_ASSERT_EQUAL(g.count, PORT_GUESSES_MAX);
		g.count = 64512;
		while (port_guesses_next(&g, &port) && !seen[port]) {
			seen[port] = true;
			count += port >= 1024;
		}
		CU_ASSERT_EQUAL(count, 64512);
	}
	port_guesses_in(&g, 100, 4);
	CU_ASSERT_TRUE(port_guesses_next(&g, &port) && port == 101);
	CU_ASSERT_TRUE(port_guesses_next(&g, &port) && port == 102);
	CU_ASSERT_TRUE(port_guesses_made(&g, 102) && !port_guesses_made(&g, 103));
	CU_ASSERT_TRUE(port_guesses_next(&g, &port) && port == 100);
	CU_ASSERT_TRUE(port_guesses_next(&g, &port) && port == 103);
	CU_ASSERT_FALSE(port_guesses_next(&g, &port));
	port_guesses_in(&g, 1, 65535); /* a peer names the range */
	CU_ASSERT_TRUE(g.count == PORT_GUESSES_MAX && port_guesses_next(&g, &port) && port == 32768);
}

/* 256 ports that a box dealt in a row are met, wherever they lie. */
static void guesses_leave_no_wide_gap(void)
{
	for (uint32_t dice = 1; dice != 0 && dice < 0x80000000u; dice *= 3) {
		static bool seen[65536];
		struct port_guesses g;
		unsigned gap = 0, widest = 0;
		uint16_t port;

		memset(seen, 0, sizeof seen);
		port_guesses_anywhere(&g, dice);
		for (unsigned n = 0; n < 700 && port_guesses_next(&g, &port); n++)
			seen[port] = true;
		for (unsigned i = 1024; i < 65536; i++) {
			gap = seen[i] ? 0 : gap + 1;
			widest = gap > widest ? gap : widest;
		}
		CU_ASSERT_TRUE(widest < 256);
	}
}

/* The NATs between them let nothing through, but both have an address of the other family as well. */
static void the_other_family_is_tried(void)
{
	for (unsigned with = 0; with < 2; with++) {
		struct network *n = network_new(CHAT_LATENCY);

		n->strategies = STRATEGY_BASIC;
		n->both_families = with != 0;
		for (unsigned i = 0; i < 2; i++) {
			network_start(n, i, random_ports, CHAT_PUNCH_TIMEOUT, CHAT_KEEPALIVE);
			chat_login(n, i);
			CU_ASSERT_TRUE(chat_sees(n, i, "logged in as 203.0.113.", SECOND));
			n->hosts[i].outside = n->hosts[i].peer.login.you;
		}
		CU_ASSERT_EQUAL(opens(n), with != 0);
		if (with != 0) {
			CU_ASSERT_TRUE(went(n, 0, "host") && went(n, 1, "host"));
			CU_ASSERT_PTR_NOT_NULL(strstr(n->hosts[0].log, " via [2001:db8::2]:7000 in "));
		}
		chat_end(n);
	}
}

/* What is between host `i` and the internet, and how late it hears of the other. */
static void put_behind_trap(struct network *n, unsigned i, unsigned boxes, uint64_t late_us)
{
	n->hosts[i].traps = true;
	n->hosts[i].boxes = boxes;
	n->hosts[i].delay_us = late_us;
}

#define PUNCH (STRATEGY_PLAIN | STRATEGY_LOW_TTL)

static void what_swallows_first_probes_is_got_round(void)
{
	expect_pair(chat_port_restricted, random_ports, PUNCH, NULL);
	for (unsigned i = 0; i <= 4 * 30; i++) {
		bool with = i % 4 / 2 != 0;
		struct network *n =
		    pair_with(chat_port_restricted, chat_port_restricted, with ? PUNCH : STRATEGY_PLAIN, 1);

		put_behind_trap(n, i % 2, 1, i / 4 * (20 * MS));
		put_behind_trap(n, 1 - i % 2, 1, 0);
		CU_ASSERT_EQUAL(opens(n), with || i / 4 == 0); /* who hears of each other at once needs no help */
		CU_ASSERT_TRUE(i / 4 == 0 || !with || (went(n, 0, "low-ttl") && went(n, 1, "low-ttl")));
		CU_ASSERT_TRUE(sockets_open(n, 0) <= with && sockets_open(n, 1) <= with);
		chat_end(n);
	}
}

static void so_it_is_where_boxes_stand_one_behind_the_other(void)
{
	for (unsigned i = 0; i < 8; i++) {
		struct network *n = pair_with(chat_port_restricted, chat_port_restricted, PUNCH, 1);

		put_behind_trap(n, 0, 1 + i % 2, i / 4 * (100 * MS));
		put_behind_trap(n, 1, 1 + i / 2 % 2, (1 - i / 4) * (100 * MS));
		CU_ASSERT_TRUE(opens(n));
		CU_ASSERT_TRUE(went(n, 0, "low-ttl") && went(n, 1, "low-ttl"));
		chat_end(n);
	}
}

/* A client that has no more sockets to give waits for them, and does not spin. */
static void without_sockets_nobody_spins(void)
{
	struct network *n = pair_with(chat_port_restricted, chat_port_restricted, PUNCH, 1);
	const struct low_ttl *l = &chat_peer(n, 0)->paths.list[0].ways.low_ttl;
	const struct low_ttl *other = &chat_peer(n, 1)->paths.list[0].ways.low_ttl;

	put_behind_trap(n, 0, 2, 0); /* the first attempt is in vain */
	put_behind_trap(n, 1, 2, 100 * MS);
	chat_punch(n, 0, 1);
	for (unsigned i = 0; i < 100 && (l->socket == 0 || other->socket == 0); i++)
		network_run(n, 10 * MS);
	CU_ASSERT_TRUE(l->socket != 0 && other->socket != 0);
	n->hosts[0].has_no_sockets = n->hosts[1].has_no_sockets = true;
	for (unsigned i = 0; i < 500 && l->attempt == 0; i++)
		network_run(n, 10 * MS);
	CU_ASSERT_TRUE(l->on && l->attempt == 1 && l->socket == 0);
	network_run(n, SECOND);
	CU_ASSERT_EQUAL(n->misbehaviour, 0);
	n->hosts[0].has_no_sockets = n->hosts[1].has_no_sockets = false; /* there are some again */
	CU_ASSERT_TRUE(chat_sees(n, 0, "punched", 7 * SECOND) && went(n, 0, "low-ttl"));
	chat_end(n);
}

static unsigned guesses_of_0;

static void count_guesses_of_0(struct network *n, const struct flight *f)
{
	struct endpoint a = network_address(n, 0), b = network_address(n, 1);

	guesses_of_0 += f->bytes[5] == WIRE_PROBE && endpoint_same_address(&f->from, &a) &&
	                endpoint_same_address(&f->to, &b) && f->to.port != b.port;
}

/* Host 1 asks for so many punches, none of which opens. */
static void ask_in_vain(struct network *n, unsigned punches)
{
	for (unsigned i = 0; i < punches; i++) {
		chat_punch(n, 1, 0);
		network_run(n, 11 * SECOND);
		n->hosts[1].flow_count = 1; /* its NAT forgets all but the way to the server */
	}
}

/* Whoever asks again and again makes nobody look through ports for ever; what the user asks for is another matter. */
static void peers_can_ask_for_so_many_guesses(void)
{
	struct network *n = pair_with(chat_open, random_ports, STRATEGY_PLAIN | STRATEGY_BIRTHDAY, 1);
	const uint64_t *dropped = &chat_peer(n, 0)->fx.drops.count[DROP_RATE];
	unsigned asked;

	n->fate = direct_is_cut;
	n->watch = count_guesses_of_0;
	guesses_of_0 = 0;
	ask_in_vain(n, 4);
	CU_ASSERT_TRUE(guesses_of_0 > 3 * 1800 && *dropped == 0); /* each has its share */
	ask_in_vain(n, 12);
	CU_ASSERT_TRUE(guesses_of_0 <= 4 * PORT_GUESSES_MAX + 16 * 11 * PORT_GUESSES_MAX / 100);
	CU_ASSERT_TRUE(*dropped > 0);
	asked = guesses_of_0;
	chat_punch(n, 0, 1);
	network_run(n, 11 * SECOND);
	CU_ASSERT_TRUE(guesses_of_0 > asked + 1800);
	asked = guesses_of_0;
	ask_in_vain(n, 1); /* now it is somebody the user has to do with */
	CU_ASSERT_TRUE(guesses_of_0 > asked + 1800);
	chat_end(n);
}

/* As ask_in_vain() once. Returns how many sockets host 0 had open at most. */
static unsigned sockets_for_who_asks(struct network *n)
{
	unsigned most = 0;

	chat_punch(n, 1, 0);
	for (unsigned i = 0; i < 110; i++) {
		network_run(n, 100 * MS);
		most = sockets_open(n, 0) > most ? sockets_open(n, 0) : most;
	}
	n->hosts[0].flow_count = n->hosts[1].flow_count = 1;
	return most;
}

/* Sockets, too, are for those who may use them: whoever asks too often takes none, not for a moment. */
static void who_asks_too_often_takes_no_sockets(void)
{
	struct network *n = pair_with(random_ports, chat_port_restricted, STRATEGY_PLAIN | STRATEGY_BIRTHDAY, 1);
	const uint64_t *dropped = &chat_peer(n, 0)->fx.drops.count[DROP_RATE];
	unsigned most = 0;

	n->fate = direct_is_cut;
	CU_ASSERT_TRUE(sockets_for_who_asks(n) >= PATH_WAYS_FAN);
	for (unsigned i = 0; i < 40 && *dropped == 0; i++)
		most = sockets_for_who_asks(n);
	CU_ASSERT_TRUE(*dropped > 0 && most < PATH_WAYS_FAN);
	chat_end(n);
}

static void strategies_are_read(void)
{
	unsigned s = 99;

	CU_ASSERT_EQUAL(strategy_parse("", &s), -1);
	CU_ASSERT_EQUAL(strategy_parse("host,", &s), -1);
	CU_ASSERT_EQUAL(strategy_parse("hosts", &s), -1);
	CU_ASSERT_EQUAL(strategy_parse("Auto", &s), -1);
	CU_ASSERT_EQUAL(s, 99);
	CU_ASSERT_EQUAL(strategy_parse("basic", &s), 0);
	CU_ASSERT_EQUAL(s, STRATEGY_HOST | STRATEGY_PLAIN);
	CU_ASSERT_EQUAL(strategy_parse("plain,fresh,predict,birthday,low-ttl,relay,host", &s), 0);
	CU_ASSERT_EQUAL(s, STRATEGY_AUTO);
	for (int i = 0; i < WAYS; i++)
		CU_ASSERT_STRING_NOT_EQUAL(way_name((enum way)i), "?");
}

SUITE(path_ways, TEST(basic_is_the_table_of_old), TEST(ports_in_order_are_predicted),
      TEST(a_fresh_socket_keeps_its_port), TEST(offers_name_ports_as_the_mapping_has_them),
      TEST(many_sockets_and_many_guesses_meet), TEST(the_relay_is_the_last_resort),
      TEST(a_relayed_pair_moves_over_when_it_can), TEST(hosts_are_told_only_to_the_peer),
      TEST(birthdays_open_as_often_as_chance_has_it), TEST(guesses_hit_no_port_twice), TEST(guesses_leave_no_wide_gap),
      TEST(what_swallows_first_probes_is_got_round), TEST(so_it_is_where_boxes_stand_one_behind_the_other),
      TEST(the_other_family_is_tried), TEST(without_sockets_nobody_spins), TEST(peers_can_ask_for_so_many_guesses),
      TEST(who_asks_too_often_takes_no_sockets), TEST(strategies_are_read))
