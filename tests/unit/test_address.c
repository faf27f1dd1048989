#include "base/address.h"
#include "base/subnet.h"
#include "suite.h"

#include <string.h>

static struct address address_of(const char *text)
{
	struct address a = { 0 };

	CU_ASSERT_EQUAL_FATAL(address_parse(text, &a), 0);
	return a;
}

static bool reads(const struct address *a, const char *wanted)
{
	char text[ADDRESS_TEXT_SIZE];

	return strcmp(address_format(a, text), wanted) == 0;
}

static void texts_survive_a_round_trip(void)
{
	static const char *const good[] = { "192.0.2.1", "0.0.0.0", "2001:db8::1", "::" };
	static const char *const bad[] = {
		"", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.4 ", "1.2.3.4:5", "[::1]", "x"
	};
	struct address a, none = { 0 };

	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		a = address_of(good[i]);
		CU_ASSERT_TRUE(reads(&a, good[i]));
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		a = address_ipv4(7);
		CU_ASSERT_EQUAL(address_parse(bad[i], &a), -1);
		CU_ASSERT_TRUE(reads(&a, "0.0.0.7"));
	}
	CU_ASSERT_TRUE(reads(&none, "none"));
}

static void a_family_has_a_length(void)
{
	struct address none = { 0 }, v4 = address_of("192.0.2.1"), v6 = address_of("::1");

	CU_ASSERT_EQUAL(address_size(&none), 0);
	CU_ASSERT_EQUAL(address_size(&v4), 4);
	CU_ASSERT_EQUAL(address_size(&v6), 16);
	CU_ASSERT_EQUAL(address_bits(&v6), 128);
	v6 = (struct address){ .family = ADDRESS_IPV6, .bytes = { 192, 0, 2, 1 } };
	CU_ASSERT_FALSE(address_equal(&v4, &v6)); /* the same bytes of another family */
}

static void an_address_is_a_network_and_a_host(void)
{
	static const struct {
		const char *address;
		unsigned prefix;
		const char *network, *host;
	} table[] = {
		{ "10.9.8.7", 24, "10.9.8.0", "0.0.0.7" },
		{ "10.9.8.7", 32, "10.9.8.7", "0.0.0.0" },
		{ "10.9.8.7", 0, "0.0.0.0", "10.9.8.7" },
		{ "10.255.8.7", 10, "10.192.0.0", "0.63.8.7" },
		{ "10.9.255.7", 23, "10.9.254.0", "0.0.1.7" },
		{ "10.9.8.255", 31, "10.9.8.254", "0.0.0.1" },
		{ "2001:db8:1:2::9", 48, "2001:db8:1::", "::2:0:0:0:9" },
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct address a = address_of(table[i].address);
		struct address network = address_network(&a, table[i].prefix);
		struct address host = address_host_part(&a, table[i].prefix);

		CU_ASSERT_TRUE(reads(&network, table[i].network));
		CU_ASSERT_TRUE(reads(&host, table[i].host));
	}
}

static void addresses_are_counted_on(void)
{
	static const struct {
		const char *address;
		uint32_t n;
		const char *sum;
	} table[] = {
		{ "10.0.0.0", 1, "10.0.0.1" },
		{ "10.0.0.255", 1, "10.0.1.0" },
		{ "10.0.0.0", 0, "10.0.0.0" },
		{ "10.0.0.1", 65536, "10.1.0.1" },
		{ "9.255.255.255", 2, "10.0.0.1" },
		{ "2001:db8::ffff", 1, "2001:db8::1:0" },
		{ "::ffff:ffff:ffff", 1, "::ffff:0.0.0.0" }, /* the last 32 bits alone */
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct address a = address_of(table[i].address);
		struct address sum = address_plus(&a, table[i].n);

		CU_ASSERT_TRUE(reads(&sum, table[i].sum));
	}
}

static void scopes_follow_rfc_6890(void)
{
	static const struct {
		const char *address;
		enum address_scope scope;
	} table[] = {
		{ "0.0.0.0", ADDRESS_UNSPECIFIED },    { "::", ADDRESS_UNSPECIFIED },
		{ "127.9.9.9", ADDRESS_LOOPBACK },     { "::1", ADDRESS_LOOPBACK },
		{ "169.254.1.1", ADDRESS_LINK_LOCAL }, { "fe80::1", ADDRESS_LINK_LOCAL },
		{ "10.1.2.3", ADDRESS_PRIVATE },       { "172.31.0.1", ADDRESS_PRIVATE },
		{ "172.32.0.1", ADDRESS_GLOBAL },      { "172.16.0.1", ADDRESS_PRIVATE },
		{ "172.15.0.1", ADDRESS_GLOBAL },      { "100.63.0.1", ADDRESS_GLOBAL },
		{ "192.168.0.1", ADDRESS_PRIVATE },    { "100.64.0.1", ADDRESS_PRIVATE },
		{ "100.128.0.1", ADDRESS_GLOBAL },     { "fd00::1", ADDRESS_PRIVATE },
		{ "224.0.0.1", ADDRESS_MULTICAST },    { "255.255.255.255", ADDRESS_MULTICAST },
		{ "ff02::1", ADDRESS_MULTICAST },      { "203.0.113.1", ADDRESS_GLOBAL },
		{ "2001:db8::1", ADDRESS_GLOBAL },
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct address a = address_of(table[i].address);

		CU_ASSERT_EQUAL(address_scope(&a), table[i].scope);
	}
}

static void a_network_holds_what_begins_as_it_does(void)
{
	struct subnet lan = subnet_ipv4(0xc0a80100, 24), half = subnet_ipv4(0xc0a80180, 25),
		      other = subnet_ipv4(0xc0a80200, 24);
	struct address inside = address_of("192.168.1.200"), outside = address_of("192.168.2.1"),
		       v6 = address_of("c0a8:100::");
	struct address third = subnet_host(&lan, 3);

	CU_ASSERT_TRUE(subnet_contains(&lan, &inside));
	CU_ASSERT_FALSE(subnet_contains(&lan, &outside));
	CU_ASSERT_FALSE(subnet_contains(&lan, &v6));
	CU_ASSERT_TRUE(subnet_overlaps(&lan, &half));
	CU_ASSERT_TRUE(subnet_overlaps(&half, &lan));
	CU_ASSERT_TRUE(subnet_overlaps(&lan, &lan));
	CU_ASSERT_FALSE(subnet_overlaps(&lan, &other));
	CU_ASSERT_TRUE(reads(&third, "192.168.1.3"));
	CU_ASSERT_EQUAL(subnet_size(&lan), 256);
	CU_ASSERT_EQUAL(subnet_size(&half), 128);
}

static void networks_are_read(void)
{
	static const char *const bad[] = { "",           "10.0.0.0",    "10.0.0.0/", "10.0.0.0/33",
		                           "10.0.0.0/x", "10.0.0.0/08", "/8",        "::/129" };
	char text[SUBNET_TEXT_SIZE];
	struct subnet s;

	CU_ASSERT_EQUAL_FATAL(subnet_parse("10.1.2.3/16", &s), 0);
	CU_ASSERT_STRING_EQUAL(subnet_format(&s, text), "10.1.0.0/16");
	CU_ASSERT_EQUAL_FATAL(subnet_parse("2001:db8:1::/48", &s), 0);
	CU_ASSERT_STRING_EQUAL(subnet_format(&s, text), "2001:db8:1::/48");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		CU_ASSERT_EQUAL(subnet_parse(bad[i], &s), -1);
}

SUITE(address, TEST(texts_survive_a_round_trip), TEST(a_family_has_a_length), TEST(an_address_is_a_network_and_a_host),
      TEST(addresses_are_counted_on), TEST(scopes_follow_rfc_6890), TEST(a_network_holds_what_begins_as_it_does),
      TEST(networks_are_read))
