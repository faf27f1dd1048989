/* What a box does to packets by its spec alone; of one whose spec cannot be read nothing is known. */
#include "suite.h"
#include "trace/manners.h"

#include <string.h>

static struct scene s; /* too large for a stack */

static void each_is_read_from_the_spec(void)
{
	static const struct {
		const char *nat;
		bool blocks_icmp, clobbers, breaks_simultaneous, nat64, hairpin_mapped;
		enum nat_fragments fragments;
		unsigned wan_mtu, lifetime_s;
		struct manners_lives lives;
	} rows[] = {
		{ "port-restricted", .lives = { 30, 120, 7440, 240 } },
		{ "port-restricted,icmp=blocked,mtu=1280", true, .wan_mtu = 1280, .lives = { 30, 120, 7440, 240 } },
		{ "port-restricted,clobber", .clobbers = true, .lives = { 30, 120, 7440, 240 } },
		{ "port-restricted,tcp.simultaneous=no", .breaks_simultaneous = true, .lives = { 30, 120, 7440, 240 } },
		{ "port-restricted,ipv6=nat64", .nat64 = true, .lives = { 30, 120, 7440, 240 } },
		{ "port-restricted,ipv6=open", .lives = { 30, 120, 7440, 240 } },
		{ "port-restricted,hairpin=mapped", .hairpin_mapped = true, .lives = { 30, 120, 7440, 240 } },
		{ "port-restricted,hairpin", .lives = { 30, 120, 7440, 240 } },
		{ "port-restricted,fragments=drop", .fragments = NAT_FRAGMENTS_DROP, .lives = { 30, 120, 7440, 240 } },
		{ "port-restricted,lifetime=77", .lifetime_s = 77, .lives = { 77, 77, 7440, 240 } },
		{ "port-restricted,timeout=9,stream-timeout=8,tcp.timeout=7,tcp.transitory=6",
		  .lives = { 9, 8, 7, 6 } },
		{ "no such NAT", .lives = { 0, 0, 0, 0 } },
		{ "", .lives = { 0, 0, 0, 0 } },
	};

	memset(&s, 0, sizeof s);
	CU_ASSERT_EQUAL_FATAL(scene_add_node(&s, NODE_BOX, "home", SCENE_INTERNET), 0);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct manners_lives lives;

		strcpy(s.nodes[0].nat, rows[i].nat);
		lives = manners_lives_s(&s, 0);
		CU_ASSERT_EQUAL(manners_block_icmp(&s, 0), rows[i].blocks_icmp);
		CU_ASSERT_EQUAL(manners_clobber(&s, 0), rows[i].clobbers);
		CU_ASSERT_EQUAL(manners_break_simultaneous(&s, 0), rows[i].breaks_simultaneous);
		CU_ASSERT_EQUAL(manners_nat64(&s, 0), rows[i].nat64);
		CU_ASSERT_EQUAL(manners_hairpin_mapped(&s, 0), rows[i].hairpin_mapped);
		CU_ASSERT_EQUAL(manners_fragments(&s, 0), rows[i].fragments);
		CU_ASSERT_EQUAL(manners_wan_mtu(&s, 0), rows[i].wan_mtu);
		CU_ASSERT_EQUAL(manners_lifetime_s(&s, 0), rows[i].lifetime_s);
		if (memcmp(&lives, &rows[i].lives, sizeof lives) != 0)
			printf("%s: %u %u %u %u\n", rows[i].nat, lives.udp, lives.udp_stream, lives.tcp,
			       lives.tcp_transitory);
		CU_ASSERT_EQUAL(memcmp(&lives, &rows[i].lives, sizeof lives), 0);
	}
}

SUITE(manners, TEST(each_is_read_from_the_spec))
