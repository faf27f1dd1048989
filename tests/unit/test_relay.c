/* What the server passes on between two peers, and what it does not. */
#include "desk.h"
#include "suite.h"

#include <string.h>

static struct wire_message a, b;
static struct endpoint at_a, at_b;

static void start(bool relays)
{
	desk_start(DESK_MAX_PEERS);
	if (relays)
		rendezvous_allow_relay(&desk);
	at_a = desk_client_at(1);
	at_b = desk_client_at(2);
	a = desk_log_in(1);
	b = desk_log_in(2);
}

/* Whether the datagram `inner` goes from a to b as it is. */
static bool passes(const uint8_t *inner, size_t len)
{
	struct wire_message m = desk_request(WIRE_RELAY, &a), got;
	struct endpoint to;

	m.who = at_b;
	m.data = inner;
	m.data_len = len;
	desk_deliver(&at_a, &m);
	if (!desk_answer(&to, &got))
		return false;
	CU_ASSERT_TRUE(endpoint_equal(&to, &at_b) && endpoint_equal(&got.who, &at_a));
	CU_ASSERT_EQUAL(got.type, WIRE_RELAYED);
	CU_ASSERT_EQUAL(memcmp(got.session, b.session, sizeof b.session), 0);
	CU_ASSERT_EQUAL(got.data_len, len); /* the bytes themselves are compared in the tests of paths */
	return true;
}

static size_t inner_of(enum wire_type type, uint8_t bytes[WIRE_MAX_DATAGRAM])
{
	struct wire_message m = { .type = type, .serial = 1, .text = (const uint8_t *)"hello", .text_len = 5 };

	return wire_encode(&m, bytes, WIRE_MAX_DATAGRAM);
}

static void offers_alone_pass_unless_it_relays(void)
{
	uint8_t bytes[WIRE_MAX_DATAGRAM];

	start(false);
	CU_ASSERT_TRUE(passes(bytes, inner_of(WIRE_OFFER, bytes)));
	CU_ASSERT_FALSE(passes(bytes, inner_of(WIRE_TEXT, bytes)));
	CU_ASSERT_FALSE(passes(bytes, inner_of(WIRE_PROBE, bytes)));
	CU_ASSERT_EQUAL(desk.drops.count[DROP_NOT_FOR_US], 2);
	start(true);
	CU_ASSERT_TRUE(passes(bytes, inner_of(WIRE_OFFER, bytes)));
	CU_ASSERT_TRUE(passes(bytes, inner_of(WIRE_TEXT, bytes)));
	CU_ASSERT_EQUAL(desk.relayed, 2);
	desk_close();
}

static void only_who_is_there_is_sent_anything(void)
{
	struct wire_message m, got;
	uint8_t bytes[WIRE_MAX_DATAGRAM];
	struct endpoint to;

	start(true);
	m = desk_request(WIRE_RELAY, &a);
	m.data = bytes;
	m.data_len = inner_of(WIRE_TEXT, bytes);
	m.who = desk_client_at(3); /* never logged in */
	desk_deliver(&at_a, &m);
	m.who = at_a; /* itself */
	desk_deliver(&at_a, &m);
	CU_ASSERT_FALSE(desk_answer(&to, &got));
	CU_ASSERT_EQUAL(desk.drops.count[DROP_LATE], 2);
	m = desk_request(WIRE_LOGOUT, &b);
	desk_deliver(&at_b, &m);
	CU_ASSERT_TRUE(desk_answer(&to, &got));
	CU_ASSERT_FALSE(passes(bytes, inner_of(WIRE_TEXT, bytes)));
	desk_close();
}

/* 64 KiB at once, then 32 a second; time fills the credit again, but no more than that. */
static void one_peer_has_its_rate(void)
{
	uint8_t bytes[WIRE_DATA_MAX] = { 0 };
	unsigned passed = 0;

	start(true);
	for (unsigned i = 0; i < 100; i++)
		passed += passes(bytes, 1024);
	CU_ASSERT_EQUAL(passed, 64);
	CU_ASSERT_EQUAL(desk.drops.count[DROP_RATE], 36);
	desk_now += DESK_SECOND;
	for (unsigned i = passed = 0; i < 50; i++)
		passed += passes(bytes, 1024);
	CU_ASSERT_EQUAL(passed, 32);
	desk_now += 50 * DESK_SECOND;
	for (unsigned i = passed = 0; i < 100; i++)
		passed += passes(bytes, 1024);
	CU_ASSERT_EQUAL(passed, 64);
	desk_now += 50 * DESK_SECOND;
	desk.limits.of[LIMITS_RELAY].all.empty_ns = /* others had what there is */
	    desk_now * 1000 + desk.limits.of[LIMITS_RELAY].pace_of_all.room_ns;
	CU_ASSERT_FALSE(passes(bytes, 1024));
	desk_now += DESK_SECOND / 1000; /* 4 KiB of it are back */
	CU_ASSERT_TRUE(passes(bytes, 1024));
	desk_close();
}

static void the_second_port_tells_addresses_and_nothing_else(void)
{
	struct wire_message m = { .type = WIRE_WHERE };
	struct endpoint from = desk_client_at(9), to;
	uint8_t bytes[WIRE_MAX_DATAGRAM];
	size_t len;

	start(false);
	memset(m.nonce, 5, sizeof m.nonce);
	len = wire_encode(&m, bytes, sizeof bytes);
	rendezvous_receive_aside(&desk, &desk_address, &from, bytes, len);
	CU_ASSERT_TRUE_FATAL(desk_answer(&to, &m));
	CU_ASSERT_TRUE(m.type == WIRE_HERE && endpoint_equal(&m.who, &from) && endpoint_equal(&to, &from));
	CU_ASSERT_EQUAL(m.nonce[0], 5);
	CU_ASSERT_TRUE(wire_encode(&m, bytes, sizeof bytes) <= len); /* never more out than in */
	m = desk_login_message(9);
	len = wire_encode(&m, bytes, sizeof bytes);
	rendezvous_receive_aside(&desk, &desk_address, &from, bytes, len);
	CU_ASSERT_FALSE(desk_answer(&to, &m));
	CU_ASSERT_EQUAL(desk.drops.count[DROP_NOT_FOR_US], 1);
	desk_close();
}

SUITE(relay, TEST(offers_alone_pass_unless_it_relays), TEST(only_who_is_there_is_sent_anything),
      TEST(one_peer_has_its_rate), TEST(the_second_port_tells_addresses_and_nothing_else))
