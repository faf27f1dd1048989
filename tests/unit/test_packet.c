/* Frames taken apart, byte by byte: every link type, both families, and what is cut or no IP. */
#include "cable/cable_event.h"
#include "evidence/record_reader.h"
#include "suite.h"
#include "trace/packet.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROOM 512

static size_t from_hex(const char *hex, uint8_t bytes[ROOM])
{
	size_t len;

	CU_ASSERT_EQUAL(sodium_hex2bin(bytes, ROOM, hex, strlen(hex), " ", &len, NULL), 0);
	return len;
}

static uint8_t bytes[ROOM];

static struct packet parsed(uint16_t link_type, const char *hex)
{
	struct packet p;
	size_t len = from_hex(hex, bytes);

	packet_parse(link_type, bytes, (uint32_t)len, (uint32_t)len, &p);
	return p;
}

/* 10.0.1.2:5000 to 203.0.113.5:7000, "hi" */
#define IPV4 "4500001e 00070000 40110000 0a000102 cb007105"
#define UDP "1388 1b58 000a 9999 6869"
#define IPV4_UDP IPV4 UDP

/* From fd00::2 to fd00::5, `next` behind the header; flow label 7. */
#define IPV6(length, next) "60000007" length next "3f fd000000000000000000000000000002 fd000000000000000000000000000005"

static void expect_udp(const struct packet *p, enum address_family family)
{
	CU_ASSERT_EQUAL(p->kind, PACKET_IP);
	CU_ASSERT_EQUAL(p->ip.src.address.family, family);
	CU_ASSERT_EQUAL(p->ip.src.port, 5000);
	CU_ASSERT_EQUAL(p->ip.dst.port, 7000);
	CU_ASSERT_EQUAL(p->ip.link_id, family == ADDRESS_IPV4 ? 7 : 0x9999);
	CU_ASSERT_EQUAL(p->ip.payload_len, 2);
	CU_ASSERT_EQUAL(p->ip.wire_len, 2);
	CU_ASSERT_TRUE(p->ip.payload_len == 2 && memcmp(p->ip.payload, "hi", 2) == 0);
}

static void every_link_type(void)
{
	static const struct {
		uint16_t link_type;
		const char *hex;
		bool to_many, has_macs;
	} frames[] = {
		{ 1, "020000000002 020000000001 0800" IPV4_UDP, false, true },
		{ 1, "ffffffffffff 020000000001 0800" IPV4_UDP, true, true },
		{ 1, "020000000002 020000000001 8100 0005 0800" IPV4_UDP, false, true },
		{ 1, "020000000002 020000000001 88a8 0005 8100 0006 0800" IPV4_UDP, false, true },
		{ 113, "0000 0001 0006 0200000000020000 0800" IPV4_UDP, false, false },
		{ 113, "0001 0001 0006 0200000000020000 0800" IPV4_UDP, true, false },
		{ 113, "0002 0001 0006 0200000000020000 0800" IPV4_UDP, true, false },
		{ 113, "0003 0001 0006 0200000000020000 0800" IPV4_UDP, false, false },
		{ 276, "0800 0000 00000003 0001 00 06 0200000000020000" IPV4_UDP, false, false },
		{ 276, "0800 0000 00000003 0001 01 06 0200000000020000" IPV4_UDP, true, false },
		{ 276, "0800 0000 00000003 0001 02 06 0200000000020000" IPV4_UDP, true, false },
		{ 276, "0800 0000 00000003 0001 04 06 0200000000020000" IPV4_UDP, false, false },
		{ 0, "02000000" IPV4_UDP, false, false },
		{ 101, IPV4_UDP, false, false },
		{ 12, IPV4_UDP, false, false },
		{ 228, IPV4_UDP, false, false },
	};

	for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++) {
		struct packet p = parsed(frames[i].link_type, frames[i].hex);

		expect_udp(&p, ADDRESS_IPV4);
		CU_ASSERT_EQUAL(p.to_many, frames[i].to_many);
		CU_ASSERT_EQUAL(p.has_macs, frames[i].has_macs);
		CU_ASSERT_TRUE(packet_knows_link_type(frames[i].link_type));
		CU_ASSERT_EQUAL(p.key, parsed(101, IPV4_UDP).key);
	}
	CU_ASSERT_TRUE(packet_knows_link_type(229));
	CU_ASSERT_FALSE(packet_knows_link_type(105));
	CU_ASSERT_EQUAL(parsed(105, IPV4_UDP).kind, PACKET_OTHER);
	CU_ASSERT_EQUAL(parsed(1, "020000000002 020000000001 8100 0005 8100 0005 8100 0005 0800" IPV4_UDP).kind,
	                PACKET_IP); /* three tags */
	CU_ASSERT_EQUAL(parsed(1, "020000000002 020000000001 0806 0001").kind, PACKET_ARP);
	CU_ASSERT_EQUAL(parsed(101, IPV6("0008", "3a") "8700 0000 00000000").kind, PACKET_NEIGHBOURS);
	CU_ASSERT_EQUAL(parsed(101, IPV6("000c", "00") "3a00 050200000000 8f00 0000").kind,
	                PACKET_NEIGHBOURS); /* a report, with the option that says so */
	CU_ASSERT_EQUAL(parsed(101, IPV6("0008", "3a") "8000 0000 00010001").kind, PACKET_IP); /* echo */
	CU_ASSERT_EQUAL(parsed(1, "020000000002 020000000001 08").kind, PACKET_OTHER);
	CU_ASSERT_FALSE(parsed(1, "020000000002 0200000000").has_macs);
	CU_ASSERT_EQUAL(parsed(101, "").kind, PACKET_OTHER);
	CU_ASSERT_EQUAL(parsed(0, "02000000").kind, PACKET_OTHER);
}

static void macs_stand_in_front(void)
{
	struct packet p = parsed(1, "020000000002 020000000001 0800" IPV4_UDP);

	CU_ASSERT_EQUAL(p.dst_mac[5], 2);
	CU_ASSERT_EQUAL(p.src_mac[5], 1);
}

static void a_header_of_ipv4(void)
{
	struct packet p = parsed(101, IPV4_UDP);

	CU_ASSERT_EQUAL(p.ip.id, 7);
	CU_ASSERT_EQUAL(p.ip.ttl, 64);
	CU_ASSERT_EQUAL(p.ip.header_len, 20);
	CU_ASSERT_EQUAL(p.ip.total_len, 30);
	CU_ASSERT_FALSE(packet_is_fragment(&p.ip));
	p = parsed(101, "46000022 00070000 40110000 0a000102 cb007105 94040000" UDP); /* an option */
	expect_udp(&p, ADDRESS_IPV4);
	CU_ASSERT_EQUAL(p.ip.header_len, 24);
	p = parsed(101, "4500001e 00070000 40110000 0a000102 e0000001" UDP);
	CU_ASSERT_TRUE(p.to_many); /* a group */
	p = parsed(101, "4500001e 00072000 40110000 0a000102 cb007105" UDP);
	CU_ASSERT_TRUE(p.ip.more_fragments && packet_is_fragment(&p.ip));
	CU_ASSERT_EQUAL(p.ip.src.port, 5000);
	p = parsed(101, "4500001e 000700b9 40110000 0a000102 cb007105" UDP);
	CU_ASSERT_EQUAL(p.ip.fragment_offset, 1480);
	CU_ASSERT_TRUE(!p.ip.more_fragments && packet_is_fragment(&p.ip));
	CU_ASSERT_EQUAL(p.ip.src.port, 0); /* a later piece has none */
	CU_ASSERT_EQUAL(p.ip.payload_len, 10);
}

static void what_is_cut_has_no_endpoints(void)
{
	static const char *const cut[] = {
		"4500001e 00070000 40110000 0a000102 cb0071",
		"4400001e 00070000 40110000 0a000102 cb007105" UDP,
		"5500001e 00070000 40110000 0a000102 cb007105" UDP,
		"46000022 00070000 40110000 0a000102 cb007105 9404",
		"45000013 00070000 40110000 0a000102 cb007105" UDP, /* shorter than its header */
		"60000007 000a 11 3f fd000000000000000000000000000002 fd0000000000000000000000000000",
		IPV6("000a", "2c") "11 00 0001", /* a fragment header that is cut */
		IPV6("000a", "00") "11",
		IPV6("0048", "00") "0000000000000000 0000000000000000 0000000000000000 0000000000000000"
				   "0000000000000000 0000000000000000 0000000000000000 1100000000000000",
		IPV6("0007", "00") "1100000000000000", /* shorter than its headers */
	};
	static const char *const whole[] = { "45000014 00070000 402f0000 0a000102 cb007105",
		                             IPV6("0008", "00") "1100000000000000",
		                             IPV6("0038", "00") "0000000000000000 0000000000000000 0000000000000000"
		                                                "0000000000000000 0000000000000000 0000000000000000"
		                                                "1100000000000000" };

	for (size_t i = 0; i < sizeof cut / sizeof cut[0]; i++)
		CU_ASSERT_EQUAL(parsed(101, cut[i]).kind, PACKET_CUT);
	for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++)
		CU_ASSERT_EQUAL(parsed(101, whole[i]).kind, PACKET_IP);
}

static void headers_of_ipv6(void)
{
	struct packet p = parsed(101, IPV6("000a", "11") UDP);

	expect_udp(&p, ADDRESS_IPV6);
	CU_ASSERT_EQUAL(p.ip.id, 7);
	CU_ASSERT_EQUAL(p.ip.ttl, 63);
	CU_ASSERT_EQUAL(p.ip.header_len, 40);
	CU_ASSERT_EQUAL(p.ip.total_len, 50);
	CU_ASSERT_EQUAL(p.ip.dst.address.bytes[15], 5);
	p = parsed(229, IPV6("000a", "11") UDP);
	expect_udp(&p, ADDRESS_IPV6);
	p = parsed(0, "1e000000" IPV6("000a", "11") UDP);
	expect_udp(&p, ADDRESS_IPV6);
	p = parsed(1, "020000000002 020000000001 86dd" IPV6("000a", "11") UDP);
	expect_udp(&p, ADDRESS_IPV6);
	p = parsed(101, IPV6("002a", "00") "2b00 000000000000 3c00 000000000000 1101 0000000000000000000000000000" UDP);
	expect_udp(&p, ADDRESS_IPV6); /* hop by hop, routing, destination options of 16 bytes */
	CU_ASSERT_EQUAL(p.ip.header_len, 72);
	p = parsed(101, IPV6("0012", "2c") "1100 0001 00000009" UDP);
	CU_ASSERT_EQUAL(p.ip.id, 9);
	CU_ASSERT_TRUE(p.ip.more_fragments && p.ip.fragment_offset == 0);
	CU_ASSERT_EQUAL(p.ip.src.port, 5000);
	p = parsed(101, IPV6("0012", "2c") "1100 05c8 00000009" UDP);
	CU_ASSERT_TRUE(!p.ip.more_fragments && p.ip.fragment_offset == 1480);
	CU_ASSERT_EQUAL(p.ip.src.port, 0);
	p = parsed(101, "6000000700001140 fd000000000000000000000000000002 ff020000000000000000000000000001");
	CU_ASSERT_TRUE(p.to_many);
}

static void lengths_of_udp(void)
{
	struct packet p = parsed(101, IPV4 "1388 1b58 0009 9999 6869"); /* UDP says less than IP */

	CU_ASSERT_EQUAL(p.ip.payload_len, 1);
	CU_ASSERT_EQUAL(p.ip.wire_len, 1);
	p = parsed(101, IPV4 "1388 1b58 0007 9999 6869"); /* less than its own header: then it is IP's payload */
	CU_ASSERT_EQUAL(p.ip.payload_len, 10);
	p = parsed(101, "450005dc 00070000 40110000 0a000102 cb007105 1388 1b58 05c8 9999 6869"); /* kept in part */
	CU_ASSERT_EQUAL(p.ip.payload_len, 2);
	CU_ASSERT_EQUAL(p.ip.wire_len, 1472);
	p = parsed(101, IPV4 "1388 1b58");
	CU_ASSERT_EQUAL(p.ip.src.port, 5000);
	CU_ASSERT_EQUAL(p.ip.wire_len, 10);
	p = parsed(101, IPV4_UDP "00000000"); /* padding of the link is none of it */
	CU_ASSERT_EQUAL(p.ip.payload_len, 2);
}

static void tcp_has_flags_and_ports(void)
{
	struct packet p = parsed(101, "45000028 00070000 40060000 0a000102 cb007105"
	                              "1388 1b58 00000001 00000002 5012 7210 abcd 0000");

	CU_ASSERT_EQUAL(p.tcp_flags, 0x12);
	CU_ASSERT_EQUAL(p.ip.src.port, 5000);
	CU_ASSERT_EQUAL(p.ip.dst.port, 7000);
	CU_ASSERT_EQUAL(p.ip.link_id, 7);
	CU_ASSERT_EQUAL(p.ip.wire_len, 20);
}

static void an_icmp_error_quotes(void)
{
	struct packet p = parsed(101, "4500003a 00080000 40010000 cb007105 0a000102 0303 0000 00000000" IPV4_UDP);

	CU_ASSERT_TRUE(p.has_quote);
	CU_ASSERT_EQUAL(p.icmp_type, 3);
	CU_ASSERT_EQUAL(p.icmp_code, 3);
	CU_ASSERT_EQUAL(p.quote.src.port, 5000);
	CU_ASSERT_EQUAL(p.quote_key, parsed(101, IPV4_UDP).key);
	CU_ASSERT_EQUAL(p.icmp_mtu, 0);
	p = parsed(101, "4500003a 00080000 40010000 cb007105 0a000102 0304 0000 00000514" IPV4_UDP);
	CU_ASSERT_EQUAL(p.icmp_mtu, 1300);
	p = parsed(101, "45000038 00080000 40010000 cb007105 0a000102 0303 0000 00000000" IPV4 "1388 1b58 000a 9999");
	CU_ASSERT_TRUE(p.has_quote);
	CU_ASSERT_EQUAL(p.quote_key, 0); /* not all of it was quoted */
	p = parsed(101, "4500003a 00080000 40010000 cb007105 0a000102 0800 0000 00000000" IPV4_UDP);
	CU_ASSERT_FALSE(p.has_quote); /* an echo's payload is its own */
	p = parsed(101, IPV6("003a", "3a") "0200 0000 00010514" IPV6("000a", "11") UDP);
	CU_ASSERT_TRUE(p.has_quote);
	CU_ASSERT_EQUAL(p.icmp_mtu, 66836);
	CU_ASSERT_EQUAL(p.quote.dst.port, 7000);
}

/* What a NAT rewrites is in no key; all else is. */
static void a_key_is_the_same_on_both_sides_of_a_nat(void)
{
	static const char *const same[][2] = {
		{ IPV4_UDP, "4500001e 00070000 3f110000 cb007107 cb007105 9c40 1b58 000a 1111 6869" },
		{ "45000028 00070000 40060000 0a000102 cb007105 1388 1b58 00000001 00000002 5012 7210 abcd 0000",
		  "45000028 00070000 3f060000 cb007107 cb007105 9c40 1b58 00000001 00000002 5012 7210 1234 0000" },
		{ "4500001e 00070000 40010000 0a000102 cb007105 0800 abcd 0001 0002 6869",
		  "4500001e 00070000 3f010000 cb007107 cb007105 0800 1234 7777 0002 6869" },
		{ "4500001e 00072000 40110000 0a000102 cb007105 1388 1b58 000a 9999 6869", /* pieces by their id */
		  "4500001c 00072000 40110000 cb007107 cb007105 9c40 1b58 000a 1111" },
		{ IPV6("0012", "2c") "1100 0001 00000009" UDP,
		  IPV6("0012", "2c") "1100 0001 0000000a" UDP }, /* not IPv6's */
		{ IPV6("0012", "2c") "1100 00b8 00000009" UDP, IPV6("0012", "2c") "1100 00b8 0000000a" UDP },
	};
	static const char *const other[][2] = {
		{ IPV4_UDP, "4500001e 00080000 40110000 0a000102 cb007105" UDP },
		{ IPV6("0012", "2c") "1100 00b8 00000009" UDP, IPV6("0012", "2c") "1100 00c0 00000009" UDP },
		{ IPV4_UDP, IPV4 "1388 1b58 000a 9999 6868" },
		{ IPV4_UDP, "4500001e 000700b9 40110000 0a000102 cb007105" UDP },
		{ "45000028 00070000 40060000 0a000102 cb007105 1388 1b58 00000001 00000002 5012 7210 abcd 0000",
		  "45000028 00070000 40060000 0a000102 cb007105 1388 1b58 00000001 00000003 5012 7210 abcd 0000" },
		{ "45000028 00070000 40060000 0a000102 cb007105 1388 1b58 00000001 00000002 5012 7210 abcd 0000",
		  "45000028 00070000 40060000 0a000102 cb007105 1388 1b58 00000001 00000002 5012 7210 abcd 0001" },
		{ "4500001e 00070000 40010000 0a000102 cb007105 0800 abcd 0001 0002 6869",
		  "4500001e 00070000 40010000 0a000102 cb007105 0800 abcd 0001 0003 6869" },
		{ "4500001e 00000000 40110000 0a000102 cb007105" UDP, /* without an id the bytes have to do */
		  "4500001e 00002000 40110000 0a000102 cb007105 1388 1b58 000a 9999 6868" },
		{ "4500003a 00080000 40010000 cb007105 0a000102 0303 0000 00000000" IPV4_UDP,
		  "4500003a 00090000 40010000 cb007105 0a000102 0303 0000 00000000" IPV4_UDP },
		{ "4500003a 00080000 40010000 cb007105 0a000102 0303 0000 00000000" IPV4_UDP,
		  "4500003a 00080000 40010000 cb007105 0a000102 0302 0000 00000000" IPV4_UDP },
	};

	for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
		CU_ASSERT_EQUAL(parsed(101, same[i][0]).key, parsed(101, same[i][1]).key);
	for (size_t i = 0; i < sizeof other / sizeof other[0]; i++)
		CU_ASSERT_NOT_EQUAL(parsed(101, other[i][0]).key, parsed(101, other[i][1]).key);
}

static void protocols_have_names(void)
{
	char text[16];

	CU_ASSERT_STRING_EQUAL(packet_protocol_name(PACKET_UDP, text), "udp");
	CU_ASSERT_STRING_EQUAL(packet_protocol_name(PACKET_TCP, text), "tcp");
	CU_ASSERT_STRING_EQUAL(packet_protocol_name(PACKET_ICMP, text), "icmp");
	CU_ASSERT_STRING_EQUAL(packet_protocol_name(PACKET_ICMPV6, text), "icmp");
	CU_ASSERT_STRING_EQUAL(packet_protocol_name(132, text), "ip 132");
}

static bool keep_line(void *context, const struct record_line *line)
{
	*(struct record_line *)context = *line; /* its texts are gone soon, its numbers stay */
	return true;
}

/* What a link with weather notes of that frame. */
static struct record_line noted(const char *hex)
{
	char path[] = "/tmp/test_packet_XXXXXX";
	int fd = mkstemp(path);
	struct record *r = record_open(path);
	struct cable_event e = { .link = "nat-a wan", .frame = bytes, .len = from_hex(hex, bytes), .n = 1 };
	struct record_line line = { 0 };
	struct record_flaws flaws;

	CU_ASSERT_PTR_NOT_NULL_FATAL(r);
	cable_event_record(r, &e);
	record_close(r);
	CU_ASSERT_EQUAL(record_read(path, keep_line, &line, &flaws), 0);
	CU_ASSERT_EQUAL(flaws.count, 0);
	close(fd);
	unlink(path);
	return line;
}

#define ETHERNET "020000000002 020000000001"
#define TCP "1388 0050 11111111 22222222 5002 7210 9abc 0000"

static void a_link_and_the_capture_know_a_packet_by_the_same(void)
{
	static const struct {
		const char *hex;
		uint8_t protocol;
		uint16_t id;
	} frames[] = {
		{ ETHERNET "0800" IPV4_UDP, PACKET_UDP, 7 },
		{ ETHERNET "0800 46000022 00070000 40110000 0a000102 cb007105 94040000" UDP, PACKET_UDP, 7 },
		{ ETHERNET "0800 4500001e 000700b9 40110000 0a000102 cb007105" UDP, PACKET_UDP, 7 }, /* a later piece */
		{ ETHERNET "86dd" IPV6("000a", "11") UDP, PACKET_UDP, 0x9999 },
		{ ETHERNET "86dd" IPV6("0014", "06") TCP, PACKET_TCP, 0x9abc },
		{ ETHERNET "86dd" IPV6("0008", "3a") "8000 1234 0001 0001", PACKET_ICMPV6, 0x1234 },
		{ ETHERNET "86dd" IPV6("0012", "2c") "1100 0001 0001abcd" UDP, PACKET_UDP, 0xabcd },
		{ ETHERNET "86dd" IPV6("0012", "2c") "1100 00b8 0001abcd" UDP, PACKET_UDP, 0xabcd },
		{ ETHERNET "86dd" IPV6("0012", "2c") "1100 0000 0001abcd" UDP, PACKET_UDP, 0x9999 }, /* in one piece */
		{ ETHERNET "86dd" IPV6("0002", "84") "1234", 132, 0 },
		{ ETHERNET "86dd" IPV6("0008", "11") "1388 1b58 0008", PACKET_UDP, 0 }, /* cut off before it */
	};

	for (size_t i = 0; i < sizeof frames / sizeof *frames; i++) {
		struct record_line line = noted(frames[i].hex);
		struct packet p = parsed(1, frames[i].hex);

		CU_ASSERT_EQUAL(line.link.protocol, frames[i].protocol);
		CU_ASSERT_EQUAL(line.link.id, frames[i].id);
		CU_ASSERT_EQUAL(p.ip.protocol, frames[i].protocol);
		CU_ASSERT_EQUAL(p.ip.link_id, frames[i].id);
		CU_ASSERT_TRUE(endpoint_equal(&line.link.packet.src, &p.ip.src));
		CU_ASSERT_TRUE(endpoint_equal(&line.link.packet.dst, &p.ip.dst));
	}
	CU_ASSERT_EQUAL(noted(ETHERNET "0806 0001").link.protocol, 0);
	CU_ASSERT_EQUAL(noted(ETHERNET "86dd 60000007 000a").link.protocol, 0);
}

SUITE(packet, TEST(a_link_and_the_capture_know_a_packet_by_the_same), TEST(every_link_type), TEST(macs_stand_in_front),
      TEST(a_header_of_ipv4), TEST(what_is_cut_has_no_endpoints), TEST(headers_of_ipv6), TEST(lengths_of_udp),
      TEST(tcp_has_flags_and_ports), TEST(an_icmp_error_quotes), TEST(a_key_is_the_same_on_both_sides_of_a_nat),
      TEST(protocols_have_names))
