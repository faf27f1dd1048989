/*
 * What can be made of the server against others: 40,000 datagrams of every kind, right ones and damaged ones, from
 * addresses that have proved nothing, and the bytes it sends to each of them.
 */
#include "desk.h"
#include "stun/stun_service.h"
#include "suite.h"

#include <string.h>

#define DATAGRAMS 40000u
#define ADDRESSES 20u
#define PACE_US 10u /* 100,000 a second */

static uint32_t dice;
static struct stun_service stun;

static uint32_t roll(uint32_t sides)
{
	dice = dice * 1664525u + 1013904223u;
	return (uint32_t)((uint64_t)dice * sides >> 32);
}

static void fill(uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)roll(256);
}

static struct endpoint stranger(bool ipv6, uint32_t i)
{
	struct endpoint e = endpoint_ipv4(0x0a000001 + 256 * i, 4000);

	if (ipv6)
		e = (struct endpoint){ .address = { ADDRESS_IPV6, { 0x20, 1, 0x0d, 0xb8, 0, 0, (uint8_t)i } },
			               .port = 4000 };
	return e;
}

/* A datagram of p2pchat's of that type, right in form. */
static size_t of_ours(enum wire_type type, bool ipv6, uint8_t *bytes)
{
	static uint8_t data[WIRE_DATA_MAX];
	struct wire_message m = { .type = type, .serial = 1 + roll(1000), .reason = 1, .start = roll(100) };

	fill(m.nonce, sizeof m.nonce);
	if (roll(2) == 0)
		fill(m.cookie, sizeof m.cookie);
	fill(m.session, sizeof m.session);
	fill(data, sizeof data);
	m.who = roll(2) == 0 ? desk_client_at(roll(10)) : stranger(ipv6, roll(ADDRESSES));
	m.peer_count = (uint8_t)roll(WIRE_HOSTS_MAX + 1);
	for (unsigned i = 0; i < m.peer_count; i++)
		m.peers[i] = m.who;
	m.text = m.data = data;
	m.text_len = 1 + roll(WIRE_TEXT_MAX);
	m.data_len = 1 + roll(WIRE_DATA_MAX);
	return wire_encode(&m, bytes, WIRE_MAX_DATAGRAM);
}

/* One of STUN, with what it may ask for. */
static size_t of_stun(uint8_t *bytes)
{
	struct stun_message m = { .class = roll(8) == 0 ? STUN_INDICATION : STUN_REQUEST, .method = STUN_BINDING };

	fill(m.id, sizeof m.id);
	m.classic = roll(8) == 0;
	m.has_change = roll(3) == 0;
	m.change = (uint8_t)(2 * roll(4));
	m.has_response_port = roll(6) == 0;
	m.response_port = (uint16_t)roll(65536);
	m.has_padding = roll(8) == 0;
	m.padding = (uint16_t)roll(600);
	m.fingerprint = !m.classic && roll(3) == 0;
	return stun_encode(&m, bytes, WIRE_MAX_DATAGRAM);
}

static size_t damage(uint8_t *bytes, size_t len)
{
	if (len > 0 && roll(2) == 0)
		bytes[roll((uint32_t)len)] ^= (uint8_t)(1 + roll(255));
	return roll(4) == 0 ? roll((uint32_t)len + 1) : len;
}

/* As the server does it; returns how many bytes it sends, which must all go to `from`. */
static size_t sent_for(const struct endpoint *from, const uint8_t *bytes, size_t len)
{
	static struct stun_reply reply;
	static struct datagram d;
	size_t sent = 0;

	if (stun_looks_like(bytes, len)) {
		if (!stun_service_receive(&stun, roll(stun.pairs > 0 ? 4 : 1), from, bytes, len, desk_now / 1000,
		                          &reply))
			return 0;
		CU_ASSERT_TRUE(endpoint_same_address(&reply.to, from));
		return reply.len;
	}
	if (roll(4) == 0)
		rendezvous_receive_aside(&desk, &desk_address, from, bytes, len);
	else
		rendezvous_receive(&desk, &desk_address, from, bytes, len, desk_now);
	while (rendezvous_next_datagram(&desk, &d)) {
		CU_ASSERT_TRUE(endpoint_equal(&d.to, from));
		sent += d.len;
	}
	CU_ASSERT_TRUE(sent <= len);
	return sent;
}

static size_t any_datagram(bool ipv6, uint8_t *bytes)
{
	size_t len;

	switch (roll(8)) {
	case 0: fill(bytes, len = roll(WIRE_MAX_DATAGRAM + 1)); return len;
	case 1:
	case 2: return damage(bytes, of_stun(bytes));
	case 3: return of_stun(bytes);
	case 4: return damage(bytes, of_ours((enum wire_type)(1 + roll(WIRE_OFFER)), ipv6, bytes));
	default: return of_ours((enum wire_type)(1 + roll(WIRE_OFFER)), ipv6, bytes);
	}
}

static void start(bool two_addresses)
{
	static const uint8_t key[STUN_SERVICE_KEY_SIZE] = { 9 };
	struct endpoint first = desk_address, second = endpoint_ipv4(0xcb007102, 5000);

	dice = 4711;
	desk_start(DESK_MAX_PEERS);
	for (uint32_t i = 0; i < 10; i++)
		desk_log_in(i);
	memset(&stun, 0, sizeof stun);
	stun_service_init(&stun, key, &first, two_addresses ? &second : NULL);
}

static void nobody_gets_more_than_it_sends(void)
{
	for (unsigned round = 0; round < 4; round++) {
		bool ipv6 = round % 2 == 1;
		size_t in[ADDRESSES] = { 0 }, out[ADDRESSES] = { 0 };

		start(round >= 2);
		for (uint32_t i = 0; i < DATAGRAMS; i++) {
			uint32_t who = roll(ADDRESSES);
			struct endpoint from = stranger(ipv6, who);
			uint8_t bytes[WIRE_MAX_DATAGRAM];
			size_t len = any_datagram(ipv6, bytes);

			desk_now += PACE_US;
			in[who] += len;
			out[who] += sent_for(&from, bytes, len);
		}
		for (uint32_t i = 0; i < ADDRESSES; i++)
			CU_ASSERT_TRUE(out[i] > 0 && out[i] <= in[i] / 4);
		CU_ASSERT_EQUAL(roster_count(&desk.roster), 10); /* and none of them left anything behind */
	}
	desk_close();
}

/* Nothing but the requests that have most to gain, a second long; what RFC 8489 demands is longer than the shortest. */
static void a_flood_of_binding_requests_is_not_worth_it(void)
{
	for (unsigned round = 0; round < 4; round++) {
		bool ipv6 = round % 2 == 1;
		struct endpoint from = stranger(ipv6, 1);
		struct stun_message m = { .class = STUN_REQUEST, .method = STUN_BINDING };
		uint8_t bytes[STUN_MESSAGE_ROOM];
		size_t in = 0, out = 0, longer = 0, len = stun_encode(&m, bytes, sizeof bytes);

		start(round >= 2);
		for (uint32_t i = 0; i < 10000; i++) {
			size_t sent = sent_for(&from, bytes, len);

			desk_now += 100;
			longer += sent > len + (ipv6 ? 24 : 12);
			in += len;
			out += sent;
		}
		CU_ASSERT_TRUE(out > 0 && out <= in / 8);
		CU_ASSERT_TRUE(longer <= (round >= 2 ? STUN_SERVICE_TOLD_BURST + STUN_SERVICE_TOLD_RATE : 0));
	}
	desk_close();
}

SUITE(amplification, TEST(nobody_gets_more_than_it_sends), TEST(a_flood_of_binding_requests_is_not_worth_it))
