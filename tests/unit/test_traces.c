/*
 * What is said of whole traces, word for word (said.h): tests/unit/traces/NAME has a small world's capture and record,
 * and in `said` every view of it.
 */
#include "said.h"
#include "suite.h"
#include "views.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#define FOLDER "tests/unit/traces"

static void compare(const char *name)
{
	char path[512], said_path[512], error[TRACE_ERROR_SIZE];
	struct said said;
	struct trace *trace;

	snprintf(path, sizeof path, FOLDER "/%s", name);
	snprintf(said_path, sizeof said_path, FOLDER "/%s/said", name);
	trace = trace_open(path, error);
	CU_ASSERT_PTR_NOT_NULL_FATAL(trace);
	said_begin(&said);
	views_tell(said.f, trace, true);
	said_end(&said, said_path);
	trace_free(trace);
}

static void every_view_of_every_trace(void)
{
	struct dirent **entries;
	int count = scandir(FOLDER, &entries, NULL, alphasort), traces = 0;

	for (int i = 0; i < count; i++) {
		if (entries[i]->d_name[0] != '.') {
			compare(entries[i]->d_name);
			traces++;
		}
		free(entries[i]);
	}
	CU_ASSERT_TRUE(traces > 10); /* none of p2pchat: its messages change */
	if (count >= 0)
		free(entries);
}

SUITE(traces, TEST(every_view_of_every_trace))
