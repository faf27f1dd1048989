#include "model/igd.h"
#include "model/lease_file.h"
#include "model/nat_rules.h"
#include "model/nat_show.h"
#include "model/port_mapper.h"
#include "suite.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static struct nat nat_of(const char *spec)
{
	char error[NAT_ERROR_SIZE];
	struct nat nat = { 0 };

	CU_ASSERT_EQUAL(nat_parse(spec, &nat, error), 0);
	return nat;
}

static bool says(const char *spec, const char *words)
{
	char text[PORT_MAPPER_TEXT_SIZE];
	struct nat nat = nat_of(spec);

	port_mapper_configuration(&nat, "wan", "/run/x.leases", text);
	return strstr(text, words) != NULL;
}

static void the_configuration_follows_the_spec(void)
{
	CU_ASSERT_TRUE(says("upnp", "enable_upnp=yes\nenable_natpmp=no\n"));
	CU_ASSERT_TRUE(says("nat-pmp", "enable_upnp=no\nenable_natpmp=yes\n"));
	CU_ASSERT_TRUE(says("pcp", "enable_upnp=no\nenable_natpmp=yes\n"));
	CU_ASSERT_TRUE(says("upnp", "ext_ifname=wan\n"));
	CU_ASSERT_TRUE(says("upnp", "lease_file=/run/x.leases\n"));
	CU_ASSERT_TRUE(says("upnp=private-address", "ext_ifname=lo\n"));
	CU_ASSERT_TRUE(says("upnp", "secure_mode=yes"));
	CU_ASSERT_TRUE(says("upnp=short-lease", "secure_mode=no"));
}

static void a_box_takes_only_what_it_speaks(void)
{
	const struct nat pmp = nat_of("nat-pmp"), pcp = nat_of("pcp"), silent = nat_of("upnp=silent");
	const struct subnet lan = subnet_ipv4(0x0a000100, 24);
	static char text[PORT_MAPPER_RULES_SIZE];

	port_mapper_nft(&pmp, "wan", &lan, text);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "@th,64,8 != 0 drop"));
	CU_ASSERT_PTR_NULL(strstr(text, "@th,64,8 0 drop"));
	port_mapper_nft(&pcp, "wan", &lan, text);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "@th,64,8 0 drop"));
	CU_ASSERT_PTR_NULL(strstr(text, "!= 0 drop"));
	port_mapper_nft(&silent, "wan", &lan, text);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "udp dport { 1900, 5351 } drop"));
}

/* Only what miniupnpd has marked gets past the box's own rules. */
static void marked_connections_are_forwarded(void)
{
	static struct nat_rules rules;
	const struct nat_site site = { .wan = "wan",
		                       .lan = "lan",
		                       .wan_address = "33.33.33.1",
		                       .lan_network = "10.0.1.0/24",
		                       .hosts = { "10.0.1.2" },
		                       .host_count = 1 };
	struct nat cone = nat_of("port-restricted,upnp"), nft = nat_of("symmetric,ports=sequential,upnp"),
		   none = nat_of("port-restricted");

	CU_ASSERT_EQUAL(nat_rules_make(&cone, &site, &rules), 0);
	CU_ASSERT_PTR_NOT_NULL(
	    strstr(rules.iptables, "-A FORWARD -i wan -m connmark --mark " PORT_MAPPER_MARK " -j ACCEPT"));
	CU_ASSERT_EQUAL(nat_rules_make(&nft, &site, &rules), 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(rules.nft, "ct mark " PORT_MAPPER_MARK " accept"));
	CU_ASSERT_EQUAL(nat_rules_make(&none, &site, &rules), 0);
	CU_ASSERT_PTR_NULL(strstr(rules.iptables, PORT_MAPPER_MARK));
}

static void the_lease_file_is_read(void)
{
	struct lease l[LEASE_FILE_MAX];

	CU_ASSERT_EQUAL_FATAL(
	    lease_file_read("UDP:4001:10.0.1.2:4002:1795720059:NAT-PMP 4001 udp\n"
	                    "TCP:80:10.0.1.3:8080:0:a name: with a colon\n"
	                    "SCTP:80:10.0.1.3:8080:0:x\nUDP:0:10.0.1.3:8080:0:x\nUDP:1:10.0.1:2:0:x\nUDP\n\n"
	                    "UDP:9:10.0.1.2:9:5:PCP MAP 0123",
	                    l),
	    3);
	CU_ASSERT_EQUAL(l[0].protocol, IPPROTO_UDP);
	CU_ASSERT_EQUAL(l[0].outside, 4001);
	CU_ASSERT_EQUAL(l[0].inside.port, 4002);
	CU_ASSERT_EQUAL(l[0].ends_s, 1795720059);
	CU_ASSERT_EQUAL(l[0].by, MAPPER_NAT_PMP);
	CU_ASSERT_EQUAL(l[1].protocol, IPPROTO_TCP);
	CU_ASSERT_EQUAL(l[1].by, MAPPER_UPNP);
	CU_ASSERT_EQUAL(l[2].by, MAPPER_PCP);
	CU_ASSERT_FALSE(lease_same_port(&l[0], &l[1]));
	CU_ASSERT_EQUAL(lease_file_read("", l), 0);
}

/* A renewed lease is the same one; another host's is not. */
static void leases_are_compared_by_whose_they_are(void)
{
	struct lease l[LEASE_FILE_MAX];

	CU_ASSERT_EQUAL_FATAL(lease_file_read("UDP:1:10.0.1.2:2:5:x\nUDP:1:10.0.1.2:2:9:x\nUDP:1:10.0.1.3:2:5:x\n", l),
	                      3);
	CU_ASSERT_TRUE(lease_same(&l[0], &l[1]));
	CU_ASSERT_FALSE(lease_same(&l[0], &l[2]));
	CU_ASSERT_TRUE(lease_same_port(&l[0], &l[2]));
}

static void answers_of_a_gateway_are_read(void)
{
	CU_ASSERT_EQUAL(igd_answer_code("HTTP/1.1 200 OK\r\n\r\n<u:AddPortMappingResponse/>"), 0);
	CU_ASSERT_EQUAL(igd_answer_code("HTTP/1.1 500 Internal Server Error\r\n\r\n<errorCode>718</errorCode>"), 718);
	CU_ASSERT_EQUAL(igd_answer_code("HTTP/1.1 404 Not Found\r\n\r\n"), -1);
	CU_ASSERT_EQUAL(igd_answer_code(""), -1);
	CU_ASSERT_EQUAL(igd_answer_code("HTTP/1."), -1);
	CU_ASSERT_TRUE(igd_answer_is_public("<NewExternalIPAddress>33.33.33.1</NewExternalIPAddress>"));
	CU_ASSERT_FALSE(igd_answer_is_public("<NewExternalIPAddress></NewExternalIPAddress>"));
	CU_ASSERT_FALSE(igd_answer_is_public("<NewExternalIPAddress>100.64.1.2</NewExternalIPAddress>"));
	CU_ASSERT_FALSE(igd_answer_is_public("HTTP/1.1 200 OK"));
}

static void requests_say_how_long_they_are(void)
{
	const struct endpoint device = endpoint_ipv4(0x0a000101, 5000), inside = endpoint_ipv4(0x0a000102, 4001);
	char text[IGD_TEXT_SIZE], length[40];
	const char *body;

	igd_add_mapping(&device, 4002, &inside, 600, text);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "Host: 10.0.1.1:5000\r\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "<NewExternalPort>4002</NewExternalPort>"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "<NewInternalClient>10.0.1.2</NewInternalClient>"));
	body = strstr(text, "\r\n\r\n");
	CU_ASSERT_PTR_NOT_NULL_FATAL(body);
	snprintf(length, sizeof length, "Content-Length: %zu\r\n", strlen(body + 4));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, length));
	igd_delete_mapping(&device, 4002, "TCP", text);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "<NewProtocol>TCP</NewProtocol>"));
}

/* Another host has them, by rules that either build reads. */
static void taken_ports_lead_to_another_host(void)
{
	const struct subnet lan = subnet_ipv4(0x0a000100, 24);
	const struct nat taken = nat_of("upnp=conflict"), works = nat_of("upnp");
	static char text[PORT_MAPPER_RULES_SIZE];

	port_mapper_nft(&taken, "wan", &lan, text);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "iif \"wan\" @nh,72,8 17 th dport 51820 dnat ip to 10.0.1.254\n"));
	CU_ASSERT_STRING_EQUAL(text + strlen(text) - 2, "}\n");
	port_mapper_legacy(&taken, &lan, text);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "-p tcp --dport 51820 -j DNAT --to-destination 10.0.1.254:51820\n"));
	CU_ASSERT_STRING_EQUAL(text + strlen(text) - 7, "COMMIT\n");
	port_mapper_nft(&works, "wan", &lan, text);
	CU_ASSERT_PTR_NULL(strstr(text, "dnat"));
}

static void the_summary_says_it(void)
{
	const struct nat works = nat_of("port-restricted,pcp"), faulty = nat_of("symmetric,upnp=silent");
	char text[NAT_SUMMARY_SIZE];

	CU_ASSERT_PTR_NOT_NULL(strstr(nat_summary(&works, text), ", maps ports that hosts ask for"));
	CU_ASSERT_PTR_NOT_NULL(strstr(nat_summary(&faulty, text), ", maps ports that hosts ask for (silent)"));
}

static void ports_that_are_taken_are_in_the_documents(void)
{
	size_t count = 0;

	while (port_mapper_taken(count) != 0)
		count++;
	CU_ASSERT_EQUAL(count, 100 + 119 + 7);
	CU_ASSERT_EQUAL(port_mapper_taken(0), 4001);
	CU_ASSERT_EQUAL(port_mapper_taken(count - 1), 51820);
}

SUITE(port_mapper, TEST(the_configuration_follows_the_spec), TEST(a_box_takes_only_what_it_speaks),
      TEST(marked_connections_are_forwarded), TEST(the_lease_file_is_read), TEST(leases_are_compared_by_whose_they_are),
      TEST(answers_of_a_gateway_are_read), TEST(requests_say_how_long_they_are), TEST(taken_ports_lead_to_another_host),
      TEST(the_summary_says_it), TEST(ports_that_are_taken_are_in_the_documents))
