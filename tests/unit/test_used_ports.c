#include "model/conntrack_entry.h"
#include "model/used_ports.h"
#include "suite.h"

static struct used_ports used;

static void expect(unsigned count, unsigned low, unsigned high)
{
	uint16_t from = 0, to = 0;

	CU_ASSERT_EQUAL(used_ports_widest_gap(&used, &from, &to), count);
	CU_ASSERT_EQUAL(from, low);
	CU_ASSERT_EQUAL(to, high);
}

static void finds_the_widest_gap(void)
{
	used = (struct used_ports){ 0 };
	expect(65535 - 1023, 1024, 65535);
	used_ports_add(&used, 40000);
	expect(40000 - 1024, 1024, 39999);
	used_ports_add(&used, 2000);
	used_ports_add(&used, 65535);
	expect(39999 - 2000, 2001, 39999);
}

static void keeps_to_the_range(void)
{
	uint16_t low = 50000, high = 50099;

	used = (struct used_ports){ 0 };
	used_ports_add(&used, 50010);
	CU_ASSERT_EQUAL(used_ports_widest_gap(&used, &low, &high), 89);
	CU_ASSERT_EQUAL(low, 50011);
	CU_ASSERT_EQUAL(high, 50099);
	for (unsigned port = low; port <= high; port++)
		used.bits[port / 64] |= UINT64_C(1) << port % 64;
	CU_ASSERT_EQUAL(used_ports_widest_gap(&used, &low, &high), 0);
}

static void reads_entries(void)
{
	static const char *const bad[] = {
		"",
		"conntrack v1.4.7 (conntrack-tools): 2 flow entries have been shown.",
		"icmp 1 29 src=10.0.1.2 dst=22.22.22.1 type=8 code=0 id=1 src=22.22.22.1 dst=33.33.33.1 type=0 code=0 "
		"id=1",
		"udp 17 29 src=10.0.1.2 dst=22.22.22.1 sport=4000 dport=5000 [UNREPLIED]",
		"udp 17 29 src=10.0.1.2 dst=22.22.22.1 sport=4000 dport=5000 src=22.22.22.1 dst=33.33.33.1 sport=0 "
		"dport=1",
		"udp 17 29 src=10.0.1.2 dst=22.22.22.1 sport=4000 dport=5000 src=22.22.22.1 dst=33.33.33.1 sport=1 "
		"dport=70000",
		"udp 17 29 src=10.0.1.2 dst=somewhere sport=4000 dport=5000 src=22.22.22.1 dst=33.33.33.1 sport=1 "
		"dport=7",
	};
	struct conntrack_entry e;
	char text[ENDPOINT_TEXT_SIZE];

	CU_ASSERT_EQUAL(conntrack_entry_parse("udp      17 29 src=10.0.1.2 dst=22.22.22.1 sport=4000 dport=5000 "
	                                      "[UNREPLIED] src=22.22.22.1 dst=33.33.33.1 sport=5000 dport=4001 use=1",
	                                      &e),
	                0);
	CU_ASSERT_STRING_EQUAL(endpoint_format(&e.src, text), "10.0.1.2:4000");
	CU_ASSERT_STRING_EQUAL(endpoint_format(&e.dst, text), "22.22.22.1:5000");
	CU_ASSERT_STRING_EQUAL(endpoint_format(&e.reply_src, text), "22.22.22.1:5000");
	CU_ASSERT_STRING_EQUAL(endpoint_format(&e.reply_dst, text), "33.33.33.1:4001");
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		CU_ASSERT_EQUAL(conntrack_entry_parse(bad[i], &e), -1);
}

SUITE(used_ports, TEST(finds_the_widest_gap), TEST(keeps_to_the_range), TEST(reads_entries))
