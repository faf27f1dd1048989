#include "suite.h"
#include "world/natbox.h"

#include <unistd.h>

/* A loader that was killed has written nothing: its box has no rules, whatever else there is. */
static void a_loader_that_says_nothing_has_failed(void)
{
	int ends[2];

	CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
	close(ends[1]);
	CU_ASSERT_EQUAL(natbox_wait(ends[0]), -1);
	for (char byte = 0; byte < 2; byte++) {
		CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
		CU_ASSERT_EQUAL(write(ends[1], &byte, 1), 1);
		close(ends[1]);
		CU_ASSERT_EQUAL(natbox_wait(ends[0]), byte == 0 ? 0 : -1);
	}
}

SUITE(natbox, TEST(a_loader_that_says_nothing_has_failed))
