/* What stands between the wire and IP: tags, labels, sessions, cooked headers. */
#include "suite.h"
#include "trace/packet.h"
#include "trace_fixture.h"

#include <string.h>

#define ETHERNET 1
#define PPP 9
#define PPPOE 51
#define COOKED 113
#define COOKED2 276

/* `head`, then an IPv4 datagram from 10.0.1.2:5000. */
static struct packet parse(uint16_t link_type, const uint8_t *head, size_t len)
{
	static uint8_t bytes[FIXTURE_FRAME];
	struct packet p;

	memcpy(bytes, head, len);
	len += fixture_ip(&(struct frame){ .src = FIXTURE_ALICE, .dst = "203.0.113.5:7000" }, bytes + len);
	packet_parse(link_type, bytes, (uint32_t)len, (uint32_t)len, &p);
	for (uint32_t cut = 0; cut < len; cut++) { /* nothing is read that is not there */
		struct packet q;

		packet_parse(link_type, bytes, cut, (uint32_t)len, &q);
	}
	return p;
}

static bool is_alices(const struct packet *p)
{
	return p->kind == PACKET_IP && p->ip.src.port == 5000 && p->ip.dst.port == 7000;
}

#define MACS 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1

static void steps_over_what_ethernet_carries(void)
{
	static const struct {
		uint8_t head[40];
		size_t len;
	} rows[] = {
		{ { MACS, 0x08, 0x00 }, 14 },
		{ { MACS, 0x81, 0x00, 0, 5, 0x08, 0x00 }, 18 },                             /* VLAN */
		{ { MACS, 0x88, 0xa8, 0, 5, 0x81, 0x00, 0, 6, 0x08, 0x00 }, 22 },           /* QinQ */
		{ { MACS, 0x91, 0x00, 0, 5, 0x81, 0x00, 0, 6, 0x08, 0x00 }, 22 },           /* QinQ as of old */
		{ { MACS, 0x88, 0x64, 0x11, 0, 0, 1, 0, 40, 0x00, 0x21 }, 22 },             /* PPPoE */
		{ { MACS, 0x88, 0x47, 0, 0, 0x10, 64, 0, 0, 0x21, 64 }, 22 },               /* MPLS, two labels */
		{ { MACS, 0x81, 0x00, 0, 7, 0x88, 0x64, 0x11, 0, 0, 1, 0, 40, 0x21 }, 25 }, /* PPPoE in a VLAN, short */
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct packet p = parse(ETHERNET, rows[i].head, rows[i].len);

		CU_ASSERT(is_alices(&p));
	}
}

static void sessions_being_set_up_are_no_ip(void)
{
	const uint8_t discovery[] = { MACS, 0x88, 0x63, 0x11, 9, 0, 0, 0, 40, 0x00, 0x21 };
	const uint8_t ppp_control[] = { MACS, 0x88, 0x64, 0x11, 0, 0, 1, 0, 40, 0xc0, 0x21 };

	CU_ASSERT_EQUAL(parse(ETHERNET, discovery, sizeof discovery).kind, PACKET_OTHER);
	CU_ASSERT_EQUAL(parse(ETHERNET, ppp_control, sizeof ppp_control).kind, PACKET_OTHER);
}

static void reads_point_to_point_links(void)
{
	const uint8_t with_address[] = { 0xff, 0x03, 0x00, 0x21 }, bare[] = { 0x21 };
	const uint8_t session[] = { 0x11, 0, 0, 1, 0, 40, 0x00, 0x21 };
	struct packet p = parse(PPP, with_address, sizeof with_address);

	CU_ASSERT(is_alices(&p));
	p = parse(PPP, bare, sizeof bare);
	CU_ASSERT(is_alices(&p));
	p = parse(PPPOE, session, sizeof session);
	CU_ASSERT(is_alices(&p));
}

static void cooked_captures_tell_the_direction_and_the_interface(void)
{
	uint8_t old[16] = { 0, 4, [14] = 0x08 };
	uint8_t new[20] = { 0x08, 0, 0, 0, 0, 0, 1, 7, 0, 1, 0 };
	struct packet p = parse(COOKED, old, sizeof old);

	CU_ASSERT(is_alices(&p));
	CU_ASSERT_EQUAL(p.direction, PCAPNG_OUTBOUND);
	old[1] = 0;
	CU_ASSERT_EQUAL(parse(COOKED, old, sizeof old).direction, PCAPNG_INBOUND);
	old[1] = 3; /* somebody else's */
	CU_ASSERT_EQUAL(parse(COOKED, old, sizeof old).direction, PCAPNG_DIRECTION_UNKNOWN);
	p = parse(COOKED2, new, sizeof new);
	CU_ASSERT(is_alices(&p));
	CU_ASSERT_EQUAL(p.direction, PCAPNG_INBOUND);
	CU_ASSERT_EQUAL(p.link_index, 263);
	new[10] = 4;
	CU_ASSERT_EQUAL(parse(COOKED2, new, sizeof new).direction, PCAPNG_OUTBOUND);
	new[10] = 1; /* broadcast */
	CU_ASSERT(parse(COOKED2, new, sizeof new).to_many);
}

static void what_is_not_understood_has_a_name(void)
{
	char text[PACKET_LINK_NAME_SIZE];

	CU_ASSERT_FALSE(packet_knows_link_type(127));
	CU_ASSERT_PTR_NOT_NULL(strstr(packet_link_name(127, text), "802.11"));
	CU_ASSERT_STRING_EQUAL(packet_link_name(189, text), "link type 189");
}

SUITE(link_layers, TEST(steps_over_what_ethernet_carries), TEST(sessions_being_set_up_are_no_ip),
      TEST(reads_point_to_point_links), TEST(cooked_captures_tell_the_direction_and_the_interface),
      TEST(what_is_not_understood_has_a_name))
