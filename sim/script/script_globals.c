/* What every scenario file can call without a lab: scenario() and the ways to say that something must hold. */
#include "result/log_file.h"
#include "script/script_arguments.h"
#include "script/script_internal.h"
#include "world/program_path.h"

#include "base/array.h"
#include "base/utf8.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TIMEOUT_MOST_S 3600

static void check_options(lua_State *L, int options, struct scenario *one)
{
	static const char *const known[] = { "jobs", "timeout", NULL };

	script_check_options(L, options, "scenario()", known, 0);
	one->timeout_s = (unsigned)script_whole_option(L, options, "timeout", 0, 1, TIMEOUT_MOST_S);
	one->jobs = (unsigned)script_whole_option(L, options, "jobs", 1, 1, SCENARIO_JOBS_MOST);
}

static bool is_taken(const struct script *s, const char *name)
{
	for (size_t i = 0; i < s->count; i++)
		if (strcmp(s->scenarios[i].name, name) == 0)
			return true;
	return false;
}

/* scenario(name, [options,] function(lab) ... end) */
static int l_scenario(lua_State *L)
{
	struct script *s = script_of(L);
	size_t len = 0;
	struct scenario one = { .name = script_check_bytes(L, 1, &len),
		                .file = s->file,
		                .line = script_own_line(L),
		                .jobs = 1,
		                .script = s };
	int function = lua_istable(L, 2) ? 3 : 2;
	struct scenario *added;

	if (s->lab != NULL)
		return luaL_error(L, "scenario() inside a scenario");
	script_check_type(L, function, LUA_TFUNCTION);
	if (len == 0 || len != strlen(one.name) || !utf8_is_line(one.name))
		return luaL_error(L, "a scenario's name is one line of text, UTF-8 without control characters");
	if (is_taken(s, one.name))
		return luaL_error(L, "there is a scenario named '%s' already", one.name);
	if (function == 3)
		check_options(L, 2, &one);
	if (one.line == 0)
		one.line = 1; /* all there is: `return library()` */
	lua_pushvalue(L, function);
	one.function = luaL_ref(L, LUA_REGISTRYINDEX);
	lua_pushvalue(L, 1);
	luaL_ref(L, LUA_REGISTRYINDEX); /* the name lives as long as the script */
	added = array_add(&s->scenarios, &s->count, sizeof *added);
	if (added == NULL)
		return luaL_error(L, "out of memory");
	*added = one;
	return 0;
}

/* expect(condition, message) */
static int l_expect(lua_State *L)
{
	if (lua_toboolean(L, 1)) {
		lua_settop(L, 1);
		return 1;
	}
	script_fail(L, NULL, NULL, "%s", script_opt_text(L, 2, "what was expected did not hold"));
}

static const char *show(lua_State *L, int index)
{
	const char *text = script_text(L, index);

	return lua_type(L, index) == LUA_TSTRING ? lua_pushfstring(L, "\"%s\"", text) : text;
}

/* equal(seen, expected, message) */
static int l_equal(lua_State *L)
{
	script_check_argument(L, lua_gettop(L) >= 2, 2, "value expected");
	lua_settop(L, 3); /* texts are made above the arguments, also above those that are left away */
	if (lua_compare(L, 1, 2, LUA_OPEQ))
		return 0;
	script_fail(L, show(L, 2), show(L, 1), "%s", script_opt_text(L, 3, "two values differ"));
}

/* fail(message, expected, seen) */
static int l_fail(lua_State *L)
{
	lua_settop(L, 3); /* as in l_equal() */
	script_fail(L, script_opt_text(L, 2, NULL), script_opt_text(L, 3, NULL), "%s", script_check_text(L, 1));
}

/* skip(reason) */
static int l_skip(lua_State *L)
{
	script_skip(L, script_check_text(L, 1));
}

/* installed(program): where it is, or nil */
static int l_installed(lua_State *L)
{
	char path[PATH_MAX];

	if (program_path_find(script_check_text(L, 1), path, sizeof path) == 0)
		lua_pushstring(L, path);
	else
		lua_pushnil(L);
	return 1;
}

/* literal(text): a Lua pattern that matches just that text */
static int l_literal(lua_State *L)
{
	size_t len;
	const char *text = script_check_bytes(L, 1, &len);
	luaL_Buffer b;

	luaL_buffinit(L, &b);
	for (size_t i = 0; i < len; i++) {
		if (strchr("^$()%.[]*+-?", text[i]) != NULL && text[i] != '\0')
			luaL_addchar(&b, '%');
		luaL_addchar(&b, text[i]);
	}
	luaL_pushresult(&b);
	return 1;
}

/*
 * print(...): Lua's own would fill standard output, which is for the report while a file is being loaded, and in a
 * scenario is the log, of which the end is kept.
 */
static int l_print(lua_State *L)
{
	bool loads = script_of(L)->lab == NULL;
	FILE *out = loads ? stderr : stdout;
	int count = lua_gettop(L);

	for (int i = 1; i <= count; i++) {
		size_t len = 0;
		const char *text = luaL_tolstring(L, i, &len);
		size_t skipped = !loads && len > LOG_FILE_KEPT ? len - LOG_FILE_KEPT : 0;

		if (i > 1)
			putc('\t', out);
		fwrite(text + skipped, 1, len - skipped, out);
		lua_pop(L, 1);
	}
	putc('\n', out);
	fflush(out);
	if (!loads)
		log_file_trim(STDOUT_FILENO);
	return 0;
}

static const luaL_Reg globals[] = {
	{ "scenario", l_scenario }, { "expect", l_expect },       { "equal", l_equal },
	{ "fail", l_fail },         { "skip", l_skip },           { "literal", l_literal },
	{ "print", l_print },       { "installed", l_installed }, { NULL, NULL },
};

void script_open_globals(lua_State *L)
{
	lua_pushglobaltable(L);
	luaL_setfuncs(L, globals, 0);
	lua_pop(L, 1);
}
