#include "nat_type/tcp_mapping.h"
#include "suite.h"

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
}

SUITE(tcp_mapping, TEST(tells_the_mapping), TEST(says_what_it_does_not_know), TEST(tells_the_ports))
