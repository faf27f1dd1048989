/* IPv6 of worlds on paper: who has which addresses, and what cannot be. */
#include "model/roaming.h"
#include "model/topology_ipv6.h"
#include "model/topology_names.h"
#include "suite.h"

#include <stdio.h>
#include <string.h>

static char error[TOPOLOGY_ERROR_SIZE];

static int host(struct topology *t, const char *name, int behind, enum families families)
{
	int node = topology_add_host(t, name, behind, 1, error);

	if (node >= 0)
		topology_set_families(t, node, families);
	return node;
}

static int box(struct topology *t, const char *name, int behind, const char *spec)
{
	char why[NAT_ERROR_SIZE];
	struct nat nat = { 0 };

	CU_ASSERT_EQUAL(nat_parse(spec, &nat, why), 0);
	return topology_add_box(t, name, behind, &nat, NULL, error);
}

static bool is(const struct address *a, const char *wanted)
{
	char text[ADDRESS_TEXT_SIZE];

	return strcmp(address_format(a, text), wanted) == 0;
}

/* The n-th address of the node's first link; "" for none. */
static bool has(const struct topology *t, int node, size_t n, const char *wanted)
{
	struct address list[TOPOLOGY_ADDRESSES];
	size_t count = topology_ipv6_addresses(t, node, 0, list);

	return n < count ? is(&list[n], wanted) : wanted[0] == '\0';
}

static bool lan_is(const struct topology *t, int box, const char *network, const char *own)
{
	struct subnet lan = topology_ipv6_lan(t, box);
	struct address a = topology_ipv6_lan_address(t, box);
	char text[SUBNET_TEXT_SIZE];

	return strcmp(subnet_format(&lan, text), network) == 0 && is(&a, own);
}

static void addresses_speak(void)
{
	struct topology t = { .count = 0 };
	int server = topology_add_host(&t, "server", TOPOLOGY_INTERNET, 2, error);
	int nat_a = box(&t, "nat-a", TOPOLOGY_INTERNET, "symmetric,ipv6=open");
	int alice = host(&t, "alice", nat_a, FAMILIES_46);
	int home = box(&t, "home", nat_a, "port-restricted,ipv6=open");
	int bob = host(&t, "bob", home, FAMILIES_6);
	struct address router = topology_ipv6_lan_address(&t, TOPOLOGY_INTERNET);

	topology_set_families(&t, server, FAMILIES_46);
	CU_ASSERT_TRUE(is(&router, "2111::1"));
	CU_ASSERT_TRUE(has(&t, server, 0, "2222::2") && has(&t, server, 1, "2222::1:2") && has(&t, server, 2, ""));
	CU_ASSERT_TRUE(has(&t, nat_a, 0, "2333::3") && lan_is(&t, nat_a, "2444:0:3::/64", "2444:0:3::1"));
	CU_ASSERT_TRUE(has(&t, alice, 0, "2444:0:3::4"));
	CU_ASSERT_TRUE(has(&t, home, 0, "2444:0:3::5") && lan_is(&t, home, "2444:0:5::/64", "2444:0:5::1"));
	CU_ASSERT_TRUE(has(&t, bob, 0, "2444:0:5::6"));
	CU_ASSERT_EQUAL(t.nodes[bob].links[0].address_count, 0);
	CU_ASSERT_EQUAL(topology_check_ipv6(&t, error), 0);
	t.plan = ADDRESS_PLAN_DOCUMENTATION;
	CU_ASSERT_TRUE(has(&t, server, 0, "2001:db8:2000::2") && has(&t, nat_a, 0, "2001:db8:3000::3"));
	CU_ASSERT_TRUE(lan_is(&t, nat_a, "2001:db8:4003::/64", "2001:db8:4003::1"));
	CU_ASSERT_TRUE(has(&t, alice, 0, "2001:db8:4003::4"));
}

/* What is behind a box that hides it, and behind others there, is of one network. */
static void hidden_addresses_are_nobodys_outside(void)
{
	struct topology t = { .count = 0 };
	int carrier = box(&t, "carrier", TOPOLOGY_INTERNET, "symmetric,ipv6=open");
	int nat_a = box(&t, "nat-a", carrier, "symmetric,ipv6=nat66");
	int alice = host(&t, "alice", nat_a, FAMILIES_46);
	int inner = box(&t, "inner", nat_a, "open,ipv6=firewall");
	int bob = host(&t, "bob", inner, FAMILIES_6);
	int second = box(&t, "second", inner, "open,ipv6=nat66");
	int carol = host(&t, "carol", second, FAMILIES_6);

	CU_ASSERT_TRUE(has(&t, nat_a, 0, "2444:0:2::3") && lan_is(&t, nat_a, "fd44:0:3:3::/64", "fd44:0:3:3::1"));
	CU_ASSERT_TRUE(has(&t, alice, 0, "fd44:0:3:3::4"));
	CU_ASSERT_TRUE(has(&t, inner, 0, "fd44:0:3:3::5") && has(&t, bob, 0, "fd44:0:3:5::6"));
	CU_ASSERT_TRUE(has(&t, second, 0, "fd44:0:3:5::7") && has(&t, carol, 0, "fd44:0:7:7::8"));
	CU_ASSERT_EQUAL(topology_ipv6_realm(&t, inner), nat_a);
	CU_ASSERT_EQUAL(topology_ipv6_realm(&t, carrier), TOPOLOGY_INTERNET);
	CU_ASSERT_EQUAL(topology_check_ipv6(&t, error), 0);
}

static void a_prefix_has_another_one_outside(void)
{
	struct topology t = { .count = 0 };
	int nat_a = box(&t, "nat-a", TOPOLOGY_INTERNET, "symmetric,ipv6=open");
	int home = box(&t, "home", nat_a, "symmetric,ipv6=nptv6");
	int alice = host(&t, "alice", home, FAMILIES_46);
	struct nptv6 n = topology_nptv6(&t, home);
	struct address list[TOPOLOGY_ADDRESSES];
	char text[SUBNET_TEXT_SIZE];

	CU_ASSERT_TRUE(has(&t, alice, 0, "fd44:0:3:3::4"));
	CU_ASSERT_EQUAL_FATAL(topology_ipv6_outside(&t, alice, 0, list), 1);
	CU_ASSERT_TRUE(is(&list[0], "2444:0:3:d903::4"));
	CU_ASSERT_STRING_EQUAL(subnet_format(&n.inside, text), "fd44:0:3::/48");
	CU_ASSERT_STRING_EQUAL(subnet_format(&n.outside, text), "2444:0:3::/48");
	CU_ASSERT_EQUAL(topology_ipv6_outside(&t, home, 0, list), 0);
	CU_ASSERT_EQUAL(topology_nptv6(&t, nat_a).inside.prefix, 0);
	CU_ASSERT_EQUAL(topology_check_ipv6(&t, error), 0);
	t.nodes[nat_a].nat.ipv6 = NAT_IPV6_NAT66;
	CU_ASSERT_TRUE(topology_check_ipv6(&t, error) == -1 &&
	               strstr(error, "which 'nat-a' in front of it hides") != NULL);
}

/* The kernel makes them, so they are known when they are there; whichever is gone, none has another one's name. */
static void temporary_addresses_have_names_of_their_own(void)
{
	static const char *const made[] = { "2444:0:2:0:aaaa::1", "2444:0:2:0:aaaa::2", "2444:0:2:0:aaaa::3" };
	struct topology t = { .count = 0 };
	int home = box(&t, "home", TOPOLOGY_INTERNET, "symmetric,ipv6=open");
	int alice = host(&t, "alice", home, FAMILIES_6);
	static char text[TOPOLOGY_HOSTS_SIZE];

	topology_ask_temporary(&t, alice);
	CU_ASSERT_EQUAL(topology_check_ipv6(&t, error), 0);
	CU_ASSERT_TRUE(has(&t, alice, 0, "2444:0:2::3"));
	for (size_t i = 0; i < 3; i++) {
		struct address a;

		CU_ASSERT_EQUAL_FATAL(address_parse(made[i], &a), 0);
		topology_add_temporary(&t, alice, 0, &a);
	}
	topology_hosts_file(&t, text);
	CU_ASSERT_PTR_NOT_NULL(
	    strstr(text, "2444:0:2::3\talice\n2444:0:2:0:aaaa::2\talice-3\n2444:0:2:0:aaaa::3\talice-4\n"));
	CU_ASSERT_PTR_NULL(strstr(text, made[0]));
}

static void temporary_addresses_want_a_network_of_their_own(void)
{
	static const struct {
		const char *spec;
		enum families families;
		const char *why;
	} cases[] = {
		{ NULL, FAMILIES_46, "on the internet an address stands alone" },
		{ "symmetric", FAMILIES_4, "it has no IPv6" },
		{ "symmetric,ipv6=nat66", FAMILIES_46, "knows its hosts by their addresses" },
		{ "symmetric,ipv6=nat64", FAMILIES_6, "knows its hosts by their addresses" },
		{ "symmetric,ipv6=nptv6", FAMILIES_46, NULL },
		{ "open,ipv6=firewall", FAMILIES_6, NULL },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct topology t = { .count = 0 };
		int front =
		    cases[i].spec != NULL ? box(&t, "home", TOPOLOGY_INTERNET, cases[i].spec) : TOPOLOGY_INTERNET;

		topology_ask_temporary(&t, host(&t, "alice", front, cases[i].families));
		CU_ASSERT_EQUAL(topology_check_ipv6(&t, error), cases[i].why != NULL ? -1 : 0);
		CU_ASSERT_TRUE(cases[i].why == NULL || strstr(error, cases[i].why) != NULL);
	}
}

/* Its address is the host's last, and no interface's; programs have another one. */
static void a_translator_of_its_own_has_an_address(void)
{
	struct topology t = { .count = 0 };
	int home = box(&t, "home", TOPOLOGY_INTERNET, "symmetric,ipv6=nat64");
	int alice = host(&t, "alice", home, FAMILIES_6), bob = host(&t, "bob", TOPOLOGY_INTERNET, FAMILIES_46);
	struct siit s;

	CU_ASSERT_TRUE_FATAL(topology_ask_clat(&t, alice));
	s = topology_siit(&t, alice);
	CU_ASSERT_TRUE(s.is_client && is(&s.hosts[0].ipv4, "192.0.0.4") && is(&s.hosts[0].ipv6, "2444:0:2::1:3"));
	CU_ASSERT_TRUE(is(&s.own_ipv6, "2444:0:2::3"));
	s = topology_siit(&t, home);
	CU_ASSERT_EQUAL(s.host_count, 2);
	CU_ASSERT_TRUE(!s.is_client && is(&s.hosts[1].ipv4, "10.0.1.3") && is(&s.hosts[1].ipv6, "2444:0:2::1:3"));
	CU_ASSERT_TRUE(topology_has_siit(&t, alice) && topology_has_siit(&t, home) && !topology_has_siit(&t, bob));
	CU_ASSERT_EQUAL(topology_check_ipv6(&t, error), 0);
	CU_ASSERT_TRUE(topology_ask_clat(&t, bob));
	CU_ASSERT_TRUE(topology_check_ipv6(&t, error) == -1 && strstr(error, "'bob' cannot have a translator") != NULL);
}

/* What a provider gives is another network for all who are behind; private ones stay, and nothing is used twice. */
static void a_box_with_other_addresses_has_other_networks(void)
{
	struct topology t = { .count = 0 };
	int carrier = box(&t, "carrier", TOPOLOGY_INTERNET, "port-restricted,ipv6=open");
	int home = box(&t, "home", carrier, "port-restricted,ipv6=nptv6");
	int alice = host(&t, "alice", home, FAMILIES_46), bob = host(&t, "bob", carrier, FAMILIES_46);
	struct address list[TOPOLOGY_ADDRESSES];
	char text[SUBNET_TEXT_SIZE];
	struct nptv6 n;

	CU_ASSERT_EQUAL_FATAL(roaming_renumber(&t, carrier, error), 0);
	CU_ASSERT_TRUE(has(&t, carrier, 0, "2333::102"));
	CU_ASSERT_EQUAL(topology_ipv6_addresses_at(&t, carrier, 1, TOPOLOGY_INTERNET, list), 1);
	CU_ASSERT_TRUE(is(&list[0], "2333::100:2")); /* a second way out keeps its own */
	CU_ASSERT_TRUE(has(&t, bob, 0, "2444:0:102::5"));
	CU_ASSERT_TRUE(has(&t, alice, 0, "fd44:0:3:3::4"));
	CU_ASSERT_EQUAL_FATAL(roaming_renumber(&t, home, error), 0);
	CU_ASSERT_TRUE(has(&t, home, 0, "2444:0:102::103"));
	n = topology_nptv6(&t, home);
	CU_ASSERT_STRING_EQUAL(subnet_format(&n.outside, text), "2444:0:203::/48");
	CU_ASSERT_EQUAL(topology_ipv6_outside(&t, alice, 0, list), 1);
	for (int i = 1; i < 12; i++)
		CU_ASSERT_EQUAL_FATAL(roaming_renumber(&t, carrier, error), 0);
	CU_ASSERT_TRUE(has(&t, carrier, 0, "2333::1202") && has(&t, bob, 0, "2444:0:1202::5"));
	for (int i = 12; i < 98; i++)
		CU_ASSERT_EQUAL_FATAL(roaming_renumber(&t, carrier, error), 0);
	n = topology_nptv6(&t, home);
	CU_ASSERT_STRING_EQUAL(subnet_format(&n.outside, text), "2444:0:9903::/48");
	CU_ASSERT_TRUE(roaming_renumber(&t, carrier, error) == -1 &&
	               strstr(error, "'home' got other addresses 99 times already, and that is the most") != NULL);
}

static int box_of_two(struct topology *t, const char *spec, int first, int second)
{
	int node = box(t, "home", first, spec);

	CU_ASSERT_EQUAL_FATAL(roaming_name_interface(t, node, "wan", 100, error), 0);
	CU_ASSERT_EQUAL_FATAL(roaming_add_interface(t, node, "wan2", second, 200, 1, error), 1);
	return node;
}

/* A prefix of each carrier, and that of the one in use; so of who is further behind. */
static void two_carriers_give_a_prefix_each(void)
{
	static struct topology t;
	int first, second, home, alice, inner, bob;

	for (enum address_plan plan = ADDRESS_PLAN_ORDINARY; plan <= ADDRESS_PLAN_DOCUMENTATION; plan++) {
		bool is_ordinary = plan == ADDRESS_PLAN_ORDINARY;

		t = (struct topology){ .plan = plan };
		first = box(&t, "first", TOPOLOGY_INTERNET, "symmetric,ipv6=open");
		second = box(&t, "second", TOPOLOGY_INTERNET, "symmetric,ipv6=open");
		home = box_of_two(&t, "symmetric,ipv6=open", first, second);
		alice = host(&t, "alice", home, FAMILIES_46);
		inner = box(&t, "inner", home, "symmetric,ipv6=open");
		bob = host(&t, "bob", inner, FAMILIES_46);
		CU_ASSERT_TRUE(has(&t, alice, 0, is_ordinary ? "2444:0:4::5" : "2001:db8:4004::5"));
		CU_ASSERT_TRUE(topology_goes_by(&t, bob, first) && !topology_goes_by(&t, bob, second));
		roaming_prefer(&t, home, 1);
		CU_ASSERT_TRUE(has(&t, alice, 0, is_ordinary ? "2444:1:4::5" : "2001:db8:4004:1::5"));
		CU_ASSERT_TRUE(has(&t, bob, 0, is_ordinary ? "2444:1:6::7" : "2001:db8:4006:1::7"));
		CU_ASSERT_TRUE(topology_goes_by(&t, bob, second) && !topology_goes_by(&t, bob, first));
	}
	t.plan = ADDRESS_PLAN_ORDINARY;
	t.nodes[home].nat.ipv6 = NAT_IPV6_NAT66;
	CU_ASSERT_TRUE(has(&t, alice, 0, "fd44:0:4:4::5")); /* whichever carrier it is */
}

/* The twelfth reads as decimal; a peer's address is one of those that boxes have. */
static void numbers_read_as_decimal(void)
{
	struct topology t = { .count = 0 };
	char name[TOPOLOGY_NAME_SIZE];
	int last = -1;

	for (int i = 0; i < 12; i++) {
		snprintf(name, sizeof name, "host-%d", i);
		last = host(&t, name, TOPOLOGY_INTERNET, FAMILIES_46);
	}
	CU_ASSERT_TRUE(has(&t, last, 0, "2222::13"));
	CU_ASSERT_EQUAL(topology_add_peer_address(&t, last, error), 0);
	CU_ASSERT_TRUE(has(&t, last, 0, "2222::13") && has(&t, last, 1, "2333::1:13"));
}

static void nothing_is_there_unasked(void)
{
	struct topology t = { .count = 0 };
	int nat = box(&t, "nat-a", TOPOLOGY_INTERNET, "symmetric");
	int alice = host(&t, "alice", nat, FAMILIES_4);
	int bob = host(&t, "bob", nat, FAMILIES_46); /* who would, but there is none */
	static char names[TOPOLOGY_HOSTS_SIZE];

	CU_ASSERT_TRUE(has(&t, nat, 0, "") && has(&t, alice, 0, "") && has(&t, bob, 0, ""));
	CU_ASSERT_EQUAL(topology_ipv6_lan(&t, nat).prefix, 0);
	topology_set_families(&t, bob, FAMILIES_4);
	CU_ASSERT_FALSE(topology_has_ipv6(&t));
	topology_hosts_file(&t, names);
	CU_ASSERT_PTR_NULL(strstr(names, "::"));
}

static void names_have_both_families(void)
{
	struct topology t = { .count = 0 };
	int server = topology_add_host(&t, "server", TOPOLOGY_INTERNET, 2, error);
	static char names[TOPOLOGY_HOSTS_SIZE];

	topology_set_families(&t, server, FAMILIES_46);
	host(&t, "six", TOPOLOGY_INTERNET, FAMILIES_6);
	snprintf(t.names[0].text, sizeof t.names[0].text, "stun.example.org");
	t.names[t.name_count++].node = server;
	topology_hosts_file(&t, names);
	CU_ASSERT_STRING_EQUAL(names, "127.0.0.1\tlocalhost\n11.11.11.1\tinternet\n::1\tlocalhost\n2111::1\tinternet\n"
	                              "22.22.22.1\tserver\n22.22.22.2\tserver-2\n2222::2\tserver\n2222::1:2\tserver-2\n"
	                              "2222::3\tsix\n22.22.22.1\tstun.example.org\n2222::2\tstun.example.org\n");
}

static void every_node_fits_into_the_hosts_file(void)
{
	struct topology t = { .count = 0 };
	static char names[TOPOLOGY_HOSTS_SIZE];
	char name[TOPOLOGY_NAME_SIZE];

	t.plan = ADDRESS_PLAN_DOCUMENTATION;
	for (int i = 0; i < TOPOLOGY_NODES; i++) {
		snprintf(name, sizeof name, "a-name-of-the-most-le%02d", i);
		int node = topology_add_host(&t, name, TOPOLOGY_INTERNET, 1, error);

		topology_set_families(&t, node, FAMILIES_46);
	}
	CU_ASSERT_TRUE(topology_hosts_file(&t, names) < sizeof names);
	CU_ASSERT_PTR_NOT_NULL(strstr(names, "a-name-of-the-most-le63"));
}

static bool refused(const struct topology *t, const char *why)
{
	return topology_check_ipv6(t, error) == -1 && strstr(error, why) != NULL;
}

static void what_cannot_be_is_said(void)
{
	struct topology t = { .count = 0 };
	int nat = box(&t, "nat-a", TOPOLOGY_INTERNET, "symmetric,ipv6=open");
	int alice = host(&t, "alice", nat, FAMILIES_4);

	CU_ASSERT_TRUE(refused(&t, "'nat-a': 'ipv6=open', but no host behind it has IPv6"));
	topology_set_families(&t, alice, FAMILIES_46);
	CU_ASSERT_EQUAL(topology_check_ipv6(&t, error), 0);
	t.nodes[alice].links[0].weather.mtu = 1279;
	CU_ASSERT_TRUE(refused(&t, "the link of 'alice' takes 1279 bytes, and IPv6 needs 1280"));
	t.nodes[alice].links[0].weather.mtu = 1280;
	t.nodes[nat].nat.ipv6 = NAT_IPV6_NONE;
	CU_ASSERT_EQUAL(topology_check_ipv6(&t, error), 0);
	topology_set_families(&t, alice, FAMILIES_6);
	CU_ASSERT_TRUE(refused(&t, "'alice' has IPv6 alone, and 'nat-a' in front of it passes none"));
	t.nodes[alice].is_movable = true;
	CU_ASSERT_TRUE(refused(&t, "'alice' can be plugged in elsewhere"));
}

static void a_box_in_front_must_pass_it(void)
{
	struct topology t = { .count = 0 };
	int outer = box(&t, "outer", TOPOLOGY_INTERNET, "symmetric");
	int inner = box(&t, "inner", outer, "symmetric,ipv6=open");

	host(&t, "alice", inner, FAMILIES_46);
	CU_ASSERT_TRUE(refused(&t, "'inner': 'ipv6=open', but 'outer' in front of it passes no IPv6"));
}

/* Alice's IPv4 address is what her box knows her by. */
static void a_nat64_has_no_ipv4_inside(void)
{
	static struct topology t;
	static char text[TOPOLOGY_HOSTS_SIZE];
	int server, home, alice;
	struct siit s;

	t = (struct topology){ .count = 0 };
	server = host(&t, "server", TOPOLOGY_INTERNET, FAMILIES_4);
	home = box(&t, "home", TOPOLOGY_INTERNET, "symmetric,ipv6=nat64");
	alice = host(&t, "alice", home, FAMILIES_6);
	CU_ASSERT_TRUE(topology_is_nat64(&t, home) && topology_has_nat64(&t));
	CU_ASSERT_TRUE(topology_has_ipv4(&t, server, 0) && topology_has_ipv4(&t, home, 0));
	CU_ASSERT_FALSE(topology_has_ipv4(&t, alice, 0));
	CU_ASSERT_TRUE(is(&t.nodes[alice].links[0].addresses[0], "10.0.1.2"));
	s = topology_siit(&t, home);
	CU_ASSERT_EQUAL_FATAL(s.host_count, 1);
	CU_ASSERT_TRUE(is(&s.hosts[0].ipv6, "2444:0:3::4") && is(&s.hosts[0].ipv4, "10.0.1.2"));
	CU_ASSERT_TRUE(is(&s.own_ipv6, "2444:0:3::1") && is(&s.own_ipv4, "10.0.1.254"));
	topology_hosts_file(&t, text);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "2444:0:3::4\talice\n"));
	CU_ASSERT_PTR_NULL(strstr(text, "10.0.1.2\t"));
	topology_dns64_file(&t, home, text);
	CU_ASSERT_STRING_EQUAL(text, "64:ff9b::c000:aa\tipv4only.arpa\n64:ff9b::c000:ab\tipv4only.arpa\n"
	                             "64:ff9b::1616:1601\tserver\n");
	CU_ASSERT_EQUAL(topology_check_ipv6(&t, error), 0);
}

static void what_a_nat64_cannot_have_behind_it(void)
{
	static struct topology t;
	int home, alice;

	t = (struct topology){ .count = 0 };
	home = box(&t, "home", TOPOLOGY_INTERNET, "symmetric,ipv6=nat64");
	alice = host(&t, "alice", home, FAMILIES_4);
	CU_ASSERT_TRUE(refused(&t, "no host behind it has IPv6"));
	host(&t, "bob", home, FAMILIES_46);
	CU_ASSERT_TRUE(refused(&t, "'alice' has IPv4 alone, and behind 'home' with 'ipv6=nat64' is none"));
	topology_set_families(&t, alice, FAMILIES_46);
	CU_ASSERT_EQUAL(topology_check_ipv6(&t, error), 0);
	t.nodes[alice].is_movable = true;
	CU_ASSERT_TRUE(refused(&t, "who moves cannot be in a world with 'ipv6=nat64'"));
	t.nodes[alice].is_movable = false;
	box(&t, "inner", home, "symmetric");
	CU_ASSERT_TRUE(refused(&t, "'inner' cannot stand behind 'home'"));
}

static void prefixes_are_chosen(void)
{
	static struct topology t;
	static char text[TOPOLOGY_HOSTS_SIZE];
	const char *nptv6 = "open,ipv6=nptv6,ipv6.inside=fd00:0:1:100::/56,ipv6.outside=2001:db8:7:100::/56";
	int home, old, mapped, inner, carol;
	struct address outside[TOPOLOGY_ADDRESSES];

	t = (struct topology){ .count = 0 };
	host(&t, "server", TOPOLOGY_INTERNET, FAMILIES_4);
	home = box(&t, "home", TOPOLOGY_INTERNET, "symmetric,ipv6=firewall,ipv6.prefix=2001:db8:5:ab00::/56");
	host(&t, "alice", home, FAMILIES_46);
	old = box(&t, "old", TOPOLOGY_INTERNET, "symmetric,ipv6=nat64,ipv6.pref64=2001:db8:6::/48");
	host(&t, "bob", old, FAMILIES_6);
	mapped = box(&t, "mapped", TOPOLOGY_INTERNET, nptv6);
	inner = box(&t, "inner", mapped, "open,ipv6=open");
	carol = host(&t, "carol", inner, FAMILIES_46);
	CU_ASSERT_EQUAL(topology_check_ipv6(&t, error), 0);
	CU_ASSERT_TRUE(lan_is(&t, home, "2001:db8:5:ab00::/64", "2001:db8:5:ab00::1"));
	CU_ASSERT_TRUE(lan_is(&t, mapped, "fd00:0:1:100::/64", "fd00:0:1:100::1"));
	CU_ASSERT_TRUE(lan_is(&t, inner, "fd00:0:1:108::/64", "fd00:0:1:108::1"));
	CU_ASSERT_EQUAL_FATAL(topology_ipv6_outside(&t, carol, 0, outside), 1);
	CU_ASSERT_TRUE(is(&outside[0], "2001:db8:7:108:cf41::9"));
	topology_dns64_file(&t, old, text);
	CU_ASSERT_STRING_EQUAL(text,
	                       "2001:db8:6:c000:0:aa00::\tipv4only.arpa\n2001:db8:6:c000:0:ab00::\tipv4only.arpa\n"
	                       "2001:db8:6:1616:16:100::\tserver\n");
	CU_ASSERT_EQUAL(topology_siit(&t, old).prefix.bits, 48);
	t.nodes[home].links[0].renumbered++;
	CU_ASSERT_TRUE(lan_is(&t, home, "2001:db8:5:ab00::/64", "2001:db8:5:ab00::1"));
}

/* A world of one home, and another box there. */
static bool prefixes_refused(const char *spec, const char *behind, enum address_plan plan, const char *why)
{
	static struct topology t;
	int home;

	t = (struct topology){ .plan = plan };
	home = box(&t, "home", TOPOLOGY_INTERNET, spec);
	host(&t, "alice", home, FAMILIES_46);
	if (behind != NULL)
		host(&t, "bob", box(&t, "inner", home, behind), FAMILIES_46);
	return refused(&t, why);
}

static void prefixes_that_cannot_be(void)
{
	static struct topology t;
	const char *spec = "open,ipv6=open,ipv6.prefix=2001:db8:5::/48";

	t = (struct topology){ .count = 0 };
	host(&t, "alice", box(&t, "home", TOPOLOGY_INTERNET, spec), FAMILIES_46);
	host(&t, "bob", box(&t, "cafe", TOPOLOGY_INTERNET, "open,ipv6=open,ipv6.prefix=2001:db8:5:ff::/64"),
	     FAMILIES_46);
	CU_ASSERT_TRUE(refused(&t, "'cafe' and 'home' cannot both have 2001:db8:5::/48: each has a prefix of its own"));
	CU_ASSERT_TRUE(prefixes_refused("open,ipv6=open,ipv6.prefix=2444:0:5::/48", NULL, ADDRESS_PLAN_ORDINARY,
	                                "'home': 2444:0:5::/48 has addresses that the world gives to others"));
	CU_ASSERT_TRUE(
	    prefixes_refused("open,ipv6=open,ipv6.prefix=2333::/64", NULL, ADDRESS_PLAN_ORDINARY, "to others"));
	CU_ASSERT_TRUE(
	    prefixes_refused("symmetric,ipv6=nat64,ipv6.pref64=2444::/32", NULL, ADDRESS_PLAN_ORDINARY, "to others"));
	CU_ASSERT_TRUE(prefixes_refused("open,ipv6=open,ipv6.prefix=2001:db8:4005::/48", NULL,
	                                ADDRESS_PLAN_DOCUMENTATION, "to others"));
	CU_ASSERT_FALSE(prefixes_refused(spec, NULL, ADDRESS_PLAN_DOCUMENTATION, ""));
	CU_ASSERT_TRUE(
	    prefixes_refused("open,ipv6=nat66", spec, ADDRESS_PLAN_ORDINARY,
	                     "'inner': 'ipv6.prefix' is of the internet, which 'home' in front of it hides"));
	CU_ASSERT_TRUE(prefixes_refused("open,ipv6=nptv6,ipv6.inside=fd00:0:1:1::/64,ipv6.outside=2001:db8:7:1::/64",
	                                "open,ipv6=open", ADDRESS_PLAN_ORDINARY,
	                                "'inner': 'ipv6.inside' of 'home' has no room for one more network"));
}

static void families_are_read(void)
{
	enum families f = FAMILIES_4;
	char why[FAMILIES_ERROR_SIZE];

	CU_ASSERT_EQUAL(families_parse("46", &f, why), 0);
	CU_ASSERT_EQUAL(f, FAMILIES_46);
	CU_ASSERT_EQUAL(families_parse("6", &f, why), 0);
	CU_ASSERT_TRUE(families_have_ipv6(f) && !families_have_ipv4(f));
	CU_ASSERT_EQUAL(families_parse("64", &f, why), -1);
	CU_ASSERT_STRING_EQUAL(why, "there are no families '64'; there are: 4, 6, 46");
	CU_ASSERT_EQUAL(f, FAMILIES_6);
}

SUITE(topology_ipv6, TEST(addresses_speak), TEST(a_prefix_has_another_one_outside),
      TEST(hidden_addresses_are_nobodys_outside), TEST(numbers_read_as_decimal), TEST(nothing_is_there_unasked),
      TEST(names_have_both_families), TEST(every_node_fits_into_the_hosts_file), TEST(what_cannot_be_is_said),
      TEST(a_box_in_front_must_pass_it), TEST(two_carriers_give_a_prefix_each), TEST(prefixes_are_chosen),
      TEST(prefixes_that_cannot_be), TEST(families_are_read), TEST(a_nat64_has_no_ipv4_inside),
      TEST(what_a_nat64_cannot_have_behind_it), TEST(a_box_with_other_addresses_has_other_networks),
      TEST(a_translator_of_its_own_has_an_address), TEST(temporary_addresses_have_names_of_their_own),
      TEST(temporary_addresses_want_a_network_of_their_own))
