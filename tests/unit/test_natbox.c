#include "suite.h"
#include "world/natbox.h"

#include <fcntl.h>
#include <unistd.h>

/* natbox_wait(), whose complaint is not for whoever reads the tests' output. */
static int wait_silently(int loading)
{
	int kept = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	int result;

	dup2(null, STDERR_FILENO);
	result = natbox_wait(loading);
	dup2(kept, STDERR_FILENO);
	close(null);
	close(kept);
	return result;
}

/* A loader that was killed has written nothing: its box has no rules, whatever else there is. */
static void a_loader_that_says_nothing_has_failed(void)
{
	int ends[2];

	CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
	close(ends[1]);
	CU_ASSERT_EQUAL(wait_silently(ends[0]), -1);
	for (char byte = 0; byte < 2; byte++) {
		CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
		CU_ASSERT_EQUAL(write(ends[1], &byte, 1), 1);
		close(ends[1]);
		CU_ASSERT_EQUAL(wait_silently(ends[0]), byte == 0 ? 0 : -1);
	}
}

SUITE(natbox, TEST(a_loader_that_says_nothing_has_failed))
