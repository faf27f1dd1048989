/* What a client finds out of its own NAT, from the two ports that the server saw. */
#include "chat/peer/own_mapping.h"

#include "suite.h"

#include <stdlib.h>
#include <string.h>

#define MS UINT64_C(1000)

static struct own_mapping mapping;
static struct socket_set sockets;
static struct effects *fx;
static uint64_t now;

static void start(uint16_t local_port)
{
	free(fx);
	fx = calloc(1, sizeof *fx);
	CU_ASSERT_PTR_NOT_NULL_FATAL(fx);
	fx->server = endpoint_ipv4(0xcb007101, 5000);
	mapping = (struct own_mapping){ 0 };
	sockets = (struct socket_set){ 0 };
	now = 1000 * MS;
	own_mapping_start(&mapping, &sockets, fx, now);
	CU_ASSERT_EQUAL(own_mapping_deadline(&mapping), now);
	own_mapping_tick(&mapping, &sockets, fx, now);
	CU_ASSERT_EQUAL(fx->out.count, 0); /* the socket is not open yet */
	socket_set_opened(&sockets, mapping.socket, local_port);
	own_mapping_tick(&mapping, &sockets, fx, now);
}

static void answer(unsigned which, uint16_t port)
{
	struct wire_message here = { .type = WIRE_HERE, .who = endpoint_ipv4(0xcb00710a, port) };

	memcpy(here.nonce, mapping.nonces[which], sizeof here.nonce);
	own_mapping_receive(&mapping, &sockets, fx, &here, now);
}

static enum wire_mapping kind(uint16_t local_port, uint16_t first, uint16_t second)
{
	start(local_port);
	answer(0, first);
	CU_ASSERT_TRUE(mapping.running);
	answer(1, second);
	CU_ASSERT_FALSE(mapping.running);
	CU_ASSERT_EQUAL(mapping.found_us, now);
	CU_ASSERT_EQUAL(socket_set_wants(&sockets, 1), mapping.kind == WIRE_MAPPING_SAME); /* kept for a moment */
	return mapping.kind;
}

static void a_socket_whose_port_is_known_can_be_had(void)
{
	int owner, other;
	uint16_t port = 0;

	CU_ASSERT_EQUAL(kind(40000, 5000, 5000), WIRE_MAPPING_SAME);
	CU_ASSERT_EQUAL(own_mapping_deadline(&mapping), now + 100000);
	CU_ASSERT_EQUAL(own_mapping_hand_over(&mapping, &sockets, &owner, &port), 1);
	CU_ASSERT_EQUAL(port, 5000);
	CU_ASSERT_EQUAL(own_mapping_hand_over(&mapping, &sockets, &other, &port), 0);
	CU_ASSERT_EQUAL(own_mapping_deadline(&mapping), UINT64_MAX);
	own_mapping_tick(&mapping, &sockets, fx, now + 1000000);
	CU_ASSERT_TRUE(socket_set_wants(&sockets, 1)); /* it is somebody else's */
	socket_set_release(&sockets, &owner, 0);
	CU_ASSERT_FALSE(socket_set_wants(&sockets, 1));
	CU_ASSERT_EQUAL(kind(40000, 5000, 5000), WIRE_MAPPING_SAME);
	own_mapping_tick(&mapping, &sockets, fx, now + 100000);
	CU_ASSERT_FALSE(socket_set_wants(&sockets, 1)); /* nobody came for it */
	CU_ASSERT_EQUAL(own_mapping_hand_over(&mapping, &sockets, &owner, &port), 0);
}

static void each_kind_is_told_from_the_ports(void)
{
	CU_ASSERT_EQUAL(kind(40000, 40000, 40000), WIRE_MAPPING_SAME);
	CU_ASSERT_EQUAL(kind(40000, 5000, 5000), WIRE_MAPPING_SAME);
	CU_ASSERT_EQUAL(kind(40000, 40000, 5000), WIRE_MAPPING_FRESH);
	CU_ASSERT_EQUAL(kind(40000, 5000, 5016), WIRE_MAPPING_STEADY);
	CU_ASSERT_EQUAL(kind(40000, 5000, 5017), WIRE_MAPPING_RANDOM);
	CU_ASSERT_EQUAL(kind(40000, 5016, 5000), WIRE_MAPPING_STEADY);
	CU_ASSERT_EQUAL(kind(40000, 5017, 5000), WIRE_MAPPING_RANDOM);
}

static void the_next_ports_are_expected_around_both(void)
{
	CU_ASSERT_EQUAL(kind(40000, 5000, 5002), WIRE_MAPPING_STEADY);
	CU_ASSERT_EQUAL(mapping.port, 5000 - 16);
	CU_ASSERT_EQUAL(mapping.span, 2 + 2 * 16 + 1);
	CU_ASSERT_EQUAL(kind(40000, 5002, 5000), WIRE_MAPPING_STEADY);
	CU_ASSERT_EQUAL(mapping.port, 5000 - 16);
	CU_ASSERT_EQUAL(mapping.span, 2 + 2 * 16 + 1);
	CU_ASSERT_EQUAL(kind(40000, 3, 4), WIRE_MAPPING_STEADY);
	CU_ASSERT_EQUAL(mapping.port, 1);
	CU_ASSERT_EQUAL(mapping.span, 12);
	CU_ASSERT_EQUAL(kind(40000, 65534, 65535), WIRE_MAPPING_STEADY);
	CU_ASSERT_EQUAL(mapping.port, 65526);
	CU_ASSERT_EQUAL(mapping.span, 10);
	CU_ASSERT_EQUAL(kind(40000, 9, 10), WIRE_MAPPING_STEADY);
	CU_ASSERT_EQUAL(mapping.port, 1);
	CU_ASSERT_EQUAL(kind(40000, 5000, 5000), WIRE_MAPPING_SAME);
	CU_ASSERT_EQUAL(mapping.span, 0);
}

/* What was found before counts no more where the server's ports do not both answer. */
static void nothing_is_known_of_half_an_answer(void)
{
	CU_ASSERT_EQUAL(kind(40000, 5000, 5000), WIRE_MAPPING_SAME);
	for (unsigned which = 0; which < 2; which++) {
		own_mapping_start(&mapping, &sockets, fx, now);
		answer(which, 5000);
		own_mapping_tick(&mapping, &sockets, fx, now += 1499 * MS);
		CU_ASSERT_TRUE(mapping.running);
		answer(which, 5000); /* once more: that is no news */
		own_mapping_tick(&mapping, &sockets, fx, now += MS);
		CU_ASSERT_FALSE(mapping.running);
		CU_ASSERT_EQUAL(mapping.kind, WIRE_MAPPING_UNKNOWN);
		mapping.kind = WIRE_MAPPING_RANDOM;
	}
}

/* A server so far away takes no more than that to be heard. */
static void answers_may_take_seconds(void)
{
	start(40000);
	own_mapping_tick(&mapping, &sockets, fx, now += 4999 * MS);
	CU_ASSERT_TRUE(mapping.running);
	own_mapping_tick(&mapping, &sockets, fx, now += MS);
	CU_ASSERT_FALSE(mapping.running);
	CU_ASSERT_EQUAL(mapping.kind, WIRE_MAPPING_UNKNOWN);
}

static void both_ports_are_asked_until_they_answer(void)
{
	struct datagram d;

	start(40000);
	CU_ASSERT_TRUE(send_queue_take(&fx->out, &d) && d.to.port == 5000 && d.socket == mapping.socket);
	CU_ASSERT_TRUE(send_queue_take(&fx->out, &d) && d.to.port == 5001 && d.socket == mapping.socket);
	CU_ASSERT_FALSE(send_queue_take(&fx->out, &d));
	own_mapping_start(&mapping, &sockets, fx, now); /* one at a time */
	own_mapping_tick(&mapping, &sockets, fx, now);
	CU_ASSERT_FALSE(send_queue_take(&fx->out, &d));
	answer(0, 5000);
	now += 250 * MS;
	own_mapping_tick(&mapping, &sockets, fx, now);
	CU_ASSERT_TRUE(send_queue_take(&fx->out, &d) && d.to.port == 5001);
	CU_ASSERT_FALSE(send_queue_take(&fx->out, &d));
	now += 1249 * MS;
	own_mapping_tick(&mapping, &sockets, fx, now);
	CU_ASSERT_TRUE(mapping.running);
	now += 1 * MS;
	CU_ASSERT_TRUE(own_mapping_deadline(&mapping) <= now);
	own_mapping_tick(&mapping, &sockets, fx, now);
	CU_ASSERT_FALSE(mapping.running);
	CU_ASSERT_EQUAL(mapping.kind, WIRE_MAPPING_UNKNOWN); /* a server with one port */
	CU_ASSERT_EQUAL(own_mapping_deadline(&mapping), UINT64_MAX);
}

static void answers_to_nobody_are_dropped(void)
{
	struct wire_message here = { .type = WIRE_HERE, .who = endpoint_ipv4(0xcb00710a, 7) };

	start(40000);
	memset(here.nonce, 0xee, sizeof here.nonce);
	own_mapping_receive(&mapping, &sockets, fx, &here, now);
	CU_ASSERT_EQUAL(fx->drops.count[DROP_LATE], 1);
	answer(1, 5001);
	CU_ASSERT_EQUAL(fx->drops.count[DROP_LATE], 1);
	answer(0, 5000);
	answer(0, 5000); /* when it is over */
	CU_ASSERT_EQUAL(fx->drops.count[DROP_LATE], 2);
}

static void a_socket_that_cannot_be_had_ends_it(void)
{
	start(0);
	CU_ASSERT_FALSE(mapping.running);
	CU_ASSERT_EQUAL(mapping.kind, WIRE_MAPPING_UNKNOWN);
}

static void sockets_are_taken_and_given_back(void)
{
	struct socket_set s = { 0 };
	int a, b;

	for (uint16_t i = 1; i <= SOCKET_SET_MAX; i++) {
		CU_ASSERT_EQUAL(socket_set_take(&s, i % 2 == 0 ? &a : &b), i);
		CU_ASSERT_EQUAL(s.end, i + 1);
	}
	CU_ASSERT_EQUAL(socket_set_take(&s, &a), 0);
	CU_ASSERT_FALSE(socket_set_wants(&s, 0) || socket_set_wants(&s, SOCKET_SET_MAX + 1));
	socket_set_opened(&s, 2, 4000);
	CU_ASSERT_EQUAL(socket_set_port(&s, 2), 4000);
	CU_ASSERT_EQUAL(socket_set_port(&s, 4), 0);
	socket_set_release(&s, &a, 2);
	CU_ASSERT_TRUE(socket_set_wants(&s, 2) && socket_set_wants(&s, 1) && !socket_set_wants(&s, 4));
	socket_set_release(&s, &a, 0);
	CU_ASSERT_FALSE(socket_set_wants(&s, 2) || socket_set_wants(&s, SOCKET_SET_MAX));
	CU_ASSERT_EQUAL(socket_set_port(&s, 2), 0);
	socket_set_opened(&s, 2, 4001); /* nobody wants it any more */
	CU_ASSERT_FALSE(socket_set_wants(&s, 2));
	CU_ASSERT_EQUAL(socket_set_take(&s, &a), 2);
	CU_ASSERT_EQUAL(socket_set_port(&s, 2), 0);  /* a new one */
	CU_ASSERT_EQUAL(socket_set_take(&s, &a), 4); /* in turn */
}

SUITE(own_mapping, TEST(each_kind_is_told_from_the_ports), TEST(a_socket_whose_port_is_known_can_be_had),
      TEST(the_next_ports_are_expected_around_both), TEST(both_ports_are_asked_until_they_answer),
      TEST(nothing_is_known_of_half_an_answer), TEST(answers_may_take_seconds), TEST(answers_to_nobody_are_dropped),
      TEST(a_socket_that_cannot_be_had_ends_it), TEST(sockets_are_taken_and_given_back))
