/* How long a mapping lives: until its time runs out after the last packet, or until conntrack says that it ended. */
#include "suite.h"
#include "trace/mapping.h"

#define S UINT64_C(1000000000)

static void it_lives_until_its_time_runs_out_or_it_ends(void)
{
	static const struct {
		uint64_t born_ns, last_ns, ended_ns;
		unsigned timeout_s;
		uint64_t at_ns, died_ns;
		bool alive;
	} table[] = {
		{ 10 * S, 20 * S, 0, 0, 1000 * S, 0, true }, /* nobody knows when */
		{ 10 * S, 20 * S, 0, 0, 10 * S, 0, true },
		{ 10 * S, 20 * S, 0, 0, 10 * S - 1, 0, false }, /* not yet born */
		{ 10 * S, 20 * S, 0, 30, 50 * S - 1, 0, true },
		{ 10 * S, 20 * S, 0, 30, 50 * S, 50 * S, false },
		{ 10 * S, 20 * S, 0, 30, 90 * S, 50 * S, false },
		{ 10 * S, 20 * S, 40 * S, 30, 40 * S - 1, 0, true },
		{ 10 * S, 20 * S, 40 * S, 30, 40 * S, 40 * S, false }, /* removed before */
		{ 10 * S, 20 * S, 40 * S, 30, 90 * S, 40 * S, false },
		{ 10 * S, 20 * S, 50 * S, 30, 90 * S, 50 * S, false },
		{ 10 * S, 20 * S, 51 * S, 30, 90 * S, 50 * S, false }, /* told of a little late */
		{ 10 * S, 20 * S, 40 * S, 0, 39 * S, 0, true },
		{ 10 * S, 20 * S, 40 * S, 0, 41 * S, 40 * S, false },
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct mapping m = { .born_ns = table[i].born_ns,
			             .last_ns = table[i].last_ns,
			             .ended_ns = table[i].ended_ns,
			             .timeout_s = table[i].timeout_s };

		CU_ASSERT_EQUAL(mapping_died_ns(&m, table[i].at_ns), table[i].died_ns);
		CU_ASSERT_EQUAL(mapping_is_alive(&m, table[i].at_ns), table[i].alive);
	}
}

static void older_ones_stand_first(void)
{
	const struct mapping list[] = { { .born_ns = 5 }, { .born_ns = 3 }, { .born_ns = 5 } };
	const size_t first = 0, second = 1, third = 2;

	CU_ASSERT_TRUE(mapping_by_birth(&first, &second, (void *)(uintptr_t)list) > 0);
	CU_ASSERT_TRUE(mapping_by_birth(&second, &first, (void *)(uintptr_t)list) < 0);
	CU_ASSERT_EQUAL(mapping_by_birth(&first, &third, (void *)(uintptr_t)list), 0);
}

SUITE(mapping, TEST(it_lives_until_its_time_runs_out_or_it_ends), TEST(older_ones_stand_first))
