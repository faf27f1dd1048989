/* The lab as Lua sees it: lab:count(), lab:check() and their kin. What makes hosts and boxes is script_world.c. */
#include "script/script_arguments.h"
#include "script/script_internal.h"

#include "evidence/record.h"
#include "lab/lab_box.h"
#include "lab/lab_wait.h"

#include "base/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LAB_CLASS "lab"

/* lab:node(name): the host or box of that name, or nil */
static int l_node(lua_State *L)
{
	int node = topology_find(lab_topology(script_lab(L)), script_check_bytes(L, 2, NULL));

	if (node < 0)
		lua_pushnil(L);
	else
		script_push_node(L, node);
	return 1;
}

/* lab:internet(): the router between all that stands there, where programs and sockets can be, too */
static int l_internet(lua_State *L)
{
	script_lab(L);
	script_push_node(L, TOPOLOGY_INTERNET);
	return 1;
}

/* lab:now(): seconds since the scenario began */
static int l_now(lua_State *L)
{
	lua_pushnumber(L, lab_now_s(script_lab(L)));
	return 1;
}

/* lab:flush(): every packet that was on a wire by now is in the trace's file */
static int l_flush(lua_State *L)
{
	char error[LAB_ERROR_SIZE];

	if (lab_flush(script_lab(L), error) != 0)
		return luaL_error(L, "%s", error);
	return 0;
}

/* lab:step(text) */
static int l_step(lua_State *L)
{
	lab_step(script_lab(L), "%s", script_check_text(L, 2));
	return 0;
}

/* The value at that index as JSON, or an error. Pushes what it likes. */
static json_t *check_value(lua_State *L, int index)
{
	json_t *value = NULL;

	switch (lua_type(L, index)) {
	case LUA_TBOOLEAN: value = json_boolean(lua_toboolean(L, index)); break;
	case LUA_TNUMBER:
		value =
		    lua_isinteger(L, index) ? json_integer(lua_tointeger(L, index)) : json_real(lua_tonumber(L, index));
		break;
	case LUA_TSTRING: value = record_string(script_text(L, index)); break;
	default: break;
	}
	if (value == NULL)
		luaL_error(L, "a value is a text, a finite number or a boolean");
	return value;
}

/* lab:fact(name, value): a value of the user's own, for --json */
static int l_fact(lua_State *L)
{
	const char *name = script_check_bytes(L, 2, NULL);

	script_check_argument(L, utf8_is_line(name), 2, "a fact's name is one line of text");
	outcome_tell(&script_outcome(L)->facts, name, check_value(L, 3));
	return 0;
}

/* lab:cell{row=, column=, opened=, expected=, ms=, path=}: the scenario's place in a grid; what it names is added */
static int l_cell(lua_State *L)
{
	static const struct {
		const char *name;
		int type;
	} known[] = { { "row", LUA_TSTRING },       { "column", LUA_TSTRING }, { "opened", LUA_TBOOLEAN },
		      { "expected", LUA_TBOOLEAN }, { "ms", LUA_TNUMBER },     { "path", LUA_TSTRING } };
	static const char *const names[] = { "row", "column", "opened", "expected", "ms", "path", NULL };
	struct outcome *out = script_outcome(L);

	script_check_type(L, 2, LUA_TTABLE);
	script_check_options(L, 2, "lab:cell{}", names, 0);
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		int type = lua_getfield(L, 2, known[i].name);

		if (type != LUA_TNIL && type != known[i].type)
			luaL_error(L, "lab:cell{}: %s is a %s", known[i].name, lua_typename(L, known[i].type));
		if (type != LUA_TNIL)
			outcome_tell(&out->cell, known[i].name, check_value(L, -1));
		lua_settop(L, 2);
	}
	return 0;
}

/*
 * lab:oracle(host, host, opened, "tcp", "6"): lets the run compare what came of a punch between the two with what the
 * oracle says of their boxes as measured (oracle.h); that decides the scenario
 */
static int l_oracle(lua_State *L)
{
	const struct topology *t = lab_topology(script_lab(L));
	static const char *const protocols[] = { [NAT_UDP] = "udp", [NAT_TCP] = "tcp", NULL };
	static const char *const families[] = { "4", "6", NULL };
	struct outcome_punch p = { .protocol = (enum nat_protocol)script_opt_word(L, 5, NAT_UDP, protocols),
		                   .family = script_opt_word(L, 6, 0, families) == 0 ? ADDRESS_IPV4 : ADDRESS_IPV6 };
	char error[LAB_ERROR_SIZE];

	for (int i = 0; i < 2; i++) {
		int host = script_check_node(L, 2 + i), box = lab_only_box(script_lab(L), host, error);

		if (box < TOPOLOGY_INTERNET)
			script_error(L, error);
		snprintf(p.hosts[i], sizeof p.hosts[i], "%s", t->nodes[host].name);
		snprintf(p.boxes[i], sizeof p.boxes[i], "%s", box >= 0 ? t->nodes[box].name : "");
	}
	script_check_type(L, 4, LUA_TBOOLEAN);
	p.opened = lua_toboolean(L, 4);
	outcome_add_punch(script_outcome(L), &p);
	return 0;
}

/* lab:count(interface or nil, filter, since): packets captured */
static int l_count(lua_State *L)
{
	char error[LAB_ERROR_SIZE] = "";
	long count;

	lua_settop(L, 4); /* texts are made above the arguments, also above those that are left away */
	count = lab_count(script_lab(L), script_opt_text(L, 2, NULL), script_opt_text(L, 3, ""),
	                  script_opt_number(L, 4, 0), error);
	if (count < 0)
		script_error(L, error);
	lua_pushinteger(L, count);
	return 1;
}

/* Calls the function at index 2; what it returns is left on the stack, alone above its arguments. */
static bool call_and_test(void *argument)
{
	lua_State *L = argument;

	lua_settop(L, 2);
	lua_pushvalue(L, 2);
	lua_call(L, 0, 1);
	return lua_toboolean(L, -1);
}

/* lab:wait_until(function, timeout, what): until it returns something true, which is returned */
static int l_wait_until(lua_State *L)
{
	struct lab *lab = script_lab(L);
	uint64_t deadline = script_check_deadline(L, 3);
	char error[LAB_ERROR_SIZE] = "";
	enum lab_waited how;
	const char *what;

	script_check_type(L, 2, LUA_TFUNCTION);
	lua_settop(L, 4);
	what = script_opt_text(L, 4, NULL);
	lua_replace(L, 1); /* the text is wanted to the end, the lab is not */
	if (lab_ready(lab, error) != 0)
		script_error(L, error);
	how = lab_wait_until(lab, call_and_test, L, deadline);
	if (how == LAB_CAME)
		return 1;
	script_fail(L, what, what != NULL ? "it did not come to pass" : NULL, "waited in vain%s%s%s",
	            what != NULL ? " until " : "", what != NULL ? what : "", lab_wait_why(how));
}

static void push_row(lua_State *L, const struct measurement_row *row)
{
	lua_createtable(L, 0, 4);
	lua_pushstring(L, measurement_part_name(row->part));
	lua_setfield(L, -2, "behaviour");
	lua_pushstring(L, row->asked);
	lua_setfield(L, -2, "asked");
	lua_pushstring(L, row->measured);
	lua_setfield(L, -2, "measured");
	lua_pushboolean(L, row->differs);
	lua_setfield(L, -2, "differs");
}

/* lab:check(SPEC, {sabotage={...}}): measures a box of that kind in a world of its own */
static int l_check(lua_State *L)
{
	static const char *const known[] = { "sabotage", NULL };
	char error[LAB_ERROR_SIZE] = "", text[NAT_TEXT_SIZE];
	struct measurement m;

	lua_settop(L, 3);
	script_check_options(L, 3, "lab:check()", known, 0);
	if (lab_check(script_check_bytes(L, 2, NULL), script_push_sabotage(L, 3), &m, error) != 0)
		script_error(L, error);
	lua_createtable(L, 0, 3);
	lua_pushboolean(L, measurement_agrees(&m));
	lua_setfield(L, -2, "agrees");
	lua_pushstring(L, nat_format(&m.measured, text));
	lua_setfield(L, -2, "measured");
	lua_createtable(L, (int)m.count, 0);
	for (size_t i = 0; i < m.count; i++) {
		push_row(L, &m.rows[i]);
		lua_seti(L, -2, (lua_Integer)i + 1);
	}
	lua_setfield(L, -2, "rows");
	return 1;
}

static const luaL_Reg methods[] = {
	{ "world", script_world },  { "host", script_host },
	{ "box", script_box },      { "node", l_node },
	{ "internet", l_internet }, { "now", l_now },
	{ "flush", l_flush },       { "step", l_step },
	{ "fact", l_fact },         { "count", l_count },
	{ "check", l_check },       { "wait_until", l_wait_until },
	{ "oracle", l_oracle },     { "why", script_why },
	{ "cell", l_cell },         { "folder", script_folder },
	{ "path", script_path },    { "sleep", script_sleep },
	{ "stun", script_stun },    { "turn", script_turn },
	{ "dns", script_dns },      { NULL, NULL },
};

void script_new_class(lua_State *L, const char *name, const luaL_Reg *class_methods)
{
	luaL_newmetatable(L, name);
	lua_pushvalue(L, -1);
	lua_setfield(L, -2, "__index");
	luaL_setfuncs(L, class_methods, 0);
	lua_pop(L, 1);
}

void script_open_lab(lua_State *L)
{
	script_new_class(L, LAB_CLASS, methods);
}

void script_push_lab(lua_State *L)
{
	lua_newuserdatauv(L, 0, 0);
	luaL_setmetatable(L, LAB_CLASS);
}
