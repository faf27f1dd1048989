#include "model/nptv6.h"
#include "suite.h"

#include <string.h>

static struct nptv6 between(const char *inside, const char *outside)
{
	struct nptv6 n;

	CU_ASSERT_EQUAL_FATAL(subnet_parse(inside, &n.inside), 0);
	CU_ASSERT_EQUAL_FATAL(subnet_parse(outside, &n.outside), 0);
	return n;
}

static bool becomes(const struct nptv6 *n, const char *inside, const char *outside)
{
	char text[ADDRESS_TEXT_SIZE];
	struct address a, out;

	CU_ASSERT_EQUAL_FATAL(address_parse(inside, &a), 0);
	out = nptv6_outside(n, &a);
	CU_ASSERT_TRUE(nptv6_is_neutral(&a, &out));
	return strcmp(address_format(&out, text), outside) == 0;
}

static void the_example_of_the_standard(void)
{
	/* RFC 6296, section 2.3. */
	struct nptv6 n = between("fd01:203:405::/48", "2001:db8:1::/48");

	CU_ASSERT_TRUE(becomes(&n, "fd01:203:405:1::1234", "2001:db8:1:d550::1234"));
}

static void the_rest_of_an_address_stays(void)
{
	struct nptv6 n = between("fd44:0:3::/48", "2444:0:3::/48");

	CU_ASSERT_TRUE(becomes(&n, "fd44:0:3:3::4", "2444:0:3:d903::4"));
	CU_ASSERT_TRUE(becomes(&n, "fd44:0:3:26ff:ffff:1:2:3", "2444:0:3:0:ffff:1:2:3"));
	CU_ASSERT_TRUE(becomes(&n, "fd44:0:3:2700::1", "2444:0:3:1::1"));
}

/* RFC 6296, section 3.5: the first of the identifier's words that are not all ones. */
static void behind_a_longer_prefix_the_identifier_gives_way(void)
{
	struct nptv6 n = between("fd01:203:405:0100::/56", "2001:db8:1:0200::/56");

	CU_ASSERT_FALSE(nptv6_keeps_identifier(&n));
	CU_ASSERT_TRUE(becomes(&n, "fd01:203:405:103::4", "2001:db8:1:203:d44f::4"));
	CU_ASSERT_TRUE(becomes(&n, "fd01:203:405:103:ffff::4", "2001:db8:1:203:ffff:d44f:0:4"));
	n = between("fd01:203:405:1::/64", "2001:db8:1:1::/64");
	CU_ASSERT_TRUE(becomes(&n, "fd01:203:405:1::4", "2001:db8:1:1:d54f::4"));
	n = between("fd01:203:405::/48", "2001:db8:1::/48");
	CU_ASSERT_TRUE(nptv6_keeps_identifier(&n));
}

static void what_is_not_neutral_is_seen(void)
{
	struct address a, b;

	CU_ASSERT_EQUAL_FATAL(address_parse("fd44:0:3:3::4", &a), 0);
	CU_ASSERT_EQUAL_FATAL(address_parse("2444:0:3:3::4", &b), 0);
	CU_ASSERT_FALSE(nptv6_is_neutral(&a, &b));
	CU_ASSERT_TRUE(nptv6_is_neutral(&a, &a));
}

SUITE(nptv6, TEST(the_example_of_the_standard), TEST(the_rest_of_an_address_stays),
      TEST(behind_a_longer_prefix_the_identifier_gives_way), TEST(what_is_not_neutral_is_seen))
