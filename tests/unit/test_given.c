#include "model/given.h"
#include "model/topology_names.h"
#include "suite.h"

#include <stdio.h>
#include <string.h>

static const struct nat cone = { .kind = NAT_TRANSLATE };
static const struct nat firewall = { .kind = NAT_FIREWALL };
static char error[TOPOLOGY_ERROR_SIZE];
static struct topology t;

/* A server, a box with a host behind it, a firewall with one. */
enum { SERVER, HOME, ALICE, OFFICE, OZZY };

static void build(enum address_plan plan)
{
	memset(&t, 0, sizeof t);
	t.plan = plan;
	CU_ASSERT_EQUAL(topology_add_host(&t, "server", TOPOLOGY_INTERNET, 2, error), SERVER);
	CU_ASSERT_EQUAL(topology_add_box(&t, "home", TOPOLOGY_INTERNET, &cone, NULL, error), HOME);
	CU_ASSERT_EQUAL(topology_add_host(&t, "alice", HOME, 1, error), ALICE);
	CU_ASSERT_EQUAL(topology_add_box(&t, "office", TOPOLOGY_INTERNET, &firewall, NULL, error), OFFICE);
	CU_ASSERT_EQUAL(topology_add_host(&t, "ozzy", OFFICE, 1, error), OZZY);
}

static bool has(int node, const char *address)
{
	char text[ADDRESS_TEXT_SIZE];

	return strcmp(address_format(&t.nodes[node].links[0].addresses[0], text), address) == 0;
}

static void the_documentation_ranges_are_there_on_request(void)
{
	struct address router;

	build(ADDRESS_PLAN_DOCUMENTATION);
	router = topology_lan_address(&t, TOPOLOGY_INTERNET);
	CU_ASSERT_TRUE(has(SERVER, "198.51.100.1"));
	CU_ASSERT_TRUE(has(HOME, "203.0.113.1"));
	CU_ASSERT_TRUE(has(ALICE, "10.0.1.2"));
	CU_ASSERT_EQUAL(memcmp(router.bytes, (uint8_t[]){ 192, 0, 2, 1 }, 4), 0);
}

static void plans_have_names(void)
{
	enum address_plan plan = ADDRESS_PLAN_ORDINARY;

	CU_ASSERT_EQUAL(address_plan_parse("documentation", &plan, error), 0);
	CU_ASSERT_EQUAL(plan, ADDRESS_PLAN_DOCUMENTATION);
	CU_ASSERT_EQUAL(address_plan_parse(address_plan_name(ADDRESS_PLAN_ORDINARY), &plan, error), 0);
	CU_ASSERT_EQUAL(plan, ADDRESS_PLAN_ORDINARY);
	CU_ASSERT_EQUAL(address_plan_parse("private", &plan, error), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(error, "ordinary, documentation"));
}

static void a_node_may_have_any_address_of_the_internet(void)
{
	build(ADDRESS_PLAN_ORDINARY);
	CU_ASSERT_EQUAL(given_address(&t, SERVER, 0, "74.125.250.129", error), 0);
	CU_ASSERT_TRUE(has(SERVER, "74.125.250.129"));
	CU_ASSERT_EQUAL(t.nodes[SERVER].links[0].address_count, 2);
	CU_ASSERT_EQUAL(given_address(&t, HOME, 0, "1.2.3.4", error), 0);
	CU_ASSERT_TRUE(has(HOME, "1.2.3.4"));
	CU_ASSERT_EQUAL(given_address(&t, OZZY, 0, "192.0.2.7", error), 0); /* behind a firewall is the internet, too */
	CU_ASSERT_EQUAL(given_address(&t, OZZY, 0, "192.0.2.7", error), 0); /* its own */
	CU_ASSERT_EQUAL(topology_add_host(&t, "next", TOPOLOGY_INTERNET, 1, error), 5);
	CU_ASSERT_TRUE(has(5, "22.22.22.1")); /* free again */
}

static void behind_a_box_it_is_one_of_its_lan(void)
{
	build(ADDRESS_PLAN_ORDINARY);
	CU_ASSERT_EQUAL(given_address(&t, ALICE, 0, "10.0.1.77", error), 0);
	CU_ASSERT_TRUE(has(ALICE, "10.0.1.77"));
	CU_ASSERT_EQUAL(topology_add_box(&t, "inner", HOME, &cone, NULL, error), 5);
	CU_ASSERT_TRUE(has(ALICE, "10.0.1.77")); /* its network is not renumbered as a carrier's any more */
	CU_ASSERT_TRUE(has(5, "10.0.1.2"));
}

/* What cannot be, and a part of the line that says why. */
static void refuses_addresses_that_cannot_be(void)
{
	static const struct {
		int node;
		const char *address, *why;
	} bad[] = {
		{ SERVER, "", "no IPv4 address" },
		{ SERVER, "stun.example.org", "no IPv4 address" },
		{ SERVER, "2606:4700::1", "no IPv4 address" },
		{ SERVER, "0.0.0.0", "no host's own" },
		{ SERVER, "0.1.2.3", "0.0.0.0/8" },
		{ SERVER, "127.0.0.1", "loopback" },
		{ SERVER, "169.254.1.1", "one link" },
		{ SERVER, "10.0.1.9", "private" },
		{ SERVER, "100.64.0.1", "private" },
		{ SERVER, "224.0.0.251", "multicast" },
		{ SERVER, "239.255.255.250", "multicast" },
		{ SERVER, "240.0.0.1", "reserved" },
		{ SERVER, "255.255.255.255", "multicast or broadcast" },
		{ HOME, "127.0.0.1", "loopback" },
		{ OZZY, "192.168.1.1", "private" },
		{ SERVER, "33.33.33.1", "home's already" },
		{ SERVER, "22.22.22.2", "server's already" },
		{ SERVER, "11.11.11.1", "internet's already" },
		{ ALICE, "8.8.8.8", "10.0.1.0/24, the lan of 'home'" },
		{ ALICE, "10.0.1.1", "home's already" },
		{ ALICE, "10.0.1.0", "no host's" },
		{ ALICE, "10.0.1.255", "no host's" },
	};
	static uint8_t before[sizeof t];

	build(ADDRESS_PLAN_ORDINARY);
	memcpy(before, &t, sizeof before);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		error[0] = '\0';
		CU_ASSERT_EQUAL(given_address(&t, bad[i].node, 0, bad[i].address, error), -1);
		CU_ASSERT_PTR_NOT_NULL(strstr(error, bad[i].why));
		CU_ASSERT_PTR_NULL(strchr(error, '\n'));
		CU_ASSERT_EQUAL(memcmp(before, (const uint8_t *)&t, sizeof t), 0);
	}
}

static void names_lead_to_who_was_given_them(void)
{
	static char text[TOPOLOGY_HOSTS_SIZE];

	build(ADDRESS_PLAN_ORDINARY);
	CU_ASSERT_EQUAL(given_name(&t, SERVER, "stun.l.google.com", error), 0);
	CU_ASSERT_EQUAL(given_name(&t, SERVER, "_stun._udp.example.org", error), 0);
	CU_ASSERT_EQUAL(given_name(&t, SERVER, "stun.l.google.com", error), 0); /* it has it */
	CU_ASSERT_EQUAL(t.name_count, 2);
	CU_ASSERT_EQUAL(topology_find_name(&t, "stun.l.google.com"), SERVER);
	CU_ASSERT_EQUAL(topology_find_name(&t, "alice"), ALICE);
	CU_ASSERT_EQUAL(topology_find_name(&t, "google.com"), -1);
	topology_hosts_file(&t, text);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "22.22.22.1\tstun.l.google.com\n"));
}

static void refuses_names_that_cannot_be(void)
{
	static char label[65], longest[300];
	const char *bad[] = { "",     ".",     "a..b", "a.",       ".a",        "A.example", "a b", "a/b",  "-a.de",
		              "a-.b", "a_b.c", "_.a",  "internet", "localhost", "alice",     label, longest };

	memset(label, 'a', 64);
	for (size_t i = 0; i < sizeof longest - 1; i++)
		longest[i] = i % 2 == 0 ? 'a' : '.';
	build(ADDRESS_PLAN_ORDINARY);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		error[0] = '\0';
		CU_ASSERT_EQUAL(given_name(&t, SERVER, bad[i], error), -1);
		CU_ASSERT_NOT_EQUAL(error[0], '\0');
	}
	CU_ASSERT_EQUAL(t.name_count, 0);
	CU_ASSERT_EQUAL(given_name(&t, SERVER, "bob", error), 0);
	CU_ASSERT_EQUAL(given_name(&t, ALICE, "bob", error), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(error, "server's already"));
	CU_ASSERT_EQUAL(topology_add_host(&t, "bob", TOPOLOGY_INTERNET, 1, error), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(error, "server's already"));
}

static void a_world_has_room_for_so_many_names(void)
{
	static char text[TOPOLOGY_HOSTS_SIZE];
	char name[TOPOLOGY_DNS_NAME_SIZE + 1];

	build(ADDRESS_PLAN_ORDINARY);
	memset(name, 'a', sizeof name);
	for (size_t i = 1; i < sizeof name; i += 2)
		name[i] = '.';
	name[TOPOLOGY_DNS_NAME_SIZE - 1] = '\0'; /* 253 bytes */
	for (unsigned i = 0; i < TOPOLOGY_NAMES; i++) {
		name[0] = (char)('a' + i % 26);
		name[2] = (char)('a' + i / 26);
		CU_ASSERT_EQUAL(given_name(&t, SERVER, name, error), 0);
	}
	CU_ASSERT_EQUAL(given_name(&t, SERVER, "more", error), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(error, "at most 64"));
	CU_ASSERT_TRUE(topology_hosts_file(&t, text) < sizeof text);
}

SUITE(given, TEST(the_documentation_ranges_are_there_on_request), TEST(plans_have_names),
      TEST(a_node_may_have_any_address_of_the_internet), TEST(behind_a_box_it_is_one_of_its_lan),
      TEST(refuses_addresses_that_cannot_be), TEST(names_lead_to_who_was_given_them),
      TEST(refuses_names_that_cannot_be), TEST(a_world_has_room_for_so_many_names))
