#include "stun/stun_message.h"
#include "suite.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#define COOKIE_AND_ID 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae

/* The sample messages of RFC 5769 §2.1 to §2.3. */
static const uint8_t
    sample_request[] = {
	    0x00, 0x01, 0x00, 0x58, COOKIE_AND_ID, 0x80, 0x22, 0x00, 0x10, 'S',  'T',  'U',  'N',
	    ' ',  't',  'e',  's',  't',           ' ',  'c',  'l',  'i',  'e',  'n',  't', /* SOFTWARE */
	    0x00, 0x24, 0x00, 0x04, 0x6e,          0x00, 0x01, 0xff, /* PRIORITY: to be understood, and is not */
	    0x80, 0x29, 0x00, 0x08, 0x93,          0x2f, 0xf9, 0xb1, 0x51, 0x26, 0x3b, 0x36, /* ICE-CONTROLLED */
	    0x00, 0x06, 0x00, 0x09, 'e',           'v',  't',  'j',  ':',  'h',  '6',  'v',  'Y',
	    ' ',  ' ',  ' ', /* USERNAME, 3 of padding */
	    0x00, 0x08, 0x00, 0x14, 0x9a,          0xea, 0xa7, 0x0c, 0xbf, 0xd8, 0xcb, 0x56, 0x78,
	    0x1e, 0xf2, 0xb5, 0xb2, 0xd3,          0xf2, 0x49, 0xc1, 0xb5, 0x71, 0xa2, /* MESSAGE-INTEGRITY */
	    0x80, 0x28, 0x00, 0x04, 0xe5,          0x7a, 0x3b, 0xcf,                   /* FINGERPRINT */
    };

static const uint8_t
    sample_response_ipv4[] = {
	    0x01, 0x01, 0x00, 0x3c, COOKIE_AND_ID, 0x80, 0x22, 0x00, 0x0b, 't',  'e',  's',  't',  ' ',  'v',  'e',
	    'c',  't',  'o',  'r',  ' ',           0x00, 0x20, 0x00, 0x08, 0x00, 0x01, 0xa1, 0x47, 0xe1, 0x12, 0xa6,
	    0x43, /* XOR-MAPPED-ADDRESS 192.0.2.1:32853 */
	    0x00, 0x08, 0x00, 0x14, 0x2b,          0x91, 0xf5, 0x99, 0xfd, 0x9e, 0x90, 0xc3, 0x8c, 0x74, 0x89, 0xf9,
	    0x2a, 0xf9, 0xba, 0x53, 0xf0,          0x6b, 0xe7, 0xd7, 0x80, 0x28, 0x00, 0x04, 0xc0, 0x7d, 0x4c, 0x96,
    };

static const uint8_t sample_response_ipv6[] = {
	0x01, 0x01, 0x00, 0x48, COOKIE_AND_ID, 0x80, 0x22, 0x00, 0x0b, 't',  'e',  's',  't',  ' ',  'v',  'e',
	'c',  't',  'o',  'r',  ' ',           0x00, 0x20, 0x00, 0x14, 0x00, 0x02, 0xa1, 0x47, 0x01, 0x13, 0xa9,
	0xfa, 0xa5, 0xd3, 0xf1, 0x79,          0xbc, 0x25, 0xf4, 0xb5, 0xbe, 0xd2, 0xb9, 0xd9, /* XOR-MAPPED-ADDRESS
	                                                                                          [2001:db8:1234:5678:11:2233:4455:6677]:32853
	                                                                                        */
	0x00, 0x08, 0x00, 0x14, 0xa3,          0x82, 0x95, 0x4e, 0x4b, 0xe6, 0x7b, 0xf1, 0x17, 0x84, 0xc9, 0x7c,
	0x82, 0x92, 0xc2, 0x75, 0xbf,          0xe3, 0xed, 0x41, 0x80, 0x28, 0x00, 0x04, 0xc8, 0xfb, 0x0b, 0x4c,
};

static const struct {
	const uint8_t *bytes;
	size_t len;
} samples[] = {
	{ sample_request, sizeof sample_request },
	{ sample_response_ipv4, sizeof sample_response_ipv4 },
	{ sample_response_ipv6, sizeof sample_response_ipv6 },
};

static void reads_the_sample_messages(void)
{
	struct stun_message m;
	char text[ENDPOINT_TEXT_SIZE];
	struct endpoint e;

	CU_ASSERT_EQUAL_FATAL(stun_decode(sample_request, sizeof sample_request, &m), 0);
	CU_ASSERT_EQUAL(m.class, STUN_REQUEST);
	CU_ASSERT_EQUAL(m.method, STUN_BINDING);
	CU_ASSERT_FALSE(m.classic);
	CU_ASSERT_TRUE(m.fingerprint);
	CU_ASSERT_EQUAL(m.unknown_count, 1);
	CU_ASSERT_EQUAL(m.unknown[0], 0x0024);
	CU_ASSERT_EQUAL(stun_mapped(&m).address.family, ADDRESS_NONE);

	CU_ASSERT_EQUAL_FATAL(stun_decode(sample_response_ipv4, sizeof sample_response_ipv4, &m), 0);
	CU_ASSERT_EQUAL(m.class, STUN_SUCCESS);
	e = stun_mapped(&m);
	CU_ASSERT_STRING_EQUAL(endpoint_format(&e, text), "192.0.2.1:32853");

	CU_ASSERT_EQUAL_FATAL(stun_decode(sample_response_ipv6, sizeof sample_response_ipv6, &m), 0);
	e = stun_mapped(&m);
	CU_ASSERT_STRING_EQUAL(endpoint_format(&e, text), "[2001:db8:1234:5678:11:2233:4455:6677]:32853");
}

static void every_truncation_and_extension_is_refused(void)
{
	for (size_t s = 0; s < COUNT(samples); s++) {
		uint8_t longer[128] = { 0 };
		struct stun_message m;

		for (size_t len = 0; len < samples[s].len; len++)
			CU_ASSERT_EQUAL(stun_decode(samples[s].bytes, len, &m), -1);
		memcpy(longer, samples[s].bytes, samples[s].len);
		CU_ASSERT_EQUAL(stun_decode(longer, samples[s].len + 1, &m), -1);
		CU_ASSERT_EQUAL(stun_decode(longer, samples[s].len + 4, &m), -1);
	}
}

static void a_fingerprint_sees_every_flipped_bit(void)
{
	for (size_t bit = 0; bit < 8 * sizeof sample_response_ipv4; bit++) {
		uint8_t bytes[sizeof sample_response_ipv4];
		struct stun_message m;
		bool in_type_of_fingerprint = bit / 8 == sizeof bytes - 8 || bit / 8 == sizeof bytes - 7;

		memcpy(bytes, sample_response_ipv4, sizeof bytes);
		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (!in_type_of_fingerprint) /* else it is another attribute, and there is no fingerprint */
			CU_ASSERT_EQUAL(stun_decode(bytes, sizeof bytes, &m), -1);
	}
}

static struct endpoint endpoint(const char *text)
{
	struct endpoint e = { 0 };

	CU_ASSERT_EQUAL(endpoint_parse(text, &e), 0);
	return e;
}

static void expect_round_trip(struct stun_message m)
{
	uint8_t bytes[STUN_MESSAGE_ROOM];
	uint8_t again[STUN_MESSAGE_ROOM];
	struct stun_message back;
	size_t len;

	m.method = STUN_BINDING;
	memcpy(m.id, m.classic ? "0123456789abcdef" : "\x21\x12\xa4\x42-twelve byte", sizeof m.id);
	len = stun_encode(&m, bytes, sizeof bytes);
	CU_ASSERT_TRUE_FATAL(len >= STUN_HEADER_SIZE);
	CU_ASSERT_TRUE(stun_looks_like(bytes, len) || m.class != STUN_REQUEST);
	CU_ASSERT_EQUAL_FATAL(stun_decode(bytes, len, &back), 0);
	CU_ASSERT_EQUAL(back.class, m.class);
	CU_ASSERT_EQUAL(back.classic, m.classic);
	CU_ASSERT_EQUAL(memcmp(back.id, m.id, sizeof m.id), 0);
	CU_ASSERT_TRUE(endpoint_equal(&back.mapped, &m.mapped));
	CU_ASSERT_TRUE(endpoint_equal(&back.xor_mapped, &m.xor_mapped));
	CU_ASSERT_TRUE(endpoint_equal(&back.response_origin, &m.response_origin));
	CU_ASSERT_TRUE(endpoint_equal(&back.other_address, &m.other_address));
	CU_ASSERT_EQUAL(back.change, m.change);
	CU_ASSERT_EQUAL(back.response_port, m.response_port);
	CU_ASSERT_EQUAL(back.padding, m.padding);
	CU_ASSERT_EQUAL(back.code, m.code);
	CU_ASSERT_EQUAL(back.unknown_count, m.unknown_count);
	CU_ASSERT_EQUAL(stun_encode(&back, again, sizeof again), len);
	CU_ASSERT_EQUAL(memcmp(bytes, again, len), 0);
	for (size_t room = 0; room < len; room++)
		CU_ASSERT_EQUAL(stun_encode(&m, again, room), 0);
	for (size_t cut = 0; cut < len; cut++)
		CU_ASSERT_EQUAL(stun_decode(bytes, cut, &back), -1);
}

static void what_is_written_reads_back(void)
{
	expect_round_trip((struct stun_message){ .class = STUN_REQUEST });
	expect_round_trip((struct stun_message){ .class = STUN_INDICATION, .fingerprint = true });
	expect_round_trip(
	    (struct stun_message){ .class = STUN_REQUEST, .has_change = true, .change = STUN_CHANGE_PORT });
	expect_round_trip((struct stun_message){ .class = STUN_REQUEST, .has_change = true, .change = 0 });
	expect_round_trip(
	    (struct stun_message){ .class = STUN_REQUEST, .has_response_port = true, .response_port = 40000 });
	expect_round_trip(
	    (struct stun_message){ .class = STUN_REQUEST, .has_padding = true, .padding = 7, .fingerprint = true });
	expect_round_trip(
	    (struct stun_message){ .class = STUN_REQUEST, .classic = true, .has_change = true, .change = 6 });
	expect_round_trip((struct stun_message){ .class = STUN_SUCCESS,
	                                         .mapped = endpoint("192.0.2.1:5000"),
	                                         .xor_mapped = endpoint("192.0.2.1:5000"),
	                                         .response_origin = endpoint("203.0.113.1:3478"),
	                                         .other_address = endpoint("203.0.113.2:3479"),
	                                         .fingerprint = true });
	expect_round_trip((struct stun_message){ .class = STUN_SUCCESS,
	                                         .classic = true,
	                                         .mapped = endpoint("192.0.2.1:5000"),
	                                         .response_origin = endpoint("203.0.113.1:3478"),
	                                         .other_address = endpoint("203.0.113.2:3479") });
	expect_round_trip((struct stun_message){ .class = STUN_SUCCESS, .xor_mapped = endpoint("[2001:db8::1]:5000") });
	expect_round_trip((struct stun_message){
	    .class = STUN_ERROR, .code = STUN_UNKNOWN_ATTRIBUTE, .unknown = { 3, 0x24, 0x25 }, .unknown_count = 3 });
	expect_round_trip((struct stun_message){ .class = STUN_ERROR, .code = 699 });
}

static void what_cannot_be_written_is_refused(void)
{
	uint8_t bytes[STUN_MESSAGE_ROOM];
	struct stun_message m = { .has_padding = true, .padding = STUN_PADDING_MAX + 1 };

	CU_ASSERT_EQUAL(stun_encode(&m, bytes, sizeof bytes), 0);
	m = (struct stun_message){ .unknown_count = STUN_UNKNOWN_MAX + 1 };
	CU_ASSERT_EQUAL(stun_encode(&m, bytes, sizeof bytes), 0);
	m = (struct stun_message){ .method = 0x1000 };
	CU_ASSERT_EQUAL(stun_encode(&m, bytes, sizeof bytes), 0);
}

/* A Binding request with these attribute bytes. */
static int decode_with(const uint8_t *attributes, size_t len, struct stun_message *out)
{
	uint8_t bytes[64] = { 0x00, 0x01, 0x00, (uint8_t)len, COOKIE_AND_ID };

	memcpy(bytes + STUN_HEADER_SIZE, attributes, len);
	return stun_decode(bytes, STUN_HEADER_SIZE + len, out);
}

static void bad_attributes_are_refused(void)
{
	static const struct {
		uint8_t bytes[24];
		size_t len;
	} bad[] = {
		{ { 0x00, 0x20, 0x00, 0x08, 0, 3, 1, 2, 3, 4, 5, 6 }, 12 },             /* no such address family */
		{ { 0x00, 0x20, 0x00, 0x08, 0, 2, 1, 2, 3, 4, 5, 6 }, 12 },             /* IPv6 with four bytes */
		{ { 0x00, 0x01, 0x00, 0x04, 0, 1, 1, 2 }, 8 },                          /* no address */
		{ { 0x00, 0x01, 0x00, 0x09, 0, 1, 1, 2, 3, 4, 5, 6, 7, 0, 0, 0 }, 16 }, /* a byte too many */
		{ { 0x00, 0x03, 0x00, 0x02, 0, 6, 0, 0 }, 8 },              /* CHANGE-REQUEST of two bytes */
		{ { 0x00, 0x03, 0x00, 0x08, 0, 0, 0, 6, 0, 0, 0, 0 }, 12 }, /* of eight */
		{ { 0x00, 0x27, 0x00, 0x01, 1, 0, 0, 0 }, 8 },              /* RESPONSE-PORT of one byte */
		{ { 0x00, 0x27, 0x00, 0x03, 1, 2, 3, 0 }, 8 },              /* of three */
		{ { 0x00, 0x09, 0x00, 0x04, 0, 0, 2, 0 }, 8 },              /* error 200 */
		{ { 0x00, 0x09, 0x00, 0x04, 0, 0, 4, 100 }, 8 },            /* error 4 + 100 */
		{ { 0x00, 0x0a, 0x00, 0x03, 0, 1, 0, 0 }, 8 },              /* one and a half unknown attributes */
		{ { 0x00, 0x26, 0x00, 0x08, 0, 0, 0, 0 }, 8 },              /* longer than the message */
		{ { 0x80, 0x22, 0xff, 0xff, 0, 0, 0, 0 }, 8 },
		{ { 0x80, 0x28, 0x00, 0x04, 0, 0, 0, 0, 0x80, 0x22, 0, 0 }, 12 }, /* FINGERPRINT is not the last */
		{ { 0x80, 0x28, 0x00, 0x04, 0, 0, 0, 0 }, 8 },                    /* FINGERPRINT is wrong */
		{ { 0x80, 0x28, 0x00, 0x00 }, 4 },                                /* FINGERPRINT is empty */
	};
	struct stun_message m;

	for (size_t i = 0; i < COUNT(bad); i++)
		CU_ASSERT_EQUAL(decode_with(bad[i].bytes, bad[i].len, &m), -1);
}

static void odd_but_good_attributes_are_read(void)
{
	static const uint8_t port_of_two[] = { 0x00, 0x27, 0x00, 0x02, 0x9c, 0x40, 0, 0 };
	static const uint8_t port_of_four[] = { 0x00, 0x27, 0x00, 0x04, 0x9c, 0x40, 0, 0 };
	static const uint8_t twice[] = { 0x00, 0x03, 0x00, 0x04, 0, 0, 0, 2, 0x00, 0x03, 0x00, 0x04, 0, 0, 0, 4 };
	static const uint8_t old_names[] = { 0x00, 0x05, 0x00, 0x08, 0, 1, 0x0d, 0x96, 1, 2, 3, 4 };
	struct stun_message m;

	CU_ASSERT_EQUAL_FATAL(decode_with(port_of_two, sizeof port_of_two, &m), 0);
	CU_ASSERT_EQUAL(m.response_port, 40000);
	CU_ASSERT_EQUAL_FATAL(decode_with(port_of_four, sizeof port_of_four, &m), 0);
	CU_ASSERT_EQUAL(m.response_port, 40000);
	CU_ASSERT_EQUAL_FATAL(decode_with(twice, sizeof twice, &m), 0);
	CU_ASSERT_EQUAL(m.change, STUN_CHANGE_PORT);
	CU_ASSERT_EQUAL_FATAL(decode_with(old_names, sizeof old_names, &m), 0);
	CU_ASSERT_EQUAL(m.other_address.port, 3478);
}

static void unknown_attributes_beyond_the_limit_are_let_go(void)
{
	uint8_t attributes[4 * (STUN_UNKNOWN_MAX + 2)] = { 0 };
	struct stun_message m;

	for (size_t i = 0; i < sizeof attributes; i += 4)
		attributes[i] = 0x70;
	CU_ASSERT_EQUAL_FATAL(decode_with(attributes, sizeof attributes, &m), 0);
	CU_ASSERT_EQUAL(m.unknown_count, STUN_UNKNOWN_MAX);
}

static void other_protocols_are_told_apart(void)
{
	static const uint8_t classic[] = { 0, 1, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };
	static const uint8_t classic_response[] = { 1, 1, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };
	static const uint8_t rtp[] = {
		0x80, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16
	};

	CU_ASSERT_TRUE(stun_looks_like(sample_request, sizeof sample_request));
	CU_ASSERT_TRUE(stun_looks_like(classic, sizeof classic));
	CU_ASSERT_FALSE(stun_looks_like(classic_response, sizeof classic_response));
	CU_ASSERT_FALSE(stun_looks_like(rtp, sizeof rtp));
	CU_ASSERT_FALSE(stun_looks_like(sample_request, 4));
	CU_ASSERT_FALSE(stun_looks_like((const uint8_t *)"login alice 192.0.2.1", 21));
}

/* What stands behind MESSAGE-INTEGRITY is not covered by it, and does not count (RFC 8489 14.5). */
static void nothing_counts_after_message_integrity(void)
{
	uint8_t attributes[24 + 12] = { 0x00, 0x08, 0x00, 20 };
	static const uint8_t mapped[] = { 0x00, 0x01, 0x00, 0x08, 0, 1, 0x13, 0x88, 1, 2, 3, 4 };
	struct stun_message m;

	memcpy(attributes + 24, mapped, sizeof mapped);
	CU_ASSERT_EQUAL_FATAL(decode_with(attributes, sizeof attributes, &m), 0);
	CU_ASSERT_EQUAL(m.mapped.address.family, ADDRESS_NONE);
}

/* RFC 8489 6.2.2: the header tells where a message ends. */
static void a_connection_is_cut_into_messages(void)
{
	uint8_t bytes[] = { 0x00, 0x01, 0x00, 0x08, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };

	for (size_t len = 0; len < sizeof bytes; len++)
		CU_ASSERT_EQUAL(stun_frame_size(bytes, len), 0);
	CU_ASSERT_EQUAL(stun_frame_size(bytes, sizeof bytes), 28);
	bytes[3] = 7; /* no multiple of four */
	CU_ASSERT_EQUAL(stun_frame_size(bytes, sizeof bytes), -1);
	bytes[3] = 0;
	CU_ASSERT_EQUAL(stun_frame_size(bytes, sizeof bytes), 20);
	bytes[0] = 0x40; /* ChannelData begins so */
	CU_ASSERT_EQUAL(stun_frame_size(bytes, sizeof bytes), -1);
	bytes[0] = 0;
	bytes[4] = 0; /* no cookie: RFC 3489's */
	CU_ASSERT_EQUAL(stun_frame_size(bytes, sizeof bytes), -1);
}

SUITE(stun_message, TEST(a_connection_is_cut_into_messages), TEST(nothing_counts_after_message_integrity),
      TEST(reads_the_sample_messages), TEST(every_truncation_and_extension_is_refused),
      TEST(a_fingerprint_sees_every_flipped_bit), TEST(what_is_written_reads_back),
      TEST(what_cannot_be_written_is_refused), TEST(bad_attributes_are_refused), TEST(odd_but_good_attributes_are_read),
      TEST(unknown_attributes_beyond_the_limit_are_let_go), TEST(other_protocols_are_told_apart))
