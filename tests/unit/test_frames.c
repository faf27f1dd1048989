#include "cable/frames.h"
#include "suite.h"

#include <string.h>

#define ETHERNET 14
#define IPV6 40

/* A frame of that Ethernet type; of IPv6 with these headers and this type of ICMPv6. */
static struct frame frame_of(unsigned ethernet_type, unsigned next, unsigned then, unsigned icmp_type)
{
	struct frame one = { .len = FRAME_HEADER + ETHERNET + IPV6 + 32 };
	uint8_t *ethernet = one.bytes + FRAME_HEADER, *ip = ethernet + ETHERNET;

	memset(one.bytes, 0xff, sizeof one.bytes);
	ethernet[12] = (uint8_t)(ethernet_type >> 8);
	ethernet[13] = (uint8_t)ethernet_type;
	ip[6] = (uint8_t)next;
	ip[IPV6] = (uint8_t)(next == 0 ? then : icmp_type);
	ip[IPV6 + 8] = (uint8_t)(next == 0 ? icmp_type : 0xff);
	return one;
}

static void what_neighbours_say(void)
{
	static const struct {
		unsigned ethernet_type, next, then, icmp_type;
		bool is;
	} rows[] = {
		{ 0x0806, 0, 0, 0, true },     /* ARP */
		{ 0x86dd, 58, 0, 135, true },  /* a neighbour solicitation */
		{ 0x86dd, 58, 0, 133, true },  /* a router solicitation, the first of RFC 4861, */
		{ 0x86dd, 58, 0, 137, true },  /* ... and a redirect, the last */
		{ 0x86dd, 0, 58, 143, true },  /* listeners: a report of MLD's second version, */
		{ 0x86dd, 0, 58, 130, true },  /* ... and a query */
		{ 0x86dd, 58, 0, 128, false }, /* a ping */
		{ 0x86dd, 58, 0, 129, false }, { 0x86dd, 58, 0, 1, false },   /* unreachable */
		{ 0x86dd, 58, 0, 138, false }, { 0x86dd, 17, 0, 135, false }, /* UDP */
		{ 0x86dd, 0, 17, 135, false }, { 0x0800, 58, 0, 135, false }, /* IPv4 */
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct frame one = frame_of(rows[i].ethernet_type, rows[i].next, rows[i].then, rows[i].icmp_type);

		CU_ASSERT_EQUAL(frame_is_of_neighbours(&one), rows[i].is);
	}
}

/* Whatever stands behind their end. */
static void frames_that_end_early(void)
{
	struct frame one = frame_of(0x86dd, 58, 0, 135);

	for (one.len = 0; one.len <= FRAME_HEADER + ETHERNET + IPV6; one.len++)
		CU_ASSERT_FALSE(frame_is_of_neighbours(&one));
	one = frame_of(0x0806, 0, 0, 0);
	one.len = FRAME_HEADER + ETHERNET - 1;
	CU_ASSERT_FALSE(frame_is_of_neighbours(&one));
}

SUITE(frames, TEST(what_neighbours_say), TEST(frames_that_end_early))
