/* Paths that die under a conversation: it goes on over another, and every text is shown once, in order. */
#include "chat.h"
#include "chat/peer/peer_paths.h"
#include "suite.h"

#include <stdio.h>
#include <string.h>

static const struct nat_kind restricted = { "restricted", MAP_ENDPOINT_INDEPENDENT, LET_ADDRESS_IN, PORTS_IN_ORDER };

/* The box of host `i` loses its power for a moment; new mappings get other ports where it does not keep them. */
static void reboot(struct network *n, unsigned i)
{
	n->hosts[i].flow_count = 0;
}

/* Host `i` is on another network from now on. */
static void roam(struct network *n, unsigned i)
{
	struct host *h = &n->hosts[i];

	reboot(n, i);
	h->outside.address.bytes[3] = (uint8_t)(h->outside.address.bytes[3] + 100);
	h->next_port = 7000;
	if (h->nat.mapping == MAP_NONE)
		h->inside = h->outside;
}

static const struct endpoint *peer_of(struct network *n, unsigned i)
{
	for (size_t k = 0; k < PATHS_MAX; k++)
		if (n->hosts[i].peer.paths.list[k].state != PATH_FREE)
			return &n->hosts[i].peer.paths.list[k].peer;
	return NULL;
}

static void say_to_peer(struct network *n, unsigned i, const char *text)
{
	const struct endpoint *who = peer_of(n, i);

	CU_ASSERT_PTR_NOT_NULL_FATAL(who);
	peer_send(chat_peer(n, i), who, NULL, (const uint8_t *)text, strlen(text), n->now_us);
	network_carry_out(n);
}

/* How many lines host `i` has shown that end so. */
static unsigned count_ends(const struct network *n, unsigned i, const char *end)
{
	const struct host *h = &n->hosts[i];
	unsigned count = 0;
	char line[256];

	snprintf(line, sizeof line, ": %s\n", end);
	for (const char *at = h->log; (at = strstr(at, line)) != NULL; at++)
		count += strncmp(at - 10, "not deliv", 9) != 0;
	return count;
}

/* Five texts from each side around the event, which must all arrive, once, and be acknowledged. */
static void goes_on(struct nat_kind a, struct nat_kind b, void (*event)(struct network *n, unsigned i), unsigned whom)
{
	struct network *n = chat_punched_pair(a, b);
	char text[32];

	network_run(n, 3 * SECOND);
	for (unsigned i = 0; i < 5; i++) {
		if (i == 2)
			event(n, whom);
		for (unsigned side = 0; side < 2; side++) {
			snprintf(text, sizeof text, "text %u of %u", i, side);
			say_to_peer(n, side, text);
		}
		network_run(n, 100 * MS);
	}
	network_run(n, 3 * CHAT_KEEPALIVE);
	for (unsigned side = 0; side < 2; side++) {
		CU_ASSERT_EQUAL(network_count(n, side, "not delivered"), 0);
		for (unsigned i = 0; i < 5; i++) {
			snprintf(text, sizeof text, "text %u of %u", i, side);
			CU_ASSERT_EQUAL(count_ends(n, 1 - side, text), 1); /* shown */
			CU_ASSERT_EQUAL(count_ends(n, side, text), 1);     /* delivered */
		}
	}
	chat_end(n);
}

static void a_nat_that_reboots_loses_no_text(void)
{
	goes_on(chat_port_restricted, chat_port_restricted, reboot, 0);
	goes_on(chat_port_restricted, chat_port_restricted, reboot, 1);
	goes_on(restricted, chat_symmetric, reboot, 1);
	goes_on(chat_full_cone, chat_symmetric, reboot, 1);
	goes_on(restricted, chat_symmetric, reboot, 0);
}

static void who_moves_loses_no_text(void)
{
	goes_on(chat_open, chat_open, roam, 0);
	goes_on(chat_port_restricted, chat_port_restricted, roam, 0);
	goes_on(chat_port_restricted, chat_port_restricted, roam, 1);
	goes_on(restricted, chat_symmetric, roam, 1);
	goes_on(restricted, chat_symmetric, roam, 0);
}

static void restart_and_move(struct network *n, unsigned whom)
{
	network_start_server(n);
	roam(n, whom);
}

/* Whoever is first at the server again does not find the other there. */
static void a_server_that_restarts_meanwhile_loses_no_text(void)
{
	goes_on(chat_port_restricted, chat_port_restricted, restart_and_move, 0);
	goes_on(chat_port_restricted, chat_port_restricted, restart_and_move, 1);
	goes_on(restricted, chat_symmetric, restart_and_move, 1);
}

/* Both move at once, and the server perhaps restarts; what each says then is heard by the other. Ends the chat. */
static void find_each_other(struct network *n, bool restarts)
{
	network_run(n, 3 * SECOND);
	if (restarts)
		network_start_server(n);
	for (unsigned i = 0; i < 2; i++)
		roam(n, i);
	for (unsigned i = 0; i < 2; i++)
		say_to_peer(n, i, "where are you?");
	network_run(n, 3 * CHAT_KEEPALIVE);
	for (unsigned i = 0; i < 2; i++) {
		CU_ASSERT_EQUAL(network_count(n, i, "not delivered"), 0);
		CU_ASSERT_EQUAL(count_ends(n, i, "where are you?"), 2); /* heard, and delivered */
	}
	chat_end(n);
}

/* Without names they are found by the keys of their runs, whatever the server has forgotten. */
static void where_both_move_keys_tell_where_to(void)
{
	for (unsigned restarts = 0; restarts < 2; restarts++)
		find_each_other(chat_punched_pair(chat_port_restricted, chat_port_restricted), restarts);
}

/* One is gone for good: the text is told as not delivered, and not just gone. */
static void who_is_gone_for_good_is_looked_for_in_vain(void)
{
	struct network *n = chat_punched_pair(chat_port_restricted, chat_port_restricted);

	network_run(n, 3 * SECOND);
	network_start_server(n);
	roam(n, 0);
	n->hosts[1].up = false;
	say_to_peer(n, 0, "where are you?");
	network_run(n, 4 * CHAT_KEEPALIVE);
	CU_ASSERT_EQUAL(network_count(n, 0, "not delivered"), 1);
	chat_end(n);
}

/* Whoever shows a key that it has seen is asked for, but has nothing to open a path with: nothing is told it. */
static void a_key_seen_elsewhere_leads_to_nobody(void)
{
	struct network *n = chat_punched_pair(chat_port_restricted, chat_port_restricted);
	struct card seen = chat_peer(n, 1)->fx.card;
	struct wire_message seek = { .type = WIRE_SEEK, .serial = 1 };
	struct endpoint thief = endpoint_ipv4(0xcb00710c, 5000);
	uint8_t bytes[WIRE_MAX_DATAGRAM];

	network_run(n, 3 * SECOND);
	network_start_server(n);
	n->hosts[1].up = false;
	network_start(n, 2, chat_open, CHAT_PUNCH_TIMEOUT, CHAT_KEEPALIVE);
	peer_login(chat_peer(n, 2), "", n->now_us);
	chat_peer(n, 2)->fx.card = seen;
	network_run(n, SECOND);
	seek.card = seen;
	memcpy(seek.session, chat_peer(n, 2)->login.session, sizeof seek.session);
	network_inject(n, &thief, &n->server_at, bytes, wire_encode(&seek, bytes, sizeof bytes));
	roam(n, 0);
	say_to_peer(n, 0, "for you alone");
	network_run(n, 4 * CHAT_KEEPALIVE);
	CU_ASSERT_EQUAL(network_count(n, 2, "logged in as"), 1);
	CU_ASSERT_TRUE(network_count(n, 2, "peer 203.0.113.110:") > 0); /* it was asked for */
	CU_ASSERT_EQUAL(network_count(n, 0, "not delivered"), 1);
	CU_ASSERT_EQUAL(network_count(n, 0, "punched"), 1);
	CU_ASSERT_EQUAL(network_count(n, 2, "from"), 0);
	chat_end(n);
}

static void log_in_as(struct network *n, unsigned i, const char *name)
{
	network_start(n, i, chat_port_restricted, CHAT_PUNCH_TIMEOUT, CHAT_KEEPALIVE);
	peer_login(chat_peer(n, i), name, n->now_us);
	network_carry_out(n);
	network_run(n, SECOND);
}

/* Who has a name is found by it, wherever both are now, and whatever the server has forgotten. */
static void where_both_move_names_tell_where_to(void)
{
	for (unsigned restarts = 0; restarts < 2; restarts++) {
		struct network *n = network_new(CHAT_LATENCY);

		log_in_as(n, 0, "alice");
		log_in_as(n, 1, "bob");
		chat_punch(n, 0, 1);
		find_each_other(n, restarts);
	}
}

/* The old path is gone when that is shown. */
static void people_are_told_the_name_of_who_has_moved(void)
{
	struct network *n = network_new(CHAT_LATENCY);

	n->style = EVENT_FOR_PEOPLE;
	log_in_as(n, 0, "alice");
	log_in_as(n, 1, "bob");
	chat_punch(n, 0, 1);
	network_run(n, 3 * SECOND);
	roam(n, 1);
	network_run(n, 3 * CHAT_KEEPALIVE + CHAT_PUNCH_TIMEOUT);
	CU_ASSERT_EQUAL(network_count(n, 0, "peer moved bob via 203.0.113.111:"), 1);
	CU_ASSERT_EQUAL(network_count(n, 0, "peer moved"), 1);
	chat_end(n);
}

/* The server has forgotten bob, who is gone, and somebody else has taken his name: that is told, once. */
static void a_thief_of_the_name_is_not_taken_for_who_moved(void)
{
	struct network *n = network_new(CHAT_LATENCY);

	log_in_as(n, 0, "alice");
	log_in_as(n, 1, "bob");
	chat_punch(n, 0, 1);
	network_run(n, 3 * SECOND);
	network_start_server(n);
	n->hosts[1].up = false;
	log_in_as(n, 2, "bob");
	say_to_peer(n, 0, "for bob alone");
	network_run(n, 4 * CHAT_KEEPALIVE);
	CU_ASSERT_EQUAL(network_count(n, 0, "key changed 203.0.113.12:5000: bob"), 1);
	CU_ASSERT_EQUAL(network_count(n, 0, "not delivered 203.0.113.11:5000"), 1);
	CU_ASSERT_EQUAL(network_count(n, 2, "from"), 0);
	chat_end(n);
}

static enum fate no_requests(struct network *n, const struct flight *f)
{
	(void)n;
	return f->bytes[5] == WIRE_PUNCH ? LOST : ARRIVES;
}

/* He was found, but to ask for him there came to nothing. That says nothing about him: he is asked for again. */
static void who_was_asked_for_in_vain_is_asked_for_again(void)
{
	struct network *n = network_new(CHAT_LATENCY);
	size_t at;

	log_in_as(n, 0, "alice");
	log_in_as(n, 1, "bob");
	chat_punch(n, 0, 1);
	network_run(n, 3 * SECOND);
	at = n->hosts[0].log_len;
	n->fate = no_requests;
	for (unsigned i = 0; i < 2; i++) {
		roam(n, i);
		say_to_peer(n, i, "where are you?");
	}
	CU_ASSERT_TRUE(network_await(n, 0, &at, "punch failed 203.0.113.111:", 30 * SECOND));
	n->fate = NULL;
	CU_ASSERT_TRUE(network_await(n, 0, &at, "punched 203.0.113.111:", 5 * SECOND));
	network_run(n, SECOND);
	for (unsigned i = 0; i < 2; i++) {
		CU_ASSERT_EQUAL(network_count(n, i, "not delivered"), 0);
		CU_ASSERT_EQUAL(count_ends(n, i, "where are you?"), 2); /* heard, and delivered */
	}
	chat_end(n);
}

/* Whoever sits where bob was has his name, too: that is told, but not at every look. */
static void a_thief_of_the_address_is_told_once(void)
{
	struct network *n = network_new(CHAT_LATENCY);

	log_in_as(n, 0, "alice");
	log_in_as(n, 1, "bob");
	chat_punch(n, 0, 1);
	network_run(n, 3 * SECOND);
	network_start_server(n);
	n->hosts[1].up = false;
	network_start(n, 2, chat_port_restricted, CHAT_PUNCH_TIMEOUT, CHAT_KEEPALIVE);
	n->hosts[2].outside = n->hosts[1].outside;
	n->hosts[1].outside.address.bytes[3] = 99;
	peer_login(chat_peer(n, 2), "bob", n->now_us);
	say_to_peer(n, 0, "for bob alone");
	network_run(n, 4 * CHAT_KEEPALIVE);
	CU_ASSERT_EQUAL(network_count(n, 0, "key changed 203.0.113.11:5000: bob"), 1);
	CU_ASSERT_EQUAL(network_count(n, 0, "not delivered 203.0.113.11:5000"), 1);
	CU_ASSERT_EQUAL(network_count(n, 2, "from"), 0);
	chat_end(n);
}

/* Nothing is said meanwhile: the keepalives notice. */
static void a_silent_path_is_found_again(void)
{
	struct network *n = chat_punched_pair(chat_port_restricted, chat_port_restricted);
	const char *punched;

	network_run(n, 3 * SECOND);
	roam(n, 1);
	network_run(n, 3 * CHAT_KEEPALIVE + CHAT_PUNCH_TIMEOUT);
	CU_ASSERT_TRUE(chat_sees(n, 0, "peer moved 203.0.113.11:5000 via 203.0.113.111:", 0));
	punched = strstr(n->hosts[0].log, "\npunched 203.0.113.111:"); /* only then is it sure who is there */
	CU_ASSERT_TRUE(punched != NULL && strstr(n->hosts[0].log, "\npeer moved") > punched);
	say_to_peer(n, 0, "there you are");
	CU_ASSERT_TRUE(chat_sees(n, 1, "from 203.0.113.10:5000: there you are", SECOND));
	chat_end(n);
}

static enum fate no_answers(struct network *n, const struct flight *f)
{
	(void)n;
	return f->bytes[5] == WIRE_TEXT_ACK ? LOST : ARRIVES;
}

/* It was shown, but its acknowledgement never came before the path was lost: it comes again by the next, and is not
 * shown. */
static void a_text_is_not_shown_again_over_the_next_path(void)
{
	for (unsigned whom = 0; whom < 2; whom++) {
		struct network *n = chat_punched_pair(chat_port_restricted, chat_port_restricted);

		network_run(n, 3 * SECOND);
		n->fate = no_answers;
		say_to_peer(n, 0, "once");
		network_run(n, SECOND);
		CU_ASSERT_EQUAL(count_ends(n, 1, "once"), 1);
		roam(n, whom);
		n->fate = NULL;
		network_run(n, 3 * CHAT_KEEPALIVE + CHAT_PUNCH_TIMEOUT);
		CU_ASSERT_TRUE(chat_sees(n, 0, "delivered", 0));
		CU_ASSERT_EQUAL(count_ends(n, 1, "once"), 1);
		chat_end(n);
	}
}

/* Who shows a card that it has seen cannot speak for it: nothing moves. */
static void a_card_seen_elsewhere_moves_nothing(void)
{
	struct network *n = chat_punched_pair(chat_open, chat_open);
	struct wire_message m = { .type = WIRE_INTRODUCE, .serial = 1, .role = WIRE_YOU_ARE_ASKED };
	struct endpoint a = network_address(n, 0);
	uint8_t bytes[WIRE_MAX_DATAGRAM];

	network_run(n, 3 * SECOND);
	m.who = endpoint_ipv4(0xc6336407, 1000);
	m.card = chat_peer(n, 1)->fx.card;
	m.token[0] = 9;
	memcpy(m.session, chat_peer(n, 0)->login.session, sizeof m.session);
	network_inject(n, &n->server_at, &a, bytes, wire_encode(&m, bytes, sizeof bytes));
	network_run(n, 12 * SECOND);
	CU_ASSERT_EQUAL(network_count(n, 0, "peer moved") + network_count(n, 0, "path lost"), 0);
	CU_ASSERT_EQUAL(network_count(n, 0, "punch failed 198.51.100.7:1000"), 1);
	chat_say(n, 0, 1, "still here");
	CU_ASSERT_TRUE(chat_sees(n, 1, "from 203.0.113.10:5000: still here", SECOND));
	chat_end(n);
}

/* Nobody waits for who is gone: the server knows, and has been there all the time. */
static void of_who_is_gone_one_hears_at_once(void)
{
	struct network *n = network_new(CHAT_LATENCY);
	size_t at = 0;

	for (unsigned i = 0; i < 2; i++) {
		network_start(n, i, chat_open, CHAT_PUNCH_TIMEOUT, 30 * SECOND);
		chat_login(n, i);
		CU_ASSERT_TRUE(chat_sees(n, i, "logged in as", SECOND));
	}
	chat_punch(n, 0, 1);
	CU_ASSERT_TRUE(chat_sees(n, 0, "punched", SECOND));
	n->hosts[1].up = false;
	CU_ASSERT_TRUE(network_await(n, 0, &at, "path lost 203.0.113.11:5000", 200 * SECOND));
	CU_ASSERT_TRUE(
	    network_await(n, 0, &at, "punch failed 203.0.113.11:5000 after 0.0 s: peer is not logged in", SECOND));
	chat_end(n);
}

/* The server was restarted meanwhile: a peer has a keepalive to notice. */
static void who_may_not_have_noticed_yet_is_waited_for(void)
{
	struct network *n = chat_punched_pair(chat_open, chat_open);
	size_t at = n->hosts[0].log_len;
	uint64_t back_us;

	n->hosts[1].up = false;
	network_kill_server(n);
	network_start_server(n);
	CU_ASSERT_TRUE(network_await(n, 0, &at, "logged in as", 20 * SECOND));
	peer_paths_doubt(chat_peer(n, 0), n->now_us); /* so the path is lost soon */
	back_us = n->now_us + CHAT_KEEPALIVE + 2 * SECOND;
	CU_ASSERT_TRUE(network_await(n, 0, &at, "path lost 203.0.113.11:5000", 5 * SECOND));
	CU_ASSERT_TRUE(network_await(n, 0, &at, "punch failed 203.0.113.11:5000", 60 * SECOND));
	CU_ASSERT_TRUE(n->now_us >= back_us - SECOND && n->now_us <= back_us + SECOND);
	chat_end(n);
}

SUITE(lost_paths, TEST(where_both_move_keys_tell_where_to), TEST(who_is_gone_for_good_is_looked_for_in_vain),
      TEST(a_key_seen_elsewhere_leads_to_nobody), TEST(where_both_move_names_tell_where_to),
      TEST(a_thief_of_the_name_is_not_taken_for_who_moved), TEST(who_was_asked_for_in_vain_is_asked_for_again),
      TEST(a_thief_of_the_address_is_told_once), TEST(people_are_told_the_name_of_who_has_moved),
      TEST(of_who_is_gone_one_hears_at_once), TEST(who_may_not_have_noticed_yet_is_waited_for),
      TEST(a_nat_that_reboots_loses_no_text), TEST(who_moves_loses_no_text),
      TEST(a_server_that_restarts_meanwhile_loses_no_text), TEST(a_silent_path_is_found_again),
      TEST(a_text_is_not_shown_again_over_the_next_path), TEST(a_card_seen_elsewhere_moves_nothing))
