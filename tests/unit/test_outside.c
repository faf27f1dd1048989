/* What servers say of a socket (STUN), and peers that answer from elsewhere, as one place alone sees it. */
#include "suite.h"
#include "trace/outside.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define ALICE "10.0.1.2:5000"
#define SERVER "198.51.100.1:3478"

static struct outside outside;
static struct scene scene; /* too large for a stack */

static struct endpoint at(const char *text)
{
	struct endpoint e;

	CU_ASSERT_EQUAL_FATAL(endpoint_parse(text, &e), 0);
	return e;
}

static struct journey answer(const char *from, const char *to, const char *hex)
{
	struct journey j = { .id = 7, .kind = PACKET_IP, .protocol = PACKET_UDP, .leg_count = 1 };
	size_t len;

	j.legs[0].src = at(from);
	j.legs[0].dst = at(to);
	CU_ASSERT_EQUAL(sodium_hex2bin(j.head, sizeof j.head, hex, strlen(hex), " ", &len, NULL), 0);
	j.head_len = (uint8_t)len;
	return j;
}

#define HEAD "0101 0000 2112a442 000000000000000000000000"
#define XOR_40000 "0020 0008 0001 bd52 ea12d548" /* 203.0.113.10:40000 (RFC 8489 section 14.2) */
#define PLAIN_40001 "0001 0008 0001 9c41 cb00710a"

static void an_answer_names_an_address(void)
{
	static const struct {
		const char *hex, *mapped; /* NULL: nothing is noted */
	} rows[] = {
		{ HEAD XOR_40000, "203.0.113.10:40000" },
		{ HEAD PLAIN_40001, "203.0.113.10:40001" },
		{ HEAD PLAIN_40001 XOR_40000, "203.0.113.10:40000" }, /* it is the one that boxes leave alone */
		{ HEAD "8022 0005 6162636465 000000" XOR_40000, "203.0.113.10:40000" }, /* padded to four bytes */
		{ HEAD "8022 0004 61626364" XOR_40000 "8028 0004 00000000", "203.0.113.10:40000" },
		{ HEAD "0020 0014 0002 bd52 00000000000000000000000000000000", NULL }, /* IPv6 */
		{ HEAD "0020 0008 0001 bd52 ea12d5", NULL },                           /* cut off */
		{ HEAD "8022 0040 6162", NULL },
		{ HEAD "0020", NULL },
		{ "0001 0000 2112a442 000000000000000000000000" XOR_40000, NULL }, /* a question */
		{ "0101 0000 2112a443 000000000000000000000000" XOR_40000, NULL },
		{ "0101", NULL },
		{ "", NULL },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct journey j = answer(SERVER, ALICE, rows[i].hex);

		memset(&outside, 0, sizeof outside);
		outside_journey(&outside, &j);
		CU_ASSERT_EQUAL(outside.count, rows[i].mapped != NULL);
		if (rows[i].mapped != NULL && outside.count == 1) {
			const struct endpoint mapped = at(rows[i].mapped);

			CU_ASSERT_TRUE(endpoint_equal(&outside.list[0].mapped, &mapped));
			CU_ASSERT_TRUE(endpoint_equal(&outside.list[0].inside, &j.legs[0].dst));
			CU_ASSERT_TRUE(endpoint_equal(&outside.list[0].server, &j.legs[0].src));
			CU_ASSERT_EQUAL(outside.list[0].journey, 7);
		}
	}
}

/* The same is noted once; what is no datagram, or says what is known, is not. */
static void what_is_not_noted(void)
{
	struct journey j = answer(SERVER, ALICE, HEAD XOR_40000);

	memset(&outside, 0, sizeof outside);
	outside_journey(&outside, &j);
	outside_journey(&outside, &j);
	CU_ASSERT_EQUAL(outside.count, 1);
	j.legs[0].src = at("198.51.100.2:3478");
	outside_journey(&outside, &j);
	j.legs[0].dst = at("10.0.1.2:5001");
	outside_journey(&outside, &j);
	j = answer(SERVER, ALICE, HEAD PLAIN_40001);
	outside_journey(&outside, &j);
	CU_ASSERT_EQUAL(outside.count, 4);
	j = answer("198.51.100.9:3478", "203.0.113.10:40000", HEAD XOR_40000); /* nothing is translated */
	outside_journey(&outside, &j);
	j = answer("198.51.100.9:3478", ALICE, HEAD XOR_40000);
	j.protocol = PACKET_TCP;
	outside_journey(&outside, &j);
	j.protocol = PACKET_UDP;
	j.fragment_offset = 8;
	outside_journey(&outside, &j);
	j.fragment_offset = 0;
	j.kind = PACKET_OTHER;
	outside_journey(&outside, &j);
	CU_ASSERT_EQUAL(outside.count, 4);
	j.kind = PACKET_IP;
	for (unsigned i = 0; i < OUTSIDE_MAX; i++) {
		j.legs[0].src.port = (uint16_t)(1 + i);
		outside_journey(&outside, &j);
	}
	CU_ASSERT_EQUAL(outside.count, OUTSIDE_MAX);
}

struct flow_row {
	const char *src, *dst;
	uint8_t protocol;
};

/* A peer that answers from another port, unless it also answers from there, or was asked there. */
static void a_peer_answers_from_another_port(void)
{
	static const struct {
		struct flow_row flows[4];
		unsigned lines;
	} rows[] = {
		{ { { ALICE, "198.51.100.7:6000", PACKET_UDP }, { "198.51.100.7:6777", ALICE, PACKET_UDP } }, 1 },
		{ { { ALICE, "198.51.100.7:6000", PACKET_UDP }, { "198.51.100.7:6000", ALICE, PACKET_UDP } }, 0 },
		{ { { ALICE, "198.51.100.7:6000", PACKET_UDP },
		    { "198.51.100.7:6777", ALICE, PACKET_UDP },
		    { "198.51.100.7:6000", ALICE, PACKET_UDP } },
		  0 },
		{ { { ALICE, "198.51.100.7:6000", PACKET_UDP },
		    { "198.51.100.7:6777", ALICE, PACKET_UDP },
		    { ALICE, "198.51.100.7:6777", PACKET_UDP } },
		  0 },
		{ { { ALICE, "198.51.100.7:6000", PACKET_UDP }, { "198.51.100.8:6777", ALICE, PACKET_UDP } }, 0 },
		{ { { ALICE, "198.51.100.7:6000", PACKET_UDP }, { "198.51.100.7:6777", "10.0.1.2:5001", PACKET_UDP } },
		  0 },
		{ { { ALICE, "198.51.100.7:6000", PACKET_TCP }, { "198.51.100.7:6777", ALICE, PACKET_UDP } }, 0 },
		{ { { ALICE, "198.51.100.7:6000", PACKET_UDP }, { "198.51.100.7:6777", ALICE, PACKET_TCP } }, 0 },
	};

	memset(&scene, 0, sizeof scene);
	memset(&outside, 0, sizeof outside);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct flow list[4];
		struct flows flows = { .list = list };
		char *text = NULL;
		size_t len;
		FILE *f = open_memstream(&text, &len);

		memset(list, 0, sizeof list);
		for (; flows.count < 4 && rows[i].flows[flows.count].src != NULL; flows.count++) {
			list[flows.count].src = at(rows[i].flows[flows.count].src);
			list[flows.count].dst = at(rows[i].flows[flows.count].dst);
			list[flows.count].protocol = rows[i].flows[flows.count].protocol;
			list[flows.count].sent = 2;
		}
		CU_ASSERT_EQUAL(outside_explain(f, &outside, &flows, &scene), rows[i].lines);
		fclose(f);
		CU_ASSERT_EQUAL(strstr(text, "2 packets came from 198.51.100.7:6777 instead") != NULL, rows[i].lines);
		free(text);
	}
}

SUITE(outside, TEST(an_answer_names_an_address), TEST(what_is_not_noted), TEST(a_peer_answers_from_another_port))
