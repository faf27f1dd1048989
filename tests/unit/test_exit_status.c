#include "suite.h"

#include "io/exit_status.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* A child that ends with the status, or by the signal where there is one. */
static int status_of_child(int status, int signal)
{
	pid_t pid = fork();

	if (pid == 0) {
		if (signal != 0)
			raise(signal);
		_exit(status);
	}
	return exit_status_wait(pid);
}

static void ends_are_as_the_shell_has_them(void)
{
	CU_ASSERT_EQUAL(status_of_child(0, 0), 0);
	CU_ASSERT_EQUAL(status_of_child(77, 0), 77);
	CU_ASSERT_EQUAL(status_of_child(0, SIGKILL), 128 + SIGKILL);
	errno = 0;
	CU_ASSERT_EQUAL(exit_status_wait(getpid()), -1); /* no child of its own */
	CU_ASSERT_EQUAL(errno, ECHILD);
}

static void ends_are_told_in_words(void)
{
	char text[EXIT_STATUS_TEXT_SIZE];

	CU_ASSERT_STRING_EQUAL(exit_status_text(1, text), "ended with status 1");
	CU_ASSERT_STRING_EQUAL(exit_status_text(128, text), "ended with status 128");
	CU_ASSERT_STRING_EQUAL(exit_status_text(128 + SIGTERM, text), "was killed by signal 15 (Terminated)");
	CU_ASSERT_PTR_NOT_NULL(strstr(exit_status_text(128 + SIGKILL, text), "signal 9 (Killed), as the kernel does"));
}

SUITE(exit_status, TEST(ends_are_as_the_shell_has_them), TEST(ends_are_told_in_words))
