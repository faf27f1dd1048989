/* What a table of options may hold, and what it holds. */
#include "script/script_arguments.h"
#include "script/script_internal.h"

#include <stdbool.h>
#include <string.h>

int script_find_word(const char *word, const char *const *words)
{
	for (int i = 0; words[i] != NULL; i++)
		if (strcmp(words[i], word) == 0)
			return i;
	return -1;
}

const char *script_push_words(lua_State *L, const char *const *words)
{
	luaL_Buffer b;

	luaL_buffinit(L, &b);
	for (size_t i = 0; words[i] != NULL; i++) {
		if (i > 0)
			luaL_addstring(&b, ", ");
		luaL_addstring(&b, words[i]);
	}
	luaL_pushresult(&b);
	return lua_tostring(L, -1);
}

static bool is_place(lua_State *L, int key, size_t places)
{
	return lua_isinteger(L, key) && lua_tointeger(L, key) >= 1 && (size_t)lua_tointeger(L, key) <= places;
}

void script_check_options(lua_State *L, int index, const char *call, const char *const *known, size_t places)
{
	const char *name;

	if (lua_isnoneornil(L, index))
		return;
	script_check_type(L, index, LUA_TTABLE);
	lua_pushnil(L);
	while (lua_next(L, index) != 0) {
		lua_pop(L, 1);
		if (is_place(L, -1, places) ||
		    (lua_type(L, -1) == LUA_TSTRING && script_find_word(lua_tostring(L, -1), known) >= 0))
			continue;
		name = script_text(L, -1);
		luaL_error(L, "%s: unknown option '%s'; %s: %s", call, name,
		           known[1] != NULL ? "there are" : "there is", script_push_words(L, known));
	}
}

int script_push_option(lua_State *L, int options, const char *name)
{
	if (lua_istable(L, options))
		return lua_getfield(L, options, name);
	lua_pushnil(L);
	return LUA_TNIL;
}

/* Has the text on top of the stack live as long as the script. The table it comes from may not hold it: it holds a
 * number, or a function that makes it. */
static void keep_text(lua_State *L)
{
	luaL_getsubtable(L, LUA_REGISTRYINDEX, "punchlab.texts");
	lua_pushvalue(L, -2);
	lua_pushboolean(L, true);
	lua_rawset(L, -3);
	lua_pop(L, 1);
}

const char *script_text_option(lua_State *L, int options, const char *name)
{
	const char *text = NULL;

	if (script_push_option(L, options, name) != LUA_TNIL) {
		text = lua_tostring(L, -1);
		if (text == NULL)
			luaL_error(L, "%s is a text", name);
		keep_text(L);
	}
	lua_pop(L, 1);
	return text;
}

bool script_flag_option(lua_State *L, int options, const char *name, bool otherwise)
{
	bool is_set = otherwise;

	if (script_push_option(L, options, name) != LUA_TNIL) {
		if (!lua_isboolean(L, -1))
			luaL_error(L, "%s is true or false", name);
		is_set = lua_toboolean(L, -1);
	}
	lua_pop(L, 1);
	return is_set;
}

int script_whole_option(lua_State *L, int options, const char *name, int otherwise, int low, int high)
{
	lua_Integer value = otherwise;
	int is_whole = 0;

	if (script_push_option(L, options, name) != LUA_TNIL) {
		if (lua_type(L, -1) == LUA_TNUMBER)
			value = lua_tointegerx(L, -1, &is_whole); /* 120 / 2 is one, too */
		if (!is_whole || value < low || value > high)
			luaL_error(L, "%s is a whole number from %d to %d", name, low, high);
	}
	lua_pop(L, 1);
	return (int)value;
}

double script_seconds_option(lua_State *L, int options, const char *name, double otherwise)
{
	double seconds = otherwise;

	if (script_push_option(L, options, name) != LUA_TNIL) {
		seconds = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) : -1;
		if (!(seconds >= 0 && seconds <= 3600))
			luaL_error(L, "%s is 0 to 3600 seconds", name);
	}
	lua_pop(L, 1);
	return seconds;
}

int script_word_option(lua_State *L, int options, const char *name, int otherwise, const char *const *words)
{
	int which = otherwise;

	if (script_push_option(L, options, name) != LUA_TNIL) {
		const char *word = lua_tostring(L, -1);

		which = word != NULL ? script_find_word(word, words) : -1;
		if (which < 0)
			luaL_error(L, "%s is one of %s", name, script_push_words(L, words));
	}
	lua_pop(L, 1);
	return which;
}
