/* IPv4 packets into IPv6 ones and back: RFC 7915, field by field. */
#include "model/siit.h"
#include "suite.h"

#include <stdio.h>
#include <string.h>

enum { ICMP = 1, UDP = 17, ICMPV6 = 58, FRAGMENT = 44 };

/* Alice is 2444::4 and 10.0.1.2, the server 22.22.22.1; the box reports errors as 2444::1 and 10.0.1.254. */
static struct siit home(void)
{
	struct siit s = { .prefix = nat64_well_known(), .host_count = 1, .next_id = 7 };

	CU_ASSERT_EQUAL_FATAL(address_parse("2444::1", &s.own_ipv6) | address_parse("2444::4", &s.hosts[0].ipv6), 0);
	CU_ASSERT_EQUAL_FATAL(address_parse("10.0.1.254", &s.own_ipv4) | address_parse("10.0.1.2", &s.hosts[0].ipv4),
	                      0);
	return s;
}

static void put16(uint8_t *at, size_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static unsigned get16(const uint8_t *at)
{
	return (unsigned)(at[0] << 8 | at[1]);
}

static uint32_t sum_of(const uint8_t *bytes, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < len; i++)
		sum += i % 2 == 0 ? (uint32_t)bytes[i] << 8 : bytes[i];
	return sum;
}

static uint16_t folded(uint32_t sum)
{
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

static bool is_ipv6(const uint8_t *packet)
{
	return packet[0] >> 4 == 6;
}

static size_t header_of(const uint8_t *packet)
{
	return !is_ipv6(packet) ? 20 : packet[6] == FRAGMENT ? 48 : 40;
}

static uint8_t protocol_of(const uint8_t *packet)
{
	return !is_ipv6(packet) ? packet[9] : packet[6] == FRAGMENT ? packet[40] : packet[6];
}

/* Of a whole packet, as its receiver adds it up: 0xffff where it is right. */
static uint16_t sum_of_packet(const uint8_t *packet, size_t len)
{
	size_t header = header_of(packet);
	uint32_t sum = sum_of(packet + header, len - header);

	if (protocol_of(packet) == ICMP)
		return folded(sum);
	sum += protocol_of(packet) + (uint32_t)(len - header);
	return folded(sum + (is_ipv6(packet) ? sum_of(packet + 8, 32) : sum_of(packet + 12, 8)));
}

static const uint8_t alice_ipv6[16] = { 0x24, 0x44, [15] = 4 },
		     server_ipv6[16] = { 0, 0x64, 0xff, 0x9b, [12] = 22, 22, 22, 1 };
static const uint8_t alice_ipv4[4] = { 10, 0, 1, 2 }, server_ipv4[4] = { 22, 22, 22, 1 };

/* A packet under construction: its body is to be put behind the header, and is then summed up. */
struct made {
	uint8_t bytes[SIIT_PACKET_SIZE];
	size_t len;
};

/* From alice to the server, or the other way round. */
static struct made ipv6_packet(bool out, uint8_t protocol, size_t body)
{
	struct made m = { { 0x6a, 0xb0, 0, 9 }, 40 + body }; /* traffic class 0xab, flow label 9 */

	put16(m.bytes + 4, body);
	m.bytes[6] = protocol;
	m.bytes[7] = 63;
	memcpy(m.bytes + 8, out ? alice_ipv6 : server_ipv6, 16);
	memcpy(m.bytes + 24, out ? server_ipv6 : alice_ipv6, 16);
	return m;
}

static struct made ipv4_packet(bool out, uint8_t protocol, size_t body)
{
	struct made m = { { 0x45, 0xab }, 20 + body };

	put16(m.bytes + 2, m.len);
	put16(m.bytes + 4, 0x1234);
	m.bytes[6] = 0x40;
	m.bytes[8] = 62;
	m.bytes[9] = protocol;
	memcpy(m.bytes + 12, out ? alice_ipv4 : server_ipv4, 4);
	memcpy(m.bytes + 16, out ? server_ipv4 : alice_ipv4, 4);
	put16(m.bytes + 10, (uint16_t)~folded(sum_of(m.bytes, 20)));
	return m;
}

/* Puts a datagram's header in, and a checksum over it. */
static void make_udp(struct made *m)
{
	uint8_t *udp = m->bytes + header_of(m->bytes);

	put16(udp, 4000);
	put16(udp + 2, 3478);
	put16(udp + 4, m->len - header_of(m->bytes));
	memset(udp + 8, 'x', m->len - header_of(m->bytes) - 8);
	put16(udp + 6, 0);
	put16(udp + 6, (uint16_t)~sum_of_packet(m->bytes, m->len));
}

static void make_icmp(struct made *m, uint8_t type, uint8_t code, uint32_t rest)
{
	uint8_t *icmp = m->bytes + header_of(m->bytes);

	icmp[0] = type;
	icmp[1] = code;
	put16(icmp + 4, rest >> 16);
	put16(icmp + 6, rest & 0xffff);
	put16(icmp + 2, 0);
	put16(icmp + 2, (uint16_t)~sum_of_packet(m->bytes, m->len));
}

static struct siit_packet pieces[SIIT_PIECES];

static size_t translate(struct siit *s, const struct made *m)
{
	memset(pieces, 0, sizeof pieces);
	return siit_translate(s, m->bytes, m->len, pieces);
}

static bool is_translated(const struct made *m)
{
	struct siit s = home();

	return translate(&s, m) > 0;
}

/* RFC 7915 §5.1. */
static void a_header_of_ipv6_becomes_one_of_ipv4(void)
{
	struct siit s = home();
	struct made m = ipv6_packet(true, UDP, 20);
	const uint8_t *p = pieces[0].bytes;

	make_udp(&m);
	CU_ASSERT_EQUAL_FATAL(translate(&s, &m), 1);
	CU_ASSERT_EQUAL(pieces[0].len, 40);
	CU_ASSERT_EQUAL(p[0], 0x45);
	CU_ASSERT_EQUAL(p[1], 0xab);
	CU_ASSERT_EQUAL(get16(p + 2), 40);
	CU_ASSERT_EQUAL(get16(p + 4), 7);
	CU_ASSERT_EQUAL(get16(p + 6), 0); /* short enough to be cut up on the way */
	CU_ASSERT_EQUAL(p[8], 64);        /* one of the two hops is given back */
	CU_ASSERT_EQUAL(p[9], UDP);
	CU_ASSERT_EQUAL(folded(sum_of(p, 20)), 0xffff);
	CU_ASSERT_EQUAL(memcmp(p + 12, alice_ipv4, 4), 0);
	CU_ASSERT_EQUAL(memcmp(p + 16, server_ipv4, 4), 0);
	CU_ASSERT_EQUAL(sum_of_packet(p, pieces[0].len), 0xffff);
	CU_ASSERT_EQUAL(memcmp(p + 28, "xxxxxxxxxxxx", 12), 0);
	translate(&s, &m);
	CU_ASSERT_EQUAL(get16(p + 4), 8);
}

/* §4.1. */
static void a_header_of_ipv4_becomes_one_of_ipv6(void)
{
	struct siit s = home();
	struct made m = ipv4_packet(false, UDP, 20);
	const uint8_t *p = pieces[0].bytes;

	make_udp(&m);
	CU_ASSERT_EQUAL_FATAL(translate(&s, &m), 1);
	CU_ASSERT_EQUAL(pieces[0].len, 60);
	CU_ASSERT_EQUAL(get16(p), 0x6ab0); /* no flow label */
	CU_ASSERT_EQUAL(get16(p + 2), 0);
	CU_ASSERT_EQUAL(get16(p + 4), 20);
	CU_ASSERT_EQUAL(p[6], UDP);
	CU_ASSERT_EQUAL(p[7], 63);
	CU_ASSERT_EQUAL(memcmp(p + 8, server_ipv6, 16), 0);
	CU_ASSERT_EQUAL(memcmp(p + 24, alice_ipv6, 16), 0);
	CU_ASSERT_EQUAL(sum_of_packet(p, pieces[0].len), 0xffff);
}

static void a_wrong_checksum_stays_wrong(void)
{
	struct siit s = home();
	struct made m = ipv6_packet(true, UDP, 20);

	make_udp(&m);
	m.bytes[60 - 1] ^= 1;
	CU_ASSERT_EQUAL_FATAL(translate(&s, &m), 1);
	CU_ASSERT_NOT_EQUAL(sum_of_packet(pieces[0].bytes, pieces[0].len), 0xffff);
}

/* §4.5: IPv6 has none without. */
static void a_datagram_without_a_checksum_gets_one(void)
{
	struct siit s = home();
	struct made m = ipv4_packet(false, UDP, 21);

	make_udp(&m);
	put16(m.bytes + 26, 0);
	CU_ASSERT_EQUAL_FATAL(translate(&s, &m), 1);
	CU_ASSERT_EQUAL(sum_of_packet(pieces[0].bytes, pieces[0].len), 0xffff);
	m.bytes[6] = 0x20; /* the first of several: nobody knows the rest */
	CU_ASSERT_EQUAL(translate(&s, &m), 0);
}

static void what_is_long_is_not_to_be_cut_up(void)
{
	struct siit s = home();
	struct made m = ipv6_packet(true, UDP, 1240), longer = ipv6_packet(true, UDP, 1241);

	make_udp(&m);
	make_udp(&longer);
	translate(&s, &m);
	CU_ASSERT_EQUAL(get16(pieces[0].bytes + 6), 0);
	translate(&s, &longer);
	CU_ASSERT_EQUAL(get16(pieces[0].bytes + 6), 0x4000);
	CU_ASSERT_EQUAL(get16(pieces[0].bytes + 4), 0);
}

static void what_may_be_cut_up_is_for_the_least_links(void)
{
	struct siit s = home();
	struct made m = ipv4_packet(false, UDP, 1480);
	const uint8_t *one = pieces[0].bytes, *two = pieces[1].bytes;

	make_udp(&m);
	CU_ASSERT_EQUAL(translate(&s, &m), 1); /* it may not: whoever forwards it says too big */
	CU_ASSERT_EQUAL(pieces[0].len, 1520);
	m.bytes[6] = 0;
	CU_ASSERT_EQUAL_FATAL(translate(&s, &m), 2);
	CU_ASSERT_EQUAL(pieces[0].len, 1280);
	CU_ASSERT_EQUAL(one[6], FRAGMENT);
	CU_ASSERT_EQUAL(one[40], UDP);
	CU_ASSERT_EQUAL(get16(one + 42), 1);
	CU_ASSERT_EQUAL(get16(one + 46), 0x1234);
	CU_ASSERT_EQUAL(pieces[1].len, 48 + 1480 - 1232);
	CU_ASSERT_EQUAL(get16(two + 42), 1232);
	CU_ASSERT_EQUAL(get16(two + 46), 0x1234);
}

/* §4: an answer to a ping as well. */
static void icmp_may_be_cut_up_too(void)
{
	struct siit s = home();
	struct made m = ipv4_packet(false, ICMP, 1480), whole = ipv6_packet(false, ICMPV6, 1480);

	m.bytes[6] = 0;
	memset(m.bytes + 28, 'x', 1472);
	make_icmp(&m, 0, 0, 0x00050006);
	CU_ASSERT_EQUAL_FATAL(translate(&s, &m), 2);
	CU_ASSERT_EQUAL_FATAL(pieces[0].len, 1280);
	CU_ASSERT_EQUAL_FATAL(pieces[1].len, 48 + 1480 - 1232);
	for (size_t i = 0; i < 2; i++) {
		CU_ASSERT_EQUAL(pieces[i].bytes[40], ICMPV6);
		CU_ASSERT_EQUAL(get16(pieces[i].bytes + 42), i == 0 ? 1 : 1232);
		memcpy(whole.bytes + 40 + 1232 * i, pieces[i].bytes + 48, pieces[i].len - 48);
	}
	CU_ASSERT_EQUAL(whole.bytes[40], 129);
	CU_ASSERT_EQUAL(sum_of_packet(whole.bytes, whole.len), 0xffff);
}

static void fragments_stay_fragments(void)
{
	struct siit s = home();
	struct made in = ipv4_packet(false, UDP, 100), out = ipv6_packet(true, FRAGMENT, 108);
	const uint8_t *p = pieces[0].bytes;

	put16(in.bytes + 6, 0x2000 | 10); /* 80 bytes in, more to come */
	CU_ASSERT_EQUAL_FATAL(translate(&s, &in), 1);
	CU_ASSERT_EQUAL(get16(p + 42), 80 | 1);
	CU_ASSERT_EQUAL(pieces[0].len, 148);
	out.bytes[40] = UDP;
	put16(out.bytes + 42, 80);
	put16(out.bytes + 44, 0xffff);
	put16(out.bytes + 46, 0x4321);
	CU_ASSERT_EQUAL_FATAL(translate(&s, &out), 1);
	CU_ASSERT_EQUAL(get16(p + 4), 0x4321);
	CU_ASSERT_EQUAL(get16(p + 6), 10);
	CU_ASSERT_EQUAL(pieces[0].len, 120);
}

/* What is left out would shift the fragments behind: where there are none it does not. */
static void a_fragment_has_no_other_extensions(void)
{
	struct made m = ipv6_packet(true, FRAGMENT, 8 + 8 + 24);

	m.bytes[40] = 60; /* options for the destination, empty */
	m.bytes[48] = UDP;
	CU_ASSERT_TRUE(is_translated(&m));
	m.bytes[43] = 1; /* more to come */
	CU_ASSERT_FALSE(is_translated(&m));
	put16(m.bytes + 42, 24); /* the last */
	CU_ASSERT_FALSE(is_translated(&m));
}

static void an_echo_goes_both_ways(void)
{
	struct siit s = home();
	struct made out = ipv6_packet(true, ICMPV6, 16), in = ipv4_packet(false, ICMP, 16);

	make_icmp(&out, 128, 0, 0x00050006);
	CU_ASSERT_EQUAL_FATAL(translate(&s, &out), 1);
	CU_ASSERT_EQUAL(pieces[0].bytes[9], ICMP);
	CU_ASSERT_EQUAL(pieces[0].bytes[20], 8);
	CU_ASSERT_EQUAL(get16(pieces[0].bytes + 26), 6);
	CU_ASSERT_EQUAL(sum_of_packet(pieces[0].bytes, pieces[0].len), 0xffff);
	make_icmp(&in, 0, 0, 0x00050006);
	CU_ASSERT_EQUAL_FATAL(translate(&s, &in), 1);
	CU_ASSERT_EQUAL(pieces[0].bytes[6], ICMPV6);
	CU_ASSERT_EQUAL(pieces[0].bytes[40], 129);
	CU_ASSERT_EQUAL(sum_of_packet(pieces[0].bytes, pieces[0].len), 0xffff);
}

/* What an error says: type, code, the rest of its header. */
struct said {
	uint8_t type, code;
	uint32_t rest;
};

/* An error about a datagram of alice's, as it comes to her: from the server, with all of its head. */
static bool error_of_ipv4(struct said said, struct said *out)
{
	struct siit s = home();
	struct made quoted = ipv4_packet(true, UDP, 20), m = ipv4_packet(false, ICMP, 8 + 28);
	const uint8_t *p = pieces[0].bytes;

	make_udp(&quoted);
	memcpy(m.bytes + 28, quoted.bytes, 28);
	make_icmp(&m, said.type, said.code, said.rest);
	if (translate(&s, &m) == 0)
		return false;
	CU_ASSERT_EQUAL(sum_of_packet(p, pieces[0].len), 0xffff);
	CU_ASSERT_EQUAL(pieces[0].len, 40 + 8 + 48);
	CU_ASSERT_EQUAL(memcmp(p + 48 + 8, alice_ipv6, 16), 0);
	CU_ASSERT_EQUAL(memcmp(p + 48 + 24, server_ipv6, 16), 0);
	CU_ASSERT_EQUAL(get16(p + 48 + 4), 20); /* of the whole datagram */
	CU_ASSERT_EQUAL(get16(p + 88), 4000);
	*out = (struct said){ p[40], p[41], get16(p + 44) << 16 | get16(p + 46) };
	return true;
}

static bool error_of_ipv6(struct said said, struct said *out)
{
	struct siit s = home();
	struct made quoted = ipv6_packet(false, UDP, 20), m = ipv6_packet(true, ICMPV6, 8 + 48);
	const uint8_t *p = pieces[0].bytes;

	make_udp(&quoted);
	memcpy(m.bytes + 48, quoted.bytes, 48);
	make_icmp(&m, said.type, said.code, said.rest);
	if (translate(&s, &m) == 0)
		return false;
	CU_ASSERT_EQUAL(sum_of_packet(p, pieces[0].len), 0xffff);
	CU_ASSERT_EQUAL(memcmp(p + 28 + 12, server_ipv4, 4), 0);
	CU_ASSERT_EQUAL(memcmp(p + 28 + 16, alice_ipv4, 4), 0);
	*out = (struct said){ p[20], p[21], get16(p + 24) << 16 | get16(p + 26) };
	return true;
}

/* Whose type is another one, and whose checksum covers other things. */
static void a_quoted_echo_is_right_in_either_family(void)
{
	struct siit s = home();
	struct made quoted4 = ipv4_packet(true, ICMP, 16), in = ipv4_packet(false, ICMP, 8 + 36);
	struct made quoted6 = ipv6_packet(false, ICMPV6, 16), out = ipv6_packet(true, ICMPV6, 8 + 56);

	make_icmp(&quoted4, 8, 0, 0x00050006);
	memcpy(in.bytes + 28, quoted4.bytes, quoted4.len);
	make_icmp(&in, 11, 0, 0);
	CU_ASSERT_EQUAL_FATAL(translate(&s, &in), 1);
	CU_ASSERT_EQUAL(pieces[0].bytes[48 + 40], 128);
	CU_ASSERT_EQUAL(sum_of_packet(pieces[0].bytes + 48, 56), 0xffff);
	make_icmp(&quoted6, 129, 0, 0x00050006);
	memcpy(out.bytes + 48, quoted6.bytes, quoted6.len);
	make_icmp(&out, 1, 4, 0);
	CU_ASSERT_EQUAL_FATAL(translate(&s, &out), 1);
	CU_ASSERT_EQUAL(pieces[0].bytes[28 + 20], 0);
	CU_ASSERT_EQUAL(sum_of_packet(pieces[0].bytes + 28, 36), 0xffff);
}

struct translation {
	struct said said, wanted; /* wanted.type 0: it is dropped */
};

static void all_become(bool (*translated)(struct said said, struct said *out), const struct translation *list,
                       size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct said got = { 0 };

		CU_ASSERT_EQUAL(translated(list[i].said, &got), list[i].wanted.type != 0);
		CU_ASSERT_EQUAL(got.type, list[i].wanted.type);
		CU_ASSERT_EQUAL(got.code, list[i].wanted.code);
		CU_ASSERT_EQUAL(got.rest, list[i].wanted.rest);
	}
}

/* §4.2. */
static void what_icmp_says_is_said_by_icmpv6(void)
{
	static const struct translation list[] = {
		{ { 3, 0, 0 }, { 1, 0, 0 } },  { { 3, 1, 0 }, { 1, 0, 0 } },  { { 3, 2, 0 }, { 4, 1, 6 } },
		{ { 3, 3, 0 }, { 1, 4, 0 } },  { { 3, 5, 0 }, { 1, 0, 0 } },  { { 3, 6, 0 }, { 1, 0, 0 } },
		{ { 3, 7, 0 }, { 1, 0, 0 } },  { { 3, 8, 0 }, { 1, 0, 0 } },  { { 3, 9, 0 }, { 1, 1, 0 } },
		{ { 3, 10, 0 }, { 1, 1, 0 } }, { { 3, 11, 0 }, { 1, 0, 0 } }, { { 3, 12, 0 }, { 1, 0, 0 } },
		{ { 3, 13, 0 }, { 1, 1, 0 } }, { { 3, 14, 0 }, { 0, 0, 0 } }, { { 3, 15, 0 }, { 1, 1, 0 } },
		{ { 3, 16, 0 }, { 0, 0, 0 } }, { { 4, 0, 0 }, { 0, 0, 0 } },  { { 5, 1, 0 }, { 0, 0, 0 } },
		{ { 11, 0, 0 }, { 3, 0, 0 } }, { { 11, 1, 0 }, { 3, 1, 0 } }, { { 13, 0, 0 }, { 0, 0, 0 } },
		{ { 12, 1, 0 }, { 0, 0, 0 } },
	};

	all_become(error_of_ipv4, list, sizeof list / sizeof *list);
}

static void what_icmpv6_says_is_said_by_icmp(void)
{
	static const struct translation list[] = {
		{ { 1, 0, 0 }, { 3, 1, 0 } },  { { 1, 1, 0 }, { 3, 10, 0 } },  { { 1, 2, 0 }, { 3, 1, 0 } },
		{ { 1, 3, 0 }, { 3, 1, 0 } },  { { 1, 4, 0 }, { 3, 3, 0 } },   { { 1, 5, 0 }, { 0, 0, 0 } },
		{ { 3, 0, 0 }, { 11, 0, 0 } }, { { 3, 1, 0 }, { 11, 1, 0 } },  { { 4, 1, 0 }, { 3, 2, 0 } },
		{ { 4, 2, 0 }, { 0, 0, 0 } },  { { 133, 0, 0 }, { 0, 0, 0 } },
	};

	all_become(error_of_ipv6, list, sizeof list / sizeof *list);
}

/* Headers differ by 20 bytes; nobody is told of less than IPv6's links take; who says nothing is guessed at. */
static void too_big_says_what_fits(void)
{
	static const struct translation in[] = {
		{ { 3, 4, 1400 }, { 2, 0, 1420 } },
		{ { 3, 4, 1480 }, { 2, 0, 1500 } },
		{ { 3, 4, 600 }, { 2, 0, 1280 } },
		{ { 3, 4, 0 }, { 2, 0, 1280 } },
	};
	static const struct translation out[] = {
		{ { 2, 0, 1500 }, { 3, 4, 1480 } },
		{ { 2, 0, 1280 }, { 3, 4, 1260 } },
		{ { 2, 0, 100000 }, { 3, 4, 65515 } },
	};

	all_become(error_of_ipv4, in, sizeof in / sizeof *in);
	all_become(error_of_ipv6, out, sizeof out / sizeof *out);
}

/* Figures 3 and 6: fields of one header in the other. */
static void a_problem_is_where_that_field_is(void)
{
	static const struct translation in[] = {
		{ { 12, 0, 0u << 24 }, { 4, 0, 0 } },   { { 12, 0, 1u << 24 }, { 4, 0, 1 } },
		{ { 12, 2, 2u << 24 }, { 4, 0, 4 } },   { { 12, 0, 4u << 24 }, { 0, 0, 0 } },
		{ { 12, 0, 8u << 24 }, { 4, 0, 7 } },   { { 12, 0, 9u << 24 }, { 4, 0, 6 } },
		{ { 12, 0, 10u << 24 }, { 0, 0, 0 } },  { { 12, 0, 13u << 24 }, { 4, 0, 8 } },
		{ { 12, 0, 19u << 24 }, { 4, 0, 24 } }, { { 12, 0, 20u << 24 }, { 0, 0, 0 } },
	};
	static const struct translation out[] = {
		{ { 4, 0, 0 }, { 12, 0, 0u << 24 } },   { { 4, 0, 1 }, { 12, 0, 1u << 24 } },
		{ { 4, 0, 2 }, { 0, 0, 0 } },           { { 4, 0, 5 }, { 12, 0, 2u << 24 } },
		{ { 4, 0, 6 }, { 12, 0, 9u << 24 } },   { { 4, 0, 7 }, { 12, 0, 8u << 24 } },
		{ { 4, 0, 23 }, { 12, 0, 12u << 24 } }, { { 4, 0, 24 }, { 12, 0, 16u << 24 } },
		{ { 4, 0, 40 }, { 0, 0, 0 } },
	};

	all_become(error_of_ipv4, in, sizeof in / sizeof *in);
	all_become(error_of_ipv6, out, sizeof out / sizeof *out);
}

/* A router inside, or one of the provider's, may have an address of its own family alone. */
static void who_reports_an_error_may_be_anybody(void)
{
	struct siit s = home();
	struct made quoted = ipv4_packet(true, UDP, 20), m = ipv4_packet(false, ICMP, 8 + 28), echo;

	make_udp(&quoted);
	memcpy(m.bytes + 28, quoted.bytes, 28);
	memcpy(m.bytes + 12, (const uint8_t[]){ 10, 9, 9, 9 }, 4);
	make_icmp(&m, 11, 0, 0);
	CU_ASSERT_EQUAL_FATAL(translate(&s, &m), 1);
	CU_ASSERT_EQUAL(pieces[0].bytes[8], 0x24);
	CU_ASSERT_EQUAL(pieces[0].bytes[23], 1);
	echo = ipv4_packet(false, ICMP, 16);
	memcpy(echo.bytes + 12, (const uint8_t[]){ 10, 9, 9, 9 }, 4);
	make_icmp(&echo, 8, 0, 0);
	CU_ASSERT_EQUAL(translate(&s, &echo), 0);
}

/* Of a host's own translator (464XLAT) inside is IPv4. */
static void the_other_way_round_is_a_clients(void)
{
	struct siit s = home();
	struct made out = ipv4_packet(true, UDP, 20), back = ipv6_packet(false, UDP, 20);

	make_udp(&out);
	make_udp(&back);
	CU_ASSERT_EQUAL(translate(&s, &out) + translate(&s, &back), 0);
	s.is_client = true;
	CU_ASSERT_EQUAL_FATAL(translate(&s, &out), 1);
	CU_ASSERT_EQUAL(memcmp(pieces[0].bytes + 8, alice_ipv6, 16), 0);
	CU_ASSERT_EQUAL(memcmp(pieces[0].bytes + 24, server_ipv6, 16), 0);
	CU_ASSERT_EQUAL(sum_of_packet(pieces[0].bytes, pieces[0].len), 0xffff);
	CU_ASSERT_EQUAL_FATAL(translate(&s, &back), 1);
	CU_ASSERT_EQUAL(memcmp(pieces[0].bytes + 12, server_ipv4, 4), 0);
	CU_ASSERT_EQUAL(memcmp(pieces[0].bytes + 16, alice_ipv4, 4), 0);
	out = ipv4_packet(false, UDP, 20);
	make_udp(&out);
	CU_ASSERT_EQUAL(translate(&s, &out), 0);
}

static void what_is_not_translated(void)
{
	struct made m = ipv6_packet(true, UDP, 20), route = ipv6_packet(true, 43, 44),
		    back = ipv4_packet(false, UDP, 20);

	make_udp(&m);
	make_udp(&back);
	CU_ASSERT_TRUE(is_translated(&m));
	m.bytes[39] = 2; /* another host of 22.22.22 */
	CU_ASSERT_TRUE(is_translated(&m));
	memcpy(m.bytes + 36, (const uint8_t[]){ 192, 168, 1, 1 }, 4); /* RFC 6052 §3.1 */
	CU_ASSERT_FALSE(is_translated(&m));
	memcpy(m.bytes + 24, alice_ipv6, 16); /* no address of IPv4 */
	CU_ASSERT_FALSE(is_translated(&m));
	m = ipv6_packet(true, UDP, 20);
	m.bytes[23] = 5; /* nobody of this home */
	CU_ASSERT_FALSE(is_translated(&m));
	route.bytes[40] = UDP;
	route.bytes[42] = 0;
	CU_ASSERT_TRUE(is_translated(&route)); /* at its end */
	route.bytes[43] = 1;                   /* one more on its way */
	CU_ASSERT_FALSE(is_translated(&route));
	back.bytes[19] = 3; /* nobody of this home */
	CU_ASSERT_FALSE(is_translated(&back));
}

/* §4.1: one that is to go by way of others, who are named in an option, is not let through; other options are left out.
 */
static void a_source_route_is_not_followed(void)
{
	static const struct {
		uint8_t options[12];
		bool translated;
	} rows[] = {
		{ { 0 }, true },
		{ { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 }, true },
		{ { 131, 11, 4, 9, 9, 9, 9, 8, 8, 8, 8, 0 }, false },
		{ { 137, 11, 8, 9, 9, 9, 9, 8, 8, 8, 8, 0 }, false },
		{ { 131, 7, 7, 9, 9, 9, 9 }, false },
		{ { 131, 7, 8, 9, 9, 9, 9 }, true }, /* it has been everywhere */
		{ { 1, 131, 7, 4, 9, 9, 9, 9 }, false },
		{ { 0, 131, 7, 4, 9, 9, 9, 9 }, true }, /* behind the end of the options */
		{ { 7, 3, 4, 131, 7, 4, 9, 9, 9, 9 }, false },
		{ { 7, 2, 131, 7, 4, 9, 9, 9, 9 }, false },
		{ { 7, 4, 4, 131, 7, 4, 9, 9, 9, 9 }, true }, /* 131 is within another one */
		{ { 7, 1, 131, 7, 4, 9, 9, 9, 9 }, true },    /* nobody knows where the next begins */
		{ { 7, 11, 131, 7, 4, 9, 9, 9, 9 }, true },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct made plain = ipv4_packet(false, UDP, 20), m;
		const size_t room = sizeof rows[i].options;

		make_udp(&plain);
		m = plain;
		m.bytes[0] = 0x48;
		m.len += room;
		put16(m.bytes + 2, m.len);
		memcpy(m.bytes + 20, rows[i].options, room);
		memcpy(m.bytes + 20 + room, plain.bytes + 20, 20);
		put16(m.bytes + 10, 0);
		put16(m.bytes + 10, (uint16_t)~folded(sum_of(m.bytes, 20 + room)));
		if (is_translated(&m) != rows[i].translated)
			printf("row %zu\n", i);
		CU_ASSERT_EQUAL(is_translated(&m), rows[i].translated);
	}
}

/* So many extensions are looked behind, no more. */
static void extensions_have_an_end(void)
{
	for (size_t count = 1; count < 12; count++) {
		struct made m = ipv6_packet(true, 60, count * 8 + 20), plain = ipv6_packet(true, UDP, 20);

		make_udp(&plain);
		for (size_t i = 0; i < count; i++)
			m.bytes[40 + i * 8] = i + 1 < count ? 60 : UDP; /* options of 6 bytes of padding */
		memcpy(m.bytes + 40 + count * 8, plain.bytes + 40, 20);
		CU_ASSERT_EQUAL(is_translated(&m), count < 8);
	}
}

static void every_truncation_is_dropped(void)
{
	struct made list[] = { ipv6_packet(true, UDP, 20), ipv4_packet(false, UDP, 20), ipv4_packet(false, ICMP, 36) };

	make_udp(&list[0]);
	make_udp(&list[1]);
	make_icmp(&list[2], 3, 3, 0);
	for (size_t i = 0; i < sizeof list / sizeof *list; i++)
		for (size_t len = 0; len < list[i].len; len++) {
			struct siit s = home();

			CU_ASSERT_EQUAL(siit_translate(&s, list[i].bytes, len, pieces), 0);
		}
}

SUITE(siit, TEST(a_header_of_ipv6_becomes_one_of_ipv4), TEST(a_header_of_ipv4_becomes_one_of_ipv6),
      TEST(a_wrong_checksum_stays_wrong), TEST(a_datagram_without_a_checksum_gets_one),
      TEST(what_is_long_is_not_to_be_cut_up), TEST(what_may_be_cut_up_is_for_the_least_links),
      TEST(icmp_may_be_cut_up_too), TEST(fragments_stay_fragments), TEST(a_fragment_has_no_other_extensions),
      TEST(an_echo_goes_both_ways), TEST(a_quoted_echo_is_right_in_either_family),
      TEST(what_icmp_says_is_said_by_icmpv6), TEST(what_icmpv6_says_is_said_by_icmp), TEST(too_big_says_what_fits),
      TEST(a_problem_is_where_that_field_is), TEST(who_reports_an_error_may_be_anybody),
      TEST(the_other_way_round_is_a_clients), TEST(what_is_not_translated), TEST(extensions_have_an_end),
      TEST(a_source_route_is_not_followed), TEST(every_truncation_is_dropped))
