#include "report/matrix.h"
#include "report/html.h"
#include "report/program_lines.h"
#include "suite.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FOLDER_SIZE 64

static void write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	fputs(text, f);
	fclose(f);
}

static void make_folder(char path[FOLDER_SIZE])
{
	snprintf(path, FOLDER_SIZE, "/tmp/punchlab-report-XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(path));
}

static void remove_folder(const char *folder, const char *const *files)
{
	char path[PATH_MAX];

	for (; *files != NULL; files++) {
		snprintf(path, sizeof path, "%s/%s", folder, *files);
		CU_ASSERT_EQUAL(remove(path), 0);
	}
	CU_ASSERT_EQUAL(rmdir(folder), 0);
}

static void reads_programs_of_a_record(void)
{
	char folder[FOLDER_SIZE], path[PATH_MAX];
	json_t *detail = json_object();
	json_t *expected = json_loads("[{\"id\":1,\"host\":\"alice\",\"name\":\"client\",\"started\":-2.0,\"ended\":9."
	                              "5,\"status\":0,\"argv\":[\"./client\",\"x\"],"
	                              "\"lines\":[[1.0,\"in\",\"login\"],[2.0,\"out\",\"ok\"],[3.0,\"err\",\"hm\"]]}]",
	                              0, NULL);

	make_folder(folder);
	snprintf(path, sizeof path, "%s/trace.jsonl", folder);
	write_text(
	    path,
	    "{\"type\":\"start\",\"t\":8000,\"host\":\"alice\",\"program\":\"client\",\"id\":1,\"argv\":[\"./"
	    "client\",\"x\"]}\n"
	    "{\"type\":\"input\",\"t\":11000,\"host\":\"alice\",\"id\":1,\"text\":\"login\"}\n"
	    "this is not JSON\n"
	    "{\"type\":\"output\",\"t\":12000,\"host\":\"alice\",\"id\":1,\"stream\":\"stdout\",\"text\":\"ok\"}\n"
	    "{\"type\":\"output\",\"t\":12500,\"host\":\"bob\",\"id\":7,\"stream\":\"stdout\",\"text\":\"never "
	    "started\"}\n"
	    "{\"type\":\"output\",\"t\":13000,\"host\":\"alice\",\"id\":1,\"stream\":\"stderr\",\"text\":\"hm\"}\n"
	    "{\"type\":\"step\",\"t\":14000,\"text\":\"the box forgets\"}\n"
	    "{\"type\":\"exit\",\"t\":19500,\"host\":\"alice\",\"id\":1,\"status\":0}\n"
	    "{\"type\":\"output\",\"t\":\"cut sho");
	CU_ASSERT_EQUAL(program_lines_read(path, 10000, detail), 0);
	CU_ASSERT(json_equal(json_object_get(detail, "programs"), expected));
	CU_ASSERT_EQUAL(json_array_size(json_object_get(detail, "steps")), 1);
	CU_ASSERT_EQUAL(program_lines_read(path, 0, detail), 0);
	CU_ASSERT_EQUAL(json_real_value(json_array_get(json_array_get(json_object_get(detail, "steps"), 0), 0)), 6.0);
	CU_ASSERT_EQUAL(remove(path), 0);
	CU_ASSERT_EQUAL(program_lines_read(path, 10000, detail), -1);
	CU_ASSERT_EQUAL(errno, ENOENT);
	remove_folder(folder, (const char *const[]){ NULL });
	json_decref(expected);
	json_decref(detail);
}

static json_t *scenario_of(const char *result, const char *row, const char *column, int opened, int expected)
{
	return json_pack("{s:s,s:i,s:{s:s,s:s,s:b,s:b,s:f}}", "result", result, "index", 0, "cell", "row", row,
	                 "column", column, "opened", opened, "expected", expected, "ms", 12.5);
}

static json_t *cell_at(const json_t *matrix, size_t index)
{
	return json_array_get(json_object_get(matrix, "cells"), index);
}

static void shows_the_worst_of_repeated_cells(void)
{
	json_t *scenarios =
	    json_pack("[o,o,o,o]", scenario_of("passed", "open", "symmetric", 1, 1),
	              scenario_of("failed", "open", "symmetric", 0, 1),
	              scenario_of("passed", "open", "symmetric", 1, 1), json_pack("{s:s}", "result", "passed"));
	json_t *matrix = matrix_of(scenarios);
	const json_t *cell = cell_at(matrix, 0);

	CU_ASSERT_EQUAL(json_array_size(json_object_get(matrix, "cells")), 1);
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(cell, "scenario")), 1);
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(cell, "observed")), "shut");
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(cell, "expected")), "open");
	CU_ASSERT(json_is_true(json_object_get(cell, "deviates")));
	CU_ASSERT(json_is_null(json_object_get(cell, "ms")));
	CU_ASSERT_PTR_NULL(json_object_get(json_array_get(scenarios, 0), "cell"));
	json_decref(matrix);
	json_decref(scenarios);
}

static void a_long_spec_is_headed_by_its_parts(void)
{
	const char *spec = "mapping=endpoint-independent,filtering=address-dependent";
	json_t *scenarios = json_pack("[o]", scenario_of("passed", "port-restricted,hairpin", spec, 1, 1));
	json_t *matrix = matrix_of(scenarios);
	json_t *row =
	    json_loads("[{\"label\":\"port-restricted,hairpin\",\"heading\":[\"port-restricted,hairpin\"]}]", 0, NULL);
	json_t *column = json_pack("[{s:s,s:[s,s]}]", "label", spec, "heading", "mapping=ei", "filtering=ad");

	CU_ASSERT_TRUE(json_equal(json_object_get(matrix, "rows"), row));
	CU_ASSERT_TRUE(json_equal(json_object_get(matrix, "columns"), column));
	json_decref(row);
	json_decref(column);
	json_decref(matrix);
	json_decref(scenarios);
}

static void without_cells_there_is_no_matrix(void)
{
	json_t *scenarios = json_pack("[{s:s}]", "result", "passed");
	json_t *matrix = matrix_of(scenarios);

	CU_ASSERT(json_is_null(matrix));
	json_decref(matrix);
	json_decref(scenarios);
}

/* The data of a page in a file. */
static json_t *data_of(const char *path)
{
	char *page = NULL;
	size_t room = 0;
	FILE *f = fopen(path, "re");

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT(getdelim(&page, &room, 0, f) > 0);
	fclose(f);
	const char *block = strstr(page, "id=\"data\">");
	CU_ASSERT_PTR_NOT_NULL_FATAL(block);
	json_t *data = json_loads(block + strlen("id=\"data\">"), JSON_DISABLE_EOF_CHECK, NULL);
	free(page);
	return data;
}

static const char *member(const json_t *scenarios, size_t index, const char *name)
{
	return json_string_value(json_object_get(json_array_get(scenarios, index), name));
}

static void add(struct html *h, size_t index, const struct scenario *s, const struct outcome *o, const char *folder)
{
	html_add(h, &(struct verdict){ .index = index, .scenario = s, .outcome = o, .folder = folder });
}

static void writes_scenarios_in_the_order_of_the_run(void)
{
	static char no[] = "no", at[] = "a b.lua:9", because[] = "because";
	const struct outcome failed = { .result = OUTCOME_FAILED, .message = no, .at = at, .details = because };
	const struct outcome passed = { .result = OUTCOME_PASSED }, skipped = { .result = OUTCOME_SKIPPED };
	const struct scenario second = { .name = "It s a pair", .file = "c.lua", .line = 5 };
	char folder[FOLDER_SIZE], path[PATH_MAX];
	struct html *h;
	json_t *data;
	const json_t *s;

	make_folder(folder);
	h = html_open(folder, "punchlab run", "./punchlab run", NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(h);
	add(h, 1, &(struct scenario){ .name = "It's a  <pair>", .file = "a b.lua", .line = 3 }, &failed, NULL);
	add(h, 0, &(struct scenario){ .name = "its a pair", .file = "c.lua", .line = 4 }, &passed, NULL);
	html_add(h, &(struct verdict){ .index = 2, .scenario = &second, .outcome = &passed, .repeat = 2 });
	add(h, 3, &(struct scenario){ .name = "\xc3\x9c?", .file = "c.lua", .line = 6 }, &skipped, folder);
	CU_ASSERT_EQUAL(html_close(h, 1.5, 3), 0);
	snprintf(path, sizeof path, "%s/index.html", folder);
	data = data_of(path);
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(data, "not_run")), 3);
	s = json_object_get(data, "scenarios");
	CU_ASSERT_STRING_EQUAL(member(s, 0, "id"), "its-a-pair");
	CU_ASSERT_STRING_EQUAL(member(s, 1, "id"), "it-s-a-pair");
	CU_ASSERT_STRING_EQUAL(member(s, 1, "message"), "a b.lua:9: no\nbecause");
	CU_ASSERT_PTR_NOT_NULL(strstr(member(s, 1, "command"), " run -k 'It'\\''s a  <pair>' 'a b.lua'"));
	CU_ASSERT_STRING_EQUAL(member(s, 2, "id"), "it-s-a-pair-2");
	CU_ASSERT_STRING_EQUAL(member(s, 2, "name"), "It s a pair (repeat 2)");
	CU_ASSERT_STRING_EQUAL(member(s, 3, "id"), "scenario");
	CU_ASSERT(json_is_null(json_object_get(json_array_get(s, 3), "trace")));
	CU_ASSERT(strlen(member(s, 3, "missing")) > 10);
	json_decref(data);
	remove_folder(folder, (const char *const[]){ "index.html", NULL });
}

static void shows_bytes_that_are_no_text(void)
{
	char folder[FOLDER_SIZE], path[PATH_MAX];
	struct html *h;
	json_t *data;

	make_folder(folder);
	h = html_open(folder, "punchlab run", "./punchlab run out\xe9", NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(h);
	add(h, 0, &(struct scenario){ .name = "a \xff", .file = "\xe9.lua", .line = 3 },
	    &(struct outcome){ .result = OUTCOME_PASSED }, NULL);
	CU_ASSERT_EQUAL(html_close(h, 1.5, 0), 0);
	snprintf(path, sizeof path, "%s/index.html", folder);
	data = data_of(path);
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(data, "command")), "./punchlab run out\\xe9");
	CU_ASSERT_STRING_EQUAL(member(json_object_get(data, "scenarios"), 0, "name"), "a \\xff");
	CU_ASSERT_STRING_EQUAL(member(json_object_get(data, "scenarios"), 0, "file"), "\\xe9.lua");
	json_decref(data);
	remove_folder(folder, (const char *const[]){ "index.html", NULL });
}

static void refuses_a_folder_that_cannot_be(void)
{
	int standard_error = dup(STDERR_FILENO);

	CU_ASSERT_PTR_NOT_NULL_FATAL(freopen("/dev/null", "we", stderr)); /* its line on the log is no news here */
	CU_ASSERT_PTR_NULL(html_open("/dev/null/report", "punchlab run", "./punchlab run", NULL));
	CU_ASSERT(dup2(standard_error, STDERR_FILENO) >= 0);
	close(standard_error);
}

SUITE(report, TEST(reads_programs_of_a_record), TEST(shows_the_worst_of_repeated_cells),
      TEST(without_cells_there_is_no_matrix), TEST(a_long_spec_is_headed_by_its_parts),
      TEST(writes_scenarios_in_the_order_of_the_run), TEST(shows_bytes_that_are_no_text),
      TEST(refuses_a_folder_that_cannot_be))
