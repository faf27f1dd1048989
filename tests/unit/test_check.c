#include "check/check.h"
#include "suite.h"

/* Where the lab has other rules for a box with one host behind it, both are built to be measured. */
static void a_box_with_one_host_is_measured_where_it_differs(void)
{
	static const struct {
		const char *spec;
		bool alone;
	} table[] = {
		{ "full-cone", true },
		{ "restricted", true },
		{ "port-restricted", true },
		{ "port-restricted,hairpin", true },
		{ "symmetric", false },
		{ "linux-router", false },
		{ "firewall", false },
		{ "open", false },
		{ "udp-blocked", false },
		{ "port-restricted,range=20000-20511", false },
		{ "port-restricted,refresh=outbound", false },
		{ "mapping=ad,filtering=ad", false },
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		static struct topology t;
		char error[NAT_ERROR_SIZE];
		struct nat nat;

		CU_ASSERT_EQUAL_FATAL(nat_parse(table[i].spec, &nat, error), 0);
		CU_ASSERT_EQUAL_FATAL(check_topology(&t, &nat), 0);
		CU_ASSERT_EQUAL(topology_find(&t, "alone") >= 0, table[i].alone);
	}
}

SUITE(check, TEST(a_box_with_one_host_is_measured_where_it_differs))
