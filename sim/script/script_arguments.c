#include "script/script_arguments.h"

#include "script/script_internal.h"

#include <stdlib.h>

/* Pushes the name that the running function has in the class of what it is called on. NULL: it is none of its methods.
 */
static const char *push_method_name(lua_State *L)
{
	lua_Debug running;
	int function;

	lua_getstack(L, 0, &running);
	lua_getinfo(L, "f", &running);
	function = lua_gettop(L);
	if (!lua_isuserdata(L, 1) || luaL_getmetafield(L, 1, "__index") != LUA_TTABLE)
		return NULL;
	for (lua_pushnil(L); lua_next(L, function + 1) != 0; lua_pop(L, 1))
		if (lua_rawequal(L, -1, function) && lua_type(L, -2) == LUA_TSTRING)
			return lua_tostring(L, -2);
	return NULL;
}

_Noreturn void script_argument_error(lua_State *L, int index, const char *problem)
{
	const char *name;

	luaL_checkstack(L, 8, problem);
	name = push_method_name(L);
	if (name == NULL)
		luaL_argerror(L, index, problem);
	else if (index == 1)
		luaL_error(L, "cannot call '%s': %s", name, problem);
	else
		luaL_error(L, "bad argument #%d to '%s' (%s)", index - 1, name, problem);
	abort();
}

/* What a value of the user's is, in words. */
static const char *push_kind(lua_State *L, int index)
{
	return luaL_getmetafield(L, index, "__name") == LUA_TSTRING ? lua_tostring(L, -1) : luaL_typename(L, index);
}

static _Noreturn void refuse_for(lua_State *L, int index, const char *expected, const char *got)
{
	script_argument_error(L, index, lua_pushfstring(L, "%s expected, got %s", expected, got));
}

static _Noreturn void refuse(lua_State *L, int index, const char *expected)
{
	refuse_for(L, index, expected, push_kind(L, index));
}

void script_check_argument(lua_State *L, bool holds, int index, const char *problem)
{
	if (!holds)
		script_argument_error(L, index, problem);
}

void script_check_type(lua_State *L, int index, int type)
{
	if (lua_type(L, index) != type)
		refuse(L, index, lua_typename(L, type));
}

void *script_check_object(lua_State *L, int index, const char *class)
{
	void *object = luaL_testudata(L, index, class);

	if (object == NULL)
		refuse(L, index, class);
	return object;
}

const char *script_check_bytes(lua_State *L, int index, size_t *len)
{
	const char *text = lua_tolstring(L, index, len);

	if (text == NULL)
		refuse(L, index, lua_typename(L, LUA_TSTRING));
	return text;
}

lua_Number script_check_number(lua_State *L, int index)
{
	int is_number = 0;
	lua_Number number = lua_tonumberx(L, index, &is_number);

	if (is_number == 0)
		refuse(L, index, lua_typename(L, LUA_TNUMBER));
	return number;
}

lua_Number script_opt_number(lua_State *L, int index, lua_Number otherwise)
{
	return lua_isnoneornil(L, index) ? otherwise : script_check_number(L, index);
}

lua_Integer script_opt_whole(lua_State *L, int index, lua_Integer otherwise)
{
	int is_whole = 0;
	lua_Integer number = lua_isnoneornil(L, index) ? otherwise : lua_tointegerx(L, index, &is_whole);

	if (!lua_isnoneornil(L, index) && is_whole == 0)
		refuse_for(L, index, "whole number",
		           lua_type(L, index) == LUA_TNUMBER ? script_text(L, index) : push_kind(L, index));
	return number;
}

int script_check_word(lua_State *L, int index, const char *const *words)
{
	int top = lua_gettop(L);
	const char *word = script_check_text(L, index);
	int which = script_find_word(word, words);

	if (which < 0)
		script_argument_error(
		    L, index,
		    lua_pushfstring(L, "'%s' is none of them; there are: %s", word, script_push_words(L, words)));
	lua_settop(L, top);
	return which;
}

int script_opt_word(lua_State *L, int index, int otherwise, const char *const *words)
{
	return lua_isnoneornil(L, index) ? otherwise : script_check_word(L, index, words);
}
