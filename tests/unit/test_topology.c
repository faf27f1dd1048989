#include "model/topology.h"
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
	CU_ASSERT_EQUAL(topology_add_box(&t, "a", TOPOLOGY_INTERNET, &open, NULL, error), -1);
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

SUITE(topology, TEST(gives_out_readable_addresses), TEST(a_host_can_look_like_a_box_of_a_peer),
      TEST(a_box_with_a_box_behind_it_is_a_carrier), TEST(homes_may_have_the_same_addresses),
      TEST(behind_a_firewall_is_the_same_realm), TEST(refuses_bad_names), TEST(refuses_what_cannot_stand),
      TEST(refuses_bad_lans), TEST(a_full_lan_and_a_full_world_say_so), TEST(a_lan_that_takes_all_of_10_leaves_others),
      TEST(lists_interfaces_in_order), TEST(names_every_node_in_the_hosts_file), TEST(the_longest_hosts_file_fits))
