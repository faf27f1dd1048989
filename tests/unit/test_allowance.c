/* Limits for an address, its network, and all. */
#include "base/allowance.h"
#include "suite.h"

#include <string.h>

static const uint8_t key[CROWD_KEY_SIZE] = { 4, 5, 6 };
static const struct allowance_rates rates = {
	.each = { { .a_second = 10, .at_once = 20 }, { .a_second = 40, .at_once = 80 } },
	.all = { .a_second = 1000, .at_once = 200 },
};
static struct allowance allowance;

static void start_anew(void)
{
	memset(&allowance, 0, sizeof allowance);
	allowance_init(&allowance, &rates, key);
}

/* How many of `tries` an address gets, one at a time, at that time. */
static unsigned taken(uint32_t address, unsigned tries, uint64_t now_us)
{
	struct address who = address_ipv4(address);
	unsigned count = 0;

	for (unsigned i = 0; i < tries; i++)
		count += allowance_takes(&allowance, &who, 1, now_us);
	return count;
}

static void each_address_has_its_own(void)
{
	start_anew();
	CU_ASSERT_EQUAL(taken(0x0a000001, 100, 0), 20);
	CU_ASSERT_EQUAL(taken(0x0a000001, 100, 0), 0);
	CU_ASSERT_EQUAL(taken(0x0a000002, 100, 0), 20);
	CU_ASSERT_EQUAL(taken(0x0a000001, 100, 1000000), 10); /* a second later */
	CU_ASSERT_EQUAL(taken(0x0a000001, 100, 1050000), 0);
	CU_ASSERT_EQUAL(taken(0x0a000001, 100, 1100000), 1);
	CU_ASSERT_EQUAL(taken(0x0a000001, 100, 900000000), 20); /* what was not used is not saved up */
}

static void neighbours_have_one_together(void)
{
	start_anew();
	for (uint32_t i = 0; i < 4; i++)
		CU_ASSERT_EQUAL(taken(0x0a000001 + i, 100, 0), 20);
	CU_ASSERT_EQUAL(taken(0x0a000009, 100, 0), 0);
	CU_ASSERT_EQUAL(taken(0x0a000109, 100, 0), 20); /* the next /24 */
}

static void all_have_one_together(void)
{
	unsigned count = 0;

	start_anew();
	for (uint32_t i = 0; i < 100; i++)
		count += taken(0x0a000000 + 256 * i, 100, 0);
	CU_ASSERT_EQUAL(count, 200);
	CU_ASSERT_EQUAL(taken(0x0b000000, 30, 10000), 10);
}

static void what_is_refused_costs_nothing(void)
{
	struct address who = address_ipv4(0x0a000001);

	start_anew();
	CU_ASSERT_FALSE(allowance_takes(&allowance, &who, 21, 0));
	CU_ASSERT_TRUE(allowance_takes(&allowance, &who, 15, 0));
	CU_ASSERT_FALSE(allowance_takes(&allowance, &who, 6, 0));
	CU_ASSERT_TRUE(allowance_takes(&allowance, &who, 5, 0));
}

/* Strangers who used up one of its two counters do not keep it from its own. */
static void one_shared_counter_does_no_harm(void)
{
	struct address who = address_ipv4(0x0a000001);
	struct crowd_places places = crowd_places(&who, CROWD_ADDRESS, key, ALLOWANCE_COUNTERS);

	for (unsigned i = 0; i < CROWD_PLACES; i++) {
		start_anew();
		allowance.each[CROWD_ADDRESS][places.at[i]].empty_ns = UINT64_C(1000000000000);
		CU_ASSERT_EQUAL(taken(0x0a000001, 100, 0), 20);
	}
	CU_ASSERT_NOT_EQUAL(places.at[0], places.at[1]);
}

static void an_ipv6_host_has_its_64(void)
{
	struct address a = { ADDRESS_IPV6, { 0x20, 1, 0x0d, 0xb8, 0, 0, 1, 1, 9 } }, b = a;
	struct address of_a = crowd_of(&a, CROWD_ADDRESS), of_b;

	b.bytes[15] = 77;
	of_b = crowd_of(&b, CROWD_ADDRESS);
	CU_ASSERT_TRUE(address_equal(&of_a, &of_b));
	b.bytes[7] = 2;
	of_b = crowd_of(&b, CROWD_ADDRESS);
	CU_ASSERT_FALSE(address_equal(&of_a, &of_b));
	of_a = crowd_of(&a, CROWD_NETWORK);
	of_b = crowd_of(&b, CROWD_NETWORK);
	CU_ASSERT_TRUE(address_equal(&of_a, &of_b));
	b.bytes[6] = 2;
	of_b = crowd_of(&b, CROWD_NETWORK);
	CU_ASSERT_FALSE(address_equal(&of_a, &of_b));
}

SUITE(allowance, TEST(each_address_has_its_own), TEST(neighbours_have_one_together), TEST(all_have_one_together),
      TEST(what_is_refused_costs_nothing), TEST(one_shared_counter_does_no_harm), TEST(an_ipv6_host_has_its_64))
