/*
 * Traces are read and told with what memory there is: all of it is given back, and where it does not suffice that is
 * said in a line, at whichever request it ends.
 */
#include "memory.h"
#include "suite.h"

#include "trace/annotate.h"
#include "trace/audit.h"
#include "trace/explain.h"
#include "trace/select.h"
#include "trace/spoken.h"
#include "trace/timeline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FOLDER "tests/unit/traces/"
#define ANNOTATED "/tmp/annotated.pcapng"

/* With its record; or the capture alone, as one's own. */
static struct trace *open_trace(const char *folder, bool recorded, char error[TRACE_ERROR_SIZE])
{
	struct source list = { .fd = -1, .name = "" };

	if (recorded)
		return trace_open(folder, error);
	snprintf(list.path, sizeof list.path, "%.80s/trace.pcapng", folder);
	return trace_open_captures(&list, 1, NULL, 0, error);
}

/* Reads the trace and tells of it. False if it could not, for the reason in `error`. */
static bool tell(struct trace *t, FILE *f, char error[TRACE_ERROR_SIZE])
{
	struct spoken said;
	struct why *w = t != NULL ? why_read(t, NULL, error) : NULL;
	bool agrees = false, told = w != NULL;

	if (told) {
		explain_all(f, w);
		timeline_print(f, w);
	}
	why_free(w);
	told = told && audit_trace(t, f, &agrees, error) == 0 && annotate(t, ANNOTATED, error) == 0;
	if (told) {
		told = spoken_read(t, &said, error) == 0;
		spoken_free(&said);
	}
	trace_free(t);
	return told;
}

/* True if all requests got what they asked for. */
static bool try_to_tell(const char *path, bool recorded, size_t fail_at, bool once)
{
	char error[TRACE_ERROR_SIZE] = "", *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	bool told;

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	memory_watch(fail_at, once);
	told = tell(open_trace(path, recorded, error), f, error);
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
	for (int recorded = 0; recorded < 2; recorded++) {
		size_t fail_at = 1; /* it alone; at times all after it, too */

		while (!try_to_tell(FOLDER "closed-port", recorded, fail_at, fail_at % 4 != 0))
			fail_at++;
		CU_ASSERT_TRUE(fail_at > 50);
	}
	unlink(ANNOTATED);
}

static void all_is_given_back(void)
{
	static const char *const traces[] = { "closed-port", "forward", "nested", "roaming", "weather" };

	for (size_t i = 0; i < sizeof traces / sizeof traces[0]; i++) {
		char path[64];

		snprintf(path, sizeof path, FOLDER "%s", traces[i]);
		CU_ASSERT_TRUE(try_to_tell(path, true, 0, false));
		CU_ASSERT_TRUE(try_to_tell(path, false, 0, false));
	}
	unlink(ANNOTATED);
}

SUITE(memory, TEST(whoever_gets_none_says_so), TEST(all_is_given_back))
