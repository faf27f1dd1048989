/* What in the lan of a NAT64 is told of as IPv4's: the packets that cross it, and what it says of them itself. */
#include "trace/nat64.h"
#include "suite.h"

#include <stdlib.h>
#include <string.h>

static struct endpoint at(const char *address)
{
	struct endpoint e;

	CU_ASSERT_EQUAL_FATAL(endpoint_parse_address(address, 0, &e), 0);
	return e;
}

/* alice, 2444:0:3::4 and 10.0.1.2, behind home, which is 2444:0:3::1 and 10.0.1.1 in there. */
static struct scene *world(void)
{
	struct scene *s = calloc(1, sizeof *s);
	const struct endpoint alice4 = at("10.0.1.2"), alice6 = at("2444:0:3::4");
	int home, alice;

	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	home = scene_add_node(s, NODE_BOX, "home", SCENE_INTERNET);
	strcpy(s->nodes[home].nat, "port-restricted,ipv6=nat64");
	CU_ASSERT_EQUAL_FATAL(subnet_parse("10.0.1.0/24", &s->nodes[home].lan), 0);
	CU_ASSERT_EQUAL_FATAL(subnet_parse("2444:0:3::/64", &s->nodes[home].ipv6_lan), 0);
	alice = scene_add_node(s, NODE_HOST, "alice", home);
	scene_add_address(s, alice, &alice4);
	scene_add_address(s, alice, &alice6);
	scene_add_interface(s, "home lan", 1);
	scene_add_interface(s, "alice eth0", 1);
	scene_connect(s);
	return s;
}

static struct packet error_about(uint8_t type, const char *quoted_to)
{
	return (struct packet){ .kind = PACKET_IP,
		                .icmp_type = type,
		                .has_quote = true,
		                .ip = { .src = at("2444:0:3::1"), .dst = at("2444:0:3::4"), .protocol = PACKET_ICMPV6 },
		                .quote = { .src = at("2444:0:3::4"), .dst = at(quoted_to), .protocol = PACKET_UDP } };
}

/* Neither end of the error is IPv4's, what it is about is. */
static void what_the_box_says_of_a_packet_is_of_its_family(void)
{
	static const uint8_t types[][3] = { { 2, 3, 4 }, { 3, 11, 0 } }; /* RFC 7915 §5.2 */
	struct scene *s = world();

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		for (unsigned interface = 0; interface < s->interface_count; interface++) {
			struct packet p = error_about(types[i][0], "64:ff9b::22.22.22.1");
			const struct endpoint box = at("10.0.1.1"), alice = at("10.0.1.2"), server = at("22.22.22.1");

			nat64_unify(s, interface, 0, &p);
			CU_ASSERT_TRUE(p.is_nat64);
			CU_ASSERT_TRUE(endpoint_equal(&p.ip.src, &box) && endpoint_equal(&p.ip.dst, &alice));
			CU_ASSERT_TRUE(endpoint_equal(&p.quote.src, &alice) && endpoint_equal(&p.quote.dst, &server));
			CU_ASSERT_EQUAL(p.ip.protocol, PACKET_ICMP);
			CU_ASSERT_EQUAL(p.icmp_type, types[i][1]);
			CU_ASSERT_EQUAL(p.icmp_code, types[i][2]);
		}
	free(s);
}

static void what_it_says_of_ipv6_stays_that(void)
{
	struct scene *s = world();
	struct packet p = error_about(3, "2444::7");
	const struct endpoint box = p.ip.src, peer = p.quote.dst;

	nat64_unify(s, 0, 0, &p);
	CU_ASSERT_FALSE(p.is_nat64);
	CU_ASSERT_TRUE(endpoint_equal(&p.ip.src, &box) && endpoint_equal(&p.quote.dst, &peer));
	CU_ASSERT_EQUAL(p.icmp_type, 3);
	free(s);
}

SUITE(trace_nat64, TEST(what_the_box_says_of_a_packet_is_of_its_family), TEST(what_it_says_of_ipv6_stays_that))
