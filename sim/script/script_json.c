#include "script/script_json.h"

#include "evidence/record.h"
#include "script/script_internal.h"

#include <stdbool.h>
#include <stdlib.h>

#define PUSH_SLOTS 8   /* of Lua's stack, for one level */
#define DEPTH_LIMIT 16 /* of tables in tables: one may hold itself */

void script_push_json(lua_State *L, json_t *value)
{
	const char *key;
	json_t *member;
	size_t i;

	luaL_checkstack(L, PUSH_SLOTS, "JSON that lies too deep");
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		lua_newtable(L);
		json_object_foreach (value, key, member) {
			script_push_json(L, member);
			lua_setfield(L, -2, key);
		}
		break;
	case JSON_ARRAY:
		lua_newtable(L);
		json_array_foreach (value, i, member) {
			script_push_json(L, member);
			lua_seti(L, -2, (lua_Integer)i + 1);
		}
		break;
	case JSON_STRING: lua_pushlstring(L, json_string_value(value), json_string_length(value)); break;
	case JSON_INTEGER: lua_pushinteger(L, json_integer_value(value)); break;
	case JSON_REAL: lua_pushnumber(L, json_real_value(value)); break;
	case JSON_TRUE:
	case JSON_FALSE: lua_pushboolean(L, json_is_true(value)); break;
	case JSON_NULL: lua_pushnil(L); break;
	}
}

static json_t *text_to_json(lua_State *L, int index)
{
	size_t len = 0;
	const char *bytes = luaL_tolstring(L, index, &len);
	char *text = record_text(bytes, len);
	json_t *value = text != NULL ? json_string(text) : NULL;

	free(text);
	lua_pop(L, 1);
	return value;
}

static json_t *to_json(lua_State *L, int index, int depth);

static json_t *list_to_json(lua_State *L, int index, int depth)
{
	json_t *list = json_array();
	size_t count = lua_rawlen(L, index);

	for (size_t i = 1; i <= count; i++) {
		lua_rawgeti(L, index, (lua_Integer)i);
		json_array_append_new(list, to_json(L, lua_gettop(L), depth));
		lua_pop(L, 1);
	}
	return list;
}

static json_t *object_to_json(lua_State *L, int index, int depth)
{
	json_t *object = json_object();

	lua_pushnil(L);
	while (lua_next(L, index) != 0) {
		if (lua_type(L, -2) == LUA_TSTRING)
			json_object_set_new(object, lua_tostring(L, -2), to_json(L, lua_gettop(L), depth));
		lua_pop(L, 1);
	}
	return object;
}

static bool is_list(lua_State *L, int index)
{
	if (lua_rawlen(L, index) > 0)
		return true;
	lua_pushnil(L);
	if (lua_next(L, index) == 0)
		return true;
	lua_pop(L, 2);
	return false;
}

static json_t *table_to_json(lua_State *L, int index, int depth)
{
	if (depth == 0)
		luaL_error(L, "a table that lies too deep, or holds itself");
	luaL_checkstack(L, PUSH_SLOTS, "a table that lies too deep");
	return is_list(L, index) ? list_to_json(L, index, depth - 1) : object_to_json(L, index, depth - 1);
}

static json_t *to_json(lua_State *L, int index, int depth)
{
	switch (lua_type(L, index)) {
	case LUA_TNIL: return json_null();
	case LUA_TBOOLEAN: return json_boolean(lua_toboolean(L, index));
	case LUA_TNUMBER:
		return lua_isinteger(L, index) ? json_integer(lua_tointeger(L, index))
		                               : json_real(lua_tonumber(L, index));
	case LUA_TTABLE: return table_to_json(L, index, depth);
	default: return text_to_json(L, index);
	}
}

json_t *script_to_json(lua_State *L, int index)
{
	return to_json(L, lua_absindex(L, index), DEPTH_LIMIT);
}
