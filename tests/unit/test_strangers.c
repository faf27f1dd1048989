/* What comes from elsewhere: replays, forgeries, floods. None of it may move, end or use up what a user has. */
#include "chat.h"
#include "suite.h"

#include <string.h>

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
	struct network *n = chat_pair(chat_full_cone, chat_full_cone);
	size_t at;

	recorded_count = 0;
	n->watch = record;
	chat_punch(n, 0, 1);
	chat_say(n, 0, 1, "only once");
	chat_say(n, 1, 0, "no path yet");
	network_run(n, 2 * SECOND);
	chat_say(n, 1, 0, "once too");
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

	recorded_count = 0;
	n->watch = record;
	chat_punch(n, 0, 1);
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

static void strangers_cannot_use_up_the_paths(void)
{
	struct network *n = chat_pair(chat_open, chat_open);
	struct peer *p = chat_peer(n, 0);
	uint8_t bytes[WIRE_MAX_DATAGRAM];
	struct endpoint a = network_address(n, 0);

	chat_punch(n, 0, 1);
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
	chat_say(n, 0, 1, "unharmed");
	CU_ASSERT_TRUE(chat_sees(n, 1, "from 203.0.113.10:5000: unharmed", SECOND));
	chat_end(n);
}

/* Both NATs give every destination a new port and let in anybody: each probe comes from a new source. */
static void new_sources_do_not_breed(void)
{
	static const struct nat_kind breeding = { "apd/ei", MAP_ADDRESS_AND_PORT_DEPENDENT, LET_ALL_IN };
	struct network *n = chat_pair(breeding, breeding);
	unsigned before = n->sent;

	chat_punch(n, 0, 1);
	network_run(n, 10 * SECOND);
	CU_ASSERT_TRUE(n->sent - before < 1000);
	chat_end(n);
}

SUITE(strangers, TEST(replays_change_nothing), TEST(forged_datagrams_are_counted_and_dropped),
      TEST(the_servers_words_are_taken_from_the_server_alone), TEST(strangers_cannot_use_up_the_paths),
      TEST(new_sources_do_not_breed))
