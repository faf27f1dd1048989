#include "model/roaming.h"
#include "suite.h"

#include <stdio.h>
#include <string.h>

static const struct nat cone = { .kind = NAT_TRANSLATE };
static const struct nat firewall = { .kind = NAT_FIREWALL };
static char error[TOPOLOGY_ERROR_SIZE];

/* server, two homes, and a phone with wifi at home and lte at the carrier's. */
struct place {
	struct topology t;
	int server, home, cafe, carrier, office, phone, lte;
};

static void build(struct place *p)
{
	memset(p, 0, sizeof *p);
	p->server = topology_add_host(&p->t, "server", TOPOLOGY_INTERNET, 1, error);
	p->home = topology_add_box(&p->t, "home", TOPOLOGY_INTERNET, &cone, NULL, error);
	p->cafe = topology_add_box(&p->t, "cafe", TOPOLOGY_INTERNET, &cone, NULL, error);
	p->carrier = topology_add_box(&p->t, "carrier", TOPOLOGY_INTERNET, &cone, NULL, error);
	p->office = topology_add_box(&p->t, "office", TOPOLOGY_INTERNET, &firewall, NULL, error);
	p->phone = topology_add_host(&p->t, "phone", p->home, 1, error);
	CU_ASSERT_EQUAL_FATAL(roaming_name_interface(&p->t, p->phone, "wifi", roaming_metric("wifi"), error), 0);
	p->lte = roaming_add_interface(&p->t, p->phone, "lte", p->carrier, roaming_metric("lte"), 1, error);
	CU_ASSERT_EQUAL_FATAL(p->lte, 1);
	CU_ASSERT_EQUAL_FATAL(roaming_lease(&p->t, error), 0);
}

static const char *address_of(const struct place *p, int link)
{
	static char text[ADDRESS_TEXT_SIZE];
	const struct link *l = &p->t.nodes[p->phone].links[link];

	return l->address_count > 0 ? address_format(&l->addresses[0], text) : "none";
}

static void the_least_metric_is_the_way_out(void)
{
	struct place p;

	build(&p);
	CU_ASSERT_STRING_EQUAL(topology_way_out(&p.t, p.phone)->interface, "wifi");
	CU_ASSERT_EQUAL(topology_realm(&p.t, p.phone), p.home);
	CU_ASSERT_TRUE(topology_is_behind(&p.t, p.phone, p.home));
	CU_ASSERT_TRUE(topology_is_behind(&p.t, p.phone, p.carrier));
	CU_ASSERT_FALSE(topology_is_behind(&p.t, p.phone, p.cafe));
	for (int i = 0; i < 2000; i++) {
		int link = i % 2 == 0 ? p.lte : 0;

		roaming_prefer(&p.t, p.phone, link);
		CU_ASSERT_PTR_EQUAL(topology_way_out(&p.t, p.phone), &p.t.nodes[p.phone].links[link]);
		CU_ASSERT_TRUE(p.t.nodes[p.phone].links[0].metric != p.t.nodes[p.phone].links[1].metric);
	}
	roaming_unplug(&p.t, p.phone, 0);
	CU_ASSERT_STRING_EQUAL(topology_way_out(&p.t, p.phone)->interface, "lte");
}

static void an_interface_finds_its_address_again(void)
{
	struct place p;
	struct address seen;
	int guest;

	build(&p);
	CU_ASSERT_STRING_EQUAL(address_of(&p, 0), "10.0.1.2");
	roaming_unplug(&p.t, p.phone, 0);
	CU_ASSERT_STRING_EQUAL(address_of(&p, 0), "none");
	guest = topology_add_host(&p.t, "guest", p.home, 1, error);
	CU_ASSERT_TRUE(guest >= 0);
	CU_ASSERT_EQUAL(roaming_plug(&p.t, p.phone, 0, p.cafe, error), 0);
	CU_ASSERT_STRING_EQUAL(address_of(&p, 0), "10.0.2.2");
	seen = topology_public_address(&p.t, p.phone);
	CU_ASSERT_TRUE(address_equal(&seen, &p.t.nodes[p.cafe].links[0].addresses[0]));
	CU_ASSERT_EQUAL(roaming_plug(&p.t, p.phone, 0, p.home, error), 0);
	CU_ASSERT_STRING_EQUAL(address_of(&p, 0), "10.0.1.2");
	CU_ASSERT_NOT_EQUAL(topology_find_address(&p.t, p.home, &p.t.nodes[guest].links[0].addresses[0]), p.phone);
}

/* Behind a firewall it is who it is on the internet. */
static void a_firewall_is_the_same_realm(void)
{
	struct place p;
	char outside[ADDRESS_TEXT_SIZE];

	build(&p);
	CU_ASSERT_EQUAL(roaming_plug(&p.t, p.phone, 0, TOPOLOGY_INTERNET, error), 0);
	snprintf(outside, sizeof outside, "%s", address_of(&p, 0));
	CU_ASSERT_EQUAL(roaming_plug(&p.t, p.phone, 0, p.office, error), 0);
	CU_ASSERT_STRING_EQUAL(address_of(&p, 0), outside);
}

static void an_old_address_stays_nobodys(void)
{
	struct place p;
	struct address before;

	build(&p);
	before = p.t.nodes[p.home].links[0].addresses[0];
	for (int i = 0; i < 20; i++) {
		CU_ASSERT_EQUAL(roaming_renumber(&p.t, p.home, error), 0);
		CU_ASSERT_FALSE(address_equal(&p.t.nodes[p.home].links[0].addresses[0], &before));
	}
	CU_ASSERT_EQUAL(topology_find_address(&p.t, TOPOLOGY_INTERNET, &before), -1);
	CU_ASSERT_TRUE(topology_add_box(&p.t, "late", TOPOLOGY_INTERNET, &cone, NULL, error) >= 0);
	CU_ASSERT_EQUAL(topology_find_address(&p.t, TOPOLOGY_INTERNET, &before), -1);
}

static void refuses(const char *said, bool refused)
{
	CU_ASSERT_TRUE(refused);
	CU_ASSERT_PTR_NOT_NULL(strstr(error, said));
}

static void what_cannot_be_is_refused(void)
{
	struct place p;
	struct topology *t = &p.t;

	build(&p);
	refuses("has an interface 'wifi' already", roaming_add_interface(t, p.phone, "wifi", p.home, 9, 1, error) < 0);
	refuses("1 to 15 of", roaming_add_interface(t, p.phone, "", p.home, 9, 1, error) < 0);
	refuses("1 to 15 of", roaming_add_interface(t, p.phone, "a-name-too-long-", p.home, 9, 1, error) < 0);
	refuses("only boxes", roaming_add_interface(t, p.phone, "lan", p.home, 9, 1, error) < 0);
	refuses("metric", roaming_add_interface(t, p.phone, "eth0", p.home, 10000, 1, error) < 0);
	refuses("wan, wan2", roaming_add_interface(t, p.home, "eth1", p.carrier, 9, 1, error) < 0);
	refuses("NAT box only", roaming_add_interface(t, p.phone, "eth0", p.server, 9, 1, error) < 0);
	refuses("translates nothing", roaming_add_interface(t, p.office, "wan2", TOPOLOGY_INTERNET, 9, 1, error) < 0);
	refuses("it has wifi, lte", roaming_find_interface(t, p.phone, "eth0", error) < 0);
	refuses("NAT box only", roaming_plug(t, p.phone, 0, p.server, error) < 0);
	refuses("interfaces={...}", roaming_plug(t, p.server, 0, p.home, error) < 0);
	CU_ASSERT_EQUAL(roaming_add_interface(t, p.phone, "eth0", p.home, 600, 4, error), 2);
	CU_ASSERT_EQUAL(t->nodes[p.phone].links[2].metric, 601);
	CU_ASSERT_EQUAL(roaming_add_interface(t, p.phone, "vpn", p.home, 9, 1, error), 3);
	refuses("at most 4", roaming_add_interface(t, p.phone, "one-more", p.home, 9, 1, error) < 0);
}

SUITE(roaming, TEST(the_least_metric_is_the_way_out), TEST(an_interface_finds_its_address_again),
      TEST(a_firewall_is_the_same_realm), TEST(an_old_address_stays_nobodys), TEST(what_cannot_be_is_refused))
