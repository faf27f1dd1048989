/* What a table of options may hold. */
#include "script/script_internal.h"

#include <stdbool.h>
#include <string.h>

static bool is_known(const char *name, const char *const *known)
{
	while (*known != NULL && strcmp(*known, name) != 0)
		known++;
	return *known != NULL;
}

/* "; there are: nat, behind" */
static const char *push_list(lua_State *L, const char *const *known)
{
	luaL_Buffer b;

	luaL_buffinit(L, &b);
	luaL_addstring(&b, known[1] != NULL ? "; there are: " : "; there is: ");
	for (size_t i = 0; known[i] != NULL; i++) {
		if (i > 0)
			luaL_addstring(&b, ", ");
		luaL_addstring(&b, known[i]);
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
	luaL_checktype(L, index, LUA_TTABLE);
	lua_pushnil(L);
	while (lua_next(L, index) != 0) {
		lua_pop(L, 1);
		if (is_place(L, -1, places) || (lua_type(L, -1) == LUA_TSTRING && is_known(lua_tostring(L, -1), known)))
			continue;
		name = script_text(L, -1);
		luaL_error(L, "%s: unknown option '%s'%s", call, name, push_list(L, known));
	}
}
