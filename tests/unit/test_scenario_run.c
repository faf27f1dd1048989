#include "runner/scenario_run.h"

#include "suite.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[sizeof "/tmp/test_scenario_run_XXXXXX"];

static void make(const char *name)
{
	char path[128];
	int fd;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	CU_ASSERT_TRUE_FATAL(fd >= 0);
	close(fd);
}

static void drop(const char *name)
{
	char path[128];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	CU_ASSERT_EQUAL(unlink(path), 0);
}

static void says_what_was_removed_since_it_ended(void)
{
	struct scenario_run t = { .folder = folder, .outcome.has_trace = true };
	char said[128];

	memcpy(folder, "/tmp/test_scenario_run_XXXXXX", sizeof folder);
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
	make("trace.pcapng");
	make("trace.jsonl");
	scenario_run_look_for_trace(&t);
	CU_ASSERT_PTR_NULL(t.outcome.lost);
	drop("trace.jsonl");
	scenario_run_look_for_trace(&t);
	snprintf(said, sizeof said, "%s/trace.jsonl: it was removed since the scenario ended", folder);
	CU_ASSERT_PTR_NOT_NULL_FATAL(t.outcome.lost);
	CU_ASSERT_STRING_EQUAL(t.outcome.lost, said);
	scenario_run_look_for_trace(&t); /* once is enough */
	CU_ASSERT_STRING_EQUAL(t.outcome.lost, said);
	drop("trace.pcapng");
	rmdir(folder);
	outcome_clear(&t.outcome);
}

/* One that made no world, or whose verdict says already that its capture is not whole. */
static void misses_no_trace_that_never_was(void)
{
	struct scenario_run t = { .folder = folder };

	memcpy(folder, "/nonexistent", sizeof "/nonexistent");
	scenario_run_look_for_trace(&t);
	CU_ASSERT_PTR_NULL(t.outcome.lost);
}

SUITE(scenario_run, TEST(says_what_was_removed_since_it_ended), TEST(misses_no_trace_that_never_was))
