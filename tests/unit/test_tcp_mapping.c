#include "nat_type/tcp_mapping.h"
#include "suite.h"

#include <stdio.h>
#include <string.h>

static struct endpoint at(const char *text)
{
	struct endpoint e = { 0 };

	if (text != NULL)
		CU_ASSERT_EQUAL_FATAL(endpoint_parse(text, &e), 0);
	return e;
}

static struct tcp_mapping mapping(const char *seen, const char *by_port, const char *by_address)
{
	const struct tcp_mapping_findings f = { .local = at("10.0.0.2:4000"),
		                                .seen = at(seen),
		                                .by_other_port = at(by_port),
		                                .by_other_address = at(by_address) };

	return tcp_mapping_of(&f);
}

static void tells_the_mapping(void)
{
	const char *one = "9.9.9.9:4000", *two = "9.9.9.9:4001", *three = "9.9.9.9:4002";

	CU_ASSERT_TRUE(mapping(one, one, one).translated);
	CU_ASSERT_FALSE(mapping("10.0.0.2:4000", one, one).translated);
	CU_ASSERT_EQUAL(mapping(one, one, one).mapping, NAT_ENDPOINT_INDEPENDENT);
	CU_ASSERT_EQUAL(mapping(one, one, two).mapping, NAT_ADDRESS_DEPENDENT);
	CU_ASSERT_EQUAL(mapping(one, two, three).mapping, NAT_ADDRESS_AND_PORT_DEPENDENT);
	CU_ASSERT_TRUE(mapping(one, one, two).mapping_known);
}

/* One that was not asked is not guessed. */
static void says_what_it_does_not_know(void)
{
	const char *one = "9.9.9.9:4000", *two = "9.9.9.9:4001";

	CU_ASSERT_FALSE(mapping(one, NULL, NULL).mapping_known);
	CU_ASSERT_FALSE(mapping(one, one, NULL).mapping_known);
	CU_ASSERT_FALSE(mapping(one, NULL, two).mapping_known);
	CU_ASSERT_TRUE(mapping(one, NULL, one).mapping_known);
	CU_ASSERT_TRUE(mapping(one, two, NULL).mapping_known);
	CU_ASSERT_FALSE(mapping(NULL, NULL, NULL).translated);
}

static struct tcp_mapping ports(const uint16_t inside[4], const uint16_t outside[4])
{
	struct tcp_mapping_findings f = { .sockets = 4 };

	for (size_t i = 0; i < 4; i++) {
		f.inside[i] = inside[i];
		f.outside[i] = outside[i];
	}
	return tcp_mapping_of(&f);
}

static void tells_the_ports(void)
{
	const uint16_t inside[] = { 4000, 4711, 4200, 4300 }, counted[] = { 60, 61, 63, 64 },
		       random[] = { 60, 9000, 700, 44 };

	CU_ASSERT_EQUAL(ports(inside, inside).ports, NAT_PORTS_PRESERVE);
	CU_ASSERT_EQUAL(ports(inside, inside).preserved, 4);
	CU_ASSERT_EQUAL(ports(inside, counted).ports, NAT_PORTS_SEQUENTIAL);
	CU_ASSERT_EQUAL(ports(inside, random).ports, NAT_PORTS_RANDOM);
	CU_ASSERT_EQUAL(ports(inside, (uint16_t[]){ 60, 76, 77, 78 }).ports, NAT_PORTS_SEQUENTIAL);
	CU_ASSERT_EQUAL(ports(inside, (uint16_t[]){ 60, 77, 78, 79 }).ports, NAT_PORTS_RANDOM);
	CU_ASSERT_EQUAL(ports(inside, (uint16_t[]){ 60, 61, 61, 62 }).ports, NAT_PORTS_RANDOM);
}

#define BEHIND "By TCP you are behind a NAT: inside you are 10.0.0.2, outside 9.9.9.9.\n\n"
#define UNSEEN                                                                                                         \
	"  filtering    unknown                     no server dials back: one host cannot see what strangers' SYNs "   \
	"get\n"

/* The same findings, for people and for programs. */
static void says_what_was_found(void)
{
	static const struct {
		const char *seen, *by_port, *by_address;
		uint16_t outside[3];
		size_t sockets;
		const char *text, *mapping, *ports;
	} rows[] = {
		{ "9.9.9.9:4000",
		  "9.9.9.9:4000",
		  "9.9.9.9:4000",
		  { 5000, 5001, 5002 },
		  3,
		  BEHIND "  mapping      endpoint-independent        one outside port towards everybody, so others can "
		         "be told "
		         "it\n  ports        preserve                    3 of 3 sockets kept their own\n" UNSEEN,
		  "endpoint-independent",
		  "preserve\",\"ports_preserved\":3" },
		{ "9.9.9.9:4007",
		  "9.9.9.9:4008",
		  NULL,
		  { 6000, 6001, 6002 },
		  3,
		  BEHIND "  mapping      address-and-port-dependent  another outside port towards others\n"
		         "  ports        sequential                  0 of 3 sockets kept their own\n" UNSEEN,
		  "address-and-port-dependent",
		  "sequential\",\"ports_preserved\":0" },
		{ "9.9.9.9:4007",
		  "9.9.9.9:4007",
		  "9.9.9.9:4010",
		  { 6000, 5001, 17 },
		  3,
		  BEHIND "  mapping      address-dependent           another outside port towards others\n"
		         "  ports        random                      1 of 3 sockets kept their own\n" UNSEEN,
		  "address-dependent",
		  "random\",\"ports_preserved\":1" },
		{ "9.9.9.9:4007",
		  "9.9.9.9:4007",
		  NULL,
		  { 6000 },
		  1,
		  BEHIND
		  "  mapping      unknown                     the server answers at one address, or one port, alone\n"
		  "  ports        unknown                     0 of 1 sockets kept their own\n" UNSEEN,
		  "unknown",
		  "unknown\",\"ports_preserved\":0" },
		{ "10.0.0.2:4000",
		  NULL,
		  NULL,
		  { 0 },
		  0,
		  "By TCP nothing translates: you are 10.0.0.2, inside and outside.\n",
		  "unknown",
		  "unknown\",\"ports_preserved\":0" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct tcp_mapping_findings f = { .local = at("10.0.0.2:4000"),
			                          .seen = at(rows[i].seen),
			                          .by_other_port = at(rows[i].by_port),
			                          .by_other_address = at(rows[i].by_address),
			                          .inside = { 5000, 5001, 5002 },
			                          .sockets = rows[i].sockets };
		char text[TCP_MAPPING_TEXT_SIZE], json[TCP_MAPPING_TEXT_SIZE];

		memcpy(f.outside, rows[i].outside, sizeof rows[i].outside);
		CU_ASSERT_STRING_EQUAL(tcp_mapping_text(&f, text), rows[i].text);
		snprintf(json, sizeof json,
		         "{\"protocol\":\"tcp\",\"kind\":\"%s\",\"inside\":\"10.0.0.2:4000\",\"outside\":\"%s\","
		         "\"mapping\":\"%s\",\"ports\":\"%s,\"port_samples\":%zu,\"filtering\":\"unknown\"}\n",
		         rows[i].by_port != NULL ? "nat" : "untranslated", rows[i].seen, rows[i].mapping, rows[i].ports,
		         rows[i].sockets);
		CU_ASSERT_STRING_EQUAL(tcp_mapping_json(&f, text), json);
	}
}

SUITE(tcp_mapping, TEST(tells_the_mapping), TEST(says_what_it_does_not_know), TEST(tells_the_ports),
      TEST(says_what_was_found))
