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

static struct packet datagram(const char *src, const char *dst)
{
	return (struct packet){ .kind = PACKET_IP,
		                .ip = { .src = at(src), .dst = at(dst), .protocol = PACKET_UDP, .wire_len = 9 } };
}

/* Told of as IPv4's, shown as what was on that wire: the n-th address of a host is its n-th of the other family. */
static void what_is_told_as_ipv4_is_shown_as_it_was(void)
{
	static const struct {
		const char *ipv6[2], *ipv4[2];
	} rows[] = {
		{ { "2444:0:3::4", "64:ff9b::22.22.22.1" }, { "10.0.1.2", "22.22.22.1" } },
		{ { "64:ff9b::22.22.22.1", "2444:0:3::4" }, { "22.22.22.1", "10.0.1.2" } },
		{ { "2444:0:3::5", "64:ff9b::22.22.22.1" }, { "10.0.1.3", "22.22.22.1" } },
		{ { "2444:0:3::6", "64:ff9b::22.22.22.1" }, { "10.0.1.4", "22.22.22.1" } }, /* bob's only one */
		{ { "64:ff9b::22.22.22.1", "2444:0:3::1" }, { "22.22.22.1", "10.0.1.1" } },
	};
	const struct endpoint more[] = { at("10.0.1.3"), at("2444:0:3::5"), at("2444:0:3::6"), at("10.0.1.4") };
	struct scene *s = world();
	int bob = scene_add_node(s, NODE_HOST, "bob", 0);

	CU_ASSERT_TRUE(nat64_is_about(s));
	scene_add_address(s, 1, &more[0]);
	scene_add_address(s, 1, &more[1]);
	scene_add_address(s, bob, &more[2]);
	scene_add_address(s, bob, &more[3]);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		for (uint16_t interface = 0; interface < 2; interface++) {
			struct packet p = datagram(rows[i].ipv6[0], rows[i].ipv6[1]);
			const struct endpoint src = at(rows[i].ipv4[0]), dst = at(rows[i].ipv4[1]);
			const struct endpoint src6 = p.ip.src, dst6 = p.ip.dst;
			struct leg l, seen;

			nat64_unify(s, interface, 0, &p);
			CU_ASSERT_TRUE(p.is_nat64 && endpoint_equal(&p.ip.src, &src) &&
			               endpoint_equal(&p.ip.dst, &dst));
			l = (struct leg){ .interface = interface, .src = p.ip.src, .dst = p.ip.dst, .is_nat64 = true };
			seen = nat64_as_seen(s, &l);
			CU_ASSERT_TRUE(endpoint_equal(&seen.src, &src6) && endpoint_equal(&seen.dst, &dst6));
			l.is_nat64 = false;
			seen = nat64_as_seen(s, &l);
			CU_ASSERT_TRUE(endpoint_equal(&seen.src, &src) && endpoint_equal(&seen.dst, &dst));
		}
	strcpy(s->nodes[0].nat, "port-restricted");
	CU_ASSERT_FALSE(nat64_is_about(s));
	free(s);
}

/* A translator may give it another identification, and begins later fragments elsewhere; 16 bits of it are the same. */
static void a_packet_is_known_on_both_sides(void)
{
	static const struct {
		uint32_t id[2];
		uint16_t fragment_offset[2];
		bool same;
	} rows[] = {
		{ { 0x51234, 0x9999 }, { 0, 0 }, true },
		{ { 0x51234, 0x1234 }, { 1208, 1200 }, true },
		{ { 0x51234, 0x1235 }, { 1208, 1200 }, false },
		{ { 0x51234, 0x1234 }, { 1208, 0 }, false },
	};
	struct scene *s = world();

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct packet p[] = { datagram("2444:0:3::4", "64:ff9b::22.22.22.1"),
			              datagram("203.0.113.1", "22.22.22.1") };

		scene_add_interface(s, "home wan", 1);
		for (unsigned k = 0; k < 2; k++) {
			p[k].ip.id = rows[i].id[k];
			p[k].ip.fragment_offset = rows[i].fragment_offset[k];
			nat64_unify(s, k * 2, 0, &p[k]);
		}
		CU_ASSERT_EQUAL(p[0].key == p[1].key, rows[i].same);
		CU_ASSERT_EQUAL(p[0].bytes_key == p[1].bytes_key, rows[i].same);
	}
	free(s);
}

SUITE(trace_nat64, TEST(what_is_told_as_ipv4_is_shown_as_it_was), TEST(a_packet_is_known_on_both_sides),
      TEST(what_the_box_says_of_a_packet_is_of_its_family), TEST(what_it_says_of_ipv6_stays_that))
