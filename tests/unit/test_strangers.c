/* What comes from elsewhere: replays, forgeries, floods. None of it may move, end or use up what a user has. */
#include "chat.h"
#include "chat/peer/path_probing.h"
#include "chat/seal.h"
#include "suite.h"
#include "tape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Everything ever sent is sent again, from where it came and from elsewhere, at once and in later lives of the path. */
static void replays_change_nothing(void)
{
	struct endpoint elsewhere = endpoint_ipv4(0xcb0071fe, 4444);
	struct network *n = chat_pair(chat_full_cone, chat_full_cone);
	size_t at;

	tape_start(n);
	chat_punch(n, 0, 1);
	chat_say(n, 0, 1, "only once");
	chat_say(n, 1, 0, "no path yet");
	network_run(n, 2 * SECOND);
	chat_say(n, 1, 0, "once too");
	network_run(n, 2 * SECOND);
	tape_stop(n);
	for (unsigned life = 0; life < 2; life++) {
		for (size_t i = 0; i < tape_count(); i++) {
			struct flight f = tape_flight(i);

			network_inject(n, &f.from, &f.to, f.bytes, f.len);
			network_inject(n, &elsewhere, &f.to, f.bytes, f.len);
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
				for (unsigned p = 0; p < PATHS_MAX; p++)
					if (n->hosts[i].peer.paths.list[p].state == PATH_OPEN)
						n->hosts[i].peer.paths.list[p].state = PATH_DOWN;
			at = n->hosts[0].log_len;
			chat_punch(n, 0, 1);
			CU_ASSERT_TRUE(network_await(n, 0, &at, "punched", SECOND));
		}
	}
	chat_say(n, 0, 1, "still well");
	CU_ASSERT_TRUE(chat_sees(n, 1, "from 203.0.113.10:5000: still well", SECOND));
	chat_end(n);
}

static void forged_datagrams_are_counted_and_dropped(void)
{
	struct network *n = chat_pair(chat_open, chat_open);
	struct endpoint a = network_address(n, 0);
	struct endpoint elsewhere = endpoint_ipv4(0xcb0071fe, 4444);
	const struct drops *drops = &n->hosts[0].peer.fx.drops;
	struct flight probe;
	size_t i = 0;

	tape_start(n);
	chat_punch(n, 0, 1);
	network_run(n, 2 * SECOND);
	tape_stop(n);
	do {
		CU_ASSERT_FATAL(i < tape_count());
		probe = tape_flight(i++);
	} while (probe.bytes[5] != WIRE_PROBE || !endpoint_equal(&probe.to, &a));
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
	/* one bit turns the serial into 0, which is refused before the mac */
	CU_ASSERT_EQUAL(drops->count[DROP_MAC] + drops->count[WIRE_BAD_FIELD],
	                (probe.len - WIRE_HEADER_SIZE - WIRE_TOKEN_SIZE) * 8);
	CU_ASSERT_TRUE(drops->count[WIRE_BAD_FIELD] <= 1);
	network_inject(n, &elsewhere, &a, (const uint8_t *)"garbage", 7);
	network_inject(n, &elsewhere, &a, (const uint8_t *)"more garbage", 12);
	network_run(n, 1);
	CU_ASSERT_EQUAL(drops->count[WIRE_BAD_SIZE], 1);
	CU_ASSERT_EQUAL(drops->count[WIRE_BAD_MAGIC], 1);
	for (i = 0; i < tape_count(); i++) { /* our own datagrams, reflected */
		struct flight f = tape_flight(i);

		if (endpoint_equal(&f.from, &a) && f.bytes[5] >= WIRE_PROBE)
			network_inject(n, &f.to, &a, f.bytes, f.len);
	}
	network_run(n, SECOND);
	CU_ASSERT_TRUE(drops->count[DROP_REFLECTED] > 0);
	CU_ASSERT_EQUAL(network_count(n, 0, "path"), 0);
	chat_end(n);
}

static void the_servers_words_are_taken_from_the_server_alone(void)
{
	struct network *n = chat_pair(chat_open, chat_open);
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
	chat_end(n);
}

static struct endpoint stranger(unsigned i)
{
	return endpoint_ipv4(0xc6336400 + i, 1000); /* 198.51.100.0 and on */
}

static void introduce(struct network *n, const struct endpoint *who, uint8_t token, uint32_t serial)
{
	struct wire_message m = { .type = WIRE_INTRODUCE, .serial = serial, .role = WIRE_YOU_ARE_ASKED, .who = *who };
	struct endpoint a = network_address(n, 0);
	uint8_t bytes[WIRE_MAX_DATAGRAM];

	m.card = chat_stranger_card(m.who.address.bytes[3]);
	m.token[0] = token;
	m.token[1] = 1;
	memcpy(m.session, chat_peer(n, 0)->login.session, sizeof m.session);
	network_inject(n, &n->server_at, &a, bytes, wire_encode(&m, bytes, sizeof bytes));
	network_run(n, 1);
}

/* More strangers than there are places ask, each from an address of its own. */
static void strangers_ask(struct network *n, uint32_t serial)
{
	for (unsigned i = 0; i < PATHS_MAX + 10; i++) {
		struct endpoint who = stranger(i);

		introduce(n, &who, (uint8_t)i, serial);
	}
}

static void strangers_cannot_use_up_the_paths(void)
{
	struct network *n = chat_pair(chat_open, chat_open);
	struct peer *p = chat_peer(n, 0);

	chat_punch(n, 0, 1);
	network_run(n, SECOND);
	for (unsigned i = 0; i < 3 * PATHS_MAX; i++) { /* a server gone mad introduces hundreds */
		struct endpoint who = stranger(i);

		introduce(n, &who, (uint8_t)i, i + 1);
	}
	CU_ASSERT_TRUE(p->fx.drops.count[DROP_FULL] > 0);
	CU_ASSERT_EQUAL(p->fx.out.refused + p->fx.events.refused, 0);
	network_run(n, 11 * SECOND);
	CU_ASSERT_EQUAL(network_count(n, 0, "punch failed 198.51.100."), PATHS_MAX - 1);
	chat_say(n, 0, 1, "unharmed");
	CU_ASSERT_TRUE(chat_sees(n, 1, "from 203.0.113.10:5000: unharmed", SECOND));
	chat_end(n);
}

/* They ask again every two seconds, as often as they like. */
static void the_users_punch_comes_before_those_of_strangers(void)
{
	struct network *n = chat_pair(chat_open, chat_open);

	for (uint32_t serial = 1; serial <= 10; serial++) {
		strangers_ask(n, serial);
		if (serial == 3)
			chat_punch(n, 0, 1);
		network_run(n, 2 * SECOND);
		if (serial == 3)
			CU_ASSERT_TRUE(chat_sees(n, 0, "punched 203.0.113.11:5000 via", 0));
	}
	CU_ASSERT_EQUAL(network_count(n, 0, "punch failed 198.51.100.0:1000 after 0.0 s: too many paths"), 1);
	CU_ASSERT_EQUAL(network_count(n, 0, "path lost"), 0);
	chat_say(n, 1, 0, "made it");
	CU_ASSERT_TRUE(chat_sees(n, 0, "from 203.0.113.11:5000: made it", SECOND));
	chat_end(n);
}

static unsigned probes_to_host_1;

static void count_probes_to_host_1(struct network *n, const struct flight *f)
{
	struct endpoint b = network_address(n, 1);

	probes_to_host_1 += f->bytes[5] == WIRE_PROBE && endpoint_equal(&f->to, &b);
}

/* So many sequences of theirs begin again and again that the pace over all paths is used up. */
static void the_users_probes_come_before_those_to_strangers(void)
{
	struct network *n = chat_pair(chat_open, chat_open);

	n->hosts[1].up = false;
	strangers_ask(n, 1);
	chat_peer(n, 0)->paths.list[PATHS_MAX - 1].begun_us = 0; /* the user's path is to be last in the table */
	network_run(n, SECOND);
	strangers_ask(n, 2);
	probes_to_host_1 = 0;
	n->watch = count_probes_to_host_1;
	chat_punch(n, 0, 1);
	network_run(n, 500 * MS);
	CU_ASSERT_TRUE(probes_to_host_1 >= 5);
	chat_end(n);
}

static void asking_again_and_again_does_not_hold_a_place(void)
{
	struct network *n = chat_pair(chat_open, chat_open);
	struct endpoint who = stranger(1);

	for (uint32_t serial = 1; serial <= 50; serial++) {
		introduce(n, &who, serial < 25 ? 1 : (uint8_t)serial,
		          serial); /* and as one who logs in anew each time */
		network_run(n, 2 * SECOND);
		CU_ASSERT_TRUE(serial < 16 || chat_sees(n, 0, "punch failed 198.51.100.1:1000 after", 0));
	}
	CU_ASSERT_EQUAL(network_count(n, 0, "punch failed 198.51.100.1:1000 after"), 3); /* in 100 s */
	chat_end(n);
}

/* Who asked for a punch gets its outcome in time, even if the peer asks too, all the time. */
static void a_peers_asking_does_not_delay_the_users_outcome(void)
{
	struct network *n = chat_pair(chat_port_restricted, chat_symmetric);
	struct endpoint a = network_address(n, 0), b = network_address(n, 1);
	struct wire_message m = { .type = WIRE_PUNCH, .who = a };
	uint8_t bytes[WIRE_MAX_DATAGRAM];

	memcpy(m.session, chat_peer(n, 1)->login.session, sizeof m.session);
	chat_punch(n, 0, 1);
	for (uint32_t i = 0; i < 6; i++) {
		network_run(n, 2 * SECOND);
		m.serial = 100 + i;
		network_inject(n, &b, &n->server_at, bytes, wire_encode(&m, bytes, sizeof bytes));
	}
	CU_ASSERT_EQUAL(network_count(n, 0, "punch failed 203.0.113.11:5000 after 10.0 s: no probe arrived"), 1);
	chat_end(n);
}

static void one_address_gets_no_more_than_its_share(void)
{
	struct network *n = chat_pair(chat_open, chat_open);

	for (uint16_t i = 0; i < PATHS_MAX; i++) {
		struct endpoint who = endpoint_ipv4(0xc6336401, (uint16_t)(1000 + i));

		introduce(n, &who, (uint8_t)i, 1);
	}
	CU_ASSERT_EQUAL(network_count(n, 0, "peer 198.51.100.1:"), PATHS_PER_ADDRESS);
	CU_ASSERT_EQUAL(chat_peer(n, 0)->fx.drops.count[DROP_FULL], PATHS_MAX - PATHS_PER_ADDRESS);
	chat_punch(n, 1, 0);
	CU_ASSERT_TRUE(chat_sees(n, 0, "punched 203.0.113.11:5000 via", SECOND));
	chat_end(n);
}

/* A stranger answers the probe to it. */
static void answer_probe(struct network *n, const struct flight *probe)
{
	uint8_t key[SECRETS_KEY_SIZE];
	struct wire_message m;
	uint8_t bytes[WIRE_MAX_DATAGRAM];
	size_t len;

	CU_ASSERT_EQUAL_FATAL(wire_decode(probe->bytes, probe->len, &m), WIRE_OK);
	m.type = WIRE_REPLY;
	m.who = probe->from;
	memcpy(m.to, m.from, sizeof m.to);
	memset(m.ephemeral, 9, sizeof m.ephemeral);
	chat_stranger_key(n, 0, probe->to.address.bytes[3], m.token, key);
	len = wire_encode(&m, bytes, sizeof bytes);
	seal_stamp(key, bytes, len);
	network_inject(n, &probe->to, &probe->from, bytes, len);
}

/* They do answer, and hold open paths over which nothing is ever said. */
static void open_paths_of_strangers_give_way_too(void)
{
	struct network *n = chat_pair(chat_open, chat_open);
	struct endpoint answered = stranger(0);

	strangers_ask(n, 1);
	for (unsigned round = 0; round < 20; round++) {
		tape_start(n);
		network_run(n, 100 * MS);
		for (size_t i = 0; i < tape_count(); i++) {
			struct flight f = tape_flight(i);

			if (f.bytes[5] == WIRE_PROBE)
				answer_probe(n, &f);
		}
	}
	tape_stop(n);
	CU_ASSERT_EQUAL(network_count(n, 0, "punched 198.51.100."), PATHS_MAX);
	peer_send(chat_peer(n, 0), &answered, NULL, (const uint8_t *)"who are you?", 12, n->now_us);
	chat_punch(n, 0, 1);
	CU_ASSERT_EQUAL(network_count(n, 0, "path lost 198.51.100."), 1); /* the oldest but for the one answered */
	CU_ASSERT_EQUAL(network_count(n, 0, "path lost 198.51.100.1:1000: too many paths"), 1);
	CU_ASSERT_TRUE(chat_sees(n, 0, "punched 203.0.113.11:5000 via", SECOND));
	chat_end(n);
}

/* Both NATs give every destination a new port and let in anybody: each probe comes from a new source. */
static void new_sources_do_not_breed(void)
{
	static const struct nat_kind breeding = { "apd/ei", MAP_ADDRESS_AND_PORT_DEPENDENT, LET_ALL_IN,
		                                  PORTS_IN_ORDER };
	struct network *n = chat_pair(breeding, breeding);
	unsigned before = n->sent;

	chat_punch(n, 0, 1);
	network_run(n, 10 * SECOND);
	CU_ASSERT_TRUE(n->sent - before < 1000);
	chat_end(n);
}

/* The path of host 0 to host 1. */
static struct path *path_to_1(struct network *n)
{
	struct endpoint who = network_address(n, 1);

	return paths_to(&chat_peer(n, 0)->paths, &who);
}

/* Its requests are dropped while the path is down, and each of its goodbyes is one of an end that was told before. */
static void goodbyes_are_not_told_again_and_again(struct network *n)
{
	struct endpoint who = network_address(n, 0);
	struct path *path = paths_to(&chat_peer(n, 1)->paths, &who);

	CU_ASSERT_TRUE_FATAL(path != NULL && path->state == PATH_DOWN);
	path->too_much = 1;
	path_fail(path, &chat_peer(n, 1)->fx, REASON_PEER_LEFT, n->now_us);
	network_carry_out(n);
	CU_ASSERT_EQUAL(path->too_much, 1);
}

/* How many were dropped by what host `i` has shown. */
static uint64_t dropped_told(const struct network *n, unsigned i)
{
	const char *at = n->hosts[i].log;
	char count[11], word[8];
	uint64_t told = 0;

	for (; (at = strstr(at, "too fast ")) != NULL; at++)
		if (sscanf(at, "too fast %*[^ ] %10[0-9] %7s", count, word) == 2 && strcmp(word, "dropped") == 0)
			told += strtoul(count, NULL, 10);
	return told;
}

/* It does not wait for acknowledgements. */
static void a_peer_cannot_flood_the_reader(void)
{
	struct network *n = chat_punched_pair(chat_open, chat_open);
	struct wire_message m = { .type = WIRE_TEXT, .text = (const uint8_t *)"x", .text_len = 1 };
	const uint64_t *dropped = &chat_peer(n, 1)->fx.drops.count[DROP_RATE];

	for (unsigned i = 0; i < 3000; i++) {
		m.serial = 1 + i;
		path_send(path_to_1(n), &chat_peer(n, 0)->fx, &m);
		network_run(n, MS);
	}
	network_run(n, SECOND);
	CU_ASSERT_TRUE(network_count(n, 1, "from 203.0.113.10:5000: x") >= 1250);
	CU_ASSERT_TRUE(network_count(n, 1, "from 203.0.113.10:5000: x") <= 1300);
	CU_ASSERT_EQUAL(network_count(n, 1, "from 203.0.113.10:5000: x") + *dropped, 3000);
	CU_ASSERT_EQUAL(network_count(n, 1, "too fast"), 1);
	CU_ASSERT_EQUAL(network_count(n, 1, "too fast 203.0.113.10:5000: 1 dropped"), 1);
	network_run(n, 9 * SECOND);
	CU_ASSERT_EQUAL(network_count(n, 1, "too fast"), 2);
	CU_ASSERT_EQUAL(dropped_told(n, 1), *dropped); /* of all, without another */
	for (unsigned i = 0; i < 2000; i++) {          /* nobody is told more often than every ten seconds */
		m.serial++;
		path_send(path_to_1(n), &chat_peer(n, 0)->fx, &m);
		network_run(n, MS / 4);
	}
	CU_ASSERT_EQUAL(network_count(n, 1, "too fast"), 2);
	CU_ASSERT_EQUAL(network_count(n, 1, "path lost"), 0);
	peer_logout(chat_peer(n, 0), n->now_us);
	CU_ASSERT_TRUE(chat_sees(n, 1, "path lost", SECOND)); /* before the ten seconds are over */
	CU_ASSERT_EQUAL(network_count(n, 1, "too fast"), 3);
	CU_ASSERT_EQUAL(dropped_told(n, 1), *dropped);
	network_run(n, 30 * SECOND);
	goodbyes_are_not_told_again_and_again(n);
	chat_end(n);
}

static unsigned replies_of_1, replies_elsewhere;
static const struct endpoint victim = { .address = { ADDRESS_IPV4, { 198, 51, 100, 9 } }, .port = 53 };

static void count_replies_of_1(struct network *n, const struct flight *f)
{
	struct endpoint b = network_address(n, 1);
	bool is_reply = f->bytes[5] == WIRE_REPLY && endpoint_equal(&f->from, &b);

	replies_of_1 += is_reply && !endpoint_equal(&f->to, &victim);
	replies_elsewhere += is_reply && endpoint_equal(&f->to, &victim);
}

/* A probe of host 0 on the open path, as host 1 gets it. */
static struct flight a_probe_to_1(struct network *n)
{
	struct endpoint b = network_address(n, 1);
	struct flight f = { 0 };
	bool found = false;

	tape_start(n);
	path_probing_guess(path_to_1(n), &chat_peer(n, 0)->fx, &path_to_1(n)->via->route);
	network_run(n, SECOND);
	tape_stop(n);
	for (size_t i = 0; i < tape_count() && !found; i++) {
		f = tape_flight(i);
		found = f.bytes[5] == WIRE_PROBE && endpoint_equal(&f.to, &b);
	}
	CU_ASSERT_FATAL(found);
	return f;
}

/* Who has the keys, or has seen a probe, can write any address on it: that gets few answers, and the peer all of its.
 */
static void a_place_that_never_answered_gets_few_answers(void)
{
	struct network *n = chat_punched_pair(chat_open, chat_open);
	struct endpoint b = network_address(n, 1);
	const uint64_t *dropped = &chat_peer(n, 1)->fx.drops.count[DROP_RATE];
	struct flight probe;

	network_run(n, SECOND); /* the last probes of the punch */
	probe = a_probe_to_1(n);
	n->watch = count_replies_of_1;
	replies_of_1 = replies_elsewhere = 0;
	for (unsigned i = 0; i < 1000; i++) {
		for (unsigned k = 0; k < 8; k++)
			network_inject(n, &victim, &b, probe.bytes, probe.len);
		path_probing_guess(path_to_1(n), &chat_peer(n, 0)->fx, &path_to_1(n)->via->route);
		network_run(n, MS);
	}
	network_run(n, SECOND);
	CU_ASSERT_TRUE(replies_elsewhere >= 2900 && replies_elsewhere <= 2000 + 1000 + 50);
	CU_ASSERT_EQUAL(replies_elsewhere + *dropped, 8000);
	CU_ASSERT_TRUE(replies_of_1 >= 1000);
	chat_say(n, 0, 1, "still there");
	CU_ASSERT_TRUE(chat_sees(n, 1, "from 203.0.113.10:5000: still there", SECOND));
	chat_end(n);
}

/* Who waits for acknowledgements, as we do, is slowed, and loses nothing. */
static void who_has_much_to_say_is_slowed(void)
{
	struct network *n = network_new(MS / 4);
	struct endpoint who;

	for (unsigned i = 0; i < 2; i++) {
		network_start(n, i, chat_open, CHAT_PUNCH_TIMEOUT, CHAT_KEEPALIVE);
		chat_login(n, i);
		CU_ASSERT_TRUE(chat_sees(n, i, "logged in as", SECOND));
	}
	who = network_address(n, 1);
	chat_punch(n, 0, 1);
	CU_ASSERT_TRUE(chat_sees(n, 0, "punched", SECOND));
	for (unsigned i = 0; i < 1200; i++) {
		for (unsigned waits = 0; waits < 1000 && !peer_has_room(chat_peer(n, 0), &who); waits++)
			network_run(n, MS);
		chat_say(n, 0, 1, "x");
	}
	network_run(n, 2 * SECOND);
	CU_ASSERT_EQUAL(network_count(n, 1, "from 203.0.113.10:5000: x"), 1200);
	CU_ASSERT_EQUAL(network_count(n, 0, "delivered 203.0.113.11:5000: x"), 1200);
	CU_ASSERT_TRUE(network_count(n, 1, "too fast") >= 1);
	chat_end(n);
}

/* It asks, leaves, and asks again. */
static void a_peer_cannot_flood_by_coming_and_going(void)
{
	struct network *n = chat_pair(chat_open, chat_open);
	unsigned lives;

	for (unsigned i = 0; i < 300; i++) {
		chat_punch(n, 0, 1);
		network_run(n, 60 * MS);
		path_close(path_to_1(n), &chat_peer(n, 0)->fx, n->now_us);
		network_run(n, 20 * MS);
	}
	lives = network_count(n, 1, "peer 203.0.113.10:5000 asks to punch");
	CU_ASSERT_TRUE(lives >= 100 && lives <= 100 + 24 * 10 + 10);
	chat_end(n);
}

SUITE(strangers, TEST(a_peer_cannot_flood_the_reader), TEST(a_place_that_never_answered_gets_few_answers),
      TEST(who_has_much_to_say_is_slowed), TEST(a_peer_cannot_flood_by_coming_and_going), TEST(replays_change_nothing),
      TEST(forged_datagrams_are_counted_and_dropped), TEST(the_servers_words_are_taken_from_the_server_alone),
      TEST(strangers_cannot_use_up_the_paths), TEST(the_users_punch_comes_before_those_of_strangers),
      TEST(the_users_probes_come_before_those_to_strangers), TEST(asking_again_and_again_does_not_hold_a_place),
      TEST(a_peers_asking_does_not_delay_the_users_outcome), TEST(one_address_gets_no_more_than_its_share),
      TEST(open_paths_of_strangers_give_way_too), TEST(new_sources_do_not_breed))
