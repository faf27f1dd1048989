#include "stun/stun_service.h"
#include "suite.h"

#include <stdio.h>
#include <string.h>

static const uint8_t key[STUN_SERVICE_KEY_SIZE] = "0123456789abcde";

static struct endpoint endpoint(const char *text)
{
	struct endpoint e = { 0 };

	CU_ASSERT_EQUAL(endpoint_parse(text, &e), 0);
	return e;
}

static struct stun_service *service(bool two)
{
	static struct stun_service s;
	struct endpoint first = endpoint("203.0.113.1:3478");
	struct endpoint second = endpoint("203.0.113.2:3478");

	memset(&s, 0, sizeof s);
	stun_service_init(&s, key, &first, two ? &second : NULL);
	return &s;
}

static struct stun_message request(void)
{
	struct stun_message m = { .class = STUN_REQUEST, .method = STUN_BINDING };

	memcpy(m.id, "\x21\x12\xa4\x42 96 bits...", sizeof m.id);
	return m;
}

static struct stun_reply reply;

/* Sends `m` to `socket`; reads the answer into *answer. Returns false if there is none. */
static bool asks(struct stun_service *s, size_t socket, const struct stun_message *m, const char *from,
                 struct stun_message *answer)
{
	uint8_t bytes[STUN_MESSAGE_ROOM];
	struct endpoint e = endpoint(from);
	size_t len = stun_encode(m, bytes, sizeof bytes);

	*answer = (struct stun_message){ 0 };
	if (!stun_service_receive(s, socket, &e, bytes, len, 1000, &reply))
		return false;
	CU_ASSERT_EQUAL_FATAL(stun_decode(reply.bytes, reply.len, answer), 0);
	CU_ASSERT_EQUAL(memcmp(answer->id, m->id, sizeof m->id), 0);
	return true;
}

static void expect_text(const struct endpoint *e, const char *text)
{
	char seen[ENDPOINT_TEXT_SIZE];

	CU_ASSERT_STRING_EQUAL(endpoint_format(e, seen), text);
}

static void one_address_answers_with_nothing_but_the_mapped_address(void)
{
	struct stun_message m = request(), a;

	CU_ASSERT_TRUE_FATAL(asks(service(false), 0, &m, "198.51.100.7:5000", &a));
	CU_ASSERT_EQUAL(a.class, STUN_SUCCESS);
	expect_text(&a.xor_mapped, "198.51.100.7:5000");
	expect_text(&reply.to, "198.51.100.7:5000");
	CU_ASSERT_EQUAL(reply.socket, 0);
	CU_ASSERT_EQUAL(reply.len, STUN_HEADER_SIZE + 12);
}

static void one_address_refuses_to_change_it(void)
{
	struct stun_message m = request(), a;

	m.has_change = true;
	CU_ASSERT_TRUE_FATAL(asks(service(false), 0, &m, "198.51.100.7:5000", &a));
	CU_ASSERT_EQUAL(a.class, STUN_ERROR);
	CU_ASSERT_EQUAL(a.code, STUN_UNKNOWN_ATTRIBUTE);
	CU_ASSERT_EQUAL(a.unknown_count, 1);
	CU_ASSERT_EQUAL(a.unknown[0], STUN_CHANGE_REQUEST);
	CU_ASSERT_EQUAL(a.other_address.address.family, ADDRESS_NONE);
}

/* Every socket, every change: from where, and what is said of it (RFC 5780 §6.1, table 1). */
static void two_addresses_answer_from_where_they_are_asked_to(void)
{
	static const char *const at[] = { "203.0.113.1:3478", "203.0.113.1:3479", "203.0.113.2:3478",
		                          "203.0.113.2:3479" };
	static const uint8_t changes[] = { 0, STUN_CHANGE_PORT, STUN_CHANGE_IP, STUN_CHANGE_IP | STUN_CHANGE_PORT };

	for (size_t i = 0; i < 16; i++) {
		size_t socket = i / 4, change = i % 4;
		struct stun_message m = request(), a;

		m.has_change = true;
		m.change = changes[change];
		CU_ASSERT_TRUE_FATAL(asks(service(true), socket, &m, "198.51.100.7:5000", &a));
		CU_ASSERT_EQUAL(reply.socket, socket ^ change);
		expect_text(&a.response_origin, at[socket ^ change]);
		expect_text(&a.other_address, at[socket ^ 3]);
		expect_text(&a.mapped, "198.51.100.7:5000");
		expect_text(&a.xor_mapped, "198.51.100.7:5000");
		CU_ASSERT_TRUE(reply.len <= STUN_HEADER_SIZE + 4 * 12);
	}
}

static void the_other_port_is_the_next_one(void)
{
	CU_ASSERT_EQUAL(stun_service_other_port(3478), 3479);
	CU_ASSERT_EQUAL(stun_service_other_port(65535), 65534);
}

static void response_port_changes_the_port_alone(void)
{
	struct stun_message m = request(), a;

	m.has_response_port = true;
	m.response_port = 40000;
	CU_ASSERT_TRUE_FATAL(asks(service(true), 0, &m, "198.51.100.7:5000", &a));
	expect_text(&reply.to, "198.51.100.7:40000");
	expect_text(&a.xor_mapped, "198.51.100.7:5000");
	m.response_port = 1024;
	CU_ASSERT_TRUE_FATAL(asks(service(true), 0, &m, "198.51.100.7:5000", &a));
	expect_text(&reply.to, "198.51.100.7:1024");
}

static void a_low_response_port_is_refused_to_the_asker(void)
{
	static const uint16_t low[] = { 0, 1, 53, 1023 };

	for (size_t i = 0; i < 4; i++) {
		struct stun_message m = request(), a;

		m.has_response_port = true;
		m.response_port = low[i];
		CU_ASSERT_TRUE_FATAL(asks(service(true), 0, &m, "198.51.100.7:5000", &a));
		CU_ASSERT_EQUAL(a.code, STUN_BAD_REQUEST);
		expect_text(&reply.to, "198.51.100.7:5000");
	}
}

static void padding_comes_back_no_longer_than_it_was(void)
{
	struct stun_message m = request(), a;

	m.has_padding = true;
	m.padding = 1200;
	CU_ASSERT_TRUE_FATAL(asks(service(true), 0, &m, "198.51.100.7:5000", &a));
	CU_ASSERT_EQUAL(a.padding, 1200);
	m.has_response_port = true;
	m.response_port = 4000;
	CU_ASSERT_TRUE_FATAL(asks(service(true), 0, &m, "198.51.100.7:5000", &a));
	CU_ASSERT_FALSE(a.has_padding);
}

static void classic_clients_are_answered_in_their_terms(void)
{
	struct stun_message m = request(), a;

	m.classic = true;
	memcpy(m.id, "sixteen bytes id", sizeof m.id);
	m.has_change = true;
	m.change = STUN_CHANGE_PORT;
	CU_ASSERT_TRUE_FATAL(asks(service(true), 0, &m, "198.51.100.7:5000", &a));
	CU_ASSERT_TRUE(a.classic);
	expect_text(&a.mapped, "198.51.100.7:5000");
	CU_ASSERT_EQUAL(a.xor_mapped.address.family, ADDRESS_NONE);
	expect_text(&a.response_origin, "203.0.113.1:3479");
	expect_text(&a.other_address, "203.0.113.2:3479");
}

static void unknown_attributes_are_named(void)
{
	/* RFC 3489's RESPONSE-ADDRESS among them: answers to an address out of a message are what attacks are made of.
	 */
	static const uint8_t bytes[] = {
		0x00, 0x01, 0x00, 0x14, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3,  4,   5, 6, 7, 8, 9,
		10,   11,   12,   0x00, 0x02, 0x00, 0x08, 0,    1, 0, 80, 192, 0, 2, 1, /* RESPONSE-ADDRESS 192.0.2.1:80
		                                                                         */
		0x7f, 0xff, 0x00, 0x00, 0xff, 0xfe, 0x00, 0x00,
	};
	struct endpoint from = endpoint("198.51.100.7:5000");
	struct stun_message a;

	CU_ASSERT_TRUE_FATAL(stun_service_receive(service(true), 0, &from, bytes, sizeof bytes, 1, &reply));
	CU_ASSERT_EQUAL_FATAL(stun_decode(reply.bytes, reply.len, &a), 0);
	CU_ASSERT_EQUAL(a.code, STUN_UNKNOWN_ATTRIBUTE);
	CU_ASSERT_EQUAL(a.unknown_count, 2);
	CU_ASSERT_EQUAL(a.unknown[0], 0x0002);
	CU_ASSERT_EQUAL(a.unknown[1], 0x7fff);
	expect_text(&reply.to, "198.51.100.7:5000");
}

static void what_is_no_request_gets_no_answer(void)
{
	struct stun_service *s = service(true);
	struct stun_message m = request(), a;
	struct endpoint from = endpoint("198.51.100.7:5000");

	m.class = STUN_SUCCESS;
	CU_ASSERT_FALSE(asks(s, 0, &m, "198.51.100.7:5000", &a));
	m.class = STUN_INDICATION;
	CU_ASSERT_FALSE(asks(s, 0, &m, "198.51.100.7:5000", &a));
	m = request();
	m.method = 3;
	CU_ASSERT_FALSE(asks(s, 0, &m, "198.51.100.7:5000", &a));
	m = request();
	CU_ASSERT_FALSE(asks(s, 0, &m, "224.0.0.1:5000", &a));
	CU_ASSERT_EQUAL(s->counts.ignored, 4);
	CU_ASSERT_FALSE(stun_service_receive(s, 0, &from, (const uint8_t *)"garbage", 7, 1, &reply));
	CU_ASSERT_EQUAL(s->counts.malformed, 1);
	CU_ASSERT_EQUAL(s->counts.answered, 0);
}

static void one_address_cannot_be_flooded(void)
{
	struct stun_service *s = service(true);
	struct stun_message m = request(), a;
	uint8_t bytes[STUN_MESSAGE_ROOM];
	struct endpoint from = endpoint("198.51.100.7:5000");
	size_t len = stun_encode(&m, bytes, sizeof bytes);
	unsigned sent = 0;

	for (unsigned i = 0; i < 5000; i++) /* in no time */
		sent += asks(s, 0, &m, "198.51.100.7:5000", &a);
	CU_ASSERT_EQUAL(sent, STUN_SERVICE_BURST);
	CU_ASSERT_EQUAL(s->counts.limited, 5000 - STUN_SERVICE_BURST);
	CU_ASSERT_TRUE(asks(s, 0, &m, "198.51.100.8:5000", &a)); /* others are served */
	sent = 0;
	for (uint64_t ms = 1000; ms < 11000; ms++)
		sent += stun_service_receive(s, 0, &from, bytes, len, ms, &reply);
	CU_ASSERT_TRUE(sent >= 10 * STUN_SERVICE_RATE - 1 && sent <= 10 * STUN_SERVICE_RATE + 1);
}

/* The share is the address's: other ports of it get no share of their own. */
static void one_address_has_one_share(void)
{
	struct stun_service *s = service(true);
	struct stun_message m = request(), a;
	unsigned sent = 0;
	char from[32];

	for (unsigned i = 0; i < 5000; i++) {
		snprintf(from, sizeof from, "198.51.100.7:%u", 2000 + i);
		sent += asks(s, 0, &m, from, &a);
	}
	CU_ASSERT_EQUAL(sent, STUN_SERVICE_BURST);
}

static void a_plain_request_is_told_of_the_other_address_and_no_more(void)
{
	struct stun_service *s = service(true);
	struct stun_message m = request(), a;

	for (unsigned i = 0; i < STUN_SERVICE_TOLD_BURST + 5; i++) {
		CU_ASSERT_TRUE_FATAL(asks(s, 0, &m, "198.51.100.7:5000", &a));
		expect_text(&a.xor_mapped, "198.51.100.7:5000");
		CU_ASSERT_EQUAL(a.mapped.address.family, ADDRESS_NONE);
		CU_ASSERT_EQUAL(a.response_origin.address.family, ADDRESS_NONE);
		expect_text(&a.other_address, i < STUN_SERVICE_TOLD_BURST ? "203.0.113.2:3479" : "none");
	}
	m.has_change = true; /* who asks for more gets no more either */
	CU_ASSERT_TRUE_FATAL(asks(s, 0, &m, "198.51.100.7:5000", &a));
	CU_ASSERT_EQUAL(reply.len, STUN_HEADER_SIZE + 12);
	m.classic = true;
	memcpy(m.id, "sixteen bytes id", sizeof m.id);
	CU_ASSERT_TRUE_FATAL(asks(s, 0, &m, "198.51.100.7:5000", &a));
	expect_text(&a.mapped, "198.51.100.7:5000");
	CU_ASSERT_EQUAL(reply.len, STUN_HEADER_SIZE + 12);
	CU_ASSERT_TRUE_FATAL(asks(s, 0, &m, "198.51.100.8:5000", &a)); /* others are told */
	expect_text(&a.other_address, "203.0.113.2:3479");
}

/* Answers to so many addresses, each of another network if `apart`, asking `each` times at once. */
static unsigned answers_to(struct stun_service *s, uint32_t addresses, bool apart, unsigned each)
{
	struct stun_message m = request();
	uint8_t bytes[STUN_MESSAGE_ROOM];
	size_t len = stun_encode(&m, bytes, sizeof bytes);
	unsigned answers = 0;

	for (uint32_t i = 0; i < addresses * each; i++) {
		struct endpoint from = endpoint_ipv4(0x0a000000 + i % addresses * (apart ? 256 : 1), 5000);

		answers += stun_service_receive(s, 0, &from, bytes, len, 1000, &reply);
	}
	return answers;
}

static void neither_a_network_nor_all_can_be_flooded(void)
{
	struct stun_service *s = service(false);

	CU_ASSERT_EQUAL(answers_to(s, 100, false, 100), 4 * STUN_SERVICE_BURST);
	CU_ASSERT_EQUAL(answers_to(service(false), 1000, true, 60), STUN_SERVICE_RATE_IN_ALL);
	s = service(false);
	stun_service_limit(s, 7);
	CU_ASSERT_EQUAL(answers_to(s, 10, true, 3), 7);
}

/* An answer on a connection leaves from nowhere else. */
static void a_connection_takes_no_change(void)
{
	struct stun_service *s = service(true);
	struct endpoint from = endpoint("198.51.100.7:40000");
	struct stun_message plain = request(), change = plain, port = plain, m;
	const struct stun_message *asked[] = { &plain, &change, &port };
	static const uint16_t codes[] = { 0, STUN_UNKNOWN_ATTRIBUTE, STUN_BAD_REQUEST };
	uint8_t bytes[STUN_MESSAGE_ROOM];

	change.has_change = true;
	change.change = STUN_CHANGE_IP;
	port.has_response_port = true;
	port.response_port = 40001;
	for (size_t i = 0; i < 3; i++) {
		size_t len = stun_encode(asked[i], bytes, sizeof bytes);

		CU_ASSERT_TRUE(stun_service_receive_stream(s, 0, &from, bytes, len, 1000, &reply));
		CU_ASSERT_EQUAL_FATAL(stun_decode(reply.bytes, reply.len, &m), 0);
		CU_ASSERT_EQUAL(m.code, codes[i]);
		CU_ASSERT_EQUAL(reply.socket, 0);
		CU_ASSERT_TRUE(endpoint_equal(&reply.to, &from));
	}
}

SUITE(stun_service, TEST(a_connection_takes_no_change), TEST(a_plain_request_is_told_of_the_other_address_and_no_more),
      TEST(neither_a_network_nor_all_can_be_flooded), TEST(one_address_has_one_share),
      TEST(one_address_answers_with_nothing_but_the_mapped_address), TEST(one_address_refuses_to_change_it),
      TEST(two_addresses_answer_from_where_they_are_asked_to), TEST(the_other_port_is_the_next_one),
      TEST(response_port_changes_the_port_alone), TEST(a_low_response_port_is_refused_to_the_asker),
      TEST(padding_comes_back_no_longer_than_it_was), TEST(classic_clients_are_answered_in_their_terms),
      TEST(unknown_attributes_are_named), TEST(what_is_no_request_gets_no_answer), TEST(one_address_cannot_be_flooded))
