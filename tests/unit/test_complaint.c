/* Which lines of programs speak of failure: what does, and beside it what has the same words and does not. */
#include "suite.h"
#include "trace/complaint.h"

#include <string.h>

static void what_says_failure_is_one(void)
{
	static const char *const lines[] = {
		"punch FAILED after 10 s",
		"connection timed out",
		"connect: Connection timed out",
		"no answer yet",
		"could not reach 10.0.0.1",
		"Error 5",
		"gave up",
		"connection refused",
		"timeout",
		"punch: timeout",
		"read tcp 10.0.1.2:4000: i/o timeout",
		"Timeout: no response from server",
		"timeout after 30 s",
		"Timeout of 2000ms exceeded",
		"error: timeout (10 s)",
		"TimeoutError: [Errno 110] Connection timed out",
		"OSError: [Errno 113] No route to host",
		"java.net.SocketTimeoutException",
		"connect ECONNREFUSED 22.22.22.1:81",
		"level=error msg=\"dial\"",
		"3 errors",
		"errors: 12",
		"10 failed",
		"failed: no such file",
		"connecting...failed",
		"\033[31merror\033[0m while punching",
		"\033[1;33mTimeout\033[m",
		"ssh: connect to host server port 22: Connection refused",
		"debug1: connect to address 22.22.22.1 port 22: Connection timed out",
		"timeout=30, and it failed",
	};

	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
		CU_ASSERT_TRUE(complaint_is(lines[i]));
}

static void a_setting_is_none(void)
{
	static const char *const lines[] = {
		"debug1: inactive timeout: 0",
		"inactive timeout: 300",
		"debug3: timeout: 299998 ms remain after connect",
		"timeout=30",
		"timeout = 30 s",
		"timeout: 30 s",
		"timeout 30s",
		"the timeout is 30 s",
		"waiting with a timeout of 30 s",
		"timeout set to 30",
		"idle timeout: never",
		"Timeout: off",
		"ConnectTimeout 10",
		"started with --timeout 5 --fail",
		"connect-timeout",
		"timeouts: 30, 60",
		"error_log /var/log/error.log",
		"ErrorLog logs/errors",
		"error level: 3",
		"forward error correction: on",
		"fail2ban is running",
		"failover server: none",
		"errorcode",
	};

	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
		CU_ASSERT_FALSE(complaint_is(lines[i]));
}

static void a_count_of_none_is_none(void)
{
	static const char *const lines[] = {
		"0 errors",
		"no errors",
		"no error",
		"done without errors",
		"errors: 0",
		"errors=0 failures=0",
		"error count 0",
		"error: none",
		"error=null",
		"12 passed, 0 failed, 0 skipped",
		"failed: 0, refused: 0",
		"hello",
		"answer: 5",
		"punched, 3 probes",
		"",
	};

	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
		CU_ASSERT_FALSE(complaint_is(lines[i]));
	CU_ASSERT_TRUE(complaint_is("10 errors"));
	CU_ASSERT_TRUE(complaint_is("error: 0x5"));
	CU_ASSERT_TRUE(complaint_is("0 errors, but the punch failed"));
}

/* Only how a line begins is looked at; what is cut off there harms nothing. */
static void a_long_line_is_cut(void)
{
	char line[2 * COMPLAINT_LINE_MAX];

	memset(line, 'x', sizeof line - 1);
	line[sizeof line - 1] = '\0';
	memcpy(line + COMPLAINT_LINE_MAX, " failed ", 8);
	CU_ASSERT_FALSE(complaint_is(line));
	memcpy(line, "failed ", 7);
	CU_ASSERT_TRUE(complaint_is(line));
	CU_ASSERT_FALSE(complaint_is("\033[31"));
	CU_ASSERT_FALSE(complaint_is("\033["));
	CU_ASSERT_FALSE(complaint_is("\033"));
}

SUITE(complaint, TEST(what_says_failure_is_one), TEST(a_setting_is_none), TEST(a_count_of_none_is_none),
      TEST(a_long_line_is_cut))
