/*
 * Traces are read and told with what memory there is: all of it is given back, and where it does not suffice that is
 * said in a line, at whichever request it ends.
 */
#include "memory.h"
#include "suite.h"

#include "trace/audit.h"
#include "trace/explain.h"
#include "trace/select.h"
#include "trace/spoken.h"
#include "trace/timeline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER "tests/unit/traces/"

/* Reads the trace and tells of it. False if it could not, for the reason in `error`. */
static bool tell(const char *path, FILE *f, char error[TRACE_ERROR_SIZE])
{
	struct trace *t = trace_open(path, error);
	struct why *w = t != NULL ? why_read(t, NULL, error) : NULL;
	bool agrees = false, told = w != NULL;

	if (told) {
		explain_all(f, w);
		timeline_print(f, w);
	}
	why_free(w);
	told = told && audit_trace(t, f, &agrees, error) == 0;
	trace_free(t);
	return told;
}

/* True if all requests got what they asked for. */
static bool try_to_tell(const char *path, size_t fail_at, bool once)
{
	char error[TRACE_ERROR_SIZE] = "", *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	bool told;

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	memory_watch(fail_at, once);
	told = tell(path, f, error);
	CU_ASSERT_EQUAL(memory_left(), 0);
	if (!memory_failed())
		CU_ASSERT_TRUE(told);
	if (!told)
		CU_ASSERT_TRUE(strstr(error, "memory") != NULL || strstr(error, "can be held") != NULL);
	fclose(f);
	free(text);
	return !memory_failed();
}

static void whoever_gets_none_says_so(void)
{
	size_t fail_at = 1;

	while (!try_to_tell(FOLDER "closed-port", fail_at, false)) {
		(void)try_to_tell(FOLDER "closed-port", fail_at, true);
		fail_at++;
	}
	CU_ASSERT_TRUE(fail_at > 50);
}

static void all_is_given_back(void)
{
	static const char *const traces[] = { "closed-port", "forward", "nested", "roaming", "weather" };

	for (size_t i = 0; i < sizeof traces / sizeof traces[0]; i++) {
		char path[64];

		snprintf(path, sizeof path, FOLDER "%s", traces[i]);
		CU_ASSERT_TRUE(try_to_tell(path, 0, false));
	}
}

SUITE(memory, TEST(whoever_gets_none_says_so), TEST(all_is_given_back))
