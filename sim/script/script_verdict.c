/* How a scenario ends early: a verdict is put down before it is raised, so that nobody who catches it undoes it. */
#include "script/script_arguments.h"
#include "script/script_internal.h"

#include "base/utf8.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char verdict_key; /* in the registry: what the last verdict raised */

const char *script_text(lua_State *L, int index)
{
	size_t len = 0;
	const char *text = luaL_tolstring(L, index, &len);
	luaL_Buffer b;

	if (strlen(text) == len)
		return text;
	luaL_buffinit(L, &b);
	for (size_t i = 0; i < len; i++)
		if (text[i] != '\0')
			luaL_addchar(&b, text[i]);
		else
			luaL_addstring(&b, "\\x00");
	luaL_pushresult(&b);
	return lua_tostring(L, -1);
}

const char *script_check_text(lua_State *L, int index)
{
	script_check_bytes(L, index, NULL);
	return script_text(L, index);
}

const char *script_opt_text(lua_State *L, int index, const char *otherwise)
{
	return lua_isnoneornil(L, index) ? otherwise : script_check_text(L, index);
}

int script_own_line(lua_State *L)
{
	const char *file = script_of(L)->file;
	lua_Debug ar;

	for (int level = 0; lua_getstack(L, level, &ar) != 0; level++)
		if (lua_getinfo(L, "Sl", &ar) != 0 && ar.source[0] == '@' && strcmp(ar.source + 1, file) == 0)
			return ar.currentline;
	return 0;
}

/* Pushes "file:line" in the scenario's own file: of the innermost call, else where it was registered. */
static const char *push_place(lua_State *L)
{
	const struct script *s = script_of(L);
	int line = script_own_line(L);

	return lua_pushfstring(L, "%s:%d", s->file, line != 0 ? line : s->running->line);
}

static void add_detail(struct outcome *out, const char *label, const char *text)
{
	char line[1024];

	if (text == NULL)
		return;
	utf8_print(line, sizeof line, "%s%s", label, text);
	outcome_add_details(out, line);
}

/* A failure that stays one, whatever comes after it; a skip gives way to a failure. Returns whether it counts. */
static bool put_down(lua_State *L, enum outcome_result result, const char *message)
{
	struct outcome *out = script_of(L)->outcome;

	if (out->result == OUTCOME_FAILED || out->result == result)
		return false;
	if (out->result == OUTCOME_PASSED)
		outcome_set(out, result, message, push_place(L));
	else
		outcome_fail(out, message);
	return true;
}

/* Where in a file that was required, if nothing of the scenario's own is being called. */
static void put_down_library(lua_State *L)
{
	if (script_own_line(L) != 0)
		return;
	luaL_where(L, 1);
	if (lua_rawlen(L, -1) != 0) /* it is "" at the end, where nothing is being called */
		add_detail(script_of(L)->outcome, "in ", lua_tostring(L, -1));
}

static _Noreturn void raise(lua_State *L, const char *message)
{
	lua_pushstring(L, message);
	lua_pushvalue(L, -1);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &verdict_key);
	lua_error(L);
	abort();
}

_Noreturn void script_skip(lua_State *L, const char *reason)
{
	if (script_of(L)->outcome == NULL)
		script_error(L, reason);
	put_down(L, OUTCOME_SKIPPED, reason);
	raise(L, reason);
}

_Noreturn void script_fail(lua_State *L, const char *expected, const char *seen, const char *format, ...)
{
	struct outcome *out = script_of(L)->outcome;
	char message[512];
	va_list args;

	va_start(args, format);
	utf8_vprint(message, sizeof message, format, args);
	va_end(args);
	if (out == NULL)
		script_error(L, message);
	if (put_down(L, OUTCOME_FAILED, message)) {
		put_down_library(L);
		add_detail(out, "expected: ", expected);
		add_detail(out, "seen:     ", seen);
	}
	raise(L, message);
}

void script_fail_if_late(lua_State *L)
{
	const struct script *s = script_of(L);

	if (lab_is_late(script_lab(L)))
		script_fail(L, NULL, NULL, "the scenario does not end within %u s", s->timeout_s);
}

void script_error(lua_State *L, const char *error)
{
	luaL_error(L, "%s", error);
	abort();
}

static bool is_verdict(lua_State *L, int index)
{
	bool is;

	lua_rawgetp(L, LUA_REGISTRYINDEX, &verdict_key);
	is = !lua_isnil(L, -1) && lua_rawequal(L, -1, index);
	lua_pop(L, 1);
	return is;
}

/* What stands behind `file`, `line` (":7") and ": " at the start of a text; NULL if that is not what it starts with. */
static const char *behind_place(const char *text, const char *file, size_t len, const char *line)
{
	if (strncmp(text, file, len) != 0 || strncmp(text + len, line, strlen(line)) != 0)
		return NULL;
	text += len + strlen(line);
	return strncmp(text, ": ", 2) == 0 ? text + 2 : NULL;
}

/* An error of Lua. The place is not said twice, be it that Lua says the end of a long name only. */
static void put_down_error(lua_State *L, const char *text)
{
	const char *place = push_place(L), *line = strrchr(place, ':'), *known = script_of(L)->file_in_messages;
	const char *behind = NULL;

	if (line != NULL)
		behind = behind_place(text, place, (size_t)(line - place), line);
	if (line != NULL && behind == NULL)
		behind = behind_place(text, known, strlen(known), line);
	if (!put_down(L, OUTCOME_FAILED, behind != NULL ? behind : text)) {
		add_detail(script_of(L)->outcome, "after that: ", text);
	} else if (behind == NULL) {
		luaL_traceback(L, L, NULL, 1);
		outcome_add_details(script_of(L)->outcome, lua_tostring(L, -1));
	}
}

/* What was raised may be a table of the scenario's, with methods that raise errors: it is not asked for its text. */
int script_handle_error(lua_State *L)
{
	if (!is_verdict(L, 1))
		put_down_error(L, lua_isstring(L, 1) ? script_text(L, 1) : "failed with an error that is no text");
	return 1;
}
