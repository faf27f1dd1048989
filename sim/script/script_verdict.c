/* How a scenario ends early: what raises that, and what is read of it. */
#include "script/script_internal.h"

#include "base/utf8.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void script_push_verdict(lua_State *L, const char *result, const char *message)
{
	lua_createtable(L, 0, 4);
	lua_pushstring(L, result);
	lua_setfield(L, -2, "result");
	lua_pushstring(L, message);
	lua_setfield(L, -2, "message");
}

_Noreturn void script_fail(lua_State *L, const char *expected, const char *seen, const char *format, ...)
{
	char message[512];
	va_list args;

	va_start(args, format);
	utf8_vprint(message, sizeof message, format, args);
	va_end(args);
	script_push_verdict(L, "failed", message);
	lua_pushstring(L, expected);
	lua_setfield(L, -2, "expected");
	lua_pushstring(L, seen);
	lua_setfield(L, -2, "seen");
	lua_error(L);
	abort();
}

void script_error(lua_State *L, const char *error)
{
	luaL_error(L, "%s", error);
	abort();
}

/* Pushes "file:line" of the innermost call in the scenario's own file, or nil. */
static void push_place(lua_State *L, const struct script *s)
{
	lua_Debug ar;

	for (int level = 0; lua_getstack(L, level, &ar) != 0; level++) {
		if (lua_getinfo(L, "Sl", &ar) == 0 || ar.source[0] != '@' || strcmp(ar.source + 1, s->file) != 0)
			continue;
		lua_pushfstring(L, "%s:%d", s->file, ar.currentline);
		return;
	}
	lua_pushnil(L);
}

/* An error of Lua, at index 1, becomes a verdict table there; the place, at index 2, is not said twice. */
static void make_verdict(lua_State *L)
{
	const char *text = luaL_tolstring(L, 1, NULL);
	const char *place = lua_tostring(L, 2);
	size_t len = place != NULL ? strlen(place) : 0;
	bool is_there = len != 0 && strncmp(text, place, len) == 0 && strncmp(text + len, ": ", 2) == 0;

	script_push_verdict(L, "failed", is_there ? text + len + 2 : text);
	if (!is_there) {
		luaL_traceback(L, L, NULL, 1);
		lua_setfield(L, -2, "traceback");
	}
	lua_replace(L, 1);
}

/* The table may be the scenario's own, with methods that raise errors: they are not asked. */
int script_handle_error(lua_State *L)
{
	push_place(L, script_of(L));
	if (!lua_istable(L, 1))
		make_verdict(L);
	lua_settop(L, 2);
	lua_pushliteral(L, "at");
	lua_insert(L, 2);
	lua_rawset(L, 1);
	return 1;
}

const char *script_field(lua_State *L, int table, const char *name)
{
	lua_pushstring(L, name);
	lua_rawget(L, table);
	return lua_tostring(L, -1);
}

static void add_detail(struct outcome *out, const char *label, const char *text)
{
	char line[1024];

	if (text == NULL)
		return;
	utf8_print(line, sizeof line, "%s%s", label, text);
	outcome_add_details(out, line);
}

/*
 * Puts what was raised, at index 1, into the outcome at index 2: a verdict table, or a text of Lua's where memory or
 * stack did not suffice to make one.
 */
static int take_verdict(lua_State *L)
{
	struct outcome *out = lua_touserdata(L, 2);
	bool is_table = lua_istable(L, 1);
	const char *result = is_table ? script_field(L, 1, "result") : NULL;
	const char *message = is_table ? script_field(L, 1, "message") : lua_tostring(L, 1);
	const char *at = is_table ? script_field(L, 1, "at") : NULL;
	const char *expected = is_table ? script_field(L, 1, "expected") : NULL;
	const char *seen = is_table ? script_field(L, 1, "seen") : NULL;
	const char *traceback = is_table ? script_field(L, 1, "traceback") : NULL;

	outcome_set(out, result != NULL && strcmp(result, "skipped") == 0 ? OUTCOME_SKIPPED : OUTCOME_FAILED,
	            message != NULL ? message : "failed with an error that is no text", at);
	add_detail(out, "expected: ", expected);
	add_detail(out, "seen:     ", seen);
	if (traceback != NULL)
		outcome_add_details(out, traceback);
	return 0;
}

void script_take_verdict(lua_State *L, struct outcome *out)
{
	lua_pushcfunction(L, take_verdict);
	lua_insert(L, -2);
	lua_pushlightuserdata(L, out);
	if (lua_pcall(L, 2, 0, 0) != LUA_OK)
		outcome_set(out, OUTCOME_FAILED, "there is not enough memory to say why it failed", NULL);
}
