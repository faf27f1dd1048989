/* A packet in one line: what is known by its first bytes and its ports, and what is not guessed. */
#include "chat/wire.h"
#include "suite.h"
#include "trace/describe.h"
#include "trace_fixture.h"

#include <string.h>

struct row {
	const char *bytes; /* in hexadecimal; a blank is nothing */
	uint16_t dst_port; /* 0: 7000 */
	unsigned length;   /* on the wire; 0: as many as there are */
	const char *says;
};

static uint8_t nibble(char c)
{
	return (uint8_t)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static struct journey journey_of(const struct row *r)
{
	struct journey j = { .kind = PACKET_IP, .protocol = PACKET_UDP, .leg_count = 1 };
	size_t len = 0;

	for (const char *c = r->bytes; *c != '\0'; c++)
		if (*c != ' ') {
			j.head[len++] = (uint8_t)(nibble(c[0]) << 4 | nibble(c[1]));
			c++;
		}
	j.head_len = (uint8_t)len;
	j.length = r->length != 0 ? r->length : (unsigned)len;
	j.legs[0].src = endpoint_ipv4(0x0a000102, 5000);
	j.legs[0].dst = endpoint_ipv4(0xcb007105, r->dst_port != 0 ? r->dst_port : 7000);
	return j;
}

static void expect_all(const struct row *rows, size_t count)
{
	struct fixture *f = fixture_new();
	char text[DESCRIBE_SIZE];

	for (size_t i = 0; i < count; i++) {
		struct journey j = journey_of(&rows[i]);

		describe_journey(&f->scene, &j, text);
		CU_ASSERT_STRING_EQUAL(text, rows[i].says);
		if (strcmp(text, rows[i].says) != 0)
			fprintf(stderr, "%s: %s, not %s\n", rows[i].bytes, text, rows[i].says);
	}
	fixture_free(f);
}

static void messages_of_turn_and_stun(void)
{
	static const struct row rows[] = {
		{ "0001 0000 2112a442 000102030405060708090a0b", 0, 0, "STUN binding request" },
		{ "0011 0000 2112a442 000102030405060708090a0b", 0, 0, "STUN binding indication" },
		{ "0101 000c 2112a442 000102030405060708090a0b 0020 0008 0001 32f9 ea12d547", 0, 0,
		  "STUN binding success server:5099" },
		{ "0111 000c 2112a442 000102030405060708090a0b 0009 0006 0000 0414 4241 0000", 0, 0,
		  "STUN binding error 420" },
		{ "0003 0000 2112a442 000102030405060708090a0b", 0, 0, "STUN request" },
		{ "4000 0004 01020304", 0, 0, "TURN channel 0x4000, 4 bytes" },
		{ "4fff 0001 01000000", 0, 0, "TURN channel 0x4fff, 1 bytes" }, /* padded to four */
		{ "4000 0005 01020304", 0, 0, "UDP 8 bytes" },                  /* longer than it is */
		{ "4000 0000 01020304 05060708", 0, 0, "UDP 12 bytes" },        /* padded with more than there may be */
		{ "5000 0004 01020304", 0, 0, "UDP 8 bytes" },
		{ "0016 0008 2112a442 000102030405060708090a0b 0013 0003 68656c00", 0, 0,
		  "TURN send indication, 3 bytes" },
		{ "0017 0010 2112a442 000102030405060708090a0b 8022 0002 78790000 0013 0004 68656c6c", 0, 0,
		  "TURN data indication, 4 bytes" }, /* SOFTWARE stands before it */
		{ "0016 0004 2112a442 000102030405060708090a0b 0013 0004", 0, 0,
		  "UDP 24 bytes" }, /* longer than it is */
		{ "400000", 0, 0, "UDP 3 bytes" },
	};

	expect_all(rows, sizeof rows / sizeof rows[0]);
}

static void records_of_dtls(void)
{
	static const struct row rows[] = {
		{ "16 fefd 0000 000000000000 0001 01", 0, 0, "DTLS client hello" },
		{ "16 fefd 0000 000000000000 0001 02", 0, 0, "DTLS server hello" },
		{ "16 fefd 0000 000000000000 0001 03", 0, 0, "DTLS hello verify request" },
		{ "16 fefd 0000 000000000000 0001 0b", 0, 0, "DTLS certificate" },
		{ "16 fefd 0000 000000000000 0001 0c", 0, 0, "DTLS server key exchange" },
		{ "16 fefd 0000 000000000000 0001 0e", 0, 0, "DTLS server hello done" },
		{ "16 fefd 0000 000000000000 0001 10", 0, 0, "DTLS client key exchange" },
		{ "16 feff 0000 000000000000 0001 0d", 0, 0, "DTLS handshake" },
		{ "16 fefd 0001 000000000000 0001 01", 0, 0, "DTLS handshake, encrypted" },
		{ "14 fefd 0000 000000000000 0001 01", 0, 0, "DTLS change cipher spec" },
		{ "17 fefd 0001 000000000000 0001 01", 0, 0, "DTLS data" },
		{ "15 fefd 0000 000000000000 0002 02 28", 0, 0, "DTLS alert: handshake_failure" },
		{ "15 fefd 0000 000000000000 0002 01 00", 0, 0, "DTLS alert: close_notify" },
		{ "15 fefd 0000 000000000000 0002 02 78", 0, 0, "DTLS alert: no_application_protocol" },
		{ "15 fefd 0000 000000000000 0002 02 63", 0, 0, "DTLS alert" }, /* a number nobody gave */
		{ "15 fefd 0000 000000000000 0001 02", 0, 0, "DTLS alert" },
		{ "15 fefd 0001 000000000000 0002 02 28", 0, 0, "DTLS alert, encrypted" },
		{ "18 fefd 0000 000000000000 0001 01", 0, 0, "UDP 14 bytes" },
		{ "16 0303 0000 000000000000 0001 01", 0, 0, "UDP 14 bytes" }, /* TLS is no datagram */
		{ "16 fefd 0000 000000000000 0002 01", 0, 0, "UDP 14 bytes" },
		{ "16 fefd 0000 000000000000 0000", 0, 0, "UDP 13 bytes" },
	};

	expect_all(rows, sizeof rows / sizeof rows[0]);
}

static void media_and_quic(void)
{
	static const struct row rows[] = {
		{ "c0 00000001 0000", 0, 1200, "QUIC initial, 1200 bytes" },
		{ "d0 00000001 0000", 0, 0, "QUIC 0-RTT, 7 bytes" },
		{ "e3 00000001 0000", 0, 0, "QUIC handshake, 7 bytes" },
		{ "ff 00000001 0000", 0, 0, "QUIC retry, 7 bytes" },
		{ "ca 00000000 0000", 0, 0, "QUIC version negotiation, 7 bytes" },
		{ "c0 00000002 0000", 0, 0, "UDP 7 bytes" },
		{ "c0 00010001 0000", 0, 0, "UDP 7 bytes" },
		{ "c0 00000001 00", 0, 0, "UDP 6 bytes" },
		{ "bf 00000001 0000", 0, 0, "UDP 7 bytes" },
		{ "80 00 1234 00000000 00000000", 0, 0, "RTP type 0, number 4660" },
		{ "90 e0 0001 00000000 00000000", 0, 0, "RTP type 96, number 1" }, /* with an extension, marked */
		{ "80 22 0001 00000000 00000000", 0, 0, "RTP type 34, number 1" },
		{ "80 23 0001 00000000 00000000", 0, 0, "UDP 12 bytes" }, /* nobody has that type */
		{ "80 5f 0001 00000000 00000000", 0, 0, "UDP 12 bytes" },
		{ "80 c8 0001 00000000 00000000", 0, 0, "RTCP 200" },
		{ "80 c8 0002 00000000 00000000", 0, 0, "RTCP 200" },
		{ "80 cf 0001 00000000 00000000", 0, 0, "RTCP 207" },
		{ "80 c8 0003 00000000 00000000", 0, 0, "UDP 12 bytes" }, /* 16 bytes in words */
		{ "a0 00 1234 00000000 00000000", 0, 0, "UDP 12 bytes" }, /* padded: none in use is */
		{ "40 00 1234 00000000 00000000", 0, 0, "UDP 12 bytes" },
		{ "80 00 1234 00000000 000000", 0, 0, "UDP 11 bytes" },
	};

	expect_all(rows, sizeof rows / sizeof rows[0]);
}

static void protocols_with_ports_of_their_own(void)
{
	static const struct row rows[] = {
		{ "0000", 5351, 0, "NAT-PMP address" },
		{ "0080", 5351, 0, "NAT-PMP address answer" },
		{ "0001", 5351, 0, "NAT-PMP map" },
		{ "0082", 5351, 0, "NAT-PMP map answer" },
		{ "0201", 5351, 0, "PCP map" },
		{ "0281", 5351, 0, "PCP map answer" },
		{ "0200", 5351, 0, "PCP request" },
		{ "0100", 5351, 0, "UDP 2 bytes" },
		{ "02", 5351, 0, "UDP 1 byte" },
		{ "0201", 0, 0, "UDP 2 bytes" },
		{ "4d2d534541524348202a20", 1900, 0, "SSDP M-SEARCH" },
		{ "6162636465666768696a6b6c6d6e6f707172737475767778797a", 1900, 0, "SSDP abcdefghijklmnopqrstuvwx" },
		{ "204d", 1900, 0, "UDP 2 bytes" },
		{ "7f", 1900, 0, "UDP 1 byte" },
		{ "1234 0100 0001 0000 0000 0000 03 777777 07 6578616d706c65 02 6465 00 0001 0001", 53, 0,
		  "DNS query www.example.de." },
		{ "1234 8180 0001 0001 0000 0000 02 6465 00", 53, 0, "DNS answer de." },
		{ "1234 8180 0001 0001 0000 0000 02 6465 00", 5353, 0, "mDNS answer de." },
		{ "1234 0100 0001 0000 0000 0000 04 61207e7f 00", 53, 0, "DNS query a?~?." },
		{ "1234 0100 0000 0000 0000 0000 02 6465 00", 53, 0, "DNS query" },
		{ "1234 0100 0001 0000 0000 0000 05 6465", 53, 0, "DNS query" }, /* a label that is cut */
		{ "1234 0100 0001 0000 0000 0000 c0 0c", 53, 0, "DNS query" },   /* a pointer */
		{ "1234 8100", 53, 0, "DNS query" },
		{ "1234 0100 0001 0000 0000 0000 28 6161616161616161616161616161616161616161616161616161616161616161"
		  "6161616161616161 02 6262 06 636363636363 00",
		  53, 0, "DNS query aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.bb." }, /* as much as there is room for */
	};

	expect_all(rows, sizeof rows / sizeof rows[0]);
}

static void tunnels_texts_and_the_rest(void)
{
	static const struct row rows[] = {
		{ "01000000", 0, 148, "WireGuard initiation" },
		{ "02000000", 0, 92, "WireGuard response" },
		{ "03000000", 0, 64, "WireGuard cookie" },
		{ "04000000", 0, 32, "WireGuard data" },
		{ "04000000", 0, 96, "WireGuard data" },
		{ "04000000", 0, 33, "UDP 33 bytes" },
		{ "04000000", 0, 16, "UDP 16 bytes" },
		{ "01000000", 0, 149, "UDP 149 bytes" },
		{ "05000000", 0, 64, "UDP 64 bytes" },
		{ "00000000", 0, 64, "UDP 64 bytes" },
		{ "01010000", 0, 148, "UDP 148 bytes" },
		{ "01000001", 0, 148, "UDP 148 bytes" },
		{ "68656c6c", 0, 0, "\"hell\" 4 bytes" },
		{ "68690d0a", 0, 0, "\"hi  \" 4 bytes" },
		{ "6869 7e", 0, 0, "UDP 3 bytes" },
		{ "68656c00", 0, 0, "UDP 4 bytes" },
		{ "7e20217e", 0, 0, "\"~ !~\" 4 bytes" }, /* the last and the first that are printed */
		{ "68656c7f", 0, 0, "UDP 4 bytes" },
		{ "68656c7f", 0, 0, "UDP 4 bytes" },
		{ "20202020", 0, 900, "\"    \"... 900 bytes" },
		{ "6161616161616161616161616161616161616161616161616161616161616161 62", 0, 0,
		  "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"... 33 bytes" },
		{ "", 0, 0, "UDP 0 bytes" },
	};

	expect_all(rows, sizeof rows / sizeof rows[0]);
}

static void other_protocols(void)
{
	static const struct {
		struct journey journey;
		const char *says;
	} rows[] = {
		{ { .kind = PACKET_ARP }, "ARP" },
		{ { .kind = PACKET_NEIGHBOURS }, "IPv6 neighbours and groups" },
		{ { .kind = PACKET_OTHER }, "not IP" },
		{ { .kind = PACKET_CUT }, "IP, cut or malformed" },
		{ { .kind = PACKET_IP, .protocol = PACKET_UDP, .fragment_offset = 1480 }, "fragment at 1480" },
		{ { .kind = PACKET_IP, .protocol = PACKET_TCP, .tcp_flags = 0x02 }, "TCP SYN" },
		{ { .kind = PACKET_IP, .protocol = PACKET_TCP, .tcp_flags = 0x02, .meets = 7 },
		  "TCP SYN that meets journey 7" },
		{ { .kind = PACKET_IP, .protocol = PACKET_TCP, .tcp_flags = 0x1d }, "TCP FIN RST PSH ACK" },
		{ { .kind = PACKET_IP, .protocol = PACKET_TCP, .tcp_flags = 0xe0 }, "TCP" },
		{ { .kind = PACKET_IP, .protocol = 47, .length = 9 }, "ip 47, 9 bytes" },
		{ { .kind = PACKET_IP, .protocol = PACKET_ICMP, .icmp_type = 0 }, "ICMP echo reply" },
		{ { .kind = PACKET_IP, .protocol = PACKET_ICMP, .icmp_type = 8 }, "ICMP echo request" },
		{ { .kind = PACKET_IP, .protocol = PACKET_ICMP, .icmp_type = 5 }, "ICMP redirect" },
		{ { .kind = PACKET_IP, .protocol = PACKET_ICMP, .icmp_type = 11 }, "ICMP time exceeded" },
		{ { .kind = PACKET_IP, .protocol = PACKET_ICMP, .icmp_type = 12, .icmp_code = 1 },
		  "ICMP type 12 code 1" },
		{ { .kind = PACKET_IP, .protocol = PACKET_ICMP, .icmp_type = 3, .icmp_code = 0 },
		  "ICMP net unreachable" },
		{ { .kind = PACKET_IP, .protocol = PACKET_ICMP, .icmp_type = 3, .icmp_code = 4 },
		  "ICMP fragmentation needed" },
		{ { .kind = PACKET_IP, .protocol = PACKET_ICMP, .icmp_type = 3, .icmp_code = 5 }, "ICMP unreachable" },
		{ { .kind = PACKET_IP, .protocol = PACKET_ICMP, .icmp_type = 3, .icmp_code = 13 },
		  "ICMP administratively prohibited" },
		{ { .kind = PACKET_IP, .protocol = PACKET_ICMP, .icmp_type = 3, .icmp_code = 14 }, "ICMP unreachable" },
		{ { .kind = PACKET_IP, .protocol = PACKET_ICMPV6, .icmp_type = 1 }, "ICMP unreachable" },
		{ { .kind = PACKET_IP, .protocol = PACKET_ICMPV6, .icmp_type = 128 }, "ICMP echo request" },
		{ { .kind = PACKET_IP, .protocol = PACKET_ICMPV6, .icmp_type = 129 }, "ICMP echo reply" },
		{ { .kind = PACKET_IP, .protocol = PACKET_ICMPV6, .icmp_type = 2 }, "ICMP packet too big" },
		{ { .kind = PACKET_IP, .protocol = PACKET_ICMPV6, .icmp_type = 3 }, "ICMP time exceeded" },
		{ { .kind = PACKET_IP, .protocol = PACKET_ICMPV6, .icmp_type = 5 }, "ICMP type 5 code 0" },
	};
	struct fixture *f = fixture_new();
	char text[DESCRIBE_SIZE];

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		CU_ASSERT_STRING_EQUAL(describe_journey(&f->scene, &rows[i].journey, text), rows[i].says);
	fixture_free(f);
}

static void p2pchats_messages(void)
{
	struct endpoint bob = endpoint_ipv4(0xcb007114, 40000); /* nat-b's */
	const struct {
		struct wire_message m;
		const char *says;
	} rows[] = {
		{ { .type = WIRE_TEXT, .serial = 7, .text = (const uint8_t *)"hi\033", .text_len = 3 },
		  "text 7, 3 bytes" },
		{ { .type = WIRE_PEERS, .serial = 7, .peer_count = 1, .peers = { bob } }, "peers: 1" },
		{ { .type = WIRE_WELCOME, .who = bob }, "welcome nat-b:40000" },
		{ { .type = WIRE_PING, .serial = 3 }, "ping 3" },
		{ { .type = WIRE_REPLY, .serial = 9, .who = bob }, "reply 9" }, /* who that is it says itself */
		{ { .type = WIRE_LOGOUT }, "logout" },
	};
	struct fixture *f = fixture_new();
	uint8_t bytes[WIRE_MAX_DATAGRAM];
	char text[DESCRIBE_SIZE];

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct journey j = journey_of(&(struct row){ .bytes = "" });
		size_t len = wire_encode(&rows[i].m, bytes, sizeof bytes);

		CU_ASSERT_TRUE_FATAL(len > 0 && len <= JOURNEY_HEAD);
		memcpy(j.head, bytes, len);
		j.head_len = (uint8_t)len;
		j.length = (uint32_t)len;
		CU_ASSERT_STRING_EQUAL(describe_journey(&f->scene, &j, text), rows[i].says);
		j.head[WIRE_HEADER_SIZE - 1]++; /* one byte more than there is */
		CU_ASSERT_STRING_NOT_EQUAL(describe_journey(&f->scene, &j, text), rows[i].says);
		j.length++; /* and now it is only not kept */
		snprintf(text, sizeof text, "%s, %u bytes", wire_type_name(rows[i].m.type), j.length);
		CU_ASSERT_STRING_EQUAL(describe_journey(&f->scene, &j, (char[DESCRIBE_SIZE]){ "" }), text);
	}
	fixture_free(f);
}

SUITE(describe, TEST(messages_of_turn_and_stun), TEST(records_of_dtls), TEST(media_and_quic),
      TEST(protocols_with_ports_of_their_own), TEST(tunnels_texts_and_the_rest), TEST(other_protocols),
      TEST(p2pchats_messages))
