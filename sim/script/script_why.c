/* lab:why(a, b): what the trace so far says of two hosts, as `punchlab trace --why --json` tells it. */
#include "script/script_internal.h"

#include "trace/explain.h"
#include "trace/explain_json.h"

#include <string.h>

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

/* The pair's verdict in that protocol; NULL: in UDP, or what else they spoke. */
static json_t *find_verdict(const struct why *w, const char *a, const char *b, const char *protocol,
                            char error[TRACE_ERROR_SIZE])
{
	int from = explain_host(w, a, error), to = from >= 0 ? explain_host(w, b, error) : -1;
	uint8_t protocols[VERDICT_PROTOCOLS] = { PACKET_UDP };
	struct pair_verdict v;
	char name[16];
	unsigned count, i = 0;

	if (from < 0 || to < 0)
		return NULL;
	count = verdict_protocols(w, from, to, protocols);
	while (protocol != NULL && i < count && strcmp(packet_protocol_name(protocols[i], name), protocol) != 0)
		i++;
	verdict_of_pair(w, from, to, i < count || i == 0 ? protocols[i] : 0, &v);
	return explain_to_json(w, &v);
}

/* Returns the verdict, or NULL with the reason. */
static json_t *read_verdict(const char *folder, const char *a, const char *b, const char *protocol,
                            char error[TRACE_ERROR_SIZE])
{
	struct trace *t = trace_open(folder, error);
	struct why *w = t != NULL ? why_read(t, NULL, error) : NULL;
	json_t *verdict = w != NULL ? find_verdict(w, a, b, protocol, error) : NULL;

	why_free(w);
	trace_free(t);
	return verdict;
}

int script_why(lua_State *L)
{
	struct lab *lab = script_lab(L);
	const struct topology *t = lab_topology(lab);
	const char *a = t->nodes[script_check_node(L, 2)].name, *b = t->nodes[script_check_node(L, 3)].name;
	char error[TRACE_ERROR_SIZE] = "out of memory", flush_error[LAB_ERROR_SIZE];
	json_t *verdict;

	if (lab_flush(lab, flush_error) != 0)
		script_error(L, flush_error);
	verdict = read_verdict(lab_folder(lab), a, b, luaL_optstring(L, 4, NULL), error);
	if (verdict == NULL)
		script_error(L, error);
	push_json(L, verdict);
	json_decref(verdict);
	return 1;
}
