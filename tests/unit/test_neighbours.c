#include "suite.h"

#include "world/neighbours.h"

#include <stdint.h>
#include <sys/socket.h>

static void reads_both_tables(void)
{
	static const int families[] = { AF_INET, AF_INET6 };
	struct neighbours n;

	for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
		CU_ASSERT_EQUAL(neighbours_read(families[i], &n), 0);
		CU_ASSERT_TRUE(n.most > 0);
	}
}

static void knows_no_table_of_another_family(void)
{
	struct neighbours n = { .most = 7 };

	CU_ASSERT_EQUAL(neighbours_read(AF_UNIX, &n), 0);
	CU_ASSERT_EQUAL(n.most, 0);
	neighbours_wait_for_room(AF_UNIX); /* of what there is not, nothing is waited for: it would be ten seconds */
}

SUITE(neighbours, TEST(reads_both_tables), TEST(knows_no_table_of_another_family))
