/* People who are called something: at the server, and what their peers make of it. */
#include "chat.h"
#include "desk.h"
#include "suite.h"

#include <stdio.h>
#include <string.h>

static void log_in_as(struct network *n, unsigned i, const char *name)
{
	peer_login(chat_peer(n, i), name, n->now_us);
	network_carry_out(n);
	network_run(n, SECOND);
}

static struct network *two_called(const char *a, const char *b)
{
	struct network *n = network_new(CHAT_LATENCY);

	network_start(n, 0, chat_port_restricted, CHAT_PUNCH_TIMEOUT, CHAT_KEEPALIVE);
	network_start(n, 1, chat_port_restricted, CHAT_PUNCH_TIMEOUT, CHAT_KEEPALIVE);
	log_in_as(n, 0, a);
	log_in_as(n, 1, b);
	return n;
}

/* Host `i` finds a name; returns whether there is somebody, and who. */
static enum reason find(struct network *n, unsigned i, const char *text, struct endpoint *who)
{
	uint8_t name[NAME_SIZE];
	enum reason reason;
	unsigned tries = 0;

	name_pad(text, name);
	while (!peer_find(chat_peer(n, i), name, who, &reason, n->now_us) && tries++ < 100) {
		CU_ASSERT_TRUE(peer_is_finding(chat_peer(n, i)));
		network_carry_out(n);
		network_run(n, 200 * MS);
	}
	CU_ASSERT_FALSE(peer_is_finding(chat_peer(n, i)));
	return reason;
}

static void punch_called(struct network *n, unsigned i, const char *text)
{
	uint8_t name[NAME_SIZE];
	struct endpoint who;

	name_pad(text, name);
	CU_ASSERT_EQUAL_FATAL(find(n, i, text, &who), REASON_NONE);
	peer_punch(chat_peer(n, i), &who, name, n->now_us);
	network_carry_out(n);
	network_run(n, SECOND);
}

static void people_are_found_by_name(void)
{
	struct network *n = two_called("Zo\xc3\xab", "bob");
	struct endpoint who, b = network_address(n, 1);

	CU_ASSERT_TRUE(chat_sees(n, 0, "name of 203.0.113.10:5000: Zo\xc3\xab", 0));
	CU_ASSERT_EQUAL(find(n, 0, "BOB", &who), REASON_NONE);
	CU_ASSERT_TRUE(endpoint_equal(&who, &b));
	CU_ASSERT_EQUAL(find(n, 0, "carol", &who), REASON_NOBODY_CALLED);
	punch_called(n, 0, "bob");
	CU_ASSERT_TRUE(chat_sees(n, 0, "name of 203.0.113.11:5000: bob", 0));
	CU_ASSERT_TRUE(chat_sees(n, 1, "name of 203.0.113.10:5000: Zo\xc3\xab", 0));
	CU_ASSERT_TRUE(chat_sees(n, 0, "punched 203.0.113.11:5000 via", 0));
	network_kill_server(n); /* who has a path is known without it */
	CU_ASSERT_EQUAL(find(n, 0, "bob", &who), REASON_NONE);
	CU_ASSERT_EQUAL(find(n, 0, "carol", &who), REASON_NO_ANSWER);
	chat_end(n);
}

static void a_list_tells_names_and_takes_a_pattern(void)
{
	struct network *n = two_called("ann", "bob");
	size_t at = n->hosts[0].log_len;

	network_start(n, 2, chat_open, CHAT_PUNCH_TIMEOUT, CHAT_KEEPALIVE);
	log_in_as(n, 2, "");
	peer_list(chat_peer(n, 0), "", n->now_us);
	CU_ASSERT_TRUE(network_await(n, 0, &at, "peer 203.0.113.10:5000 (you)", SECOND));
	CU_ASSERT_TRUE(network_await(n, 0, &at, "name of 203.0.113.10:5000: ann", 0));
	CU_ASSERT_TRUE(network_await(n, 0, &at, "peer 203.0.113.11:5000", 0));
	CU_ASSERT_TRUE(network_await(n, 0, &at, "name of 203.0.113.11:5000: bob", 0));
	CU_ASSERT_TRUE(network_await(n, 0, &at, "peer 203.0.113.12:5000", 0));
	CU_ASSERT_TRUE(network_await(n, 0, &at, "3 peers", 0));
	peer_list(chat_peer(n, 0), "b*", n->now_us);
	peer_list(chat_peer(n, 0), "203.0.113.1?:*", n->now_us);
	peer_list(chat_peer(n, 0), "?", n->now_us);
	CU_ASSERT_TRUE(network_await(n, 0, &at, "1 peer", SECOND));
	CU_ASSERT_TRUE(network_await(n, 0, &at, "3 peers", SECOND));
	CU_ASSERT_TRUE(network_await(n, 0, &at, "0 peers", SECOND));
	chat_end(n);
}

/* As names are one by what they look like, and have characters. */
static void a_pattern_finds_who_is_meant(void)
{
	struct network *n = two_called("ann", "\xe6\x9d\x8e"); /* Li */
	static const struct {
		const char *pattern;
		unsigned peers;
	} table[] = {
		{ "ANN", 1 },
		{ "A*", 1 },
		{ "?", 1 }, /* Li is one, of three bytes */
		{ "???", 1 },
		{ "??", 0 },
		{ "*?", 2 },
		{ "*??n", 1 },
		{ "\xe6\x9d\x8e", 1 },
		{ "\xe6\x9d", 0 },
		{ "\xd0\xb0nn", 1 }, /* with a Cyrillic a */
		{ "2O3.0.113.1?:*", 2 },
		{ "203.0.113.?:*", 0 },
	};
	char line[32];

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		size_t at = n->hosts[0].log_len;

		peer_list(chat_peer(n, 0), table[i].pattern, n->now_us);
		network_carry_out(n);
		snprintf(line, sizeof line, "%u peer", table[i].peers);
		CU_ASSERT_TRUE_FATAL(network_await(n, 0, &at, line, SECOND));
	}
	chat_end(n);
}

static void a_name_that_is_taken_is_told(void)
{
	struct network *n = two_called("alice", "\xd0\xb0lbert"); /* with a Cyrillic a */

	CU_ASSERT_TRUE(chat_sees(n, 1, "login failed 203.0.113.1:5000: the server refuses the name", 0));
	log_in_as(n, 1, "A1ICE");
	CU_ASSERT_TRUE(chat_sees(n, 1, "login failed 203.0.113.1:5000: the name is taken", 0));
	CU_ASSERT_EQUAL(n->hosts[1].failures, 2);
	peer_logout(chat_peer(n, 0), n->now_us);
	network_run(n, 2 * SECOND);
	log_in_as(n, 1, "A1ICE"); /* it is free again */
	CU_ASSERT_TRUE(chat_sees(n, 1, "name of 203.0.113.11:5000: A1ICE", 0));
	chat_end(n);
}

/* The same key at another address, while the server still believes it at the first: it has moved. */
static void a_key_takes_its_name_along(void)
{
	struct network *n = two_called("alice", "bob");
	struct endpoint who, third;

	network_start(n, 2, chat_open, CHAT_PUNCH_TIMEOUT, CHAT_KEEPALIVE);
	memcpy(chat_peer(n, 2)->login.identity, chat_peer(n, 0)->login.identity, CARD_SEED_SIZE);
	n->hosts[0].up = false;
	log_in_as(n, 2, "alice");
	third = network_address(n, 2);
	CU_ASSERT_EQUAL(find(n, 1, "alice", &who), REASON_NONE);
	CU_ASSERT_TRUE(endpoint_equal(&who, &third));
	peer_logout(chat_peer(n, 2), n->now_us);
	network_run(n, 2 * SECOND);
	CU_ASSERT_EQUAL(find(n, 1, "alice", &who), REASON_NONE); /* until the server forgets that one, too */
	network_run(n, 100 * SECOND);
	CU_ASSERT_EQUAL(find(n, 1, "alice", &who), REASON_NOBODY_CALLED);
	chat_end(n);
}

static void a_changed_key_is_refused_until_accepted(void)
{
	struct network *n = two_called("alice", "bob");
	uint8_t bob[NAME_SIZE];
	size_t at;

	name_pad("bob", bob);
	punch_called(n, 0, "bob");
	network_run(n, SECOND);
	CU_ASSERT_EQUAL(chat_peer(n, 0)->pins.count, 1);
	CU_ASSERT_EQUAL(chat_peer(n, 1)->pins.count, 0); /* that side did not want anything */
	CU_ASSERT_FALSE(peer_accept(chat_peer(n, 0), bob));
	peer_logout(chat_peer(n, 1), n->now_us);
	network_run(n, 2 * SECOND);
	network_start(n, 2, chat_open, CHAT_PUNCH_TIMEOUT, CHAT_KEEPALIVE);
	log_in_as(n, 2, "B0B");
	at = n->hosts[0].log_len;
	chat_punch(n, 2, 0);
	network_run(n, 11 * SECOND);
	CU_ASSERT_TRUE(network_await(n, 0, &at, "key changed 203.0.113.12:5000: B0B", 0));
	CU_ASSERT_FALSE(network_await(n, 0, &at, "", 0)); /* and no more of it */
	CU_ASSERT_TRUE(chat_sees(n, 2, "punch failed 203.0.113.10:5000 after 10.0 s: no probe arrived", 0));
	punch_called(n, 0, "bob");
	CU_ASSERT_TRUE(network_await(n, 0, &at, "key changed 203.0.113.12:5000: B0B", 0));
	CU_ASSERT_TRUE(network_await(
	    n, 0, &at, "punch failed 203.0.113.12:5000 after 0.0 s: the key is not the one that is known", 0));
	CU_ASSERT_TRUE(peer_accept(chat_peer(n, 0), bob));
	punch_called(n, 0, "bob");
	CU_ASSERT_TRUE(network_await(n, 0, &at, "punched 203.0.113.12:5000", 0));
	chat_end(n);
}

/* Whose card was refused has no other name. */
static void who_is_refused_is_told_of_by_the_name_that_was_typed(void)
{
	struct network *n = two_called("alice", "bob");
	struct endpoint who;
	uint8_t bob[NAME_SIZE];
	size_t at;

	name_pad("bob", bob);
	n->style = EVENT_FOR_PEOPLE;
	punch_called(n, 0, "bob");
	peer_logout(chat_peer(n, 1), n->now_us);
	network_run(n, 2 * SECOND);
	network_start(n, 2, chat_open, CHAT_PUNCH_TIMEOUT, CHAT_KEEPALIVE);
	log_in_as(n, 2, "bob");
	at = n->hosts[0].log_len;
	CU_ASSERT_EQUAL(find(n, 0, "bob", &who), REASON_NONE);
	peer_punch(chat_peer(n, 0), &who, bob, n->now_us);
	peer_send(chat_peer(n, 0), &who, NULL, (const uint8_t *)"a secret", 8, n->now_us);
	peer_status(chat_peer(n, 0), n->now_us);
	network_run(n, SECOND);
	CU_ASSERT_TRUE(network_await(n, 0, &at, "status bob: asking the server, 1 text waiting", 0));
	CU_ASSERT_TRUE(
	    network_await(n, 0, &at, "punch failed bob after 0.0 s: the key is not the one that is known", 0));
	CU_ASSERT_TRUE(network_await(n, 0, &at, "not delivered bob (punch failed): a secret", 0));
	chat_end(n);
}

/* The user has removed all lines of the file of alice's known names. */
static void forget_all(struct network *n)
{
	static struct pins file;

	file = (struct pins){ .count = 0 };
	pins_are_kept(&chat_peer(n, 0)->pins);
	peer_take_pins(chat_peer(n, 0), &file, n->now_us);
	CU_ASSERT_EQUAL(chat_peer(n, 0)->pins.count, 0);
	network_run(n, SECOND);
	CU_ASSERT_EQUAL(chat_peer(n, 0)->pins.count, 0); /* that the path is open does not undo it */
}

static void whose_line_is_removed_is_known_again_by_the_next_text(void)
{
	struct network *n = two_called("alice", "bob");

	punch_called(n, 0, "bob");
	forget_all(n);
	chat_say(n, 0, 1, "you again");
	network_run(n, SECOND);
	CU_ASSERT_EQUAL(chat_peer(n, 0)->pins.count, 1);
	forget_all(n);
	punch_called(n, 0, "bob"); /* whose path is open */
	CU_ASSERT_EQUAL(chat_peer(n, 0)->pins.count, 1);
	forget_all(n);
	peer_logout(chat_peer(n, 1), n->now_us); /* it ends, and begins anew */
	network_run(n, 2 * SECOND);
	log_in_as(n, 1, "bob");
	punch_called(n, 0, "bob");
	CU_ASSERT_EQUAL(chat_peer(n, 0)->pins.count, 1);
	chat_end(n);
}

/* The file says that bob has another key, for another client of alice's has known him before. */
static void take_another_bob(struct network *n)
{
	static struct pins file;
	const uint8_t key[CARD_KEY_SIZE] = { 7 };
	uint8_t bob[NAME_SIZE];

	name_pad("bob", bob);
	file = (struct pins){ .count = 0 };
	CU_ASSERT_TRUE(pins_note(&file, bob, key));
	pins_are_kept(&file);
	peer_take_pins(chat_peer(n, 0), &file, n->now_us);
	network_carry_out(n);
}

static void who_is_known_by_another_key_in_the_file_is_left(void)
{
	struct network *n = two_called("alice", "bob");
	size_t at;

	punch_called(n, 0, "bob");
	at = n->hosts[0].log_len;
	n->hosts[1].up = false;
	chat_say(n, 0, 1, "a secret");
	take_another_bob(n);
	CU_ASSERT_TRUE(network_await(n, 0, &at, "key changed 203.0.113.11:5000: bob", 0));
	CU_ASSERT_TRUE(
	    network_await(n, 0, &at, "path lost 203.0.113.11:5000: the key is not the one that is known", 0));
	CU_ASSERT_TRUE(network_await(n, 0, &at, "not delivered 203.0.113.11:5000 (path lost): a secret", 0));
	network_run(n, SECOND); /* what was under way is lost */
	n->hosts[1].up = true;
	network_run(n, 30 * SECOND); /* that side asks again */
	CU_ASSERT_EQUAL(network_count(n, 1, "from"), 0);
	CU_ASSERT_EQUAL(network_count(n, 0, "punched"), 1);
	CU_ASSERT_EQUAL(network_count(n, 0, "key changed"), 1);
	take_another_bob(n); /* is no news */
	CU_ASSERT_EQUAL(network_count(n, 0, "key changed"), 1);
	chat_end(n);
}

static void who_was_known_by_another_key_and_has_gone_is_told(void)
{
	struct network *n = two_called("alice", "bob");
	uint8_t bob[NAME_SIZE];

	punch_called(n, 0, "bob");
	peer_logout(chat_peer(n, 1), n->now_us);
	network_run(n, 2 * SECOND);
	take_another_bob(n);
	CU_ASSERT_TRUE(chat_sees(n, 0, "key changed 203.0.113.11:5000: bob", 0));
	take_another_bob(n);
	CU_ASSERT_EQUAL(network_count(n, 0, "key changed"), 1);
	name_pad("bob", bob);
	CU_ASSERT_TRUE(peer_accept(chat_peer(n, 0), bob));
	take_another_bob(n); /* that was accepted counts */
	CU_ASSERT_TRUE(chat_peer(n, 0)->pins.changed);
	CU_ASSERT_EQUAL(network_count(n, 0, "key changed"), 1);
	chat_end(n);
}

/* The server says that bob is where somebody else is. */
static void somebody_else_is_not_taken_for_the_one_called(void)
{
	struct network *n = two_called("alice", "carol");
	struct endpoint b = network_address(n, 1);
	uint8_t bob[NAME_SIZE];

	name_pad("bob", bob);
	peer_punch(chat_peer(n, 0), &b, bob, n->now_us);
	peer_send(chat_peer(n, 0), &b, NULL, (const uint8_t *)"a secret", 8, n->now_us);
	network_run(n, SECOND);
	CU_ASSERT_TRUE(
	    chat_sees(n, 0, "punch failed 203.0.113.11:5000 after 0.1 s: the server has named somebody else", 0) ||
	    chat_sees(n, 0, "punch failed 203.0.113.11:5000 after 0.0 s: the server has named somebody else", 0));
	CU_ASSERT_TRUE(chat_sees(n, 0, "not delivered 203.0.113.11:5000 (punch failed): a secret", 0));
	chat_punch(n, 1, 0); /* nor if that one asks */
	network_run(n, 5 * SECOND);
	CU_ASSERT_EQUAL(network_count(n, 1, "from"), 0);
	chat_end(n);
}

/* Its card is all that others see of a peer; that alone does not make one called what it is. */
static void a_card_alone_proves_nothing(void)
{
	struct endpoint from[] = { desk_client_at(1), desk_client_at(2), desk_client_at(3), desk_client_at(4) };
	struct wire_message m;

	desk_start(8);
	CU_ASSERT_EQUAL(desk_log_in_as(&from[0], "alice", 1, 1, &m), WIRE_WELCOME);
	CU_ASSERT_EQUAL(desk_log_in_as(&from[1], "alice", 1, 2, &m), WIRE_DENIED); /* her card, another's proof */
	CU_ASSERT_EQUAL(m.reason, WIRE_NAME_REFUSED);
	CU_ASSERT_EQUAL(desk_log_in_as(&from[1], "alice", 2, 2, &m), WIRE_DENIED);
	CU_ASSERT_EQUAL(m.reason, WIRE_NAME_TAKEN);
	CU_ASSERT_EQUAL(desk_log_in_as(&from[2], "al\xe2\x80\x8bice", 3, 3, &m), WIRE_DENIED);
	CU_ASSERT_EQUAL(m.reason, WIRE_NAME_REFUSED);
	CU_ASSERT_EQUAL(desk_take_events(RENDEZVOUS_NO_NAME), 3);
	CU_ASSERT_EQUAL(desk_log_in_as(&from[3], "alice", 1, 1, &m), WIRE_WELCOME);
	desk_close();
}

/* Those with a name are told of, to those who are there; not when a key only changes its address. */
static void who_comes_and_goes_is_told(void)
{
	struct network *n = two_called("ann", "bob");
	size_t at = 0;

	CU_ASSERT_TRUE(network_await(n, 0, &at, "joined 203.0.113.11:5000: bob", 0));
	network_start(n, 2, chat_open, CHAT_PUNCH_TIMEOUT, CHAT_KEEPALIVE);
	log_in_as(n, 2, ""); /* nobody hears of that one, but it hears of others */
	network_start(n, 3, chat_open, CHAT_PUNCH_TIMEOUT, CHAT_KEEPALIVE);
	memcpy(chat_peer(n, 3)->login.identity, chat_peer(n, 1)->login.identity, CARD_SEED_SIZE);
	log_in_as(n, 3, "bob"); /* the same from elsewhere */
	peer_logout(chat_peer(n, 3), n->now_us);
	network_run(n, 2 * SECOND);
	CU_ASSERT_EQUAL(network_count(n, 0, "joined") + network_count(n, 0, "left"), 1);
	CU_ASSERT_EQUAL(network_count(n, 2, "joined") + network_count(n, 2, "left"), 0);
	peer_logout(chat_peer(n, 1), n->now_us);
	network_run(n, 2 * SECOND);
	CU_ASSERT_TRUE(network_await(n, 0, &at, "left 203.0.113.11:5000: bob", 0));
	CU_ASSERT_TRUE(chat_sees(n, 2, "left 203.0.113.11:5000: bob", 0));
	n->hosts[0].up = false; /* without a word */
	CU_ASSERT_TRUE(chat_sees(n, 2, "left 203.0.113.10:5000: ann", 100 * SECOND));
	chat_end(n);
}

/* Who is not logged in is told so at once, and waits for nothing. */
static void nobody_is_found_without_a_login(void)
{
	struct network *n = network_new(CHAT_LATENCY);
	uint8_t name[NAME_SIZE] = "bob";
	struct endpoint who;
	enum reason reason;

	network_start(n, 0, chat_open, CHAT_PUNCH_TIMEOUT, CHAT_KEEPALIVE);
	CU_ASSERT_TRUE(peer_find(chat_peer(n, 0), name, &who, &reason, n->now_us));
	CU_ASSERT_EQUAL(reason, REASON_NOT_LOGGED_IN);
	CU_ASSERT_FALSE(peer_is_finding(chat_peer(n, 0)));
	chat_end(n);
}

SUITE(names, TEST(nobody_is_found_without_a_login), TEST(people_are_found_by_name),
      TEST(a_list_tells_names_and_takes_a_pattern), TEST(a_pattern_finds_who_is_meant),
      TEST(a_name_that_is_taken_is_told), TEST(a_key_takes_its_name_along),
      TEST(a_changed_key_is_refused_until_accepted), TEST(who_is_refused_is_told_of_by_the_name_that_was_typed),
      TEST(whose_line_is_removed_is_known_again_by_the_next_text),
      TEST(who_is_known_by_another_key_in_the_file_is_left), TEST(who_was_known_by_another_key_and_has_gone_is_told),
      TEST(somebody_else_is_not_taken_for_the_one_called), TEST(a_card_alone_proves_nothing),
      TEST(who_comes_and_goes_is_told))
