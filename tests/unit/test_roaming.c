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
	roaming_prefer(&p.t, p.phone, 0);
	p.t.nodes[p.phone].links[0].is_disabled = true;
	CU_ASSERT_STRING_EQUAL(topology_way_out(&p.t, p.phone)->interface, "lte");
	p.t.nodes[p.phone].links[p.lte].is_disabled = true;
	CU_ASSERT_STRING_EQUAL(topology_way_out(&p.t, p.phone)->interface, "wifi");
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

/* One with several has as many wherever it is plugged in, and a box finds all of its own again. */
static void as_many_addresses_wherever_it_comes(void)
{
	struct place p;
	struct link *vpn, *wan;
	struct address second;
	int link;

	build(&p);
	link = roaming_add_interface(&p.t, p.phone, "vpn", p.home, 9, 3, error);
	CU_ASSERT_EQUAL_FATAL(link, 2);
	CU_ASSERT_EQUAL_FATAL(roaming_name_interface(&p.t, p.home, "wan", 100, error), 0);
	CU_ASSERT_TRUE_FATAL(topology_give_address(&p.t, p.home, 0, NODE_BOX));
	CU_ASSERT_EQUAL_FATAL(roaming_lease(&p.t, error), 0);
	vpn = &p.t.nodes[p.phone].links[link];
	wan = &p.t.nodes[p.home].links[0];
	second = vpn->addresses[1];

	CU_ASSERT_EQUAL(roaming_plug(&p.t, p.phone, link, p.cafe, error), 0);
	CU_ASSERT_EQUAL(vpn->address_count, 3);
	CU_ASSERT_FALSE(address_equal(&vpn->addresses[1], &second));
	CU_ASSERT_EQUAL(topology_find_address(&p.t, p.cafe, &vpn->addresses[2]), p.phone);
	CU_ASSERT_EQUAL(roaming_plug(&p.t, p.phone, link, p.home, error), 0);
	CU_ASSERT_EQUAL(vpn->address_count, 3);
	CU_ASSERT_TRUE(address_equal(&vpn->addresses[1], &second));

	second = wan->addresses[1];
	CU_ASSERT_EQUAL(roaming_plug(&p.t, p.home, 0, TOPOLOGY_INTERNET, error), 0);
	CU_ASSERT_EQUAL(wan->address_count, 2);
	CU_ASSERT_TRUE(address_equal(&wan->addresses[1], &second));
	for (int i = 0; i < 3; i++) {
		CU_ASSERT_EQUAL(roaming_renumber(&p.t, p.home, error), 0);
		CU_ASSERT_EQUAL(wan->address_count, 2);
		CU_ASSERT_EQUAL(topology_find_address(&p.t, TOPOLOGY_INTERNET, &second), -1);
	}
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

static void the_kind_of_an_interface_is_in_its_name(void)
{
	static const struct {
		const char *name;
		unsigned metric;
	} rows[] = { { "eth0", 100 },  { "wan", 100 }, { "wan2", 100 }, { "wifi", 600 },
		     { "wlan1", 600 }, { "lte", 700 }, { "veth", 700 }, { "e", 700 } };

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		CU_ASSERT_EQUAL(roaming_metric(rows[i].name), rows[i].metric);
}

/* What is preferred gets a metric below all others; where the least is in use already, all make room. */
static void a_preferred_interface_is_below_all(void)
{
	static const struct {
		unsigned before[3], after[3];
		int preferred;
	} rows[] = {
		{ { 100, 600, 700 }, { 100, 600, 99 }, 2 },
		{ { 100, 600, 700 }, { 100, 600, 700 }, 0 },
		{ { 1, 600, 700 }, { 2, 601, 1 }, 2 },
		{ { 2, 600, 3 }, { 2, 1, 3 }, 1 },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct place p;
		struct link *l;

		build(&p);
		l = p.t.nodes[p.phone].links;
		CU_ASSERT_EQUAL(roaming_add_interface(&p.t, p.phone, "eth0", p.home, 9, 1, error), 2);
		for (int k = 0; k < 3; k++)
			l[k].metric = rows[i].before[k];
		roaming_prefer(&p.t, p.phone, rows[i].preferred);
		for (int k = 0; k < 3; k++)
			CU_ASSERT_EQUAL(l[k].metric, rows[i].after[k]);
	}
}

/* A box may be unplugged, and plugged in again where it was; there it has the address that it was last given. */
static void a_box_comes_back_to_where_it_was(void)
{
	struct place p;
	struct address outside, seen;

	build(&p);
	CU_ASSERT_EQUAL(roaming_name_interface(&p.t, p.home, "wan", 100, error), 0);
	CU_ASSERT_EQUAL(roaming_lease(&p.t, error), 0);
	CU_ASSERT_EQUAL(roaming_renumber(&p.t, p.home, error), 0);
	outside = p.t.nodes[p.home].links[0].addresses[0];
	roaming_unplug(&p.t, p.home, 0);
	refuses("'home' is unplugged: no address to change", roaming_renumber(&p.t, p.home, error) < 0);
	refuses("'home' is a box: it can be plugged in again where it was",
	        roaming_plug(&p.t, p.home, 0, p.carrier, error) < 0);
	CU_ASSERT_EQUAL(roaming_plug(&p.t, p.home, 0, TOPOLOGY_INTERNET, error), 0);
	CU_ASSERT_EQUAL_FATAL(p.t.nodes[p.home].links[0].address_count, 1);
	seen = p.t.nodes[p.home].links[0].addresses[0];
	CU_ASSERT_TRUE(address_equal(&seen, &outside));
	refuses("NAT box only", roaming_plug(&p.t, p.home, 0, p.home, error) < 0);
}

static void names_and_metrics_have_ends(void)
{
	struct place p;
	struct topology *t = &p.t;

	build(&p);
	CU_ASSERT_EQUAL(roaming_find_interface(t, p.phone, "wifi", error), 0);
	CU_ASSERT_EQUAL(roaming_find_interface(t, p.phone, "lte", error), 1);
	refuses("1 to 15 of", roaming_name_interface(t, p.phone, "Eth0", 9, error) < 0);
	refuses("only boxes have one of that name", roaming_name_interface(t, p.phone, "lo", 9, error) < 0);
	refuses("only boxes have one of that name", roaming_name_interface(t, p.phone, "wan", 9, error) < 0);
	refuses("'phone' has an interface 'lte' already", roaming_name_interface(t, p.phone, "lte", 9, error) < 0);
	refuses("from 1 to 9999", roaming_name_interface(t, p.phone, "eth0", 0, error) < 0);
	CU_ASSERT_STRING_EQUAL(t->nodes[p.phone].links[0].interface, "wifi"); /* what is refused changes nothing */
	CU_ASSERT_EQUAL(roaming_name_interface(t, p.phone, "wifi", 1, error), 0);
	CU_ASSERT_EQUAL(roaming_name_interface(t, p.phone, "just-short-enoug", 9, error), -1);
	CU_ASSERT_EQUAL(roaming_name_interface(t, p.phone, "just-short-enou", 9999, error), 0);
	CU_ASSERT_EQUAL(t->nodes[p.phone].links[0].metric, 9999);
	refuses("1 to 4 addresses each", roaming_add_interface(t, p.phone, "eth0", p.home, 9, 0, error) < 0);
	refuses("1 to 4 addresses each", roaming_add_interface(t, p.phone, "eth0", p.home, 9, 5, error) < 0);
}

/* An address that was given away stays known as long as there is room for that. */
static void there_is_an_end_of_leases(void)
{
	struct place p;
	struct address before, after;

	build(&p);
	before = p.t.nodes[p.home].links[0].addresses[0];
	p.t.lease_count = TOPOLOGY_LEASES;
	refuses("too many interfaces and boxes", roaming_renumber(&p.t, p.home, error) < 0);
	after = p.t.nodes[p.home].links[0].addresses[0];
	CU_ASSERT_TRUE(address_equal(&before, &after));
	CU_ASSERT_EQUAL(roaming_name_interface(&p.t, p.cafe, "wan", 100, error), 0);
	refuses("too many interfaces and boxes", roaming_lease(&p.t, error) < 0);
}

SUITE(roaming, TEST(there_is_an_end_of_leases), TEST(the_kind_of_an_interface_is_in_its_name),
      TEST(a_preferred_interface_is_below_all), TEST(a_box_comes_back_to_where_it_was),
      TEST(names_and_metrics_have_ends), TEST(the_least_metric_is_the_way_out),
      TEST(an_interface_finds_its_address_again), TEST(a_firewall_is_the_same_realm),
      TEST(an_old_address_stays_nobodys), TEST(as_many_addresses_wherever_it_comes), TEST(what_cannot_be_is_refused))
