/* The server alone, against clients that do as they please: logging in and out, lists, limits. */
#include "desk.h"
#include "suite.h"

#include <string.h>

static void a_login_is_repeatable(void)
{
	struct endpoint from = desk_client_at(1);
	struct wire_message question = desk_login_message(1), first, m;

	desk_start(DESK_MAX_PEERS);
	CU_ASSERT_EQUAL(desk_ask(&from, &question, &m), WIRE_CHALLENGE);
	CU_ASSERT_EQUAL(roster_count(&desk.roster), 0);
	memcpy(question.cookie, m.cookie, sizeof question.cookie);
	CU_ASSERT_EQUAL(desk_ask(&from, &question, &first), WIRE_WELCOME);
	CU_ASSERT_EQUAL(desk_ask(&from, &question, &m), WIRE_WELCOME);
	CU_ASSERT_EQUAL(memcmp(first.session, m.session, sizeof m.session), 0);
	CU_ASSERT_EQUAL(roster_count(&desk.roster), 1);
	CU_ASSERT_EQUAL(desk_take_events(RENDEZVOUS_LOGIN), 1);
	question = desk_login_message(2); /* another program at the same address */
	CU_ASSERT_EQUAL(desk_ask(&from, &question, &m), WIRE_CHALLENGE);
	memcpy(question.cookie, m.cookie, sizeof question.cookie);
	CU_ASSERT_EQUAL(desk_ask(&from, &question, &m), WIRE_WELCOME);
	CU_ASSERT_NOT_EQUAL(memcmp(first.session, m.session, sizeof m.session), 0);
	CU_ASSERT_EQUAL(roster_count(&desk.roster), 1);
}

/* Its answer was lost: whoever repeats it is heard from. */
static void who_repeats_a_login_is_not_silent(void)
{
	struct endpoint from = desk_client_at(1);
	struct wire_message question = desk_login_message(1), m;

	desk_start(DESK_MAX_PEERS);
	CU_ASSERT_EQUAL(desk_ask(&from, &question, &m), WIRE_CHALLENGE);
	memcpy(question.cookie, m.cookie, sizeof question.cookie);
	CU_ASSERT_EQUAL(desk_ask(&from, &question, &m), WIRE_WELCOME);
	desk_now += 5 * DESK_SECOND;
	CU_ASSERT_EQUAL(desk_ask(&from, &question, &m), WIRE_WELCOME);
	CU_ASSERT_EQUAL(rendezvous_deadline(&desk), desk_now + DESK_FORGET);
}

static void a_cookie_is_good_for_one_address_and_a_short_time(void)
{
	struct endpoint from = desk_client_at(1), other = desk_client_at(2), other_port = from;
	struct wire_message question = desk_login_message(1), m;

	desk_start(DESK_MAX_PEERS);
	other_port.port++;
	CU_ASSERT_EQUAL(desk_ask(&from, &question, &m), WIRE_CHALLENGE);
	memcpy(question.cookie, m.cookie, sizeof question.cookie);
	CU_ASSERT_EQUAL(desk_ask(&other, &question, &m), WIRE_CHALLENGE);
	CU_ASSERT_EQUAL(desk_ask(&other_port, &question, &m), WIRE_CHALLENGE);
	question.nonce[3] ^= 1;
	CU_ASSERT_EQUAL(desk_ask(&from, &question, &m), WIRE_CHALLENGE);
	question.nonce[3] ^= 1;
	CU_ASSERT_EQUAL(desk.drops.count[DROP_COOKIE], 3);
	desk_now += 20 * DESK_SECOND;
	CU_ASSERT_EQUAL(desk_ask(&from, &question, &m), WIRE_CHALLENGE);
	CU_ASSERT_EQUAL(roster_count(&desk.roster), 0);
	desk_now -= 10 * DESK_SECOND;
	CU_ASSERT_EQUAL(desk_ask(&from, &question, &m), WIRE_WELCOME);
}

static void a_late_login_does_not_undo_a_logout(void)
{
	struct wire_message welcome, question = desk_login_message(1), m;
	struct endpoint from = desk_client_at(1);

	desk_start(DESK_MAX_PEERS);
	desk_ask(&from, &question, &m);
	memcpy(question.cookie, m.cookie, sizeof question.cookie);
	CU_ASSERT_EQUAL(desk_ask(&from, &question, &welcome), WIRE_WELCOME);
	m = desk_request(WIRE_LOGOUT, &welcome);
	CU_ASSERT_EQUAL(desk_ask(&from, &m, &m), WIRE_LOGGED_OUT);
	m = desk_request(WIRE_LOGOUT, &welcome); /* its answer was lost */
	CU_ASSERT_EQUAL(desk_ask(&from, &m, &m), WIRE_LOGGED_OUT);
	CU_ASSERT_EQUAL(desk_ask(&from, &question, &m), 0);
	CU_ASSERT_EQUAL(roster_count(&desk.roster), 0);
	CU_ASSERT_EQUAL(desk_take_events(RENDEZVOUS_LOGOUT), 1);
	desk_now += 9 * DESK_SECOND; /* in the slice after the cookie's: it is good still */
	rendezvous_tick(&desk, desk_now);
	desk_now += 10 * DESK_SECOND - 1;
	rendezvous_tick(&desk, desk_now);
	CU_ASSERT_EQUAL(desk_ask(&from, &question, &m), 0);
	CU_ASSERT_EQUAL(roster_count(&desk.roster), 0);
	desk_now += DESK_SECOND + 1;
	rendezvous_tick(&desk, desk_now);
	CU_ASSERT_EQUAL(desk.roster.lists[ROSTER_GONE].count, 0);
	CU_ASSERT_EQUAL(rendezvous_deadline(&desk), UINT64_MAX);
}

/* Every message from an address that proved nothing, garbage too: what comes back is no longer, and goes nowhere else.
 */
static void strangers_get_no_more_than_they_send(void)
{
	static const enum wire_type types[] = {
		WIRE_LOGIN,    WIRE_PING,  WIRE_LIST,  WIRE_PUNCH,     WIRE_LOGOUT,   WIRE_CHALLENGE,  WIRE_WELCOME,
		WIRE_DENIED,   WIRE_PONG,  WIRE_PEERS, WIRE_INTRODUCE, WIRE_REFUSED,  WIRE_LOGGED_OUT, WIRE_UNKNOWN,
		WIRE_SHUTDOWN, WIRE_PROBE, WIRE_REPLY, WIRE_TEXT,      WIRE_TEXT_ACK, WIRE_BYE,        WIRE_BYE_ACK,
	};
	struct endpoint victim = desk_client_at(9), stranger = desk_client_at(77);
	static struct datagram d;

	desk_start(DESK_MAX_PEERS);
	for (uint32_t i = 0; i < 60; i++)
		desk_log_in(i);
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		uint8_t bytes[WIRE_MAX_DATAGRAM];
		struct wire_message m = { .type = types[i],
			                  .serial = 1,
			                  .reason = 1,
			                  .who = victim,
			                  .peer_count = 1,
			                  .text = (const uint8_t *)"x",
			                  .text_len = 1 };
		size_t len, came_back = 0;

		m.peers[0] = victim;
		len = wire_encode(&m, bytes, sizeof bytes);
		CU_ASSERT_TRUE_FATAL(len > 0);
		rendezvous_receive(&desk, &desk_address, &stranger, bytes, len, desk_now);
		while (rendezvous_next_datagram(&desk, &d)) {
			came_back += d.len;
			CU_ASSERT_TRUE(endpoint_equal(&d.to, &stranger));
		}
		CU_ASSERT_TRUE(came_back <= len);
		rendezvous_receive(&desk, &desk_address, &stranger, bytes, len - 1, desk_now);
		CU_ASSERT_FALSE(rendezvous_next_datagram(&desk, &d));
	}
	CU_ASSERT_EQUAL(desk.drops.count[DROP_NOT_FOR_US], 16);
	CU_ASSERT_EQUAL(desk.drops.count[DROP_SESSION], 4);
	CU_ASSERT_EQUAL(desk.drops.count[WIRE_BAD_LENGTH], 21);
}

/* Said in the server's own version, to who asks and to nobody who answers: two servers would go on for ever. */
static void who_asks_in_another_version_is_told(void)
{
	struct endpoint stranger = desk_client_at(77), nowhere = { 0 };
	uint8_t bytes[] = { 'P', '2', 'P', 'C', WIRE_VERSION + 1, WIRE_LOGIN, 0xff, 0xff };
	struct wire_message m;
	struct endpoint to;

	desk_start(DESK_MAX_PEERS);
	for (unsigned type = 0; type < 256; type++) {
		bytes[5] = (uint8_t)type;
		rendezvous_receive(&desk, &desk_address, &stranger, bytes, sizeof bytes, desk_now);
		CU_ASSERT_EQUAL_FATAL(desk_answer(&to, &m), type >= 1 && type <= 16);
		CU_ASSERT_TRUE(type < 1 || type > 16 ||
		               (m.type == WIRE_OTHER_VERSION && endpoint_equal(&to, &stranger)));
		CU_ASSERT_FALSE(desk_answer(&to, &m));
	}
	bytes[5] = WIRE_LOGIN;
	rendezvous_receive(&desk, &desk_address, &nowhere, bytes, sizeof bytes, desk_now);
	rendezvous_receive(&desk, &desk_address, &stranger, bytes, sizeof bytes - 1, desk_now);
	CU_ASSERT_FALSE(desk_answer(&to, &m));
	CU_ASSERT_EQUAL(desk.drops.count[WIRE_BAD_VERSION], 257);
}

static void a_session_is_of_one_address(void)
{
	struct wire_message welcome, m;
	struct endpoint from = desk_client_at(1), other = desk_client_at(2);

	desk_start(DESK_MAX_PEERS);
	welcome = desk_log_in(1);
	desk_log_in(2);
	m = desk_request(WIRE_PING, &welcome);
	CU_ASSERT_EQUAL(desk_ask(&from, &m, &m), WIRE_PONG);
	m = desk_request(WIRE_PING, &welcome);
	CU_ASSERT_EQUAL(desk_ask(&other, &m, &m), WIRE_UNKNOWN);
	CU_ASSERT_EQUAL(memcmp(m.session, welcome.session, sizeof m.session), 0);
	m = desk_request(WIRE_LOGOUT, &welcome);
	CU_ASSERT_EQUAL(desk_ask(&other, &m, &m), WIRE_UNKNOWN);
	CU_ASSERT_EQUAL(roster_count(&desk.roster), 2);
}

static void a_list_comes_in_pages(void)
{
	struct wire_message welcome, m, page;
	struct endpoint from = desk_client_at(0);
	uint32_t seen = 0, pages = 0;

	desk_start(DESK_MAX_PEERS);
	for (uint32_t i = 0; i < 150; i++)
		welcome = desk_log_in(i);
	from = desk_client_at(149);
	m = desk_request(WIRE_LIST, &welcome);
	do {
		CU_ASSERT_EQUAL_FATAL(desk_ask(&from, &m, &page), WIRE_PEERS);
		CU_ASSERT_EQUAL(page.start, m.start);
		seen += page.peer_count;
		pages++;
		m.start = page.next;
	} while (page.next != 0);
	CU_ASSERT_EQUAL(seen, 150);
	CU_ASSERT_EQUAL(pages, 3);
	m.start = 120;
	CU_ASSERT_EQUAL(desk_ask(&from, &m, &page), WIRE_PEERS);
	CU_ASSERT_EQUAL(page.peer_count, 30);
	m.start = UINT32_MAX;
	CU_ASSERT_EQUAL(desk_ask(&from, &m, &page), WIRE_PEERS);
	CU_ASSERT_TRUE(page.peer_count == 0 && page.next == 0);
	desk_start(DESK_MAX_PEERS); /* a full last page is the last */
	for (uint32_t i = 0; i < WIRE_PEERS_MAX; i++)
		welcome = desk_log_in(i);
	from = desk_client_at(WIRE_PEERS_MAX - 1);
	m = desk_request(WIRE_LIST, &welcome);
	CU_ASSERT_EQUAL(desk_ask(&from, &m, &page), WIRE_PEERS);
	CU_ASSERT_TRUE(page.peer_count == WIRE_PEERS_MAX && page.next == 0);
}

/* Of 40,000 places all but two are empty. Nobody else waits while all are looked at: an empty page leads on. */
static void a_page_looks_at_few_places(void)
{
	enum { PLACES = 40000 };
	struct endpoint from = desk_client_at(0);
	struct wire_message welcome, m, page;
	uint32_t seen = 0, pages = 0;

	desk_start(PLACES);
	welcome = desk_log_in(0);
	for (uint32_t i = 1; i < PLACES; i++)
		CU_ASSERT_PTR_NOT_NULL_FATAL(
		    roster_add(&desk.roster, &(struct endpoint){ address_ipv4(i << 8), 5 }, desk_now));
	for (uint32_t i = 1; i < PLACES - 1; i++)
		roster_remove(&desk.roster, roster_find(&desk.roster, &(struct endpoint){ address_ipv4(i << 8), 5 }));
	m = desk_request(WIRE_LIST, &welcome);
	do {
		CU_ASSERT_EQUAL_FATAL(desk_ask(&from, &m, &page), WIRE_PEERS);
		CU_ASSERT_TRUE_FATAL(page.next == 0 || (page.next > m.start && page.next - m.start <= 16384));
		CU_ASSERT_EQUAL(page.peer_count, pages != 1);
		seen += page.peer_count;
		pages++;
		m.start = page.next;
	} while (page.next != 0);
	CU_ASSERT_EQUAL(seen, 2);
	CU_ASSERT_EQUAL(pages, 3);
	desk_close();
}

/* As many of them as have room in a datagram. */
static void a_page_of_long_names_is_shorter(void)
{
	struct wire_message welcome, m, page;
	struct endpoint from;
	uint32_t seen = 0, pages = 0;

	desk_start(DESK_MAX_PEERS);
	for (uint32_t i = 0; i < WIRE_PEERS_MAX; i++) {
		welcome = desk_log_in(i);
		from = desk_client_at(i);
		memset(roster_find(&desk.roster, &from)->card.name, 'a', NAME_SIZE);
	}
	m = desk_request(WIRE_LIST, &welcome);
	do {
		CU_ASSERT_EQUAL_FATAL(desk_ask(&from, &m, &page), WIRE_PEERS);
		seen += page.peer_count;
		pages++;
		m.start = page.next;
	} while (page.next != 0);
	CU_ASSERT_EQUAL(seen, WIRE_PEERS_MAX);
	CU_ASSERT_EQUAL(pages, 3); /* 29 of 40 bytes each have room in one */
}

static void one_peer_cannot_ask_without_end(void)
{
	struct wire_message welcome, m, got;
	struct endpoint from = desk_client_at(1);
	unsigned answered = 0;

	desk_start(DESK_MAX_PEERS);
	welcome = desk_log_in(1);
	m = desk_request(WIRE_PING, &welcome);
	for (unsigned i = 0; i < 1000; i++)
		answered += desk_ask(&from, &m, &got) == WIRE_PONG;
	CU_ASSERT_EQUAL(answered, 200);
	CU_ASSERT_EQUAL(desk.drops.count[DROP_RATE], 800);
	desk_now += DESK_SECOND;
	for (unsigned i = 0; i < 1000; i++)
		answered += desk_ask(&from, &m, &got) == WIRE_PONG;
	CU_ASSERT_EQUAL(answered, 300);
}

/* Logs in from that address and port; returns whether it was welcomed. */
static bool welcomes(struct endpoint from, uint32_t i)
{
	struct wire_message question = desk_login_message(i), m;

	CU_ASSERT_EQUAL_FATAL(desk_ask(&from, &question, &m), WIRE_CHALLENGE);
	memcpy(question.cookie, m.cookie, sizeof question.cookie);
	return desk_ask(&from, &question, &m) == WIRE_WELCOME;
}

/* Many peers of one host log in, and are told, and introduced, no more than the host may. */
static void one_host_cannot_ask_without_end(void)
{
	struct endpoint from = endpoint_ipv4(0x0a000001, 0);
	unsigned welcomed = 0;

	desk_start(65536);
	for (uint32_t i = 1; i <= 2000; i++) {
		from.port = (uint16_t)i;
		welcomed += welcomes(from, i);
	}
	CU_ASSERT_EQUAL(welcomed, 512);
	CU_ASSERT_EQUAL(desk.drops.count[DROP_RATE], 2000 - 512); /* later it would be that it has its share */
	from = endpoint_ipv4(0x0a000101, 9);
	CU_ASSERT_TRUE(welcomes(from, 9)); /* others are served */
	desk_take_events(RENDEZVOUS_LOGIN);
}

/* Ten peers of one host ask `times` each in no time; returns how many answers they get. */
static unsigned answers_to_ten(const struct wire_message *question, unsigned times)
{
	struct wire_message m = *question, got;
	unsigned answered = 0;
	struct endpoint to;

	desk_start(DESK_MAX_PEERS);
	desk_log_in(77);
	for (uint16_t port = 1; port <= 10; port++) {
		struct endpoint from = endpoint_ipv4(0x0a000001, port);
		struct wire_message welcome = desk_login_message(port);

		CU_ASSERT_EQUAL(desk_ask(&from, &welcome, &got), WIRE_CHALLENGE);
		memcpy(welcome.cookie, got.cookie, sizeof welcome.cookie);
		CU_ASSERT_EQUAL_FATAL(desk_ask(&from, &welcome, &got), WIRE_WELCOME);
		memcpy(m.session, got.session, sizeof m.session);
		for (unsigned i = 0; i < times; i++) {
			desk_deliver(&from, &m);
			while (desk_answer(&to, &got))
				answered += endpoint_equal(&to, &from);
		}
	}
	return answered;
}

static void lists_and_introductions_are_shared_by_a_host(void)
{
	struct wire_message list = { .type = WIRE_LIST, .serial = 1 };
	struct wire_message punch = { .type = WIRE_PUNCH, .serial = 1, .who = desk_client_at(77) };
	struct wire_message nobody = { .type = WIRE_PUNCH, .serial = 1, .who = desk_client_at(5) };
	struct wire_message ping = { .type = WIRE_PING, .serial = 1 };

	CU_ASSERT_EQUAL(answers_to_ten(&list, 200), 1200);
	CU_ASSERT_EQUAL(answers_to_ten(&punch, 200), 400);
	CU_ASSERT_EQUAL(answers_to_ten(&nobody, 200), 400);
	CU_ASSERT_EQUAL(answers_to_ten(&ping, 250), 2000); /* each peer has its own */
}

static void a_full_server_says_so_and_recovers(void)
{
	struct endpoint from = desk_client_at(3);
	struct wire_message question = desk_login_message(3), m, welcome;

	desk_start(3);
	for (uint32_t i = 0; i < 3; i++) {
		welcome = desk_log_in(i);
		desk_use(i, &welcome);
	}
	CU_ASSERT_EQUAL(desk_ask(&from, &question, &m), WIRE_CHALLENGE);
	memcpy(question.cookie, m.cookie, sizeof question.cookie);
	CU_ASSERT_EQUAL(desk_ask(&from, &question, &m), WIRE_DENIED);
	CU_ASSERT_EQUAL(desk_take_events(RENDEZVOUS_NO_ROOM), 1);
	CU_ASSERT_EQUAL(desk.drops.count[DROP_FULL], 1);
	m = desk_request(WIRE_LOGOUT, &welcome);
	from = desk_client_at(2);
	CU_ASSERT_EQUAL(desk_ask(&from, &m, &m), WIRE_LOGGED_OUT);
	from = desk_client_at(3);
	CU_ASSERT_EQUAL(desk_ask(&from, &question, &m), WIRE_WELCOME);
}

static void who_did_nothing_makes_room_in_a_full_server(void)
{
	struct endpoint first = desk_client_at(0), second = desk_client_at(1);
	struct wire_message a, b, m;
	struct rendezvous_event e = { .type = RENDEZVOUS_LOGIN };

	desk_start(2);
	a = desk_log_in(0);
	b = desk_log_in(1);
	desk_use(0, &a);
	desk_take_events(RENDEZVOUS_LOGIN);
	desk_now += DESK_SECOND;
	desk_log_in(2);
	CU_ASSERT_TRUE(rendezvous_next_event(&desk, &e) && e.type == RENDEZVOUS_DISPLACED);
	CU_ASSERT_TRUE(endpoint_equal(&e.who, &second) && e.other.address.bytes[3] == 3);
	m = desk_request(WIRE_PING, &b);
	CU_ASSERT_EQUAL(desk_ask(&second, &m, &m), WIRE_UNKNOWN); /* and logs in anew */
	m = desk_request(WIRE_PING, &a);
	CU_ASSERT_EQUAL(desk_ask(&first, &m, &m), WIRE_PONG);
	CU_ASSERT_EQUAL(roster_count(&desk.roster), 2);
}

static void the_silent_are_forgotten(void)
{
	struct wire_message welcome, m;
	struct endpoint from = desk_client_at(1);

	desk_start(DESK_MAX_PEERS);
	welcome = desk_log_in(1);
	for (uint32_t i = 2; i < 150; i++)
		desk_log_in(i);
	desk_take_events(RENDEZVOUS_LOGIN);
	CU_ASSERT_EQUAL(rendezvous_deadline(&desk), desk_now + DESK_FORGET);
	desk_now += DESK_FORGET / 2;
	m = desk_request(WIRE_PING, &welcome);
	desk_ask(&from, &m, &m);
	desk_now += DESK_FORGET / 2;
	rendezvous_tick(&desk, desk_now);
	CU_ASSERT_EQUAL(desk_take_events(RENDEZVOUS_FORGOTTEN), RENDEZVOUS_EVENTS); /* the others in the next ticks */
	rendezvous_tick(&desk, desk_now);
	rendezvous_tick(&desk, desk_now);
	CU_ASSERT_EQUAL(desk_take_events(RENDEZVOUS_FORGOTTEN), RENDEZVOUS_EVENTS);
	rendezvous_tick(&desk, desk_now);
	CU_ASSERT_EQUAL(desk_take_events(RENDEZVOUS_FORGOTTEN), 148 - 2 * RENDEZVOUS_EVENTS);
	CU_ASSERT_EQUAL(roster_count(&desk.roster), 1);
	CU_ASSERT_EQUAL(rendezvous_deadline(&desk), desk_now + DESK_FORGET / 2);
}

static void everybody_is_told_when_it_stops(void)
{
	static struct datagram d;
	unsigned told = 0;

	desk_start(DESK_MAX_PEERS);
	for (uint32_t i = 0; i < 150; i++)
		desk_log_in(i);
	rendezvous_stop(&desk);
	while (rendezvous_next_datagram(&desk, &d))
		told++;
	CU_ASSERT_EQUAL(told, 150);
}

static void unanswerable_sources_are_dropped(void)
{
	struct endpoint from = { .address = { ADDRESS_IPV4, { 198, 51, 100, 1 } }, .port = 0 };
	struct wire_message m = desk_login_message(1);

	desk_start(DESK_MAX_PEERS);
	CU_ASSERT_EQUAL(desk_ask(&from, &m, &m), 0);
	m = desk_login_message(1);
	from = endpoint_ipv4(0xe0000001, 5);
	CU_ASSERT_EQUAL(desk_ask(&from, &m, &m), 0);
	CU_ASSERT_EQUAL(desk.drops.count[DROP_SOURCE], 2);
	for (unsigned i = 0; i < DROPS; i++)
		CU_ASSERT_STRING_NOT_EQUAL(drop_name((enum drop)i), "?");
	CU_ASSERT_EQUAL(drops_total(&desk.drops), 2);
	desk_close();
}

SUITE(rendezvous, TEST(who_repeats_a_login_is_not_silent), TEST(one_host_cannot_ask_without_end),
      TEST(lists_and_introductions_are_shared_by_a_host), TEST(a_login_is_repeatable),
      TEST(a_cookie_is_good_for_one_address_and_a_short_time), TEST(a_late_login_does_not_undo_a_logout),
      TEST(strangers_get_no_more_than_they_send), TEST(who_asks_in_another_version_is_told),
      TEST(a_session_is_of_one_address), TEST(a_list_comes_in_pages), TEST(a_page_looks_at_few_places),
      TEST(a_page_of_long_names_is_shorter), TEST(one_peer_cannot_ask_without_end),
      TEST(a_full_server_says_so_and_recovers), TEST(who_did_nothing_makes_room_in_a_full_server),
      TEST(the_silent_are_forgotten), TEST(everybody_is_told_when_it_stops), TEST(unanswerable_sources_are_dropped))
