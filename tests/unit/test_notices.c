/* What the server tells of who comes and goes: to all, soon, in spite of crowds and floods; and what it does not. */
#include "chat.h"
#include "desk.h"
#include "io/http_page.h"
#include "server_report.h"
#include "suite.h"

#include <stdio.h>
#include <string.h>

/* An address in a network of its own. */
static struct endpoint far_client(uint32_t i)
{
	return endpoint_ipv4(0x0a000001 + (i << 8), 1000);
}

/* Logs somebody in, whose welcome becomes *m, and lets all be told. Returns how many have been. */
static unsigned join(const struct endpoint *from, const char *name, uint32_t key, struct wire_message *m)
{
	CU_ASSERT_EQUAL_FATAL(desk_log_in_as(from, name, key, key, m), WIRE_WELCOME);
	return desk_notices(WIRE_HAS_COME);
}

static unsigned leave(const struct endpoint *from, const struct wire_message *welcome)
{
	struct wire_message m = desk_request(WIRE_LOGOUT, welcome);

	CU_ASSERT_EQUAL(desk_ask(from, &m, &m), WIRE_LOGGED_OUT);
	return desk_notices(WIRE_HAS_GONE);
}

/* `count` who have no name, each far from the others: nobody hears of them, and they hear of all others. */
static void fill(uint32_t count)
{
	struct endpoint from;
	struct wire_message m;

	for (uint32_t i = 0; i < count; i++) {
		from = far_client(1000 + i);
		CU_ASSERT_EQUAL(join(&from, "", 1000 + i, &m), 0);
	}
}

/* The time that has passed since `began` is at most what `datagrams` take, and a tick. */
static bool was_soon(uint64_t began, unsigned datagrams)
{
	return desk_now - began <= (uint64_t)NOTICES_PACE_US * (datagrams / NOTICES_AT_ONCE + 1);
}

static void of_two_hundred_each_hears_of_each(void)
{
	struct endpoint from[200];
	struct wire_message welcome[200];
	char name[NAME_TEXT_SIZE];

	desk_start(300);
	for (uint32_t i = 0; i < 200; i++) {
		uint64_t began = desk_now;

		from[i] = far_client(i);
		snprintf(name, sizeof name, "peer-%u-x", 100 + i);
		CU_ASSERT_EQUAL(join(&from[i], name, i, &welcome[i]), i);
		CU_ASSERT_TRUE(was_soon(began, i));
		desk_now += DESK_SECOND / 5;
		rendezvous_tick(&desk, desk_now);
	}
	for (uint32_t i = 0; i < 200; i++) /* at once: each login has paid for that */
		CU_ASSERT_EQUAL(leave(&from[i], &welcome[i]), 199 - i);
	CU_ASSERT_EQUAL(desk.notices.told, 199 + 199);
	for (unsigned i = 0; i < NOTICES_REASONS; i++)
		CU_ASSERT_EQUAL(desk.notices.untold[i], 0);
	CU_ASSERT_EQUAL(desk.out.refused, 0);
	desk_close();
}

/* Not even the answer to a login waits until 300 have been told of another. */
static void nothing_waits_for_notices(void)
{
	struct endpoint bob = far_client(1), carol = far_client(2), to;
	struct wire_message m;
	unsigned told = 0, ticks = 0;

	desk_start(400);
	fill(300);
	CU_ASSERT_EQUAL(desk_log_in_as(&bob, "bob", 1, 1, &m), WIRE_WELCOME); /* and nobody else hears anything yet */
	while (told < 300 && ticks++ < 10) {
		unsigned now = 0;

		CU_ASSERT_TRUE(rendezvous_deadline(&desk) <= desk_now + NOTICES_PACE_US);
		desk_now += NOTICES_PACE_US;
		rendezvous_tick(&desk, desk_now);
		if (ticks == 2) { /* in mid-notice, and before what is to be sent now: one more logs in */
			m = (struct wire_message){ .type = WIRE_LOGIN, .nonce = { 9 } };
			desk_deliver(&carol, &m);
			CU_ASSERT_TRUE(desk_answer(&to, &m) && m.type == WIRE_CHALLENGE);
		}
		while (desk_answer(&to, &m))
			now++;
		CU_ASSERT_TRUE(now <= NOTICES_AT_ONCE);
		told += now;
	}
	CU_ASSERT_EQUAL(told, 300);
	CU_ASSERT_EQUAL(ticks, 5);
	CU_ASSERT_EQUAL(desk.notices.count, 0);
	CU_ASSERT_EQUAL(desk_notices(WIRE_HAS_COME), 0);
	CU_ASSERT_EQUAL(desk.out.refused, 0);
	desk_close();
}

/* One address logs in and out 600 times, under many names; the screens of the others stay readable. */
static void a_flood_drowns_nobody(void)
{
	struct endpoint ann = far_client(1), bob = far_client(2), flooder;
	struct wire_message m, bobs;
	unsigned shown = 0;
	char name[NAME_TEXT_SIZE];

	desk_start(300);
	join(&ann, "ann", 1, &m);
	for (uint32_t i = 0; i < 600; i++) {
		flooder = far_client(3);
		flooder.port = (uint16_t)(1000 + i % 100);
		snprintf(name, sizeof name, "noise-%u-x", 100 + i);
		shown += join(&flooder, name, 5000 + i, &m) > 0;
		shown += leave(&flooder, &m) > 0;
		if (i == 300) {
			CU_ASSERT_EQUAL(join(&bob, "bob", 2, &bobs), 1); /* ann hears of him at once */
			CU_ASSERT_EQUAL(leave(&bob, &bobs), 1);
		}
		desk_now += DESK_SECOND / 100;
		rendezvous_tick(&desk, desk_now);
	}
	CU_ASSERT_TRUE(shown >= 24 && shown <= 24 + 600 / 100 * 4); /* with the time that the notices took */
	CU_ASSERT_EQUAL(desk.notices.untold[NOTICES_OVER_THE_RATE], 1200 - shown);
	CU_ASSERT_EQUAL(desk.notices.told, shown + 2);
	desk_close();
}

/* Nor does a whole network: its share is 24 logins at once, whatever address they come from. */
static void a_network_has_its_share(void)
{
	struct endpoint ann = far_client(1), bob = far_client(2), from;
	struct wire_message m;
	unsigned shown = 0;
	char name[NAME_TEXT_SIZE];

	desk_start(300);
	join(&ann, "ann", 1, &m);
	for (uint32_t i = 0; i < 100; i++) {
		from = desk_client_at(i);
		snprintf(name, sizeof name, "noise-%u-x", 100 + i);
		CU_ASSERT_EQUAL_FATAL(desk_log_in_as(&from, name, i, i, &m), WIRE_WELCOME);
		shown += desk.notices.count;
		while (desk.notices.count > 0) { /* in no time at all */
			desk.notices.next_us = 0;
			rendezvous_tick(&desk, desk_now);
			while (desk_answer(&from, &m))
				;
		}
	}
	CU_ASSERT_EQUAL(shown, 24);
	CU_ASSERT_EQUAL(join(&bob, "bob", 2, &m), 101);
	desk_close();
}

/* Who was told to be there is told to have gone, though its address has had more than its share meanwhile. */
static void of_who_has_come_is_told_that_it_goes(void)
{
	struct endpoint ann = far_client(1), first = far_client(3), more = first;
	struct wire_message m, welcome;
	char name[NAME_TEXT_SIZE];

	desk_start(300);
	join(&ann, "ann", 1, &m);
	CU_ASSERT_EQUAL(join(&first, "bob", 2, &welcome), 1);
	for (uint32_t i = 0; i < 60; i++) {
		more.port++;
		snprintf(name, sizeof name, "noise-%u-x", 100 + i);
		join(&more, name, 100 + i, &m);
	}
	CU_ASSERT_TRUE(desk.notices.untold[NOTICES_OVER_THE_RATE] > 0);
	CU_ASSERT_EQUAL(leave(&more, &m), 0); /* whom nobody heard of */
	CU_ASSERT_EQUAL(leave(&first, &welcome), 60);
	desk_close();
}

/* Another program at the same address is somebody else, unless it has the name. */
static void who_is_at_an_address_now_is_told(void)
{
	struct endpoint ann = far_client(1), home = far_client(2);
	struct wire_message m;

	desk_start(8);
	join(&ann, "ann", 1, &m);
	CU_ASSERT_EQUAL(join(&home, "bob", 2, &m), 1);
	CU_ASSERT_EQUAL(join(&home, "bob", 2, &m), 0); /* he logs in anew, and has not been away */
	CU_ASSERT_EQUAL_FATAL(desk_log_in_as(&home, "carol", 3, 3, &m), WIRE_WELCOME);
	CU_ASSERT_EQUAL(desk.notices.count, 2);
	CU_ASSERT_EQUAL(desk_notices(WIRE_HAS_GONE), 1); /* bob, of whose first login that was paid */
	CU_ASSERT_EQUAL(desk.notices.told, 3);
	CU_ASSERT_EQUAL(leave(&home, &m), 1);
	desk_close();
}

static void who_makes_room_is_told_of(void)
{
	struct endpoint ann = far_client(0), bob = far_client(1), dan = far_client(2);
	struct wire_message m;

	desk_start(2);
	CU_ASSERT_EQUAL(join(&ann, "", 0, &m), 0);
	m = desk_request(WIRE_PING, &m);
	CU_ASSERT_EQUAL(desk_ask(&ann, &m, &m), WIRE_PONG);
	CU_ASSERT_EQUAL(join(&bob, "bob", 1, &m), 1);
	desk_now += 2 * DESK_SECOND;
	CU_ASSERT_EQUAL(desk_log_in_as(&dan, "", 2, 2, &m), WIRE_WELCOME);
	CU_ASSERT_EQUAL(desk_notices(WIRE_HAS_GONE), 2); /* to the one that is there still, and to who came */
	desk_close();
}

/*
 * What waits is bounded: what could only be told much later is not. Of who has paid for it there is room when all
 * else is taken.
 */
static void what_would_come_too_late_is_not_told(void)
{
	struct wire_message m, welcome[30];
	struct endpoint from;
	char name[NAME_TEXT_SIZE];
	uint64_t began;

	desk_start(1200);
	fill(700);
	for (uint32_t i = 0; i < 30; i++) {
		from = far_client(i);
		snprintf(name, sizeof name, "peer-%u-x", 100 + i);
		CU_ASSERT_EQUAL_FATAL(desk_log_in_as(&from, name, i, i, &welcome[i]), WIRE_WELCOME);
	}
	CU_ASSERT_EQUAL(desk.notices.count, 19); /* 20 to 700 and more are above 14,336 */
	CU_ASSERT_EQUAL(desk.notices.untold[NOTICES_NO_ROOM], 11);
	for (uint32_t i = 0; i < 30; i++) {
		from = far_client(29 - i); /* those who have not paid first */
		m = desk_request(WIRE_LOGOUT, &welcome[29 - i]);
		CU_ASSERT_EQUAL(desk_ask(&from, &m, &m), WIRE_LOGGED_OUT);
	}
	CU_ASSERT_EQUAL(desk.notices.count, 19 + 4); /* 23 to 713 and more are above 16,384 */
	CU_ASSERT_EQUAL(desk.notices.untold[NOTICES_NO_ROOM], 11 + 26);
	began = desk_now;
	CU_ASSERT_TRUE(desk_notices(WIRE_HAS_GONE) > 2 * 700);
	CU_ASSERT_TRUE(desk_now - began <= 6 * DESK_SECOND);
	desk_close();
}

/* Nor is it where few are left of very many: all the places are looked at for each notice. */
static void of_few_among_many_places_is_told_soon(void)
{
	enum { PLACES = 70000, COME = 50 };
	static struct wire_message welcome[COME];
	struct wire_message m;
	struct endpoint from;
	char name[NAME_TEXT_SIZE];
	uint64_t began;

	desk_start(PLACES);
	for (uint32_t i = 0; i < PLACES; i++) {
		from = far_client(i);
		CU_ASSERT_PTR_NOT_NULL_FATAL(roster_add(&desk.roster, &from, desk_now));
	}
	for (uint32_t i = 0; i < PLACES; i++) {
		from = far_client(i);
		roster_remove(&desk.roster, roster_find(&desk.roster, &from));
	}
	for (uint32_t i = 0; i < COME; i++) {
		from = far_client(i);
		snprintf(name, sizeof name, "peer-%u-x", 100 + i);
		CU_ASSERT_EQUAL_FATAL(desk_log_in_as(&from, name, i, i, &welcome[i]), WIRE_WELCOME);
	}
	for (uint32_t i = 0; i < COME - 1; i++) {
		from = far_client(i);
		m = desk_request(WIRE_LOGOUT, &welcome[i]);
		CU_ASSERT_EQUAL(desk_ask(&from, &m, &m), WIRE_LOGGED_OUT);
	}
	CU_ASSERT_TRUE(desk.notices.count > COME); /* all that came, and who went until there was no room */
	began = desk_now;
	desk_notices(WIRE_HAS_COME);
	CU_ASSERT_TRUE(desk_now - began <= 6 * DESK_SECOND);
	desk_close();
}

/* Lets the clock run so far, and takes what the server sends meanwhile. */
static void wait_until(uint64_t until_us)
{
	struct wire_message m;
	struct endpoint to;

	for (; desk_now < until_us; desk_now += NOTICES_PACE_US) {
		rendezvous_tick(&desk, desk_now);
		while (desk_answer(&to, &m))
			;
	}
}

/* Two of one network, each with its whole share, log in and out ten times a second. */
static void noise(uint32_t i)
{
	struct endpoint from = endpoint_ipv4(0xc6336401 + i % 2, (uint16_t)(1000 + i));
	struct wire_message m;
	char name[NAME_TEXT_SIZE];

	snprintf(name, sizeof name, "noise-%u-x", 1000 + i);
	CU_ASSERT_EQUAL_FATAL(desk_log_in_as(&from, name, 5000 + i, 5000 + i, &m), WIRE_WELCOME);
	if (i < 16) /* these stay, and could fill the room later with that they go */
		return;
	m = desk_request(WIRE_LOGOUT, &m);
	CU_ASSERT_EQUAL(desk_ask(&from, &m, &m), WIRE_LOGGED_OUT);
}

/* That one network does so takes nothing of what others are told of each other, among as many as are told anything. */
static void one_network_takes_the_room_of_no_other(void)
{
	enum { OTHERS = 40 };
	static struct wire_message welcome[OTHERS];
	char name[NAME_TEXT_SIZE];
	unsigned told = 0;

	desk_start(1200);
	fill(NOTICES_PEERS - 17 - OTHERS);
	for (uint32_t i = 0; i < OTHERS * 10; i++) {
		struct endpoint from = far_client(i / 10);
		uint32_t waiting;

		noise(i);
		waiting = desk.notices.count;
		if (i % 10 == 5) { /* one a second comes */
			snprintf(name, sizeof name, "peer-%u-x", 100 + i / 10);
			CU_ASSERT_EQUAL_FATAL(desk_log_in_as(&from, name, i, i, &welcome[i / 10]), WIRE_WELCOME);
			told += desk.notices.count - waiting;
		} else if (i % 20 == 19) { /* every other one of them goes at once */
			struct wire_message m = desk_request(WIRE_LOGOUT, &welcome[i / 10]);

			CU_ASSERT_EQUAL(desk_ask(&from, &m, &m), WIRE_LOGGED_OUT);
			told += desk.notices.count - waiting;
		}
		wait_until(desk_now + DESK_SECOND / 10);
	}
	CU_ASSERT_EQUAL(told, OTHERS + OTHERS / 2);
	CU_ASSERT_TRUE(desk.notices.untold[NOTICES_NO_ROOM] > 0); /* of the network's */
	CU_ASSERT_EQUAL(desk.notices.untold[NOTICES_CROWDED], 0);
	desk_close();
}

static void what_is_not_told_is_counted(void)
{
	static struct stun_service stun;
	struct server_counts counts = { .rendezvous = &desk, .stun = &stun };
	char text[HTTP_PAGE_ROOM];
	struct wire_message m;
	struct endpoint from = far_client(1);
	char name[NAME_TEXT_SIZE];
	size_t len;

	desk_start(300);
	join(&from, "ann", 1, &m);
	for (uint32_t i = 0; i < 20; i++) {
		from = desk_client_at(0);
		from.port = (uint16_t)(1000 + i);
		snprintf(name, sizeof name, "noise-%u-x", 100 + i);
		CU_ASSERT_EQUAL_FATAL(desk_log_in_as(&from, name, 100 + i, 100 + i, &m), WIRE_WELCOME);
	}
	desk_notices(WIRE_HAS_COME);
	len = server_metrics(&counts, text, sizeof text);
	CU_ASSERT_TRUE_FATAL(len < sizeof text - 1); /* or it is cut */
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\np2pchat_notices_total 12\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\np2pchat_notices_untold_total{reason=\"over the rate\"} 8\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\np2pchat_notices_untold_total{reason=\"no room\"} 0\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\np2pchat_notices_untold_total{reason=\"too many logged in\"} 0\n"));
	desk_close();
}

/* Lets the clock run until all have been told; returns how many of them that it is crowded, or not. */
static unsigned told_of_the_crowd(bool crowded)
{
	struct wire_message m;
	struct endpoint to;
	unsigned count = 0;

	do {
		desk_now = rendezvous_deadline(&desk) > desk_now ? rendezvous_deadline(&desk) : desk_now;
		rendezvous_tick(&desk, desk_now);
		while (desk_answer(&to, &m))
			count += m.type == WIRE_CROWDED && (m.crowded != 0) == crowded;
	} while (desk.notices.count > 0);
	return count;
}

/* Logs somebody in, and returns whether it hears that it has come into a crowd. */
static bool comes_into_a_crowd(const struct endpoint *from, struct wire_message *welcome)
{
	static uint8_t logins;
	struct wire_message m = { .type = WIRE_LOGIN, .nonce = { ++logins } };
	struct endpoint to;
	bool told;

	CU_ASSERT_EQUAL_FATAL(desk_ask(from, &m, welcome), WIRE_CHALLENGE);
	memcpy(m.cookie, welcome->cookie, sizeof m.cookie);
	desk_deliver(from, &m);
	CU_ASSERT_TRUE_FATAL(desk_answer(&to, welcome) && welcome->type == WIRE_WELCOME);
	told = desk_answer(&to, &m);
	CU_ASSERT_TRUE(!told || (m.type == WIRE_CROWDED && m.crowded == 1 && endpoint_equal(&to, from)));
	return told;
}

static void who_is_in_a_crowd_is_told_that_and_no_more(void)
{
	static struct wire_message welcome[NOTICES_PEERS + 2];
	struct endpoint from, ann = far_client(50000);
	struct wire_message m;

	desk_start(1200);
	for (uint32_t i = 0; i <= NOTICES_PEERS; i++) {
		from = far_client(i);
		CU_ASSERT_FALSE(comes_into_a_crowd(&from, &welcome[i]));
	}
	desk_take_events(RENDEZVOUS_CROWDED);
	CU_ASSERT_EQUAL(told_of_the_crowd(true), NOTICES_PEERS + 1);
	CU_ASSERT_EQUAL(desk_take_events(RENDEZVOUS_CROWDED), 1);
	from = far_client(NOTICES_PEERS + 1);
	CU_ASSERT_TRUE(comes_into_a_crowd(&from, &welcome[NOTICES_PEERS + 1]));
	for (uint32_t i = 0; i <= NOTICES_PEERS + 1 - NOTICES_PEERS_AGAIN; i++) {
		from = far_client(i);
		CU_ASSERT_EQUAL(leave(&from, &welcome[i]), 0);
	}
	CU_ASSERT_TRUE(comes_into_a_crowd(&from, &m)); /* for a minute, or who comes and goes fills all screens */
	m = desk_request(WIRE_LOGOUT, &m);
	CU_ASSERT_EQUAL(desk_ask(&from, &m, &m), WIRE_LOGGED_OUT);
	desk.notices.crowded_us -= NOTICES_CROWD_US;
	desk_take_events(RENDEZVOUS_ROOMY);
	CU_ASSERT_EQUAL(told_of_the_crowd(false), NOTICES_PEERS_AGAIN);
	CU_ASSERT_EQUAL(desk_take_events(RENDEZVOUS_ROOMY), 1);
	CU_ASSERT_EQUAL(desk.notices.told, 0);
	CU_ASSERT_EQUAL(join(&ann, "ann", 1, &m), NOTICES_PEERS_AGAIN);
	desk_close();
}

/* As a client shows it. */
static void a_client_says_that_it_is_crowded(void)
{
	struct network *n = network_new(CHAT_LATENCY);

	n->server.notices.crowded = true;
	n->server.notices.crowded_us = n->now_us;
	network_start(n, 0, chat_open, CHAT_PUNCH_TIMEOUT, CHAT_KEEPALIVE);
	peer_login(chat_peer(n, 0), "ann", n->now_us);
	network_carry_out(n);
	CU_ASSERT_TRUE(chat_sees(n, 0, "crowded 203.0.113.1:5000", SECOND));
	CU_ASSERT_EQUAL(network_count(n, 0, "roomy"), 0);
	CU_ASSERT_TRUE(chat_sees(n, 0, "roomy 203.0.113.1:5000", 61 * SECOND));
	CU_ASSERT_EQUAL(network_count(n, 0, "crowded"), 1);
	chat_end(n);
}

SUITE(notices, TEST(who_is_in_a_crowd_is_told_that_and_no_more), TEST(a_client_says_that_it_is_crowded),
      TEST(what_is_not_told_is_counted), TEST(of_two_hundred_each_hears_of_each), TEST(nothing_waits_for_notices),
      TEST(a_flood_drowns_nobody), TEST(a_network_has_its_share), TEST(of_who_has_come_is_told_that_it_goes),
      TEST(who_is_at_an_address_now_is_told), TEST(who_makes_room_is_told_of),
      TEST(what_would_come_too_late_is_not_told), TEST(of_few_among_many_places_is_told_soon),
      TEST(one_network_takes_the_room_of_no_other))
