/* Datagrams that were changed, replayed, made up or sent from elsewhere: none of them changes a path or a login. */
#include "chat.h"
#include "suite.h"
#include "tape.h"

/* The header is under the mac as well: what was an acknowledgement cannot be turned into a goodbye. */
static void a_datagram_cannot_be_turned_into_another(void)
{
	struct network *n = chat_punched_pair(chat_open, chat_open);
	struct endpoint a = network_address(n, 0);
	const struct drops *drops = &n->hosts[0].peer.fx.drops;
	uint64_t before;
	unsigned turned = 0;

	tape_start(n);
	chat_say(n, 0, 1, "a text");
	network_run(n, SECOND);
	chat_say(n, 0, 1, "another");
	network_run(n, 40 * SECOND); /* their acknowledgements */
	tape_stop(n);
	before = drops->count[DROP_MAC];
	for (size_t i = 0; i < tape_count(); i++) {
		struct flight f = tape_flight(i);

		if (!endpoint_equal(&f.to, &a) || f.bytes[5] != WIRE_TEXT_ACK)
			continue;
		f.bytes[5] = WIRE_BYE; /* of the same length */
		network_inject(n, &f.from, &a, f.bytes, f.len);
		turned++;
	}
	network_run(n, SECOND);
	CU_ASSERT_TRUE(turned > 1);
	CU_ASSERT_EQUAL(drops->count[DROP_MAC] - before, turned);
	CU_ASSERT_EQUAL(network_count(n, 0, "path lost"), 0);
	chat_end(n);
}

/* Old replies, sent over and over, do not keep a dead path alive. */
static void replays_do_not_hide_that_a_peer_is_gone(void)
{
	struct network *n = chat_punched_pair(chat_port_restricted, chat_port_restricted);
	struct endpoint a = network_address(n, 0);
	uint64_t before;

	tape_start(n);
	network_run(n, 31 * SECOND);
	tape_stop(n);
	n->hosts[1].up = false;
	before = n->now_us;
	while (network_count(n, 0, "path lost") == 0 && n->now_us < before + 70 * SECOND) {
		for (size_t i = 0; i < tape_count(); i++) {
			struct flight f = tape_flight(i);

			if (endpoint_equal(&f.to, &a))
				network_inject(n, &f.from, &a, f.bytes, f.len);
		}
		network_run(n, SECOND);
	}
	CU_ASSERT_EQUAL(network_count(n, 0, "path lost 203.0.113.11:5000: 3 keepalives unanswered"), 1);
	chat_end(n);
}

/* The peer began a new life of the path, we did not: what it said in the old one is old, though it bears our nonce. */
static void replays_of_the_peers_former_life_change_nothing(void)
{
	struct network *n = chat_punched_pair(chat_full_cone, chat_full_cone);
	size_t at;

	tape_start(n);
	chat_say(n, 1, 0, "only once");
	network_run(n, 2 * SECOND);
	tape_stop(n);
	for (unsigned p = 0; p < PATHS_MAX; p++)
		if (n->hosts[1].peer.paths.list[p].state == PATH_OPEN)
			n->hosts[1].peer.paths.list[p].state = PATH_DOWN;
	at = n->hosts[1].log_len;
	chat_punch(n, 1, 0);
	CU_ASSERT_TRUE(network_await(n, 1, &at, "punched", SECOND));
	network_run(n, SECOND);
	for (size_t i = 0; i < tape_count(); i++) {
		struct flight f = tape_flight(i);

		network_inject(n, &f.from, &f.to, f.bytes, f.len);
		network_run(n, 20 * MS);
	}
	CU_ASSERT_EQUAL(network_count(n, 0, "from 203.0.113.11:5000: only once"), 1);
	CU_ASSERT_EQUAL(network_count(n, 0, "path lost"), 0);
	chat_end(n);
}

/* Words of a login that is not ours, as from somebody who can forge the server's address but not see our datagrams. */
static void forged_words_of_a_login_are_dropped(void)
{
	static const enum wire_type words[] = { WIRE_WELCOME, WIRE_DENIED, WIRE_CHALLENGE };
	struct network *n = network_new(CHAT_LATENCY);
	struct endpoint a;

	network_start(n, 0, chat_open, CHAT_PUNCH_TIMEOUT, CHAT_KEEPALIVE);
	a = network_address(n, 0);
	chat_login(n, 0);
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		struct wire_message m = { .type = words[i],
			                  .reason = WIRE_NO_ROOM,
			                  .who = endpoint_ipv4(0xcb007163, 99) };
		uint8_t bytes[WIRE_MAX_DATAGRAM];

		network_inject(n, &n->server_at, &a, bytes, wire_encode(&m, bytes, sizeof bytes));
	}
	network_run(n, SECOND);
	CU_ASSERT_EQUAL(n->hosts[0].peer.fx.drops.count[DROP_LATE], 3);
	CU_ASSERT_EQUAL(network_count(n, 0, "logged in as 203.0.113.10:5000"), 1);
	CU_ASSERT_EQUAL(network_count(n, 0, "log"), 1);
	chat_end(n);
}

static const struct endpoint middle = { .address.family = ADDRESS_IPV4,
	                                .address.bytes = { 203, 0, 113, 254 },
	                                .port = 4444 };

static enum fate relayed(struct network *n, const struct flight *f)
{
	struct endpoint a = network_address(n, 0), b = network_address(n, 1);

	if (endpoint_equal(&f->to, &middle))
		network_inject(n, &middle, endpoint_equal(&f->from, &a) ? &b : &a, f->bytes, f->len);
	return ARRIVES;
}

/* Somebody on the way passes probes on from an address of his own: a path that is well does not move there. */
static void a_path_that_is_well_does_not_move(void)
{
	struct network *n = chat_punched_pair(chat_open, chat_open);
	struct endpoint a = network_address(n, 0);

	tape_start(n);
	network_run(n, 40 * SECOND);
	tape_stop(n);
	n->fate = relayed;
	for (size_t i = 0; i < tape_count(); i++) {
		struct flight f = tape_flight(i);

		if (endpoint_equal(&f.to, &a) && f.bytes[5] == WIRE_PROBE)
			network_inject(n, &middle, &a, f.bytes, f.len);
	}
	network_run(n, 40 * SECOND);
	CU_ASSERT_EQUAL(network_count(n, 0, "path") + network_count(n, 1, "path"), 0);
	CU_ASSERT_EQUAL(n->hosts[0].peer.fx.drops.count[DROP_MAC], 0);
	chat_end(n);
}

/* A device in between answers in the peer's name from elsewhere: that shows nothing of the way the probe went. */
static void an_answer_counts_only_from_where_it_was_asked(void)
{
	static const struct nat_kind breeding = { "apd/ei", MAP_ADDRESS_AND_PORT_DEPENDENT, LET_ALL_IN,
		                                  PORTS_IN_ORDER };
	struct network *n = chat_pair(breeding, breeding);

	chat_punch(n, 0, 1);
	network_run(n, 12 * SECOND);
	CU_ASSERT_EQUAL(network_count(n, 0, "punched") + network_count(n, 1, "punched"), 0);
	chat_end(n);
}

/* Eight bytes of it in a row do not stand in what was sent. */
static bool is_kept_secret(const uint8_t *secret, size_t size)
{
	for (size_t i = 0; i < tape_count(); i++) {
		struct flight f = tape_flight(i);

		for (size_t at = 0; at + 8 <= f.len; at++)
			for (size_t k = 0; k + 8 <= size; k += 4)
				if (memcmp(f.bytes + at, secret + k, 8) == 0)
					return false;
	}
	return true;
}

static void no_key_and_no_word_is_on_the_way(void)
{
	static const char text[] = "meet me at the old mill";
	struct network *n = chat_pair(chat_port_restricted, chat_port_restricted);

	tape_start(n);
	chat_login(n, 0); /* from the login on */
	chat_punch(n, 0, 1);
	network_run(n, SECOND);
	chat_say(n, 0, 1, text);
	network_run(n, SECOND);
	tape_stop(n);
	CU_ASSERT_EQUAL(network_count(n, 1, "from 203.0.113.10:5000: meet me at the old mill"), 1);
	for (unsigned i = 0; i < 2; i++) {
		const struct peer *p = chat_peer(n, i);
		const struct path *path = &p->paths.list[0];

		CU_ASSERT_FALSE(is_kept_secret(path->mine, sizeof path->mine)); /* that one is told: it can be found */
		CU_ASSERT_TRUE(is_kept_secret(path->key, sizeof path->key));
		CU_ASSERT_TRUE(is_kept_secret(path->secret, sizeof path->secret));
		CU_ASSERT_TRUE(is_kept_secret(path->text_keys.sending.key, SECRETS_KEY_SIZE));
		CU_ASSERT_TRUE(is_kept_secret(path->text_keys.receiving.key, SECRETS_KEY_SIZE));
		CU_ASSERT_TRUE(is_kept_secret(p->fx.exchange, sizeof p->fx.exchange));
	}
	CU_ASSERT_TRUE(is_kept_secret((const uint8_t *)text, sizeof text - 1));
	chat_end(n);
}

SUITE(forgery, TEST(no_key_and_no_word_is_on_the_way), TEST(a_datagram_cannot_be_turned_into_another),
      TEST(replays_do_not_hide_that_a_peer_is_gone), TEST(replays_of_the_peers_former_life_change_nothing),
      TEST(forged_words_of_a_login_are_dropped), TEST(a_path_that_is_well_does_not_move),
      TEST(an_answer_counts_only_from_where_it_was_asked))
