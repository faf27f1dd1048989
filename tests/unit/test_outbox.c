/* Texts on their way: each arrives once and in order, or its sender is told that it did not. */
#include "chat.h"
#include "suite.h"

#include <stdio.h>

static void undeliverable_texts_are_told(void)
{
	struct network *n = chat_punched_pair(chat_port_restricted, chat_port_restricted);
	char text[16];

	network_run(n, SECOND);
	n->hosts[1].up = false;
	for (unsigned i = 0; i <= OUTBOX_TEXTS; i++) {
		snprintf(text, sizeof text, "text %u", i);
		chat_say(n, 0, 1, text);
	}
	CU_ASSERT_EQUAL(network_count(n, 0, "not delivered 203.0.113.11:5000 (too many texts waiting): text 32"), 1);
	CU_ASSERT_TRUE(chat_sees(n, 0, "not delivered 203.0.113.11:5000 (no answer in 10.0 s): text 0", 11 * SECOND));
	CU_ASSERT_TRUE(chat_sees(n, 0, "path lost", 60 * SECOND));
	network_run(n, 30 * SECOND);
	CU_ASSERT_EQUAL(network_count(n, 0, "not delivered"), OUTBOX_TEXTS + 1);
	CU_ASSERT_TRUE(peer_is_idle(chat_peer(n, 0)));
	chat_end(n);
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

SUITE(outbox, TEST(undeliverable_texts_are_told), TEST(texts_keep_their_order),
      TEST(a_text_is_not_for_who_takes_over_the_address))
