/* Which trace is meant: a file, a scenario's folder, a run's folder, or the latest run. */
#include "suite.h"
#include "trace/find.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_SIZE 512

static char top[PATH_SIZE]; /* a folder of its own for each test, which is entered */
static char before[4096];

static void enter(void)
{
	snprintf(top, sizeof top, "/tmp/find.XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(getcwd(before, sizeof before));
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(top));
	CU_ASSERT_EQUAL_FATAL(chdir(top), 0);
}

static void leave(void)
{
	char command[PATH_SIZE + 16];

	CU_ASSERT_EQUAL(chdir(before), 0);
	snprintf(command, sizeof command, "rm -r %s", top);
	CU_ASSERT_EQUAL(system(command), 0); // NOLINT(cert-env33-c): the words are all its own
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	fputs(text, f);
	fclose(f);
}

/* A scenario's folder with a capture, and how it ended. */
static void add_scenario(const char *folder, bool passed)
{
	char path[PATH_SIZE], text[256];

	CU_ASSERT_EQUAL_FATAL(mkdir(folder, 0700), 0);
	snprintf(path, sizeof path, "%s/trace.pcapng", folder);
	write_file(path, "");
	snprintf(path, sizeof path, "%s/trace.jsonl", folder);
	snprintf(text, sizeof text,
	         "{\"type\":\"result\",\"t\":1,\"passed\":%s,\"message\":null,\"at\":null,\"seconds\":0.5}\n",
	         passed ? "true" : "false");
	write_file(path, text);
}

static void expect(const char *asked, const char *path, size_t others, bool failed)
{
	char error[FIND_ERROR_SIZE] = "";
	struct found found;

	CU_ASSERT_EQUAL(find_trace(asked, &found, error), 0);
	CU_ASSERT_STRING_EQUAL(error, "");
	CU_ASSERT_STRING_EQUAL(found.path, path);
	CU_ASSERT_EQUAL(found.others, others);
	CU_ASSERT_EQUAL(found.failed, failed);
	if (others > 0)
		CU_ASSERT_STRING_EQUAL(found.folder, asked != NULL ? asked : FIND_LATEST);
}

static void expect_error(const char *asked, const char *says)
{
	char error[FIND_ERROR_SIZE] = "";
	struct found found;

	CU_ASSERT_EQUAL(find_trace(asked, &found, error), -1);
	CU_ASSERT_STRING_EQUAL(error, says);
}

static void a_file_and_a_scenarios_folder_are_themselves(void)
{
	enter();
	add_scenario("one", true);
	write_file("capture", "");
	expect("-", "-", 0, false);
	expect("capture", "capture", 0, false);
	expect("one", "one/trace.pcapng", 0, false);
	expect("one//", "one/trace.pcapng", 0, false); /* as a shell completes it */
	leave();
}

static void of_a_run_the_first_that_failed_is_meant(void)
{
	enter();
	CU_ASSERT_EQUAL_FATAL(mkdir("run", 0700), 0);
	CU_ASSERT_EQUAL_FATAL(mkdir("run/0-empty", 0700), 0);
	expect_error("run", "run: no trace.pcapng in it or in its folders");
	add_scenario("run/1-good", true);
	expect("run", "run/1-good/trace.pcapng", 0, false);
	add_scenario("run/2-good", true);
	expect("run", "run/2-good/trace.pcapng", 1, false); /* else the last */
	add_scenario("run/3-bad", false);
	add_scenario("run/4-good", true);
	add_scenario("run/5-bad", false);
	add_scenario("run/.6-hidden", false);
	expect("run", "run/3-bad/trace.pcapng", 4, true);
	leave();
}

static void without_a_name_the_latest_run_is_meant(void)
{
	enter();
	expect_error(NULL, "no run in out/latest yet: run one (punchlab run), or name a capture");
	CU_ASSERT_EQUAL_FATAL(mkdir("out", 0700), 0);
	expect_error(NULL,
	             "no run is left in out: the last run kept nothing: run one (punchlab run), or name a capture");
	CU_ASSERT_EQUAL_FATAL(mkdir("out/latest", 0700), 0);
	add_scenario("out/latest/1-good", true);
	add_scenario("out/latest/2-bad", false);
	expect(NULL, "out/latest/2-bad/trace.pcapng", 1, true);
	leave();
}

static void what_is_not_there_is_named(void)
{
	static char name[5000];
	char error[FIND_ERROR_SIZE];
	struct found found;

	expect_error("nowhere.pcap", "nowhere.pcap: No such file or directory");
	memset(name, 'x', sizeof name - 1);
	CU_ASSERT_EQUAL(find_trace(name, &found, error), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(error, "xxx...: name too long"));
}

/* What is neither there nor looks like a file may be a filter expression. */
static void paths_are_told_from_filters(void)
{
	enter();
	write_file("udp", "");
	CU_ASSERT_TRUE(find_is_path("-"));
	CU_ASSERT_TRUE(find_is_path("udp"));
	CU_ASSERT_TRUE(find_is_path("out/x"));
	CU_ASSERT_TRUE(find_is_path("x.pcap"));
	CU_ASSERT_TRUE(find_is_path("x.pcapng"));
	CU_ASSERT_TRUE(find_is_path(".pcap"));
	CU_ASSERT_FALSE(find_is_path("tcp"));
	CU_ASSERT_FALSE(find_is_path("pcap"));
	CU_ASSERT_FALSE(find_is_path("x.pcapngs"));
	CU_ASSERT_FALSE(find_is_path(""));
	leave();
}

SUITE(find, TEST(a_file_and_a_scenarios_folder_are_themselves), TEST(of_a_run_the_first_that_failed_is_meant),
      TEST(without_a_name_the_latest_run_is_meant), TEST(what_is_not_there_is_named), TEST(paths_are_told_from_filters))
