/* lab:why(a, b): what the trace so far says of two hosts, as `punchlab trace --why --json` tells it. */
#include "script/script_internal.h"

#include "lab/lab_why.h"

#define DEPTH 8 /* of JSON: pair, directions, losses, and some to spare */

/* Pushes a JSON value; null becomes nil. */
static void push_json(lua_State *L, json_t *value)
{
	const char *key;
	json_t *member;
	size_t i;

	luaL_checkstack(L, DEPTH, NULL);
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		lua_newtable(L);
		json_object_foreach(value, key, member)
		{
			push_json(L, member);
			lua_setfield(L, -2, key);
		}
		break;
	case JSON_ARRAY:
		lua_newtable(L);
		json_array_foreach(value, i, member)
		{
			push_json(L, member);
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

int script_why(lua_State *L)
{
	struct lab *lab = script_lab(L);
	char error[LAB_ERROR_SIZE] = "out of memory";
	json_t *verdict =
	    lab_why(lab, script_check_node(L, 2), script_check_node(L, 3), luaL_optstring(L, 4, NULL), error);

	if (verdict == NULL)
		script_error(L, error);
	push_json(L, verdict);
	json_decref(verdict);
	return 1;
}
