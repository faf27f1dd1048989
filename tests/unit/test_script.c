#include "script/script.h"
#include "runner/scenario_suite.h"

#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Loads a file of that text; *error is what was wrong, without the file's name. The caller closes. */
static struct script *load(const char *text, char error[SCRIPT_ERROR_SIZE])
{
	char path[] = "/tmp/test_script.XXXXXX";
	int fd = mkstemp(path);
	FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;
	struct script *s;

	CU_ASSERT_PTR_NOT_NULL_FATAL(out);
	fputs(text, out);
	fclose(out);
	error[0] = '\0';
	s = script_open(path, error);
	unlink(path);
	if (s == NULL) {
		CU_ASSERT_EQUAL(strncmp(error, path, strlen(path)), 0);
		memmove(error, error + strlen(path), strlen(error + strlen(path)) + 1);
	}
	return s;
}

static void registers_in_order(void)
{
	char error[SCRIPT_ERROR_SIZE];
	struct script *s =
	    load("scenario('one', function() end)\n\nscenario('two', {timeout=7, jobs=3}, function() end)", error);

	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	CU_ASSERT_EQUAL_FATAL(script_count(s), 2);
	CU_ASSERT_STRING_EQUAL(script_scenario(s, 0)->name, "one");
	CU_ASSERT_EQUAL(script_scenario(s, 0)->line, 1);
	CU_ASSERT_EQUAL(script_scenario(s, 0)->timeout_s, 0);
	CU_ASSERT_EQUAL(script_scenario(s, 0)->jobs, 1);
	CU_ASSERT_STRING_EQUAL(script_scenario(s, 1)->name, "two");
	CU_ASSERT_EQUAL(script_scenario(s, 1)->line, 3);
	CU_ASSERT_EQUAL(script_scenario(s, 1)->timeout_s, 7);
	CU_ASSERT_EQUAL(script_scenario(s, 1)->jobs, 3);
	script_close(s);
}

static void says_what_is_wrong(void)
{
	static const struct {
		const char *text, *error;
	} bad[] = {
		{ "-- nothing", ": registers no scenario" },
		{ "\nscenario(", ":2: unexpected symbol near <eof>" },
		{ "scenario('a', function() end) scenario('a', function() end)",
		  ":1: there is a scenario named 'a' already" },
		{ "\n\nscenario('a', {timeuot=1}, function() end)",
		  ":3: scenario(): unknown option 'timeuot'; there are: jobs, timeout" },
		{ "scenario('a', {timeout=1.5}, function() end)", ":1: timeout is a whole number from 1 to 3600" },
		{ "scenario('a', {jobs=65}, function() end)", ":1: jobs is a whole number from 1 to 64" },
		{ "\nexpect(false, 'no\\0way')", ":2: no\\x00way" },
		{ "scenario('a', {timeout=0}, function() end)", ":1: timeout is a whole number from 1 to 3600" },
		{ "scenario('a\\nb', function() end)",
		  ":1: a scenario's name is one line of text, UTF-8 without control characters" },
		{ "\nscenario('a\\27[31m', function() end)",
		  ":2: a scenario's name is one line of text, UTF-8 without control characters" },
		{ "scenario('a\\255', function() end)",
		  ":1: a scenario's name is one line of text, UTF-8 without control characters" },
		{ "error('bad \\255 \\27[31m\\nand more')", ":1: bad \\xff \\x1b[31m and more" },
		{ "error(setmetatable({}, {__index=function() error('x') end}))", ": an error that is no text" },
		{ "error({message=42})", ": an error that is no text" },
		{ "\nlocal x = nil + 1", ":2: attempt to perform arithmetic on a nil value" },
		{ "local t = string.rep('x', 1 << 29)", ": not enough memory" },
	};
	char error[SCRIPT_ERROR_SIZE];

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		CU_ASSERT_PTR_NULL(load(bad[i].text, error));
		CU_ASSERT_STRING_EQUAL(error, bad[i].error);
	}
}

static void leaves_out_what_makes_no_sense(void)
{
	char error[SCRIPT_ERROR_SIZE];
	struct script *s =
	    load("for _, call in ipairs { dofile, loadfile, os.exit, os.execute, os.remove, string.dump } do\n"
	         "  local done, why = pcall(call)\n"
	         "  assert(not done and why:find('a scenario has no ', 1, true), why)\n"
	         "end\n"
	         "assert(not pcall(function() return io.open end) and not pcall(function() debug.getinfo(1) end))\n"
	         "assert(string and table and math and utf8 and coroutine and os.time and require)\n"
	         "assert(literal('a.b-c') == 'a%.b%-c')\n"
	         "scenario('a', function() end)",
	         error);

	CU_ASSERT_STRING_EQUAL(error, "");
	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	script_close(s);
}

static void loads_text_alone(void)
{
	char error[SCRIPT_ERROR_SIZE];
	struct script *s =
	    load("assert(not package.loadlib and not package.cpath and #package.searchers == 2)\n"
	         "package.cpath = '/lib/x86_64-linux-gnu/?.so.6;/lib/?.so.6;/lib64/?.so.6'\n"
	         "local done, why = pcall(require, 'libm')\n"
	         "assert(not done and why:find(\"module 'libm' not found\", 1, true), why)\n"
	         "for _, mode in ipairs { 'b', 'bt', 't' } do\n"
	         "  local f, why = load('\\27Lua', 'x', mode)\n"
	         "  assert(not f and why:find('binary chunk', 1, true), why)\n"
	         "end\n"
	         "assert(load('return ...')(7) == 7 and load('return x', 'x', 't', { x = 8 })() == 8)\n"
	         "assert(load('return print')() == print and load('return print', nil, nil, nil) ~= nil)\n"
	         "scenario('a', function() end)",
	         error);

	CU_ASSERT_STRING_EQUAL(error, "");
	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	script_close(s);
}

static void put(const char *folder, const char *name, const char *text)
{
	char path[128];
	FILE *out;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	if (text == NULL) {
		unlink(path);
		return;
	}
	out = fopen(path, "w");
	CU_ASSERT_PTR_NOT_NULL_FATAL(out);
	fputs(text, out);
	fclose(out);
}

/* In a folder, what returns a value and registers nothing is for others to require; by its own name it is no scenario.
 */
static void passes_over_helpers_in_a_folder(void)
{
	char folder[] = "/tmp/test_script.XXXXXX", helper[128], error[SCRIPT_ERROR_SIZE] = "";
	struct scenario_suite s = { 0 };

	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
	put(folder, "helper.lua", "return { name = 'by a helper' }");
	CU_ASSERT_EQUAL(scenario_suite_add_path(&s, folder, error), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(error, ": no scenario in it"));
	put(folder, "user.lua", "scenario(require('helper').name, function() end)");
	CU_ASSERT_EQUAL(scenario_suite_add_path(&s, folder, error), 0);
	CU_ASSERT_EQUAL_FATAL(s.count, 1);
	CU_ASSERT_STRING_EQUAL(s.scenarios[0]->name, "by a helper");
	CU_ASSERT_EQUAL(s.scenarios[0]->place, 1);
	snprintf(helper, sizeof helper, "%s/helper.lua", folder);
	CU_ASSERT_EQUAL(scenario_suite_add_path(&s, helper, error), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(error, "helper.lua: registers no scenario"));
	put(folder, "helper.lua", "local forgotten = 1");
	CU_ASSERT_EQUAL(scenario_suite_add_path(&s, folder, error), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(error, "helper.lua: registers no scenario"));
	scenario_suite_clear(&s);
	put(folder, "helper.lua", NULL);
	put(folder, "user.lua", NULL);
	CU_ASSERT_EQUAL(rmdir(folder), 0);
}

static void filters_by_name_and_file(void)
{
	struct scenario a = { .name = "Two cones", .file = "x/pairs.lua" };
	struct scenario b = { .name = "restart", .file = "x/server.lua" };
	const struct scenario *list[] = { &a, &b };
	struct scenario_suite s = { .scenarios = list, .count = 2 };

	CU_ASSERT_EQUAL(scenario_suite_filter(&s, "two CONES"), 1);
	CU_ASSERT_EQUAL_FATAL(s.count, 1);
	CU_ASSERT_PTR_EQUAL(s.scenarios[0], &a);
	CU_ASSERT_EQUAL(scenario_suite_filter(&s, "server.lua"), 0); /* and they can be listed */
	CU_ASSERT_EQUAL(s.count, 1);
}

/* A suite may lie in anybody's home. */
static void where_a_suite_lies_is_no_name(void)
{
	static const struct {
		const char *text;
		size_t kept;
	} rows[] = { { "home", 1 }, { "TCP", 2 }, { "me/tcp", 2 }, { "/home/", 2 }, { "tcp/pairs.lua: two", 1 } };
	struct scenario a = { .name = "two of one home", .file = "/home/me/tcp/pairs.lua" };
	struct scenario b = { .name = "restart", .file = "/home/me/tcp/server.lua" };

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct scenario *list[] = { &a, &b };
		struct scenario_suite s = { .scenarios = list, .count = 2 };

		CU_ASSERT_EQUAL(scenario_suite_filter(&s, rows[i].text), rows[i].kept);
	}
}

SUITE(script, TEST(registers_in_order), TEST(says_what_is_wrong), TEST(leaves_out_what_makes_no_sense),
      TEST(loads_text_alone), TEST(passes_over_helpers_in_a_folder), TEST(filters_by_name_and_file),
      TEST(where_a_suite_lies_is_no_name))
