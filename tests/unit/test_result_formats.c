#include "result/grid.h"
#include "result/junit.h"
#include "result/terminal_text.h"
#include "result/result_formats.h"
#include "result/result_reader.h"

#include "suite.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct scenario scenario = { .name = "a #1 pair", .file = "s/p.lua", .line = 7 };

/* What print() writes, for the caller to free. */
static char *printed(void (*print)(FILE *, const void *), const void *what)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	CU_ASSERT_PTR_NOT_NULL_FATAL(out);
	print(out, what);
	fclose(out);
	return text;
}

static void print_tap(FILE *out, const void *v)
{
	result_tap(out, 3, v);
}

static void print_json(FILE *out, const void *v)
{
	result_json(out, v);
}

static void print_plain(FILE *out, const void *text)
{
	terminal_lines(out, "> ", text);
}

static void print_grid(FILE *out, const void *grid)
{
	grid_print(grid, out);
}

static void tap_of_a_pass(void)
{
	struct outcome o = { .result = OUTCOME_PASSED };
	struct verdict v = { .scenario = &scenario, .outcome = &o, .repeat = 2 };
	char *text = printed(print_tap, &v);

	CU_ASSERT_STRING_EQUAL(text, "ok 3 - a \\#1 pair (repeat 2)\n");
	free(text);
}

static void tap_of_a_skip(void)
{
	struct outcome o = { .result = OUTCOME_SKIPPED, .message = strdup("no tshark") };
	struct verdict v = { .scenario = &scenario, .outcome = &o };
	char *text = printed(print_tap, &v);

	CU_ASSERT_STRING_EQUAL(text, "ok 3 - a \\#1 pair # SKIP no tshark\n");
	outcome_clear(&o);
	free(text);
}

static void tap_of_a_failure(void)
{
	struct outcome o = { .result = OUTCOME_FAILED, .message = strdup("shut\x1b[2J"), .at = strdup("s/p.lua:9") };
	struct verdict v = { .scenario = &scenario, .outcome = &o, .trace = "out/t.pcapng" };
	char *text = printed(print_tap, &v);

	CU_ASSERT_STRING_EQUAL(text,
	                       "not ok 3 - a \\#1 pair\n  ---\n  message: \"shut\\u001B[2J\"\n  at: \"s/p.lua:9\"\n"
	                       "  file: \"s/p.lua\"\n  trace: \"out/t.pcapng\"\n  ...\n");
	outcome_clear(&o);
	free(text);
}

static void json_is_one_object_a_line(void)
{
	struct outcome o = { .result = OUTCOME_FAILED, .message = strdup("two\nlines") };
	struct verdict v = { .scenario = &scenario, .outcome = &o, .seconds = 0.25 };
	char *text = printed(print_json, &v);
	json_t *line = json_loads(text, 0, NULL);

	CU_ASSERT_PTR_NOT_NULL_FATAL(line);
	CU_ASSERT_PTR_EQUAL(strchr(text, '\n'), text + strlen(text) - 1);
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(line, "scenario")), "a #1 pair");
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(line, "file")), "s/p.lua");
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(line, "result")), "failed");
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(line, "message")), "two\nlines");
	CU_ASSERT_EQUAL(json_real_value(json_object_get(line, "seconds")), 0.25);
	CU_ASSERT_TRUE(json_is_null(json_object_get(line, "trace")));
	json_decref(line);
	outcome_clear(&o);
	free(text);
}

/* A result that was read again tells how to run its scenario as it was run: with all options of the run. */
static void read_again_it_is_run_as_it_was(void)
{
	char path[] = "/tmp/punchlab-results-XXXXXX", before[VERDICT_AGAIN_SIZE], after[VERDICT_AGAIN_SIZE];
	char error[RESULT_ERROR_SIZE] = "";
	struct outcome o = { .result = OUTCOME_PASSED };
	struct verdict v = { .scenario = &scenario,
		             .outcome = &o,
		             .place = 4,
		             .repeat = 2,
		             .repeats = 3,
		             .weather = "lte",
		             .seed = 7,
		             .addresses = ADDRESS_PLAN_DOCUMENTATION,
		             .audit = true,
		             .timeout_s = 9 };
	struct results r = { 0 };
	int fd = mkstemp(path);
	FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;

	CU_ASSERT_PTR_NOT_NULL_FATAL(out);
	result_json(out, &v);
	fclose(out);
	CU_ASSERT_EQUAL_FATAL(results_read(&r, path, error), 0);
	CU_ASSERT_EQUAL_FATAL(r.count, 1);
	verdict_again(&v, before);
	CU_ASSERT_STRING_EQUAL(verdict_again(&r.list[0].verdict, after), before);
	CU_ASSERT_PTR_NOT_NULL(
	    strstr(after, "--repeat 3 --link lte --seed 7 --addresses documentation --timeout 9 --audit"));
	CU_ASSERT_EQUAL(r.list[0].verdict.place, 4);
	CU_ASSERT_EQUAL(r.list[0].verdict.repeat, 2);
	results_clear(&r);
	unlink(path);
}

static void a_file_is_no_option(void)
{
	struct scenario odd = { .name = "odd", .file = "-f.lua" };
	struct outcome o = { .result = OUTCOME_FAILED };
	struct verdict v = { .scenario = &odd, .outcome = &o };
	char text[VERDICT_AGAIN_SIZE];

	CU_ASSERT_PTR_NOT_NULL(strstr(verdict_again(&v, text), " run -k odd ./-f.lua"));
}

/* Where there was weather the seed is always told, also once the result was read again; else only one that is not 0. */
static void the_seed_is_told_where_there_was_weather(void)
{
	char path[] = "/tmp/punchlab-results-XXXXXX", text[VERDICT_AGAIN_SIZE], error[RESULT_ERROR_SIZE] = "";
	struct outcome fair = { .result = OUTCOME_FAILED }, wet = { .result = OUTCOME_FAILED, .has_weather = true };
	struct verdict v = { .scenario = &scenario, .outcome = &fair };
	struct results r = { 0 };
	int fd = mkstemp(path);
	FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;

	CU_ASSERT_PTR_NOT_NULL_FATAL(out);
	CU_ASSERT_PTR_NULL(strstr(verdict_again(&v, text), "--seed"));
	v.outcome = &wet;
	CU_ASSERT_PTR_NOT_NULL(strstr(verdict_again(&v, text), "--seed 0"));
	result_json(out, &v);
	fclose(out);
	CU_ASSERT_EQUAL_FATAL(results_read(&r, path, error), 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(verdict_again(&r.list[0].verdict, text), "--seed 0"));
	results_clear(&r);
	unlink(path);
}

/* Whatever the texts are, the line tells which scenario, and what became of it. */
static void json_is_whole_with_bytes_that_are_no_text(void)
{
	static const struct scenario odd = { .name = "a \xff", .file = "s/\xe9.lua", .line = 7 };
	struct outcome o = { .result = OUTCOME_SKIPPED,
		             .message = strdup("Stra\xdf"
		                               "e"),
		             .at = strdup("s/\xe9.lua:9"),
		             .details = strdup("\xe2\x82") };
	struct verdict v = { .scenario = &odd, .outcome = &o, .trace = "out\xe9/t.pcapng" };
	char *text = printed(print_json, &v);
	json_t *line = json_loads(text, 0, NULL);

	CU_ASSERT_PTR_NOT_NULL_FATAL(line);
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(line, "scenario")), "a \\xff");
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(line, "file")), "s/\\xe9.lua");
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(line, "result")), "skipped");
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(line, "message")), "Stra\\xdfe");
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(line, "trace")), "out\\xe9/t.pcapng");
	json_decref(line);
	outcome_clear(&o);
	free(text);
}

static void print_junit(FILE *out, const void *v)
{
	static const struct totals totals = { .failed = 1 };
	struct junit *j = junit_new();

	CU_ASSERT_PTR_NOT_NULL_FATAL(j);
	junit_add(j, v);
	junit_write(j, &totals, 1.5, out);
	junit_free(j);
}

static void junit_escapes(void)
{
	struct outcome o = { .result = OUTCOME_FAILED, .message = strdup("a<b>\"&\x1b"), .details = strdup("]]>\n") };
	struct verdict v = { .scenario = &scenario, .outcome = &o, .seconds = 0.25 };
	char *text = printed(print_junit, &v);

	CU_ASSERT_STRING_EQUAL(text,
	                       "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
	                       "<testsuite name=\"punchlab\" tests=\"1\" failures=\"1\" skipped=\"0\" time=\"1.500\">\n"
	                       "<testcase classname=\"s/p.lua\" name=\"a #1 pair\" time=\"0.250\">"
	                       "<failure message=\"a&lt;b&gt;&quot;&amp;\\x1b\">\n]]&gt;\n</failure></testcase>\n"
	                       "</testsuite>\n</testsuites>\n");
	outcome_clear(&o);
	free(text);
}

/* XML may hold no U+FFFE, no U+FFFF and no surrogate, and UTF-8 no \xff; U+FFFD is fine. */
static void junit_is_well_formed(void)
{
	struct outcome o = { .result = OUTCOME_FAILED,
		             .message = strdup("\xef\xbf\xbe\xef\xbf\xbf\xef\xbf\xbd\xed\xa0\x80\xff") };
	struct verdict v = { .scenario = &scenario, .outcome = &o, .trace = "out\xe9/t.pcapng" };
	char *text = printed(print_junit, &v);

	CU_ASSERT_PTR_NOT_NULL(strstr(text, "message=\"\\xef\\xbf\\xbe\\xef\\xbf\\xbf\xef\xbf\xbd\\xed\\xa0\\x80"
	                                    "\\xff\">"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "trace: out\\xe9/t.pcapng<"));
	outcome_clear(&o);
	free(text);
}

/* A name is cut between characters. */
static void junit_cuts_long_names(void)
{
	char long_name[1024];
	struct scenario one = scenario;
	struct outcome o = { .result = OUTCOME_PASSED };
	struct verdict v = { .scenario = &one, .outcome = &o };
	char *text;

	for (size_t i = 0; i + 1 < sizeof long_name; i += 3)
		memcpy(long_name + i, "\xe2\x82\xac", 3);
	long_name[sizeof long_name - 1] = '\0';
	one.name = long_name;
	text = printed(print_junit, &v);
	CU_ASSERT_PTR_NULL(strchr(text, '\\'));
	free(text);
}

static void control_characters_are_shown(void)
{
	char *text = printed(print_plain, "a\x1b[31m\tb\r\nq\xc3\xa9\xc2\x9b\nend");

	CU_ASSERT_STRING_EQUAL(text, "> a\\x1b[31m\tb\\x0d\n> q\xc3\xa9\\xc2\\x9b\n> end\n");
	free(text);
}

static void add_cell_of(struct grid *g, size_t index, const char *row, const char *column, int ms)
{
	struct outcome o = { .result = OUTCOME_PASSED };

	o.cell = json_pack("{s:s,s:s,s:b,s:b,s:i}", "row", row, "column", column, "opened", 1, "expected", 1, "ms", ms);
	grid_add(g, index, &o);
	outcome_clear(&o);
}

static void add_cell(struct grid *g, size_t index, const char *column, int opened, int expected, int passed)
{
	struct outcome o = { .result = passed ? OUTCOME_PASSED : OUTCOME_FAILED };

	o.cell = json_pack("{s:s,s:s,s:b,s:b,s:i}", "row", "r", "column", column, "opened", opened, "expected",
	                   expected, "ms", 12);
	grid_add(g, index, &o);
	outcome_clear(&o);
}

static void grid_shows_cells_in_order(void)
{
	struct grid *g = grid_new();
	struct outcome died = { .result = OUTCOME_FAILED };
	char *text;

	died.cell = json_pack("{s:s,s:s}", "row", "r", "column", "d");
	add_cell(g, 2, "c", 1, 0, 0);
	add_cell(g, 0, "a", 1, 1, 1);
	add_cell(g, 1, "b", 0, 0, 1);
	grid_add(g, 3, &died);
	text = printed(print_grid, g);
	CU_ASSERT_STRING_EQUAL(text, "   a            b     c              d\n"
	                             "r  opens 12 ms  shut  opens 12 ms !  FAILED\n\n"
	                             "2 opened, 1 stayed shut; 2 not as expected (marked ! or FAILED)\n");
	free(text);
	outcome_clear(&died);
	grid_free(g);
}

/* Whatever the times, the classic grid and the wide one fit a terminal of 80 columns. */
static void grid_fits_a_terminal(void)
{
	static const char *const classic[] = {
		"open", "full-cone", "restricted", "port-restricted", "symmetric", NULL
	};
	static const char *const wide[] = { "ei/ei",  "ei/ad",  "ei/apd", "ad/ei",   "ad/ad",
		                            "ad/apd", "apd/ei", "apd/ad", "apd/apd", NULL };
	static const char *const *const sides[] = { classic, wide };
	static const int times[] = { 1, 12, 123 };

	for (size_t s = 0; s < 2; s++)
		for (size_t t = 0; t < sizeof times / sizeof times[0]; t++) {
			struct grid *g = grid_new();
			size_t index = 0;
			char *text, *rest = NULL;

			for (const char *const *row = sides[s]; *row != NULL; row++)
				for (const char *const *column = sides[s]; *column != NULL; column++)
					add_cell_of(g, index++, *row, *column, times[t]);
			text = printed(print_grid, g);
			for (char *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest))
				CU_ASSERT(strlen(line) <= 80);
			free(text);
			grid_free(g);
		}
}

SUITE(result_formats, TEST(tap_of_a_pass), TEST(tap_of_a_skip), TEST(tap_of_a_failure), TEST(json_is_one_object_a_line),
      TEST(read_again_it_is_run_as_it_was), TEST(the_seed_is_told_where_there_was_weather), TEST(a_file_is_no_option),
      TEST(json_is_whole_with_bytes_that_are_no_text), TEST(junit_escapes), TEST(junit_is_well_formed),
      TEST(junit_cuts_long_names), TEST(control_characters_are_shown), TEST(grid_shows_cells_in_order),
      TEST(grid_fits_a_terminal))
