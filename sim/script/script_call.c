#include "script/script_call.h"

#include "base/utf8.h"
#include "evidence/record.h"
#include "script/script_internal.h"
#include "script/script_json.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define CALLS_SHOWN 64 /* more than any class has */

static void push_named_node(lua_State *L, const char *name)
{
	int node = topology_find(lab_topology(script_lab(L)), name);

	if (node < 0)
		script_no_such_node(L, name);
	script_push_node(L, node);
}

static void push_target(lua_State *L, const char *on)
{
	size_t len = strlen(on), link = strlen(SCRIPT_CALL_LINK);

	if (strcmp(on, "lab") == 0) {
		script_push_lab(L);
	} else if (len > link && strcmp(on + len - link, SCRIPT_CALL_LINK) == 0) {
		push_named_node(L, lua_pushlstring(L, on, len - link));
		lua_getfield(L, -1, "link");
		lua_insert(L, -2);
		lua_call(L, 1, 1);
	} else {
		push_named_node(L, on);
	}
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Whether the value at that index is a host: it has no calls of a box. */
static bool is_host(lua_State *L, int index)
{
	int node = script_to_node(L, index);

	return node >= 0 && lab_topology(script_lab(L))->nodes[node].kind == NODE_HOST;
}

/* The names of what can be called on the value on top of the stack, whose class holds them. Returns how many. */
static size_t find_calls(lua_State *L, const char **names, size_t most)
{
	bool host = is_host(L, -1);
	size_t count = 0;

	luaL_getmetafield(L, -1, "__index");
	for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1)) {
		const char *name = lua_tostring(L, -2);

		if (lua_isfunction(L, -1) && name[0] != '_' && count < most && !(host && script_is_box_call(name)))
			names[count++] = name;
	}
	lua_pop(L, 1);
	qsort(names, count, sizeof names[0], by_name);
	return count;
}

/* The value that has no such call is on top of the stack. */
static void refuse_call(lua_State *L, const char *on, const char *call)
{
	const char *names[CALLS_SHOWN] = { NULL };
	size_t count = find_calls(L, names, CALLS_SHOWN);
	luaL_Buffer b;

	luaL_buffinit(L, &b);
	for (size_t i = 0; i < count; i++) {
		luaL_addstring(&b, i != 0 ? ", " : "");
		luaL_addstring(&b, names[i]);
	}
	luaL_pushresult(&b);
	luaL_error(L, "%s has no call '%s'; there are: %s", on, call, lua_tostring(L, -1));
}

static void push_argument(lua_State *L, json_t *argument)
{
	const char *node = json_string_value(json_object_get(argument, "node"));

	if (node != NULL)
		push_named_node(L, node);
	else
		script_push_json(L, argument);
}

/* The request is the light userdata at index 1; leaves the results, and nothing else. */
static int call(lua_State *L)
{
	const json_t *request = lua_touserdata(L, 1);
	const char *on = json_string_value(json_object_get(request, "on"));
	const char *name = json_string_value(json_object_get(request, "call"));
	const json_t *arguments = json_object_get(request, "args");
	size_t count = json_array_size(arguments);
	int target;

	if (name == NULL || (arguments != NULL && !json_is_array(arguments)))
		return luaL_error(L, "a call is an object with \"on\", \"call\" and \"args\"");
	push_target(L, on != NULL ? on : "lab");
	target = lua_gettop(L);
	if (name[0] == '_' || (is_host(L, target) && script_is_box_call(name)) ||
	    lua_getfield(L, target, name) != LUA_TFUNCTION) {
		lua_settop(L, target);
		refuse_call(L, on != NULL ? on : "lab", name);
	}
	lua_insert(L, 1);
	lua_insert(L, 2);
	lua_settop(L, 2); /* the function, and what it is called on */
	luaL_checkstack(L, (int)(count < INT16_MAX ? count : INT16_MAX) + 8, "too many arguments");
	for (size_t i = 0; i < count; i++)
		push_argument(L, json_array_get(arguments, i));
	lua_call(L, 1 + (int)count, LUA_MULTRET);
	return lua_gettop(L);
}

/* What it returned, in its place: one userdata that holds the JSON list. */
static int call_to_json(lua_State *L)
{
	json_t **out = lua_touserdata(L, 2);
	int count;

	lua_settop(L, 1);
	count = call(L);
	*out = json_array();
	for (int i = 1; i <= count; i++)
		json_array_append_new(*out, script_to_json(L, i));
	return 0;
}

static json_t *error_to_json(const char *error)
{
	char *text = record_text(error, strlen(error));
	json_t *answer = text != NULL ? json_pack("{s:s}", "error", text) : NULL;

	free(text);
	return answer;
}

json_t *script_call(struct script *s, struct lab *lab, const json_t *request)
{
	static const struct scenario none = { .name = "", .file = "" };
	struct outcome unused = { 0 };
	json_t *results = NULL, *answer;
	lua_State *L = s->L;

	s->lab = lab;
	s->running = &none;
	s->outcome = &unused;
	s->deadline_ms = UINT64_MAX;
	lua_settop(L, 0);
	lua_pushcfunction(L, call_to_json);
	lua_pushlightuserdata(L, (void *)(uintptr_t)request);
	lua_pushlightuserdata(L, &results);
	if (lua_pcall(L, 2, 0, 0) == LUA_OK) {
		answer = json_pack("{s:o}", "result", results);
	} else {
		json_decref(results);
		answer = error_to_json(lua_isstring(L, -1) ? lua_tostring(L, -1) : "an error that is no text");
	}
	outcome_clear(&unused);
	s->outcome = NULL;
	return answer;
}
