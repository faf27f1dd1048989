/* Texts on their way: each arrives once and in order, or its sender is told that it did not. */
#include "chat.h"
#include "suite.h"

#include <stdio.h>

/* Says as many texts as there is room for, all beginning with `word`; returns how many. */
static unsigned say_all(struct network *n, unsigned other, const char *word)
{
	struct endpoint who = network_address(n, other);
	unsigned count = 0;
	char text[32];

	while (peer_has_room(chat_peer(n, 0), &who) && count < 1000) {
		snprintf(text, sizeof text, "%s %u", word, count++);
		chat_say(n, 0, other, text);
	}
	return count;
}

static void undeliverable_texts_are_told(void)
{
	struct network *n = chat_punched_pair(chat_port_restricted, chat_port_restricted);
	unsigned said;

	network_run(n, SECOND);
	n->hosts[1].up = false;
	said = say_all(n, 1, "text");
	CU_ASSERT_EQUAL(said, OUTBOX_SHARED / 2 + 1);
	chat_say(n, 0, 1, "one more");
	CU_ASSERT_EQUAL(network_count(n, 0, "not delivered 203.0.113.11:5000 (too many texts waiting): one more"), 1);
	CU_ASSERT_TRUE(chat_sees(n, 0, "path lost 203.0.113.11:5000: no answer to a new punch", 7 * SECOND));
	network_run(n, CHAT_PUNCH_TIMEOUT);
	CU_ASSERT_EQUAL(network_count(n, 0, "not delivered"), 1); /* it may still be found */
	CU_ASSERT_TRUE(chat_sees(n, 0, "not delivered 203.0.113.11:5000 (punch failed): text 0",
	                         CHAT_KEEPALIVE + CHAT_PUNCH_TIMEOUT));
	CU_ASSERT_EQUAL(network_count(n, 0, "not delivered"), said + 1);
	CU_ASSERT_TRUE(peer_is_idle(chat_peer(n, 0)));
	chat_end(n);
}

static struct flight kept; /* the last that was sent to the first host */

static void keep_what_comes_back(struct network *n, const struct flight *f)
{
	if (endpoint_same_address(&f->to, &n->hosts[0].outside))
		kept = *f;
}

/* The program was stopped for 11 s, and the answer has lain in its socket for as long, behind something else. */
static void an_answer_that_waited_is_in_time(void)
{
	static const uint8_t junk[] = "junk";
	struct network *n = chat_punched_pair(chat_open, chat_open);
	struct peer *p = chat_peer(n, 0);

	network_run(n, SECOND);
	n->watch = keep_what_comes_back;
	n->fate = fate_of_the_chosen;
	n->chosen = n->sent + 1; /* the acknowledgement, behind the text */
	n->chosen_fate = LOST;
	chat_say(n, 0, 1, "hello");
	network_run(n, 2 * CHAT_LATENCY + MS);
	CU_ASSERT_EQUAL(network_count(n, 1, "from 203.0.113.10:5000: hello"), 1);
	CU_ASSERT_EQUAL(network_count(n, 0, "delivered"), 0);
	n->now_us += 11 * SECOND;
	peer_receive(p, 0, &kept.from, junk, sizeof junk, n->now_us);
	peer_receive(p, 0, &kept.from, kept.bytes, kept.len, n->now_us);
	peer_tick(p, n->now_us);
	network_carry_out(n);
	CU_ASSERT_EQUAL(network_count(n, 0, "delivered 203.0.113.11:5000: hello"), 1);
	CU_ASSERT_EQUAL(network_count(n, 0, "not delivered"), 0);
	chat_end(n);
}

/* Texts to a peer that is gone leave room for those to another, and again when they are delivered. */
static void a_dead_peer_does_not_starve_another(void)
{
	struct network *n = chat_punched_pair(chat_open, chat_open);
	unsigned said;

	network_start(n, 2, chat_open, CHAT_PUNCH_TIMEOUT, CHAT_KEEPALIVE);
	chat_login(n, 2);
	network_run(n, SECOND);
	chat_punch(n, 0, 2);
	network_run(n, SECOND);
	n->hosts[1].up = false;
	said = say_all(n, 1, "lost");
	CU_ASSERT_TRUE(said >= 32);
	for (unsigned i = 0; i < 2; i++) {
		size_t at = n->hosts[2].log_len;

		CU_ASSERT_TRUE(say_all(n, 2, "found") > 8);
		CU_ASSERT_TRUE(network_await(n, 2, &at, "from 203.0.113.10:5000: found 8", SECOND));
		network_run(n, SECOND);
	}
	CU_ASSERT_EQUAL(network_count(n, 0, "not delivered"), 0);
	CU_ASSERT_EQUAL(chat_peer(n, 0)->outbox.waiting, said);
	chat_end(n);
}

/* Whatever the others hold: every path has a place of its own, and all places come back. */
static void every_path_has_a_place_of_its_own(void)
{
	static struct outbox o;
	static struct path paths[PATHS_MAX];
	static struct effects fx;
	struct event e;
	unsigned put = 0, failed = 0;

	for (size_t i = 0; i < PATHS_MAX; i++) {
		unsigned before = put;

		while (outbox_put(&o, &paths[i], (const uint8_t *)"x", 1))
			put++;
		CU_ASSERT_TRUE(put > before);
	}
	CU_ASSERT_EQUAL(o.waiting, put);
	for (size_t i = PATHS_MAX; i-- > 0;)
		outbox_fail(&o, &fx, &paths[i], REASON_PATH_LOST);
	while (eventq_take(&fx.events, &e))
		failed++;
	CU_ASSERT_EQUAL(failed, put);
	CU_ASSERT_EQUAL(o.waiting + o.shared, 0);
}

static void texts_keep_their_order(void)
{
	struct network *n = chat_punched_pair(chat_port_restricted, chat_port_restricted);
	size_t at = 0;
	char text[64];

	n->fate = fate_by_dice;
	n->chosen = 3;
	n->chosen_fate = LATE_300_MS;
	for (unsigned i = 0; i < 20; i++) {
		snprintf(text, sizeof text, "number %u", i);
		chat_say(n, 0, 1, text);
	}
	for (unsigned i = 0; i < 20; i++) {
		snprintf(text, sizeof text, "from 203.0.113.10:5000: number %u", i);
		CU_ASSERT_TRUE(network_await(n, 1, &at, text, 20 * SECOND));
	}
	network_run(n, 20 * SECOND);
	CU_ASSERT_EQUAL(network_count(n, 1, "from"), 20);
	chat_end(n);
}

static enum fate texts_are_lost(struct network *n, const struct flight *f)
{
	(void)n;
	return f->bytes[5] == WIRE_TEXT ? LOST : ARRIVES;
}

/* The peer is there and keeps the path open, but takes no text. */
static void all_that_wait_end_with_the_first(void)
{
	struct network *n = chat_punched_pair(chat_open, chat_open);
	unsigned said;

	n->fate = texts_are_lost;
	said = say_all(n, 1, "text");
	network_run(n, 9900 * MS);
	CU_ASSERT_EQUAL(network_count(n, 0, "not delivered"), 0);
	network_run(n, 200 * MS);
	CU_ASSERT_EQUAL(network_count(n, 0, "not delivered 203.0.113.11:5000 (no answer in 10.0 s)"), said);
	CU_ASSERT_TRUE(peer_is_idle(chat_peer(n, 0)));
	n->fate = NULL;
	chat_say(n, 0, 1, "now");
	CU_ASSERT_TRUE(chat_sees(n, 1, "from 203.0.113.10:5000: now", SECOND));
	CU_ASSERT_EQUAL(network_count(n, 0, "path lost"), 0);
	chat_end(n);
}

static uint64_t next_text_us;

static enum fate one_text_in_six_seconds(struct network *n, const struct flight *f)
{
	if (f->bytes[5] != WIRE_TEXT)
		return ARRIVES;
	if (n->now_us < next_text_us)
		return LOST;
	next_text_us = n->now_us + 6 * SECOND;
	return ARRIVES;
}

/* Slow, but no time-out: nothing of what waits meanwhile is given up. */
static void a_slow_peer_gets_everything(void)
{
	struct network *n = chat_punched_pair(chat_open, chat_open);

	next_text_us = n->now_us;
	n->fate = one_text_in_six_seconds;
	for (unsigned i = 0; i < 5; i++)
		chat_say(n, 0, 1, "text");
	network_run(n, 40 * SECOND);
	CU_ASSERT_EQUAL(network_count(n, 0, "delivered 203.0.113.11:5000: text"), 5);
	CU_ASSERT_EQUAL(network_count(n, 0, "not delivered"), 0);
	chat_end(n);
}

/* The peer ended and another program took its address over: it gets nothing of what was meant for the peer. */
static void a_text_is_not_for_who_takes_over_the_address(void)
{
	struct network *n = chat_punched_pair(chat_port_restricted, chat_port_restricted);
	size_t at;

	network_run(n, SECOND);
	n->hosts[1].up = false;
	chat_say(n, 0, 1, "for you alone");
	chat_say(n, 0, 1, "this too");
	network_run(n, SECOND);
	at = n->hosts[0].log_len;
	network_start(n, 1, chat_port_restricted, CHAT_PUNCH_TIMEOUT, CHAT_KEEPALIVE);
	chat_peer(n, 1)->login.identity[0] ^= 1; /* somebody else */
	chat_login(n, 1);
	network_run(n, SECOND);
	chat_punch(n, 1, 0);
	CU_ASSERT_TRUE(network_await(n, 0, &at, "path lost 203.0.113.11:5000: peer logged in anew", SECOND));
	CU_ASSERT_TRUE(network_await(n, 0, &at, "not delivered 203.0.113.11:5000 (path lost): for you alone", 0));
	CU_ASSERT_TRUE(network_await(n, 0, &at, "not delivered 203.0.113.11:5000 (path lost): this too", 0));
	CU_ASSERT_TRUE(network_await(n, 0, &at, "peer 203.0.113.11:5000 asks to punch", 0));
	CU_ASSERT_TRUE(network_await(n, 0, &at, "punched 203.0.113.11:5000 via", SECOND));
	chat_say(n, 0, 1, "for the new one");
	CU_ASSERT_TRUE(chat_sees(n, 1, "from 203.0.113.10:5000: for the new one", SECOND));
	network_run(n, 20 * SECOND);
	CU_ASSERT_EQUAL(network_count(n, 1, "from"), 1);
	chat_end(n);
}

/* Texts take the places that others left: still each once, in order. */
static void texts_keep_their_order_when_places_are_reused(void)
{
	struct network *n = chat_punched_pair(chat_open, chat_open);
	size_t at = 0;
	char text[64];

	chat_say(n, 0, 1, "number 0");
	chat_say(n, 0, 1, "number 1");
	chat_say(n, 0, 1, "number 2");
	CU_ASSERT_TRUE(chat_sees(n, 0, "delivered 203.0.113.11:5000: number 0", SECOND));
	chat_say(n, 0, 1, "number 3");
	for (unsigned i = 0; i < 4; i++) {
		snprintf(text, sizeof text, "from 203.0.113.10:5000: number %u", i);
		CU_ASSERT_TRUE(network_await(n, 1, &at, text, 5 * SECOND));
	}
	network_run(n, SECOND);
	CU_ASSERT_EQUAL(network_count(n, 1, "from"), 4);
	chat_end(n);
}

SUITE(outbox, TEST(an_answer_that_waited_is_in_time), TEST(undeliverable_texts_are_told),
      TEST(a_dead_peer_does_not_starve_another), TEST(every_path_has_a_place_of_its_own), TEST(texts_keep_their_order),
      TEST(texts_keep_their_order_when_places_are_reused), TEST(all_that_wait_end_with_the_first),
      TEST(a_slow_peer_gets_everything), TEST(a_text_is_not_for_who_takes_over_the_address))
