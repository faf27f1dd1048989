#include "model/dns_record.h"
#include "model/topology.h"
#include "model/topology_names.h"
#include "suite.h"

#include <string.h>

static void each_kind_is_dnsmasqs_line(void)
{
	static const char *const good[][2] = {
		{ "stun.example.org A 74.125.250.129", "host-record=stun.example.org,74.125.250.129" },
		{ "  stun.example.org   AAAA  2001:db8::1", "host-record=stun.example.org,2001:db8::1" },
		{ "_turn._udp.example.org SRV 0 5 3478 turn.example.org",
		  "srv-host=_turn._udp.example.org,turn.example.org,3478,0,5" },
		{ "example.org TXT some words, and more", "txt-record=example.org,\"some words, and more\"" },
		{ "74.125.250.129 PTR stun.example.org", "ptr-record=129.250.125.74.in-addr.arpa,stun.example.org" },
	};

	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		char line[DNS_RECORD_SIZE], error[256];

		CU_ASSERT_EQUAL_FATAL(dns_record_read(good[i][0], line, error, sizeof error), 0);
		CU_ASSERT_STRING_EQUAL(line, good[i][1]);
	}
}

static void what_is_no_record_is_refused(void)
{
	static const char *const bad[] = {
		"",
		"stun.example.org",
		"stun.example.org A",
		"stun.example.org A 2001:db8::1",
		"stun.example.org AAAA 1.2.3.4",
		"stun.example.org A 1.2.3.4,5",
		"Stun A 1.2.3.4",
		"stun,x A 1.2.3.4",
		"stun.example.org MX 5 mail.example.org",
		"_a._udp SRV 0 5 turn.example.org",
		"_a._udp SRV 0 5 65536 turn.example.org",
		"_a._udp SRV 0 5 3478 turn.example.org more",
		"example.org TXT a \"quote\"",
		"example.org TXT a\nserver=1.2.3.4",
		"stun.example.org PTR stun.example.org",
	};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		char line[DNS_RECORD_SIZE], error[256] = "";

		CU_ASSERT_EQUAL(dns_record_read(bad[i], line, error, sizeof error), -1);
		CU_ASSERT_PTR_NOT_NULL(strstr(error, "is no record"));
	}
}

static struct nat nat_of(const char *spec)
{
	char error[NAT_ERROR_SIZE];
	struct nat nat;

	CU_ASSERT_EQUAL_FATAL(nat_parse(spec, &nat, error), 0);
	return nat;
}

/* What translates forwards names; whoever stands behind what does not asks whom that asks. */
static void whom_a_node_asks(void)
{
	static struct topology t;
	const struct nat nat = nat_of("symmetric"), wall = nat_of("firewall");
	char error[TOPOLOGY_ERROR_SIZE];
	int carrier, home, behind_wall, alice, bob;
	struct address lan, server;

	t = (struct topology){ .has_dns = true };
	t.dns = topology_add_host(&t, "dns", TOPOLOGY_INTERNET, 1, error);
	carrier = topology_add_box(&t, "carrier", TOPOLOGY_INTERNET, &nat, NULL, error);
	home = topology_add_box(&t, "home", carrier, &nat, NULL, error);
	behind_wall = topology_add_box(&t, "wall", TOPOLOGY_INTERNET, &wall, NULL, error);
	alice = topology_add_host(&t, "alice", home, 1, error);
	bob = topology_add_host(&t, "bob", behind_wall, 1, error);
	CU_ASSERT_TRUE(topology_forwards_names(&t, home));
	CU_ASSERT_FALSE(topology_forwards_names(&t, behind_wall));
	CU_ASSERT_FALSE(topology_forwards_names(&t, alice));
	lan = topology_lan_address(&t, home);
	server = topology_name_server(&t, alice);
	CU_ASSERT_TRUE(address_equal(&server, &lan));
	lan = topology_lan_address(&t, carrier);
	server = topology_name_server(&t, home);
	CU_ASSERT_TRUE(address_equal(&server, &lan));
	server = topology_name_server(&t, bob);
	CU_ASSERT_TRUE(address_equal(&server, &t.nodes[t.dns].links[0].addresses[0]));
}

SUITE(dns_record, TEST(each_kind_is_dnsmasqs_line), TEST(what_is_no_record_is_refused), TEST(whom_a_node_asks))
