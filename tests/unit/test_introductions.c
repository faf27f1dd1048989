/* The server alone, introducing clients to each other. */
#include "desk.h"
#include "suite.h"

#include <string.h>

static void both_sides_get_the_same_path(void)
{
	struct wire_message a, b, m, to_b, to_a;
	struct endpoint at_a = desk_client_at(1), at_b = desk_client_at(2), to;

	desk_start(DESK_MAX_PEERS);
	a = desk_log_in(1);
	b = desk_log_in(2);
	m = desk_request(WIRE_PUNCH, &a);
	m.serial = 41;
	m.who = at_b;
	desk_deliver(&at_a, &m);
	CU_ASSERT_TRUE_FATAL(desk_answer(&to, &to_b));
	CU_ASSERT_TRUE(endpoint_equal(&to, &at_b) && endpoint_equal(&to_b.who, &at_a));
	CU_ASSERT_EQUAL(to_b.role, WIRE_YOU_ARE_ASKED);
	CU_ASSERT_EQUAL(memcmp(to_b.session, b.session, sizeof b.session), 0);
	CU_ASSERT_TRUE_FATAL(desk_answer(&to, &to_a));
	CU_ASSERT_TRUE(endpoint_equal(&to, &at_a) && endpoint_equal(&to_a.who, &at_b));
	CU_ASSERT_EQUAL(to_a.role, WIRE_YOU_ASKED);
	CU_ASSERT_EQUAL(to_a.serial, 41);
	CU_ASSERT_EQUAL(memcmp(to_a.token, to_b.token, sizeof to_a.token), 0);
	CU_ASSERT_EQUAL(to_a.card.identity[0], at_b.address.bytes[3]); /* each has the other's card */
	CU_ASSERT_EQUAL(to_b.card.identity[0], at_a.address.bytes[3]);
	desk_deliver(&at_a, &m); /* repeated */
	CU_ASSERT_TRUE(desk_answer(&to, &to_b) && desk_answer(&to, &m));
	CU_ASSERT_EQUAL(desk_take_events(RENDEZVOUS_INTRODUCTION), 1);
	m = desk_request(WIRE_PUNCH, &b); /* the other way */
	m.who = at_a;
	desk_deliver(&at_b, &m);
	CU_ASSERT_TRUE(desk_answer(&to, &m));
	CU_ASSERT_EQUAL(memcmp(m.token, to_a.token, sizeof m.token), 0);
	CU_ASSERT_TRUE(desk_answer(&to, &m));
	CU_ASSERT_EQUAL(desk_take_events(RENDEZVOUS_INTRODUCTION), 1);
	m = desk_request(WIRE_LOGOUT, &b); /* a new login is a new path */
	desk_ask(&at_b, &m, &m);
	desk_now += 25 * DESK_SECOND;
	rendezvous_tick(&desk, desk_now);
	desk_log_in(2);
	m = desk_request(WIRE_PUNCH, &a);
	m.who = at_b;
	desk_deliver(&at_a, &m);
	CU_ASSERT_TRUE(desk_answer(&to, &m));
	CU_ASSERT_NOT_EQUAL(memcmp(m.token, to_a.token, sizeof m.token), 0);
}

static void introductions_are_refused_with_the_reason(void)
{
	struct wire_message welcome, m, got;
	struct endpoint from = desk_client_at(1);

	desk_start(DESK_MAX_PEERS);
	welcome = desk_log_in(1);
	m = desk_request(WIRE_PUNCH, &welcome);
	m.who = desk_client_at(2);
	CU_ASSERT_EQUAL(desk_ask(&from, &m, &got), WIRE_REFUSED);
	CU_ASSERT_EQUAL(got.reason, WIRE_PEER_UNKNOWN);
	m.who = from;
	CU_ASSERT_EQUAL(desk_ask(&from, &m, &got), WIRE_REFUSED);
	CU_ASSERT_EQUAL(got.reason, WIRE_PEER_IS_YOU);
	m.who = (struct endpoint){ .address = { ADDRESS_IPV6, { 1 } }, .port = 1 };
	CU_ASSERT_EQUAL(desk_ask(&from, &m, &got), WIRE_REFUSED);
	CU_ASSERT_EQUAL(got.reason, WIRE_PEER_OTHER_FAMILY);
	rendezvous_allow_relay(&desk);
	CU_ASSERT_EQUAL(desk_ask(&from, &m, &got), WIRE_REFUSED);
	CU_ASSERT_EQUAL(got.reason, WIRE_PEER_UNKNOWN); /* it could be reached by way of the server */
}

static unsigned told_of(const struct endpoint *from, struct wire_message *m, uint32_t serial, uint32_t target)
{
	struct wire_message got;
	struct rendezvous_event e;
	struct endpoint to;
	unsigned told = 0;

	m->serial = serial;
	m->who = desk_client_at(target);
	desk_deliver(from, m);
	while (desk_answer(&to, &got)) {
	}
	while (rendezvous_next_event(&desk, &e)) {
		told++;
		CU_ASSERT_TRUE(endpoint_equal(&e.who, from) && endpoint_equal(&e.other, &m->who));
	}
	return told;
}

static void no_introduction_is_hidden_from_the_log(void)
{
	struct endpoint from = desk_client_at(1);
	struct wire_message m;

	desk_start(DESK_MAX_PEERS);
	for (uint32_t i = 2; i < 10; i++)
		desk_log_in(i);
	m = desk_log_in(1);
	m = desk_request(WIRE_PUNCH, &m);
	desk_take_events(RENDEZVOUS_LOGIN);
	CU_ASSERT_EQUAL(told_of(&from, &m, UINT32_MAX, 2), 1);
	for (uint32_t target = 3; target < 10; target++)
		CU_ASSERT_EQUAL(told_of(&from, &m, 5, target), 1); /* one serial for all, below one that was used */
	for (uint32_t target = 3; target < 10; target++)
		CU_ASSERT_EQUAL(told_of(&from, &m, 5, target), 0); /* each repeated, in turn */
	CU_ASSERT_EQUAL(told_of(&from, &m, 6, 3), 1);
	CU_ASSERT_EQUAL(told_of(&from, &m, 6, 77), 1); /* a refusal too */
	CU_ASSERT_EQUAL(told_of(&from, &m, 6, 77), 0);
}

/* A peer is told from the address of ours that it sent to last: its NAT may let in no other. */
static void a_peer_is_spoken_to_where_it_speaks(void)
{
	static const struct endpoint second = { .address.family = ADDRESS_IPV4,
		                                .address.bytes = { 203, 0, 113, 2 },
		                                .port = 5000 };
	struct endpoint at_a = desk_client_at(1), at_b = desk_client_at(2);
	struct wire_message a, b, m;
	static struct datagram d;
	uint8_t bytes[WIRE_MAX_DATAGRAM];

	desk_start(DESK_MAX_PEERS);
	a = desk_log_in(1);
	b = desk_log_in(2);
	m = desk_request(WIRE_PING, &b);
	rendezvous_receive(&desk, &second, &at_b, bytes, wire_encode(&m, bytes, sizeof bytes), desk_now);
	CU_ASSERT_TRUE(rendezvous_next_datagram(&desk, &d) && endpoint_equal(&d.local, &second));
	m = desk_request(WIRE_PUNCH, &a);
	m.who = at_b;
	desk_deliver(&at_a, &m);
	CU_ASSERT_TRUE(rendezvous_next_datagram(&desk, &d));
	CU_ASSERT_TRUE(endpoint_equal(&d.to, &at_b) && endpoint_equal(&d.local, &second));
	CU_ASSERT_TRUE(rendezvous_next_datagram(&desk, &d));
	CU_ASSERT_TRUE(endpoint_equal(&d.to, &at_a) && endpoint_equal(&d.local, &desk_address));
}

SUITE(introductions, TEST(both_sides_get_the_same_path), TEST(introductions_are_refused_with_the_reason),
      TEST(no_introduction_is_hidden_from_the_log), TEST(a_peer_is_spoken_to_where_it_speaks))
