/* The lab as Lua sees it: lab:host(), lab:box(), lab:count(), lab:check() and their kin. */
#include "script/script_internal.h"

#include "evidence/record.h"
#include "lab/lab_box.h"
#include "lab/lab_dns.h"
#include "lab/lab_given.h"
#include "lab/lab_link.h"
#include "lab/lab_wait.h"

#include "base/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LAB_CLASS "lab"

/* Pushes `name` of the options table at `index` (nil without one). Returns its type. */
static int push_option(lua_State *L, int index, const char *name)
{
	if (!lua_istable(L, index)) {
		lua_pushnil(L);
		return LUA_TNIL;
	}
	return lua_getfield(L, index, name);
}

/* The sabotage option, a list of lines, as one text; pushes it. */
static const char *push_sabotage(lua_State *L, int options)
{
	luaL_Buffer b;
	lua_Integer count;
	int lines;

	if (push_option(L, options, "sabotage") == LUA_TNIL)
		return NULL;
	lines = lua_gettop(L);
	luaL_argcheck(L, lua_istable(L, -1), options, "sabotage is a list of lines \"iptables ...\"");
	count = luaL_len(L, -1);
	luaL_buffinit(L, &b);
	for (lua_Integer i = 1; i <= count; i++) {
		if (lua_geti(L, lines, i) != LUA_TSTRING)
			luaL_error(L, "sabotage is a list of lines \"iptables ...\"");
		luaL_addvalue(&b);
		luaL_addchar(&b, '\n');
	}
	luaL_pushresult(&b);
	return lua_tostring(L, -1);
}

static int node_option(lua_State *L, int options, const char *name)
{
	int node = TOPOLOGY_INTERNET;

	if (push_option(L, options, name) != LUA_TNIL && (node = script_to_node(L, -1)) < 0)
		luaL_error(L, "%s is a host or a box", name);
	lua_pop(L, 1);
	return node;
}

static const char *text_option(lua_State *L, int options, const char *name)
{
	const char *text = NULL;

	if (push_option(L, options, name) != LUA_TNIL && (text = lua_tostring(L, -1)) == NULL)
		luaL_error(L, "%s is a text", name);
	lua_pop(L, 1); /* the options table still holds it */
	return text;
}

/* The option link="lte". */
static int set_weather(lua_State *L, int options, int node, char error[LAB_ERROR_SIZE])
{
	const char *weather = text_option(L, options, "link");

	return weather == NULL ? 0 : lab_link_set(script_lab(L), (struct cable_link){ node, 0 }, weather, error);
}

/* The option address="192.0.2.7". */
static int give_address(lua_State *L, int options, int node, char error[LAB_ERROR_SIZE])
{
	const char *address = text_option(L, options, "address");

	return address == NULL ? 0 : lab_give_address(script_lab(L), node, 0, address, error);
}

/* The option names={"stun.example.org", ...}. */
static int give_names(lua_State *L, int options, int node, char error[LAB_ERROR_SIZE])
{
	int result = 0;

	if (push_option(L, options, "names") != LUA_TNIL) {
		luaL_argcheck(L, lua_istable(L, -1), options, "names is a list of texts");
		for (lua_Integer i = 1, count = luaL_len(L, -1); i <= count && result == 0; i++) {
			if (lua_geti(L, -1, i) != LUA_TSTRING)
				luaL_error(L, "names is a list of texts");
			result = lab_give_name(script_lab(L), node, lua_tostring(L, -1), error);
			lua_pop(L, 1);
		}
	}
	lua_pop(L, 1);
	return result;
}

/* The option families="46". */
static int set_families(lua_State *L, int options, int host, char error[LAB_ERROR_SIZE])
{
	const char *families = text_option(L, options, "families");

	return families == NULL ? 0 : lab_set_families(script_lab(L), host, families, error);
}

/* lab:world{addresses="documentation", families="46"}: what holds for all of it */
static int l_world(lua_State *L)
{
	static const char *const known[] = { "addresses", "families", NULL };
	char error[LAB_ERROR_SIZE] = "";
	const char *addresses, *families;

	luaL_checktype(L, 2, LUA_TTABLE);
	script_check_options(L, 2, "lab:world{}", known, 0);
	addresses = text_option(L, 2, "addresses");
	families = text_option(L, 2, "families");
	if ((addresses != NULL && lab_choose_addresses(script_lab(L), addresses, error) != 0) ||
	    (families != NULL && lab_choose_families(script_lab(L), families, error) != 0))
		script_error(L, error);
	return 0;
}

/* The records of a list; pushes it. */
static void add_records(lua_State *L, int options, char error[LAB_ERROR_SIZE])
{
	if (push_option(L, options, "records") == LUA_TNIL)
		return;
	luaL_argcheck(L, lua_istable(L, -1), options, "records is a list of lines \"NAME A ADDRESS\"");
	for (lua_Integer i = 1; lua_geti(L, -1, i) != LUA_TNIL; i++) {
		if (lab_dns_add(script_lab(L), luaL_checkstring(L, -1), error) != 0)
			script_error(L, error);
		lua_pop(L, 1);
	}
}

/* lab:dns{ttl=SECONDS, delay="50ms", records={"NAME A ADDRESS", ...}}: skips where there is no dnsmasq */
static int l_dns(lua_State *L)
{
	static const char *const known[] = { "ttl", "delay", "records", NULL };
	struct lab *lab = script_lab(L);
	char error[LAB_ERROR_SIZE] = "";
	lua_Integer ttl;
	const char *delay;

	lua_settop(L, 2);
	script_check_options(L, 2, "lab:dns{}", known, 0);
	ttl = push_option(L, 2, "ttl") != LUA_TNIL ? luaL_checkinteger(L, -1) : 0;
	if (ttl < 0 || ttl > LAB_DNS_TTL_MAX)
		return luaL_error(L, "ttl is a whole number of seconds, 0 to %d", LAB_DNS_TTL_MAX);
	delay = text_option(L, 2, "delay");
	if (lab_dns_missing() != NULL) {
		lua_getglobal(L, "skip");
		lua_pushstring(L, lab_dns_missing());
		lua_call(L, 1, 0);
	}
	if (lab_dns_ask(lab, (unsigned)ttl, delay, error) != 0)
		script_error(L, error);
	add_records(L, 2, error);
	script_push_node(L, topology_find(lab_topology(lab), LAB_DNS_HOST));
	return 1;
}

static int add_host(struct lab *lab, const char *name, int behind, size_t addresses, const void *unused, char *error)
{
	(void)unused;
	return lab_add_host(lab, name, behind, addresses, error);
}

/* Pushes the option "interfaces". True if there is one; then what else says where it stands is refused. */
static bool has_interfaces(lua_State *L, int options)
{
	static const char *const others[] = { "nat", "behind", "addresses", "address", "link" };

	if (push_option(L, options, "interfaces") == LUA_TNIL)
		return false;
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		if (push_option(L, options, others[i]) != LUA_TNIL)
			luaL_error(L, "interfaces={...} has its own %s for each", others[i]);
		else
			lua_pop(L, 1);
	return true;
}

/* lab:host(name, {nat=SPEC | behind=BOX | interfaces={NAME={...}}, addresses=N, address=A, names={...}, sabotage={...},
 * link=WEATHER, families="46"})
 */
static int l_host(lua_State *L)
{
	static const char *const known[] = { "nat",      "behind", "addresses",  "address",  "names",
		                             "sabotage", "link",   "interfaces", "families", NULL };
	struct lab *lab = script_lab(L);
	const char *name = luaL_checkstring(L, 2);
	char error[LAB_ERROR_SIZE] = "";
	lua_Integer addresses;
	const char *spec;
	int behind, host;

	lua_settop(L, 3);
	script_check_options(L, 3, "lab:host()", known, 0);
	if (has_interfaces(L, 3)) {
		host = script_add_with_interfaces(L, lua_gettop(L), name, &(struct script_new_node){ .add = add_host });
		if (set_families(L, 3, host, error) != 0 || give_names(L, 3, host, error) != 0)
			script_error(L, error);
		script_push_node(L, host);
		return 1;
	}
	spec = text_option(L, 3, "nat");
	behind = node_option(L, 3, "behind");
	addresses = push_option(L, 3, "addresses") != LUA_TNIL ? lua_tointeger(L, -1) : 1;
	lua_pop(L, 1);
	if (addresses < 1 || addresses > TOPOLOGY_ADDRESSES)
		return luaL_error(L, "addresses is a whole number from 1 to %d", TOPOLOGY_ADDRESSES);
	luaL_argcheck(L, spec == NULL || behind == TOPOLOGY_INTERNET, 3, "a host has nat= or behind=, not both");
	if (spec != NULL)
		behind = lab_add_box_for(lab, name, spec, push_sabotage(L, 3), error);
	host = behind >= TOPOLOGY_INTERNET ? lab_add_host(lab, name, behind, (size_t)addresses, error) : -1;
	if (host < 0 || set_weather(L, 3, host, error) != 0 || give_address(L, 3, host, error) != 0 ||
	    set_families(L, 3, host, error) != 0 || give_names(L, 3, host, error) != 0)
		script_error(L, error);
	script_push_node(L, host);
	return 1;
}

struct box_options {
	const char *spec, *lan, *sabotage;
};

static int add_box(struct lab *lab, const char *name, int behind, size_t addresses, const void *argument, char *error)
{
	const struct box_options *o = argument;

	if (addresses == 1)
		return lab_add_box(lab, name, behind, o->spec, o->lan, o->sabotage, error);
	snprintf(error, LAB_ERROR_SIZE, "%s: a box has one address at each interface", name);
	return -1;
}

/* lab:box(name, SPEC, {behind=BOX | interfaces={NAME={...}}, lan="192.168.1.0/24", address=A, sabotage={...},
 * link=WEATHER}) */
static int l_box(lua_State *L)
{
	static const char *const known[] = { "behind", "lan", "address", "sabotage", "link", "interfaces", NULL };
	struct box_options o = { .spec = luaL_checkstring(L, 3) };
	char error[LAB_ERROR_SIZE] = "";
	int behind, box;

	lua_settop(L, 4);
	script_check_options(L, 4, "lab:box()", known, 0);
	behind = node_option(L, 4, "behind");
	o.lan = text_option(L, 4, "lan");
	o.sabotage = push_sabotage(L, 4);
	if (has_interfaces(L, 4)) {
		script_push_node(L, script_add_with_interfaces(L, lua_gettop(L), luaL_checkstring(L, 2),
		                                               &(struct script_new_node){ add_box, &o }));
		return 1;
	}
	box = add_box(script_lab(L), luaL_checkstring(L, 2), behind, 1, &o, error);
	if (box < 0 || set_weather(L, 4, box, error) != 0 || give_address(L, 4, box, error) != 0)
		script_error(L, error);
	script_push_node(L, box);
	return 1;
}

/* lab:node(name): the host or box of that name, or nil */
static int l_node(lua_State *L)
{
	int node = topology_find(lab_topology(script_lab(L)), luaL_checkstring(L, 2));

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
	const char *name = luaL_checkstring(L, 2);

	luaL_argcheck(L, utf8_is_line(name), 2, "a fact's name is one line of text");
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

	luaL_checktype(L, 2, LUA_TTABLE);
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
	struct outcome_punch p = { .protocol = (enum nat_protocol)luaL_checkoption(L, 5, "udp", protocols),
		                   .family = luaL_checkoption(L, 6, "4", families) == 0 ? ADDRESS_IPV4 : ADDRESS_IPV6 };
	char error[LAB_ERROR_SIZE];

	for (int i = 0; i < 2; i++) {
		int host = script_check_node(L, 2 + i), box = lab_only_box(script_lab(L), host, error);

		if (box < TOPOLOGY_INTERNET)
			script_error(L, error);
		snprintf(p.hosts[i], sizeof p.hosts[i], "%s", t->nodes[host].name);
		snprintf(p.boxes[i], sizeof p.boxes[i], "%s", box >= 0 ? t->nodes[box].name : "");
	}
	luaL_checktype(L, 4, LUA_TBOOLEAN);
	p.opened = lua_toboolean(L, 4);
	outcome_add_punch(script_outcome(L), &p);
	return 0;
}

/* lab:count(interface or nil, filter, since): packets captured */
static int l_count(lua_State *L)
{
	char error[LAB_ERROR_SIZE] = "";
	long count = lab_count(script_lab(L), luaL_optstring(L, 2, NULL), luaL_optstring(L, 3, ""),
	                       luaL_optnumber(L, 4, 0), error);

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
	const char *what;

	luaL_checktype(L, 2, LUA_TFUNCTION);
	lua_settop(L, 4);
	what = script_opt_text(L, 4, NULL);
	lua_replace(L, 1); /* the text is wanted to the end, the lab is not */
	if (lab_ready(lab, error) != 0)
		script_error(L, error);
	if (lab_wait_until(lab, call_and_test, L, deadline) == LAB_CAME)
		return 1;
	script_fail(L, what, what != NULL ? "it did not come to pass" : NULL, "waited in vain%s%s",
	            what != NULL ? " until " : "", what != NULL ? what : "");
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
	if (lab_check(luaL_checkstring(L, 2), push_sabotage(L, 3), &m, error) != 0)
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
	{ "world", l_world },
	{ "host", l_host },
	{ "box", l_box },
	{ "node", l_node },
	{ "internet", l_internet },
	{ "now", l_now },
	{ "step", l_step },
	{ "fact", l_fact },
	{ "count", l_count },
	{ "check", l_check },
	{ "wait_until", l_wait_until },
	{ "oracle", l_oracle },
	{ "why", script_why },
	{ "cell", l_cell },
	{ "folder", script_folder },
	{ "path", script_path },
	{ "sleep", script_sleep },
	{ "stun", script_stun },
	{ "turn", script_turn },
	{ "dns", l_dns },
	{ NULL, NULL },
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
