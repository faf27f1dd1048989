/* IPv4 addresses within IPv6 ones: RFC 6052's tables, RFC 7050's discovery. */
#include "base/nat64.h"
#include "suite.h"

#include <string.h>

/* RFC 6052 §2.4, tables 1 and 2: 192.0.2.33 with each length of prefix. */
static const struct {
	const char *network;
	unsigned bits;
	const char *address;
} rfc6052[] = {
	{ "2001:db8::", 32, "2001:db8:c000:221::" },
	{ "2001:db8:100::", 40, "2001:db8:1c0:2:21::" },
	{ "2001:db8:122::", 48, "2001:db8:122:c000:2:2100::" },
	{ "2001:db8:122:300::", 56, "2001:db8:122:3c0:0:221::" },
	{ "2001:db8:122:344::", 64, "2001:db8:122:344:c0:2:2100:0" },
	{ "2001:db8:122:344::", 96, "2001:db8:122:344::c000:221" },
	{ "64:ff9b::", 96, "64:ff9b::c000:221" },
};
#define COUNT (sizeof rfc6052 / sizeof *rfc6052)

static struct address address(const char *text)
{
	struct address a = { 0 };

	CU_ASSERT_EQUAL_FATAL(address_parse(text, &a), 0);
	return a;
}

static void each_length_of_prefix_has_its_place(void)
{
	const struct address ipv4 = address("192.0.2.33");

	for (size_t i = 0; i < COUNT; i++) {
		const struct nat64_prefix p = { address(rfc6052[i].network), rfc6052[i].bits };
		struct address whole = address(rfc6052[i].address), made = nat64_embed(&p, &ipv4), within;

		CU_ASSERT_TRUE(address_equal(&made, &whole));
		CU_ASSERT_TRUE_FATAL(nat64_extract(&p, &whole, &within));
		CU_ASSERT_TRUE(address_equal(&within, &ipv4));
	}
}

static void other_addresses_have_none_within(void)
{
	const struct nat64_prefix p = nat64_well_known(), none = { .bits = 96 };
	const struct nat64_prefix wide = { address("2001:db8::"), 32 };
	struct address within, other = address("2001:db8::1"), marked = address("2001:db8:c000:221:100::"),
			       ipv4 = address("192.0.2.33"), well_known = address("64:ff9b::c000:221");

	CU_ASSERT_FALSE(nat64_extract(&p, &other, &within));
	CU_ASSERT_FALSE(nat64_extract(&p, &ipv4, &within));
	CU_ASSERT_FALSE(nat64_extract(&none, &well_known, &within));
	CU_ASSERT_FALSE(nat64_extract(&wide, &marked, &within)); /* bits 64 to 71 are not zero */
}

static void a_name_tells_the_prefix(void)
{
	static const uint32_t both[] = { NAT64_NAME_FIRST, NAT64_NAME_SECOND };
	struct nat64_prefix found;
	struct address other = address("2001:db8::192.0.2.33");

	for (size_t i = 0; i < COUNT; i++)
		for (size_t k = 0; k < 2; k++) {
			const struct nat64_prefix p = { address(rfc6052[i].network), rfc6052[i].bits };
			const struct address ipv4 = address_ipv4(both[k]), told = nat64_embed(&p, &ipv4);

			CU_ASSERT_TRUE_FATAL(nat64_discover(&told, &found));
			CU_ASSERT_EQUAL(found.bits, p.bits);
			CU_ASSERT_TRUE(address_equal(&found.network, &p.network));
		}
	CU_ASSERT_FALSE(nat64_discover(&other, &found));
}

SUITE(nat64, TEST(each_length_of_prefix_has_its_place), TEST(other_addresses_have_none_within),
      TEST(a_name_tells_the_prefix))
