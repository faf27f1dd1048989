/* The server alone, against clients that do as they please. */
#include "rendezvous.h"
#include "suite.h"

#include <stdlib.h>
#include <string.h>

#define SECOND UINT64_C(1000000)
#define FORGET (60u * SECOND)
#define MAX_PEERS 200u

static struct rendezvous server;
static void *memory;
static uint64_t now;
static const struct endpoint local = { .family = ENDPOINT_IPV4, .addr = { 203, 0, 113, 1 }, .port = 5000 };

static void start(uint32_t max_peers)
{
	static const uint8_t secret[RENDEZVOUS_SECRET_SIZE] = { 7, 7, 7 };

	free(memory);
	memory = malloc(roster_memory_size(max_peers));
	now = 500 * SECOND;
	rendezvous_init(&server, memory, max_peers, FORGET, secret);
}

static struct endpoint client_at(uint32_t i)
{
	return endpoint_ipv4(0xc6336401 + i, 1000); /* 198.51.100.1 and on */
}

static void deliver(const struct endpoint *from, const struct wire_message *m)
{
	uint8_t bytes[WIRE_MAX_DATAGRAM];
	size_t len = wire_encode(m, bytes, sizeof bytes);

	CU_ASSERT_TRUE_FATAL(len > 0);
	rendezvous_receive(&server, &local, from, bytes, len, now);
}

/* The next datagram the server sends; false if there is none. */
static bool answer(struct endpoint *to, struct wire_message *m)
{
	static struct datagram d;

	*m = (struct wire_message){ 0 };
	if (!rendezvous_next_datagram(&server, &d))
		return false;
	*to = d.to;
	CU_ASSERT_TRUE(endpoint_equal(&d.local, &local));
	CU_ASSERT_EQUAL_FATAL(wire_decode(d.bytes, d.len, m), WIRE_OK);
	return true;
}

/* Sends one message and reads the one answer that must come back to the sender. */
static enum wire_type ask(const struct endpoint *from, const struct wire_message *question, struct wire_message *m)
{
	struct wire_message other;
	struct endpoint to;

	deliver(from, question);
	if (!answer(&to, m))
		return 0;
	CU_ASSERT_TRUE(endpoint_equal(&to, from));
	CU_ASSERT_FALSE(answer(&to, &other));
	return m->type;
}

static struct wire_message login_message(uint32_t i)
{
	struct wire_message m = { .type = WIRE_LOGIN };

	memset(m.nonce, (int)(i % 255 + 1), sizeof m.nonce);
	m.nonce[0] = (uint8_t)(i >> 8);
	return m;
}

/* Logs client i in; returns its welcome. */
static struct wire_message log_in(uint32_t i)
{
	struct endpoint from = client_at(i);
	struct wire_message m, question = login_message(i);

	CU_ASSERT_EQUAL_FATAL(ask(&from, &question, &m), WIRE_CHALLENGE);
	memcpy(question.cookie, m.cookie, sizeof question.cookie);
	CU_ASSERT_EQUAL_FATAL(ask(&from, &question, &m), WIRE_WELCOME);
	CU_ASSERT_TRUE(endpoint_equal(&m.who, &from));
	return m;
}

static struct wire_message request(enum wire_type type, const struct wire_message *welcome)
{
	struct wire_message m = { .type = type, .serial = 1 };

	memcpy(m.session, welcome->session, sizeof m.session);
	return m;
}

static unsigned take_events(enum rendezvous_event_type type)
{
	struct rendezvous_event e;
	unsigned count = 0;

	while (rendezvous_next_event(&server, &e))
		count += e.type == type;
	return count;
}

static void a_login_is_repeatable(void)
{
	struct endpoint from = client_at(1);
	struct wire_message question = login_message(1), first, m;

	start(MAX_PEERS);
	CU_ASSERT_EQUAL(ask(&from, &question, &m), WIRE_CHALLENGE);
	CU_ASSERT_EQUAL(server.roster.here.count, 0);
	memcpy(question.cookie, m.cookie, sizeof question.cookie);
	CU_ASSERT_EQUAL(ask(&from, &question, &first), WIRE_WELCOME);
	CU_ASSERT_EQUAL(ask(&from, &question, &m), WIRE_WELCOME);
	CU_ASSERT_EQUAL(memcmp(first.session, m.session, sizeof m.session), 0);
	CU_ASSERT_EQUAL(server.roster.here.count, 1);
	CU_ASSERT_EQUAL(take_events(RENDEZVOUS_LOGIN), 1);
	question = login_message(2); /* another program at the same address */
	CU_ASSERT_EQUAL(ask(&from, &question, &m), WIRE_CHALLENGE);
	memcpy(question.cookie, m.cookie, sizeof question.cookie);
	CU_ASSERT_EQUAL(ask(&from, &question, &m), WIRE_WELCOME);
	CU_ASSERT_NOT_EQUAL(memcmp(first.session, m.session, sizeof m.session), 0);
	CU_ASSERT_EQUAL(server.roster.here.count, 1);
}

static void a_cookie_is_good_for_one_address_and_a_short_time(void)
{
	struct endpoint from = client_at(1), other = client_at(2), other_port = from;
	struct wire_message question = login_message(1), m;

	start(MAX_PEERS);
	other_port.port++;
	CU_ASSERT_EQUAL(ask(&from, &question, &m), WIRE_CHALLENGE);
	memcpy(question.cookie, m.cookie, sizeof question.cookie);
	CU_ASSERT_EQUAL(ask(&other, &question, &m), WIRE_CHALLENGE);
	CU_ASSERT_EQUAL(ask(&other_port, &question, &m), WIRE_CHALLENGE);
	question.nonce[3] ^= 1;
	CU_ASSERT_EQUAL(ask(&from, &question, &m), WIRE_CHALLENGE);
	question.nonce[3] ^= 1;
	CU_ASSERT_EQUAL(server.drops.count[DROP_COOKIE], 3);
	now += 20 * SECOND;
	CU_ASSERT_EQUAL(ask(&from, &question, &m), WIRE_CHALLENGE);
	CU_ASSERT_EQUAL(server.roster.here.count, 0);
	now -= 10 * SECOND;
	CU_ASSERT_EQUAL(ask(&from, &question, &m), WIRE_WELCOME);
}

static void a_late_login_does_not_undo_a_logout(void)
{
	struct wire_message welcome, question = login_message(1), m;
	struct endpoint from = client_at(1);

	start(MAX_PEERS);
	ask(&from, &question, &m);
	memcpy(question.cookie, m.cookie, sizeof question.cookie);
	CU_ASSERT_EQUAL(ask(&from, &question, &welcome), WIRE_WELCOME);
	m = request(WIRE_LOGOUT, &welcome);
	CU_ASSERT_EQUAL(ask(&from, &m, &m), WIRE_LOGGED_OUT);
	m = request(WIRE_LOGOUT, &welcome); /* its answer was lost */
	CU_ASSERT_EQUAL(ask(&from, &m, &m), WIRE_LOGGED_OUT);
	CU_ASSERT_EQUAL(ask(&from, &question, &m), 0);
	CU_ASSERT_EQUAL(server.roster.here.count, 0);
	CU_ASSERT_EQUAL(take_events(RENDEZVOUS_LOGOUT), 1);
	now += 9 * SECOND; /* in the slice after the cookie's: it is good still */
	rendezvous_tick(&server, now);
	now += 10 * SECOND - 1;
	rendezvous_tick(&server, now);
	CU_ASSERT_EQUAL(ask(&from, &question, &m), 0);
	CU_ASSERT_EQUAL(server.roster.here.count, 0);
	now += SECOND + 1;
	rendezvous_tick(&server, now);
	CU_ASSERT_EQUAL(server.roster.gone.count, 0);
	CU_ASSERT_EQUAL(rendezvous_deadline(&server), UINT64_MAX);
}

/* Every message from an address that proved nothing, garbage too: what comes back is no longer, and goes nowhere else. */
static void strangers_get_no_more_than_they_send(void)
{
	static const enum wire_type types[] = {
		WIRE_LOGIN, WIRE_PING, WIRE_LIST, WIRE_PUNCH, WIRE_LOGOUT, WIRE_CHALLENGE, WIRE_WELCOME, WIRE_FULL, WIRE_PONG,
		WIRE_PEERS, WIRE_INTRODUCE, WIRE_REFUSED, WIRE_LOGGED_OUT, WIRE_UNKNOWN, WIRE_SHUTDOWN, WIRE_PROBE, WIRE_REPLY,
		WIRE_TEXT, WIRE_TEXT_ACK, WIRE_BYE, WIRE_BYE_ACK,
	};
	struct endpoint victim = client_at(9), stranger = client_at(77);
	static struct datagram d;

	start(MAX_PEERS);
	for (uint32_t i = 0; i < 60; i++)
		log_in(i);
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		uint8_t bytes[WIRE_MAX_DATAGRAM];
		struct wire_message m = { .type = types[i], .serial = 1, .reason = 1, .who = victim, .peer_count = 1,
			                  .text = (const uint8_t *)"x", .text_len = 1 };
		size_t len, came_back = 0;

		m.peers[0] = victim;
		len = wire_encode(&m, bytes, sizeof bytes);
		CU_ASSERT_TRUE_FATAL(len > 0);
		rendezvous_receive(&server, &local, &stranger, bytes, len, now);
		while (rendezvous_next_datagram(&server, &d)) {
			came_back += d.len;
			CU_ASSERT_TRUE(endpoint_equal(&d.to, &stranger));
		}
		CU_ASSERT_TRUE(came_back <= len);
		rendezvous_receive(&server, &local, &stranger, bytes, len - 1, now);
		CU_ASSERT_FALSE(rendezvous_next_datagram(&server, &d));
	}
	CU_ASSERT_EQUAL(server.drops.count[DROP_NOT_FOR_US], 16);
	CU_ASSERT_EQUAL(server.drops.count[DROP_SESSION], 4);
	CU_ASSERT_EQUAL(server.drops.count[WIRE_BAD_LENGTH], 21);
}

static void a_session_is_of_one_address(void)
{
	struct wire_message welcome, m;
	struct endpoint from = client_at(1), other = client_at(2);

	start(MAX_PEERS);
	welcome = log_in(1);
	log_in(2);
	m = request(WIRE_PING, &welcome);
	CU_ASSERT_EQUAL(ask(&from, &m, &m), WIRE_PONG);
	m = request(WIRE_PING, &welcome);
	CU_ASSERT_EQUAL(ask(&other, &m, &m), WIRE_UNKNOWN);
	CU_ASSERT_EQUAL(memcmp(m.session, welcome.session, sizeof m.session), 0);
	m = request(WIRE_LOGOUT, &welcome);
	CU_ASSERT_EQUAL(ask(&other, &m, &m), WIRE_UNKNOWN);
	CU_ASSERT_EQUAL(server.roster.here.count, 2);
}

static void both_sides_get_the_same_path(void)
{
	struct wire_message a, b, m, to_b, to_a;
	struct endpoint at_a = client_at(1), at_b = client_at(2), to;

	start(MAX_PEERS);
	a = log_in(1);
	b = log_in(2);
	m = request(WIRE_PUNCH, &a);
	m.serial = 41;
	m.who = at_b;
	deliver(&at_a, &m);
	CU_ASSERT_TRUE_FATAL(answer(&to, &to_b));
	CU_ASSERT_TRUE(endpoint_equal(&to, &at_b) && endpoint_equal(&to_b.who, &at_a));
	CU_ASSERT_EQUAL(to_b.role, WIRE_YOU_ARE_ASKED);
	CU_ASSERT_EQUAL(memcmp(to_b.session, b.session, sizeof b.session), 0);
	CU_ASSERT_TRUE_FATAL(answer(&to, &to_a));
	CU_ASSERT_TRUE(endpoint_equal(&to, &at_a) && endpoint_equal(&to_a.who, &at_b));
	CU_ASSERT_EQUAL(to_a.role, WIRE_YOU_ASKED);
	CU_ASSERT_EQUAL(to_a.serial, 41);
	CU_ASSERT_EQUAL(memcmp(to_a.token, to_b.token, sizeof to_a.token), 0);
	CU_ASSERT_EQUAL(memcmp(to_a.key, to_b.key, sizeof to_a.key), 0);
	CU_ASSERT_NOT_EQUAL(memcmp(to_a.key, to_a.token, sizeof to_a.token), 0);
	deliver(&at_a, &m); /* repeated */
	CU_ASSERT_TRUE(answer(&to, &to_b) && answer(&to, &m));
	CU_ASSERT_EQUAL(take_events(RENDEZVOUS_INTRODUCTION), 1);
	m = request(WIRE_PUNCH, &b); /* the other way */
	m.who = at_a;
	deliver(&at_b, &m);
	CU_ASSERT_TRUE(answer(&to, &m));
	CU_ASSERT_EQUAL(memcmp(m.token, to_a.token, sizeof m.token), 0);
	CU_ASSERT_TRUE(answer(&to, &m));
	CU_ASSERT_EQUAL(take_events(RENDEZVOUS_INTRODUCTION), 1);
	m = request(WIRE_LOGOUT, &b); /* a new login is a new path */
	ask(&at_b, &m, &m);
	now += 25 * SECOND;
	rendezvous_tick(&server, now);
	log_in(2);
	m = request(WIRE_PUNCH, &a);
	m.who = at_b;
	deliver(&at_a, &m);
	CU_ASSERT_TRUE(answer(&to, &m));
	CU_ASSERT_NOT_EQUAL(memcmp(m.token, to_a.token, sizeof m.token), 0);
}

static void introductions_are_refused_with_the_reason(void)
{
	struct wire_message welcome, m, got;
	struct endpoint from = client_at(1);

	start(MAX_PEERS);
	welcome = log_in(1);
	m = request(WIRE_PUNCH, &welcome);
	m.who = client_at(2);
	CU_ASSERT_EQUAL(ask(&from, &m, &got), WIRE_REFUSED);
	CU_ASSERT_EQUAL(got.reason, WIRE_PEER_UNKNOWN);
	m.who = from;
	CU_ASSERT_EQUAL(ask(&from, &m, &got), WIRE_REFUSED);
	CU_ASSERT_EQUAL(got.reason, WIRE_PEER_IS_YOU);
	m.who = (struct endpoint){ .family = ENDPOINT_IPV6, .addr = { 1 }, .port = 1 };
	CU_ASSERT_EQUAL(ask(&from, &m, &got), WIRE_REFUSED);
	CU_ASSERT_EQUAL(got.reason, WIRE_PEER_OTHER_FAMILY);
}

static unsigned told_of(const struct endpoint *from, struct wire_message *m, uint32_t serial, uint32_t target)
{
	struct wire_message got;
	struct rendezvous_event e;
	struct endpoint to;
	unsigned told = 0;

	m->serial = serial;
	m->who = client_at(target);
	deliver(from, m);
	while (answer(&to, &got)) {
	}
	while (rendezvous_next_event(&server, &e)) {
		told++;
		CU_ASSERT_TRUE(endpoint_equal(&e.who, from) && endpoint_equal(&e.other, &m->who));
	}
	return told;
}

static void no_introduction_is_hidden_from_the_log(void)
{
	struct endpoint from = client_at(1);
	struct wire_message m;

	start(MAX_PEERS);
	for (uint32_t i = 2; i < 10; i++)
		log_in(i);
	m = log_in(1);
	m = request(WIRE_PUNCH, &m);
	take_events(RENDEZVOUS_LOGIN);
	CU_ASSERT_EQUAL(told_of(&from, &m, UINT32_MAX, 2), 1);
	for (uint32_t target = 3; target < 10; target++)
		CU_ASSERT_EQUAL(told_of(&from, &m, 5, target), 1); /* one serial for all, below one that was used */
	for (uint32_t target = 3; target < 10; target++)
		CU_ASSERT_EQUAL(told_of(&from, &m, 5, target), 0); /* each repeated, in turn */
	CU_ASSERT_EQUAL(told_of(&from, &m, 6, 3), 1);
	CU_ASSERT_EQUAL(told_of(&from, &m, 6, 77), 1); /* a refusal too */
	CU_ASSERT_EQUAL(told_of(&from, &m, 6, 77), 0);
}

static void a_list_comes_in_pages(void)
{
	struct wire_message welcome, m, page;
	struct endpoint from = client_at(0);
	uint32_t seen = 0, pages = 0;

	start(MAX_PEERS);
	for (uint32_t i = 0; i < 150; i++)
		welcome = log_in(i);
	from = client_at(149);
	m = request(WIRE_LIST, &welcome);
	do {
		CU_ASSERT_EQUAL_FATAL(ask(&from, &m, &page), WIRE_PEERS);
		CU_ASSERT_EQUAL(page.start, m.start);
		seen += page.peer_count;
		pages++;
		m.start = page.next;
	} while (page.next != 0);
	CU_ASSERT_EQUAL(seen, 150);
	CU_ASSERT_EQUAL(pages, 3);
	m.start = 120;
	CU_ASSERT_EQUAL(ask(&from, &m, &page), WIRE_PEERS);
	CU_ASSERT_EQUAL(page.peer_count, 30);
	m.start = UINT32_MAX;
	CU_ASSERT_EQUAL(ask(&from, &m, &page), WIRE_PEERS);
	CU_ASSERT_TRUE(page.peer_count == 0 && page.next == 0);
	start(MAX_PEERS); /* a full last page is the last */
	for (uint32_t i = 0; i < WIRE_PEERS_MAX; i++)
		welcome = log_in(i);
	from = client_at(WIRE_PEERS_MAX - 1);
	m = request(WIRE_LIST, &welcome);
	CU_ASSERT_EQUAL(ask(&from, &m, &page), WIRE_PEERS);
	CU_ASSERT_TRUE(page.peer_count == WIRE_PEERS_MAX && page.next == 0);
}

static void one_peer_cannot_ask_without_end(void)
{
	struct wire_message welcome, m, got;
	struct endpoint from = client_at(1);
	unsigned answered = 0;

	start(MAX_PEERS);
	welcome = log_in(1);
	m = request(WIRE_PING, &welcome);
	for (unsigned i = 0; i < 1000; i++)
		answered += ask(&from, &m, &got) == WIRE_PONG;
	CU_ASSERT_EQUAL(answered, 200);
	CU_ASSERT_EQUAL(server.drops.count[DROP_RATE], 800);
	now += SECOND;
	for (unsigned i = 0; i < 1000; i++)
		answered += ask(&from, &m, &got) == WIRE_PONG;
	CU_ASSERT_EQUAL(answered, 300);
}

static void a_full_server_says_so_and_recovers(void)
{
	struct endpoint from = client_at(3);
	struct wire_message question = login_message(3), m, welcome;

	start(3);
	for (uint32_t i = 0; i < 3; i++)
		welcome = log_in(i);
	CU_ASSERT_EQUAL(ask(&from, &question, &m), WIRE_CHALLENGE);
	memcpy(question.cookie, m.cookie, sizeof question.cookie);
	CU_ASSERT_EQUAL(ask(&from, &question, &m), WIRE_FULL);
	CU_ASSERT_EQUAL(take_events(RENDEZVOUS_NO_ROOM), 1);
	m = request(WIRE_LOGOUT, &welcome);
	from = client_at(2);
	CU_ASSERT_EQUAL(ask(&from, &m, &m), WIRE_LOGGED_OUT);
	from = client_at(3);
	CU_ASSERT_EQUAL(ask(&from, &question, &m), WIRE_WELCOME);
}

static void the_silent_are_forgotten(void)
{
	struct wire_message welcome, m;
	struct endpoint from = client_at(1);

	start(MAX_PEERS);
	welcome = log_in(1);
	for (uint32_t i = 2; i < 150; i++)
		log_in(i);
	take_events(RENDEZVOUS_LOGIN);
	CU_ASSERT_EQUAL(rendezvous_deadline(&server), now + FORGET);
	now += FORGET / 2;
	m = request(WIRE_PING, &welcome);
	ask(&from, &m, &m);
	now += FORGET / 2;
	rendezvous_tick(&server, now);
	CU_ASSERT_EQUAL(take_events(RENDEZVOUS_FORGOTTEN), RENDEZVOUS_EVENTS); /* the others in the next ticks */
	rendezvous_tick(&server, now);
	rendezvous_tick(&server, now);
	CU_ASSERT_EQUAL(take_events(RENDEZVOUS_FORGOTTEN), RENDEZVOUS_EVENTS);
	rendezvous_tick(&server, now);
	CU_ASSERT_EQUAL(take_events(RENDEZVOUS_FORGOTTEN), 148 - 2 * RENDEZVOUS_EVENTS);
	CU_ASSERT_EQUAL(server.roster.here.count, 1);
	CU_ASSERT_EQUAL(rendezvous_deadline(&server), now + FORGET / 2);
}

static void everybody_is_told_when_it_stops(void)
{
	static struct datagram d;
	unsigned told = 0;

	start(MAX_PEERS);
	for (uint32_t i = 0; i < 150; i++)
		log_in(i);
	rendezvous_stop(&server);
	while (rendezvous_next_datagram(&server, &d))
		told++;
	CU_ASSERT_EQUAL(told, 150);
}

static void unanswerable_sources_are_dropped(void)
{
	struct endpoint from = { .family = ENDPOINT_IPV4, .addr = { 198, 51, 100, 1 }, .port = 0 };
	struct wire_message m = login_message(1);

	start(MAX_PEERS);
	CU_ASSERT_EQUAL(ask(&from, &m, &m), 0);
	m = login_message(1);
	from = endpoint_ipv4(0xe0000001, 5);
	CU_ASSERT_EQUAL(ask(&from, &m, &m), 0);
	CU_ASSERT_EQUAL(server.drops.count[DROP_SOURCE], 2);
	for (unsigned i = 0; i < DROPS; i++)
		CU_ASSERT_STRING_NOT_EQUAL(drop_name((enum drop)i), "?");
	CU_ASSERT_EQUAL(drops_total(&server.drops), 2);
	free(memory);
	memory = NULL;
}

/* A peer is told from the address of ours that it sent to last: its NAT may let in no other. */
static void a_peer_is_spoken_to_where_it_speaks(void)
{
	static const struct endpoint second = { .family = ENDPOINT_IPV4, .addr = { 203, 0, 113, 2 }, .port = 5000 };
	struct endpoint at_a = client_at(1), at_b = client_at(2);
	struct wire_message a, b, m;
	static struct datagram d;
	uint8_t bytes[WIRE_MAX_DATAGRAM];

	start(MAX_PEERS);
	a = log_in(1);
	b = log_in(2);
	m = request(WIRE_PING, &b);
	rendezvous_receive(&server, &second, &at_b, bytes, wire_encode(&m, bytes, sizeof bytes), now);
	CU_ASSERT_TRUE(rendezvous_next_datagram(&server, &d) && endpoint_equal(&d.local, &second));
	m = request(WIRE_PUNCH, &a);
	m.who = at_b;
	deliver(&at_a, &m);
	CU_ASSERT_TRUE(rendezvous_next_datagram(&server, &d));
	CU_ASSERT_TRUE(endpoint_equal(&d.to, &at_b) && endpoint_equal(&d.local, &second));
	CU_ASSERT_TRUE(rendezvous_next_datagram(&server, &d));
	CU_ASSERT_TRUE(endpoint_equal(&d.to, &at_a) && endpoint_equal(&d.local, &local));
}

SUITE(rendezvous, TEST(a_login_is_repeatable), TEST(a_cookie_is_good_for_one_address_and_a_short_time),
      TEST(a_late_login_does_not_undo_a_logout), TEST(strangers_get_no_more_than_they_send),
      TEST(a_session_is_of_one_address), TEST(a_peer_is_spoken_to_where_it_speaks),
      TEST(both_sides_get_the_same_path), TEST(introductions_are_refused_with_the_reason),
      TEST(no_introduction_is_hidden_from_the_log), TEST(a_list_comes_in_pages),
      TEST(one_peer_cannot_ask_without_end), TEST(a_full_server_says_so_and_recovers), TEST(the_silent_are_forgotten),
      TEST(everybody_is_told_when_it_stops), TEST(unanswerable_sources_are_dropped))
