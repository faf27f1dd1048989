#include "model/topology.h"
#include "model/topology_names.h"
#include "suite.h"

#include <stdio.h>
#include <string.h>

static const struct nat cone = { .kind = NAT_TRANSLATE };
static const struct nat firewall = { .kind = NAT_FIREWALL };
static char error[TOPOLOGY_ERROR_SIZE];

static int host(struct topology *t, const char *name, int behind)
{
	return topology_add_host(t, name, behind, 1, error);
}

static int box(struct topology *t, const char *name, int behind)
{
	return topology_add_box(t, name, behind, &cone, NULL, error);
}

static bool is(const struct address *a, const char *wanted)
{
	char text[ADDRESS_TEXT_SIZE];

	return strcmp(address_format(a, text), wanted) == 0;
}

static bool has_address(const struct topology *t, int node, const char *address)
{
	return node >= 0 && is(&t->nodes[node].links[0].addresses[0], address);
}

static bool lan_side_is(const struct topology *t, int box, const char *address)
{
	struct address a = topology_lan_address(t, box);

	return is(&a, address);
}

static bool appears_as(const struct topology *t, int node, int front)
{
	struct address a = topology_public_address(t, node);

	return address_equal(&a, &t->nodes[front].links[0].addresses[0]);
}

static void gives_out_readable_addresses(void)
{
	struct topology t = { .count = 0 };
	int server = topology_add_host(&t, "server", TOPOLOGY_INTERNET, 2, error);
	int nat_a = box(&t, "nat-a", TOPOLOGY_INTERNET);
	int nat_b = box(&t, "nat-b", TOPOLOGY_INTERNET);
	int alice = host(&t, "alice", nat_a);
	int bob = host(&t, "bob", nat_b);
	int open = host(&t, "open", TOPOLOGY_INTERNET);

	CU_ASSERT_TRUE(has_address(&t, server, "22.22.22.1"));
	CU_ASSERT_EQUAL(t.nodes[server].links[0].address_count, 2);
	CU_ASSERT_TRUE(is(&t.nodes[server].links[0].addresses[1], "22.22.22.2"));
	CU_ASSERT_TRUE(has_address(&t, open, "22.22.22.3"));
	CU_ASSERT_TRUE(has_address(&t, nat_a, "33.33.33.1"));
	CU_ASSERT_TRUE(has_address(&t, nat_b, "33.33.33.2"));
	CU_ASSERT_TRUE(has_address(&t, alice, "10.0.1.2"));
	CU_ASSERT_TRUE(has_address(&t, bob, "10.0.2.2"));
	CU_ASSERT_TRUE(lan_side_is(&t, nat_b, "10.0.2.1"));
	CU_ASSERT_TRUE(lan_side_is(&t, TOPOLOGY_INTERNET, "11.11.11.1"));
	CU_ASSERT_TRUE(appears_as(&t, alice, nat_a));
	CU_ASSERT_TRUE(appears_as(&t, server, server));
}

static void a_host_can_look_like_a_box_of_a_peer(void)
{
	struct topology t = { .count = 0 };
	int server = topology_add_host(&t, "server", TOPOLOGY_INTERNET, 3, error);
	int nat_a = box(&t, "nat-a", TOPOLOGY_INTERNET);
	int alice = host(&t, "alice", nat_a);

	CU_ASSERT_EQUAL(topology_add_peer_address(&t, server, error), 0);
	CU_ASSERT_EQUAL(t.nodes[server].links[0].address_count, 4);
	CU_ASSERT_TRUE(is(&t.nodes[server].links[0].addresses[3], "33.33.33.2"));
	CU_ASSERT_TRUE(has_address(&t, box(&t, "nat-b", TOPOLOGY_INTERNET), "33.33.33.3"));
	CU_ASSERT_EQUAL(topology_add_peer_address(&t, server, error), -1); /* full */
	CU_ASSERT_EQUAL(topology_add_peer_address(&t, alice, error), -1);  /* not on the internet */
	CU_ASSERT_EQUAL(t.nodes[alice].links[0].address_count, 1);
}

static void a_box_with_a_box_behind_it_is_a_carrier(void)
{
	struct topology t = { .count = 0 };
	int carrier = box(&t, "carrier", TOPOLOGY_INTERNET);
	int direct = host(&t, "direct", carrier);
	int home = box(&t, "home", carrier);
	int ann = host(&t, "ann", home);

	CU_ASSERT_TRUE(has_address(&t, direct, "100.64.1.2")); /* moved with the lan */
	CU_ASSERT_TRUE(has_address(&t, home, "100.64.1.3"));
	CU_ASSERT_TRUE(has_address(&t, ann, "10.0.1.2"));
	CU_ASSERT_EQUAL(topology_realm(&t, ann), home);
	CU_ASSERT_EQUAL(topology_realm(&t, home), carrier);
	CU_ASSERT_TRUE(appears_as(&t, ann, carrier));
	CU_ASSERT_TRUE(topology_is_behind(&t, ann, carrier));
	CU_ASSERT_TRUE(topology_is_behind(&t, ann, TOPOLOGY_INTERNET));
	CU_ASSERT_FALSE(topology_is_behind(&t, direct, home));
	CU_ASSERT_EQUAL(topology_count_behind(&t, carrier), 2);
}

static void homes_may_have_the_same_addresses(void)
{
	struct topology t = { .count = 0 };
	int carrier = box(&t, "carrier", TOPOLOGY_INTERNET);
	int one = topology_add_box(&t, "one", carrier, &cone, "192.168.1.0/24", error);
	int two = topology_add_box(&t, "two", carrier, &cone, "192.168.1.0/24", error);
	int ann = host(&t, "ann", one);
	int ben = host(&t, "ben", two);

	CU_ASSERT_TRUE(has_address(&t, ann, "192.168.1.2"));
	CU_ASSERT_TRUE(has_address(&t, ben, "192.168.1.2"));
	CU_ASSERT_EQUAL(topology_find_address(&t, one, &t.nodes[ann].links[0].addresses[0]), ann);
	CU_ASSERT_EQUAL(topology_find_address(&t, two, &t.nodes[ben].links[0].addresses[0]), ben);
	CU_ASSERT_EQUAL(topology_find_address(&t, carrier, &t.nodes[ben].links[0].addresses[0]), -1);
}

static void behind_a_firewall_is_the_same_realm(void)
{
	struct topology t = { .count = 0 };
	int office = topology_add_box(&t, "office", TOPOLOGY_INTERNET, &firewall, NULL, error);
	int ozzy = host(&t, "ozzy", office);
	int home = box(&t, "home", TOPOLOGY_INTERNET);
	int wall = topology_add_box(&t, "wall", home, &firewall, NULL, error);
	int ivan = host(&t, "ivan", wall);

	CU_ASSERT_TRUE(has_address(&t, ozzy, "22.22.22.1"));
	CU_ASSERT_TRUE(appears_as(&t, ozzy, ozzy));
	CU_ASSERT_TRUE(lan_side_is(&t, office, "33.33.33.1"));
	CU_ASSERT_TRUE(has_address(&t, wall, "10.0.1.2")); /* translates nothing, so its home is no carrier */
	CU_ASSERT_TRUE(has_address(&t, ivan, "10.0.1.3"));
	CU_ASSERT_EQUAL(topology_realm(&t, ivan), home);
}

static void refuses_bad_names(void)
{
	static const char *const names[] = {
		"",         "-a", "a-",  "Alice",   "a b",       "a.b",  "a/b", "..",  "abcdefghijklmnopqrstuvwx",
		"internet", "lo", "all", "default", "localhost", "eth0", "lan", "wan", "one"
	};
	struct topology t = { .count = 0 };

	CU_ASSERT_EQUAL(host(&t, "one", TOPOLOGY_INTERNET), 0);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		error[0] = '\0';
		CU_ASSERT_EQUAL(host(&t, names[i], TOPOLOGY_INTERNET), -1);
		CU_ASSERT_NOT_EQUAL(error[0], '\0');
		CU_ASSERT_EQUAL(t.count, 1);
	}
	CU_ASSERT_EQUAL(host(&t, "abcdefghijklmnopqrstuvw", TOPOLOGY_INTERNET), 1);
}

static void refuses_what_cannot_stand(void)
{
	struct nat open = { .kind = NAT_OPEN };
	struct topology t = { .count = 0 };
	int server = host(&t, "server", TOPOLOGY_INTERNET);

	CU_ASSERT_EQUAL(host(&t, "a", server), -1); /* behind a host */
	CU_ASSERT_EQUAL(host(&t, "a", 7), -1);
	CU_ASSERT_EQUAL(host(&t, "a", -2), -1);
	CU_ASSERT_EQUAL(topology_add_box(&t, "a", TOPOLOGY_INTERNET, &open, "10.0.0.0/24", error), -1);
	CU_ASSERT_EQUAL(topology_add_box(&t, "a", TOPOLOGY_INTERNET, &firewall, "10.0.0.0/24", error), -1);
	CU_ASSERT_EQUAL(topology_add_host(&t, "a", TOPOLOGY_INTERNET, 0, error), -1);
	CU_ASSERT_EQUAL(topology_add_host(&t, "a", TOPOLOGY_INTERNET, TOPOLOGY_ADDRESSES + 1, error), -1);
	CU_ASSERT_EQUAL(t.count, 1);
}

static void refuses_bad_lans(void)
{
	static const char *const lans[] = {
		"",           "10.0.0.0",       "10.0.0.1/24",   "10.0.0.0/31",   "10.0.0.0/7",
		"8.8.8.0/24", "203.0.113.0/24", "172.16.0.0/11", "10.0.0.0/x",    "10.0.0.0/024",
		"::/24",      "10.0.0/24",      "10.0.0.0/24 ",  "192.168.0.0/15"
	};
	struct topology t = { .count = 0 };
	int carrier = box(&t, "carrier", TOPOLOGY_INTERNET);

	for (size_t i = 0; i < sizeof lans / sizeof *lans; i++)
		CU_ASSERT_EQUAL(topology_add_box(&t, "a", TOPOLOGY_INTERNET, &cone, lans[i], error), -1);
	CU_ASSERT_EQUAL(t.count, 1);
	CU_ASSERT_EQUAL(topology_add_box(&t, "a", carrier, &cone, "100.64.0.0/10", error), -1); /* as its wan side */
	CU_ASSERT_PTR_NOT_NULL(strstr(error, "100.64.1.0/24"));
	CU_ASSERT_TRUE(is(&t.nodes[carrier].lan.network, "10.0.1.0")); /* a refusal changes nothing */
	CU_ASSERT_EQUAL(topology_add_box(&t, "a", carrier, &cone, "10.0.1.0/24", error),
	                1); /* the carrier moved away */
}

static void a_full_lan_and_a_full_world_say_so(void)
{
	struct topology t = { .count = 0 };
	int tiny = topology_add_box(&t, "tiny", TOPOLOGY_INTERNET, &cone, "10.9.9.0/30", error);
	char name[TOPOLOGY_NAME_SIZE];

	CU_ASSERT_EQUAL(host(&t, "first", tiny), 1);
	CU_ASSERT_EQUAL(host(&t, "second", tiny), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(error, "second"));
	while (t.count < TOPOLOGY_NODES) {
		snprintf(name, sizeof name, "n%zu", t.count);
		CU_ASSERT_EQUAL(host(&t, name, TOPOLOGY_INTERNET), (int)t.count - 1);
	}
	CU_ASSERT_EQUAL(host(&t, "more", TOPOLOGY_INTERNET), -1);
	CU_ASSERT_EQUAL(t.count, TOPOLOGY_NODES);
}

static void a_lan_that_takes_all_of_10_leaves_others(void)
{
	struct topology t = { .count = 0 };
	int big = topology_add_box(&t, "big", TOPOLOGY_INTERNET, &cone, "10.0.0.0/8", error);
	int home = box(&t, "home", big);
	int ann = host(&t, "ann", home);

	CU_ASSERT_TRUE(has_address(&t, home, "10.0.0.2"));
	CU_ASSERT_TRUE(has_address(&t, ann, "192.168.1.2"));
}

static void lists_interfaces_in_order(void)
{
	struct topology t = { .count = 0 };
	struct topology_interface out[TOPOLOGY_INTERFACES];
	int nat_a = box(&t, "nat-a", TOPOLOGY_INTERNET);

	CU_ASSERT_EQUAL(host(&t, "alice", nat_a), 1);
	CU_ASSERT_EQUAL(topology_interfaces(&t, out, TOPOLOGY_INTERFACES), 3);
	CU_ASSERT_STRING_EQUAL(out[0].name, "lan");
	CU_ASSERT_STRING_EQUAL(out[1].name, "wan");
	CU_ASSERT_STRING_EQUAL(out[2].name, "eth0");
	CU_ASSERT_EQUAL(out[2].node, 1);
	CU_ASSERT_EQUAL(out[0].link, -1);
	CU_ASSERT_EQUAL(out[1].link, 0);
	CU_ASSERT_EQUAL(out[2].link, 0);
	CU_ASSERT_EQUAL(topology_interfaces(&t, out, 2), 2);
}

static void names_every_node_in_the_hosts_file(void)
{
	static char text[TOPOLOGY_HOSTS_SIZE];
	struct topology t = { .count = 0 };
	size_t len;

	CU_ASSERT_EQUAL(topology_add_host(&t, "server", TOPOLOGY_INTERNET, 3, error), 0);
	CU_ASSERT_EQUAL(host(&t, "server-2", TOPOLOGY_INTERNET), 1);
	len = topology_hosts_file(&t, text);
	CU_ASSERT_EQUAL(len, strlen(text));
	CU_ASSERT_STRING_EQUAL(text, "127.0.0.1\tlocalhost\n11.11.11.1\tinternet\n22.22.22.1\tserver\n"
	                             "22.22.22.3\tserver-3\n22.22.22.4\tserver-2\n");
}

static void a_name_given_first_stays_a_nodes_own(void)
{
	static char text[TOPOLOGY_HOSTS_SIZE];
	struct topology t = { .count = 0 };

	CU_ASSERT_EQUAL(host(&t, "server-2", TOPOLOGY_INTERNET), 0);
	CU_ASSERT_EQUAL(topology_add_host(&t, "server", TOPOLOGY_INTERNET, 3, error), 1);
	topology_hosts_file(&t, text);
	CU_ASSERT_STRING_EQUAL(text, "127.0.0.1\tlocalhost\n11.11.11.1\tinternet\n22.22.22.1\tserver-2\n"
	                             "22.22.22.2\tserver\n22.22.22.4\tserver-3\n");
}

static void the_longest_hosts_file_fits(void)
{
	static char text[TOPOLOGY_HOSTS_SIZE];
	static struct topology t;
	char name[TOPOLOGY_NAME_SIZE];
	size_t lines = 0;

	for (size_t i = 0; i < 60; i++) {
		snprintf(name, sizeof name, "a-name-of-23-letters-%02zu", i);
		CU_ASSERT_EQUAL(topology_add_host(&t, name, TOPOLOGY_INTERNET, TOPOLOGY_ADDRESSES, error), (int)i);
	}
	CU_ASSERT_TRUE(topology_hosts_file(&t, text) < sizeof text);
	for (const char *p = text; *p != '\0'; p++)
		lines += *p == '\n';
	CU_ASSERT_EQUAL(lines, 2 + 60 * TOPOLOGY_ADDRESSES);
}

/* A link is as many hops as it takes boxes to the internet; a hairpin goes up and down twice. */
static void the_longest_way_is_known(void)
{
	struct topology t = { .count = 0 };
	int carrier, home;

	CU_ASSERT_EQUAL(topology_longest_way(&t), 0);
	CU_ASSERT_EQUAL(host(&t, "server", TOPOLOGY_INTERNET), 0);
	CU_ASSERT_EQUAL(topology_longest_way(&t), 4);
	carrier = box(&t, "carrier", TOPOLOGY_INTERNET);
	home = box(&t, "home", carrier);
	CU_ASSERT_EQUAL(topology_longest_way(&t), 8);
	CU_ASSERT_EQUAL(host(&t, "ann", home), 3);
	CU_ASSERT_EQUAL(host(&t, "ben", carrier), 4);
	CU_ASSERT_EQUAL(topology_longest_way(&t), 12);
}

static void a_link_has_a_name_and_weather(void)
{
	struct topology t = { .count = 0 };
	struct weather fair = { .is_changeable = true }, rain = { .ways[WEATHER_DOWN].loss = 1 };
	int nat_a = box(&t, "nat-a", TOPOLOGY_INTERNET);
	int alice = host(&t, "alice", nat_a);
	char name[TOPOLOGY_LINK_NAME_SIZE];

	CU_ASSERT_STRING_EQUAL(topology_link_name(&t, nat_a, 0, name), "nat-a wan");
	CU_ASSERT_STRING_EQUAL(topology_link_name(&t, alice, 0, name), "alice eth0");
	CU_ASSERT_FALSE(topology_needs_cable(&t));
	topology_set_weather(&t, alice, 0, &rain);
	CU_ASSERT_TRUE(topology_needs_cable(&t));
	CU_ASSERT_EQUAL(t.nodes[alice].links[0].weather.ways[WEATHER_DOWN].loss, 1);
	CU_ASSERT_EQUAL(t.nodes[nat_a].links[0].weather.ways[WEATHER_DOWN].loss, 0);
	topology_set_weather(&t, alice, 0, &(struct weather){ .mtu = 1400 });
	CU_ASSERT_FALSE(topology_needs_cable(&t));
	topology_set_weather(&t, nat_a, 0, &fair);
	CU_ASSERT_TRUE(topology_needs_cable(&t));
}

/* Every refusal in the words its user reads. */
static void refusals_say_what_is_wrong(void)
{
	static struct topology t; /* too large for a stack */
	struct nat open = { .kind = NAT_OPEN };
	int server = host(&t, "server", TOPOLOGY_INTERNET);
	int home = topology_add_box(&t, "home", TOPOLOGY_INTERNET, &cone, "192.168.7.0/24", error);
	char name[TOPOLOGY_NAME_SIZE];

	CU_ASSERT_EQUAL(host(&t, "Bob", home), -1);
	CU_ASSERT_STRING_EQUAL(error, "bad name 'Bob': 1 to 23 of a-z, 0-9 and -, no - at either end");
	CU_ASSERT_EQUAL(host(&t, "cable", home), -1);
	CU_ASSERT_STRING_EQUAL(error, "the name 'cable' is taken by the lab itself");
	CU_ASSERT_EQUAL(box(&t, "server", TOPOLOGY_INTERNET), -1);
	CU_ASSERT_STRING_EQUAL(error, "there is already a 'server'");
	CU_ASSERT_EQUAL(host(&t, "ann", server), -1);
	CU_ASSERT_STRING_EQUAL(error, "'ann' can stand behind a NAT box only, or on the internet");
	CU_ASSERT_EQUAL(host(&t, "ann", (int)t.count), -1);
	CU_ASSERT_STRING_EQUAL(error, "'ann' can stand behind a NAT box only, or on the internet");
	CU_ASSERT_EQUAL(topology_add_host(&t, "ann", home, 5, error), -1);
	CU_ASSERT_STRING_EQUAL(error, "'ann' can have 1 to 4 addresses");
	CU_ASSERT_EQUAL(topology_add_peer_address(&t, home + 0, error), 0); /* a box has one wan address more */
	CU_ASSERT_EQUAL(topology_add_box(&t, "flat", TOPOLOGY_INTERNET, &open, "10.0.0.0/24", error), -1);
	CU_ASSERT_STRING_EQUAL(error, "'flat' translates nothing: no lan of its own, so not '10.0.0.0/24' either");
	CU_ASSERT_EQUAL(topology_add_box(&t, "wall", TOPOLOGY_INTERNET, &firewall, "10.0.0.0/24", error), -1);
	CU_ASSERT_STRING_EQUAL(error, "'wall' translates nothing: no lan of its own, so not '10.0.0.0/24' either");
	CU_ASSERT_EQUAL(topology_add_box(&t, "flat", home, &cone, "192.168.0.0/16", error), -1);
	CU_ASSERT_STRING_EQUAL(error, "bad lan '192.168.0.0/16' of 'flat': its wan side is in 192.168.7.0/24, "
	                              "which overlaps");
	CU_ASSERT_EQUAL(topology_add_box(&t, "flat", home, &cone, "10.0.0.0/31", error), -1);
	CU_ASSERT_STRING_EQUAL(error,
	                       "bad lan of 'flat': '10.0.0.0/31' is no network such as 192.168.1.0/24 (/8 to /30)");
	CU_ASSERT_EQUAL(topology_add_box(&t, "flat", home, &cone, "172.16.1.0/12", error), -1);
	CU_ASSERT_STRING_EQUAL(error, "bad lan of 'flat': '172.16.1.0/12' is not a network's own address, which is "
	                              "172.16.0.0/12");
	CU_ASSERT_EQUAL(topology_add_box(&t, "flat", home, &cone, "172.32.0.0/16", error), -1);
	CU_ASSERT_STRING_EQUAL(error, "bad lan of 'flat': '172.32.0.0/16' is not private: take it from 10.0.0.0/8, "
	                              "172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10");
	while (t.count < TOPOLOGY_NODES) {
		snprintf(name, sizeof name, "n%zu", t.count);
		CU_ASSERT_TRUE(host(&t, name, TOPOLOGY_INTERNET) >= 0);
	}
	CU_ASSERT_EQUAL(host(&t, "more", TOPOLOGY_INTERNET), -1);
	CU_ASSERT_STRING_EQUAL(error, "no room for 'more': a world has at most 64 hosts and NAT boxes");
}

/* Of a network's addresses all but its own, the broadcast address and the box's are a host's. */
static void a_lan_is_filled_to_the_last_address(void)
{
	struct topology t = { .count = 0 };
	int small = topology_add_box(&t, "small", TOPOLOGY_INTERNET, &cone, "10.9.9.8/29", error);
	char name[TOPOLOGY_NAME_SIZE];

	for (int i = 2; i <= 6; i++) {
		snprintf(name, sizeof name, "h%d", i);
		CU_ASSERT_EQUAL(host(&t, name, small), i - 1);
	}
	CU_ASSERT_TRUE(has_address(&t, topology_find(&t, "h6"), "10.9.9.14"));
	CU_ASSERT_EQUAL(host(&t, "h7", small), -1);
	CU_ASSERT_STRING_EQUAL(error, "no address is left for 'h7'");
	CU_ASSERT_EQUAL(topology_find(&t, "h7"), -1);
	CU_ASSERT_EQUAL(host(&t, "elsewhere", TOPOLOGY_INTERNET), 6);
	CU_ASSERT_EQUAL(topology_add_host(&t, "two", small, 2, error), -1); /* none of them is taken */
	CU_ASSERT_EQUAL(t.count, 7);
}

/* Boxes without a lan of their own get unused ones, in all ranges there are; a given one stays where it is. */
static void lans_do_not_overlap(void)
{
	struct topology t = { .count = 0 };
	int given = topology_add_box(&t, "given", TOPOLOGY_INTERNET, &cone, "10.0.0.0/8", error);
	int big = topology_add_box(&t, "big", TOPOLOGY_INTERNET, &cone, "192.168.0.0/16", error);
	int home = box(&t, "home", TOPOLOGY_INTERNET);
	int rest = topology_add_box(&t, "rest", TOPOLOGY_INTERNET, &cone, "172.16.0.0/12", error);
	int inner;

	CU_ASSERT_TRUE(lan_side_is(&t, home, "172.16.1.1"));
	CU_ASSERT_TRUE(rest > 0);
	CU_ASSERT_EQUAL(box(&t, "none", TOPOLOGY_INTERNET), -1);
	CU_ASSERT_STRING_EQUAL(error, "no private network is left for 'none': say which lan it has");
	inner = topology_add_box(&t, "inner", given, &cone, "192.168.1.0/24", error);
	CU_ASSERT_TRUE(has_address(&t, inner, "10.0.0.2")); /* what was asked for is never renumbered */
	CU_ASSERT_TRUE(lan_side_is(&t, big, "192.168.0.1"));
	inner = topology_add_box(&t, "second", home, &cone, "10.0.1.0/24", error);
	CU_ASSERT_TRUE(lan_side_is(&t, home, "100.64.1.1")); /* now a carrier */
	inner = topology_add_box(&t, "third", home, &cone, "10.0.1.0/24", error);
	CU_ASSERT_TRUE(has_address(&t, inner, "100.64.1.3")); /* and stays the same one */
	CU_ASSERT_EQUAL(topology_add_box(&t, "fourth", TOPOLOGY_INTERNET, &cone, "100.64.0.0/10", error), inner + 1);
}

/* IPv4 networks hold so many addresses, and those of other families belong to none of them. */
static void networks_are_told_apart(void)
{
	struct subnet s, other;
	struct address inside = address_ipv4(0xc0a801ff), outside = address_ipv4(0xc0a80200);
	char text[SUBNET_TEXT_SIZE];

	CU_ASSERT_EQUAL(subnet_parse("192.168.1.77/24", &s), 0);
	CU_ASSERT_STRING_EQUAL(subnet_format(&s, text), "192.168.1.0/24");
	CU_ASSERT_EQUAL(subnet_size(&s), 256);
	CU_ASSERT_TRUE(subnet_contains(&s, &inside));
	CU_ASSERT_FALSE(subnet_contains(&s, &outside));
	CU_ASSERT_EQUAL(subnet_parse("192.168.0.0/22", &other), 0);
	CU_ASSERT_TRUE(subnet_overlaps(&s, &other) && subnet_overlaps(&other, &s));
	CU_ASSERT_EQUAL(subnet_parse("192.168.2.0/24", &other), 0);
	CU_ASSERT_FALSE(subnet_overlaps(&s, &other) || subnet_overlaps(&other, &s));
	CU_ASSERT_EQUAL(subnet_parse("128.0.0.0/1", &s), 0);
	CU_ASSERT_EQUAL(subnet_size(&s), UINT64_C(1) << 31);
	CU_ASSERT_EQUAL(subnet_parse("10.1.2.3/32", &s), 0);
	CU_ASSERT_EQUAL(subnet_parse("fd00::1/128", &s), 0);
	CU_ASSERT_EQUAL(subnet_parse("fd00::/129", &s), -1);
	CU_ASSERT_EQUAL(subnet_parse("10.1.2.3/33", &s), -1);
	CU_ASSERT_EQUAL(subnet_parse("/8", &s), -1);
	CU_ASSERT_EQUAL(subnet_parse("10.0.0.0", &s), -1);
	CU_ASSERT_EQUAL(subnet_parse("1234:1234:1234:1234:1234:1234:1234:1234:1234:1234:1234:1234/8", &s), -1);
}

SUITE(topology, TEST(gives_out_readable_addresses), TEST(a_host_can_look_like_a_box_of_a_peer),
      TEST(a_box_with_a_box_behind_it_is_a_carrier), TEST(homes_may_have_the_same_addresses),
      TEST(behind_a_firewall_is_the_same_realm), TEST(refuses_bad_names), TEST(refuses_what_cannot_stand),
      TEST(refuses_bad_lans), TEST(a_full_lan_and_a_full_world_say_so), TEST(a_lan_that_takes_all_of_10_leaves_others),
      TEST(lists_interfaces_in_order), TEST(names_every_node_in_the_hosts_file), TEST(the_longest_hosts_file_fits),
      TEST(a_name_given_first_stays_a_nodes_own), TEST(the_longest_way_is_known), TEST(a_link_has_a_name_and_weather),
      TEST(refusals_say_what_is_wrong), TEST(a_lan_is_filled_to_the_last_address), TEST(lans_do_not_overlap),
      TEST(networks_are_told_apart))
