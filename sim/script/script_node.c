/* Hosts and NAT boxes as Lua sees them. A box can do all that a host can, and has a few methods more. */
#include "script/script_arguments.h"
#include "script/script_internal.h"

#include "io/clock.h"
#include "lab/lab_box.h"
#include "lab/lab_roaming.h"
#include "lab/lab_wait.h"
#include "model/roaming.h"
#include "model/topology_ipv6.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NODE_CLASS "host or box"

struct node_value {
	int node;
};

void script_no_such_node(lua_State *L, const char *name)
{
	const struct topology *t = lab_topology(script_lab(L));
	luaL_Buffer b;

	luaL_buffinit(L, &b);
	for (size_t i = 0; i < t->count; i++) {
		luaL_addstring(&b, i != 0 ? ", " : "; there are: ");
		luaL_addstring(&b, t->nodes[i].name);
	}
	luaL_pushresult(&b);
	script_error(L, lua_pushfstring(L, "there is no host or box named %s%s", name, lua_tostring(L, -1)));
}

/* Where a host or box is meant, and its name is given. */
static void refuse_name(lua_State *L, int index)
{
	const char *name = script_text(L, index);

	if (topology_find(lab_topology(script_lab(L)), name) < 0)
		script_no_such_node(L, name);
	luaL_error(L, "a host or box is meant, and not its name: lab:node(\"%s\") is the one of that name", name);
}

int script_check_place(lua_State *L, int index)
{
	if (lua_type(L, index) == LUA_TSTRING)
		refuse_name(L, index);
	return ((struct node_value *)script_check_object(L, index, NODE_CLASS))->node;
}

int script_check_node(lua_State *L, int index)
{
	int node = script_check_place(L, index);

	script_check_argument(
	    L, node != TOPOLOGY_INTERNET, index,
	    "a host or box is meant; the internet has run(), udp(), tcp_listen(), tcp_connect(), address(), "
	    "name()");
	return node;
}

int script_to_node(lua_State *L, int index)
{
	const struct node_value *v;

	if (lua_type(L, index) == LUA_TSTRING)
		refuse_name(L, index);
	v = luaL_testudata(L, index, NODE_CLASS);
	return v != NULL ? v->node : -1;
}

void script_push_node(lua_State *L, int node)
{
	struct node_value *v = lua_newuserdatauv(L, sizeof *v, 0);

	v->node = node;
	luaL_setmetatable(L, NODE_CLASS);
}

static const struct node *check_node(lua_State *L)
{
	return &lab_topology(script_lab(L))->nodes[script_check_node(L, 1)];
}

static int check_box_node(lua_State *L)
{
	script_check_argument(L, check_node(L)->kind == NODE_BOX, 1, "only a NAT box can do that");
	return script_check_node(L, 1);
}

static int l_name(lua_State *L)
{
	lua_pushstring(L, topology_name(lab_topology(script_lab(L)), script_check_place(L, 1)));
	return 1;
}

static void push_address(lua_State *L, struct address address)
{
	char text[ADDRESS_TEXT_SIZE];

	lua_pushstring(L, address_format(&address, text));
}

/* The interface that the argument names, or, without, the one that is the way out. */
static const struct link *opt_link(lua_State *L, int index)
{
	const struct topology *t = lab_topology(script_lab(L));
	int node = script_check_node(L, 1), link;
	char error[TOPOLOGY_ERROR_SIZE];

	if (lua_isnoneornil(L, index))
		return topology_way_out(t, node);
	link = roaming_find_interface(t, node, script_check_text(L, index), error);
	if (link < 0)
		script_error(L, error);
	return &t->nodes[node].links[link];
}

/*
 * host:address(n): its n-th address (the first); a box's is on the wan. host:address("lte", n): that interface's; nil
 * with its plug out, and where it has none of IPv4
 */
static int l_address(lua_State *L)
{
	int has_name = lua_type(L, 2) == LUA_TSTRING && !lua_isinteger(L, 2);
	lua_Integer which = script_opt_whole(L, has_name ? 3 : 2, 1);
	const struct topology *t;
	const struct link *l;
	int node;

	if (script_check_place(L, 1) == TOPOLOGY_INTERNET) {
		push_address(L, topology_lan_address(lab_topology(script_lab(L)), TOPOLOGY_INTERNET));
		return 1;
	}
	l = opt_link(L, has_name ? 2 : 4);
	node = script_check_node(L, 1);
	t = lab_topology(script_lab(L));
	if (!topology_has_ipv4(t, node, (int)(l - t->nodes[node].links))) {
		lua_pushnil(L);
		return 1;
	}
	script_check_argument(L, which >= 1 && (size_t)which <= l->address_count, has_name ? 3 : 2,
	                      "it has no such address");
	push_address(L, l->addresses[which - 1]);
	return 1;
}

/* host:ipv6_address(n), host:ipv6_address("lte", n): the same of IPv6; nil where it has none */
static int l_ipv6_address(lua_State *L)
{
	int has_name = lua_type(L, 2) == LUA_TSTRING && !lua_isinteger(L, 2);
	lua_Integer which = script_opt_whole(L, has_name ? 3 : 2, 1);
	const struct topology *t = lab_topology(script_lab(L));
	const struct link *l = opt_link(L, has_name ? 2 : 4);
	int node = script_check_node(L, 1);
	struct address list[TOPOLOGY_ADDRESSES];
	size_t count = topology_ipv6_addresses(t, node, (int)(l - t->nodes[node].links), list);

	if (count == 0) {
		lua_pushnil(L);
		return 1;
	}
	script_check_argument(L, which >= 1 && (size_t)which <= count, has_name ? 3 : 2, "it has no such address");
	push_address(L, list[which - 1]);
	return 1;
}

/* host:temporary_address(): the one of IPv6 that its programs prefer, nil where it has none */
static int l_temporary_address(lua_State *L)
{
	char error[LAB_ERROR_SIZE] = "";
	const struct link *l;

	if (lab_settle(script_lab(L), error) != 0)
		script_error(L, error);
	l = &check_node(L)->links[0];
	if (l->temporary_count > 0)
		push_address(L, l->temporary[l->temporary_count - 1]);
	else
		lua_pushnil(L);
	return 1;
}

/* host:new_temporary_address(): has a new one from now on, which is returned */
static int l_new_temporary_address(lua_State *L)
{
	char error[LAB_ERROR_SIZE] = "";

	if (lab_renew_temporary(script_lab(L), script_check_node(L, 1), error) != 0)
		script_error(L, error);
	return l_temporary_address(L);
}

/* host:public_address(): how the internet sees it */
static int l_public_address(lua_State *L)
{
	push_address(L, topology_public_address(lab_topology(script_lab(L)), script_check_node(L, 1)));
	return 1;
}

/* host:box(), host:box("lte"): the box it stands behind, or nil */
static int l_box(lua_State *L)
{
	int behind = opt_link(L, 2)->behind;

	if (behind < 0)
		lua_pushnil(L);
	else
		script_push_node(L, behind);
	return 1;
}

/* host:link(): its cable towards the internet; host:link("lte") */
static int l_link(lua_State *L)
{
	const struct node *n = check_node(L);

	return script_push_link(L, script_check_node(L, 1), (int)(opt_link(L, 2) - n->links));
}

/* box:nat(): its canonical spec */
static int l_nat(lua_State *L)
{
	const struct node *n = &lab_topology(script_lab(L))->nodes[check_box_node(L)];
	char text[NAT_TEXT_SIZE];

	lua_pushstring(L, nat_format(&n->nat, text));
	return 1;
}

/* box:mappings(): its UDP mappings, one text each, as conntrack prints them */
static int l_mappings(lua_State *L)
{
	char error[LAB_ERROR_SIZE] = "";
	const struct process *p = lab_mappings(script_lab(L), check_box_node(L), error);

	if (p == NULL)
		script_error(L, error);
	script_push_lines(L, p, SCRIPT_STDOUT);
	return 1;
}

static void set_counter(void *argument, const char *name, uint64_t packets)
{
	lua_State *L = argument;

	lua_pushinteger(L, (lua_Integer)packets);
	lua_setfield(L, -2, name);
}

/* host:counters(): packets by the name of what counted them: "eth0 rx", "rules dropped" */
static int l_counters(lua_State *L)
{
	char error[LAB_ERROR_SIZE] = "";
	int node = script_check_node(L, 1);

	lua_newtable(L);
	if (lab_counters(script_lab(L), node, set_counter, L, error) != 0)
		script_error(L, error);
	return 1;
}

/* box:reboot(): forgets every mapping and permission */
static int l_reboot(lua_State *L)
{
	char error[LAB_ERROR_SIZE] = "";

	if (lab_reboot(script_lab(L), check_box_node(L), error) != 0)
		script_error(L, error);
	return 0;
}

/* The link at the interface that the argument names. */
static int check_interface(lua_State *L, int index)
{
	script_check_argument(L, lua_type(L, index) == LUA_TSTRING, index, "the name of an interface");
	return (int)(opt_link(L, index) - check_node(L)->links);
}

static int done(lua_State *L, int status, const char *error)
{
	if (status != 0)
		script_error(L, error);
	return 0;
}

/* host:unplug("wifi") */
static int l_unplug(lua_State *L)
{
	char error[LAB_ERROR_SIZE] = "";

	return done(L, lab_unplug(script_lab(L), script_check_node(L, 1), check_interface(L, 2), error), error);
}

/* host:plug("wifi", box): behind that box; without one, at the internet; a box's where it was */
static int l_plug(lua_State *L)
{
	int behind = lua_isnoneornil(L, 3) ? TOPOLOGY_INTERNET : script_check_node(L, 3);
	char error[LAB_ERROR_SIZE] = "";

	return done(L, lab_plug(script_lab(L), script_check_node(L, 1), check_interface(L, 2), behind, error), error);
}

/* host:route("lte"): its way out from now on */
static int l_route(lua_State *L)
{
	char error[LAB_ERROR_SIZE] = "";

	return done(L, lab_route(script_lab(L), script_check_node(L, 1), check_interface(L, 2), error), error);
}

/* box:renumber({keep_flows=true}) */
static int l_renumber(lua_State *L)
{
	static const char *const known[] = { "keep_flows", NULL };
	char error[LAB_ERROR_SIZE] = "";
	bool keep_flows;

	lua_settop(L, 2);
	script_check_options(L, 2, "box:renumber()", known, 0);
	keep_flows = script_flag_option(L, 2, "keep_flows", false);
	return done(L, lab_renumber(script_lab(L), check_box_node(L), keep_flows, error), error);
}

/* box:rebind(): every mapping on another port from now on */
static int l_rebind(lua_State *L)
{
	char error[LAB_ERROR_SIZE] = "";

	return done(L, lab_rebind(script_lab(L), check_box_node(L), error), error);
}

/* box:forget(): answers of flows that are there are lost */
static int l_forget(lua_State *L)
{
	char error[LAB_ERROR_SIZE] = "";

	return done(L, lab_forget_answers(script_lab(L), check_box_node(L), error), error);
}

/* host:sleep(seconds, function): its lid is closed so long; the function is called before it is opened */
static int l_sleep(lua_State *L)
{
	struct lab *lab = script_lab(L);
	int host = script_check_node(L, 1);
	lua_Number seconds = script_check_number(L, 2);
	uint64_t until_ms = clock_now_ms() + (uint64_t)(seconds * 1000);
	char error[LAB_ERROR_SIZE] = "";

	script_check_argument(L, seconds >= 0 && seconds <= 3600, 2, "seconds from 0 to 3600");
	if (!lua_isnoneornil(L, 3))
		script_check_type(L, 3, LUA_TFUNCTION);
	lua_settop(L, 3);
	if (lab_close_lid(lab, host, error) != 0)
		script_error(L, error);
	lab_sleep(lab, until_ms);
	script_fail_if_late(L);
	if (!lua_isnil(L, 3))
		lua_call(L, 0, 0);
	return done(L, lab_open_lid(lab, host, error), error);
}

/* box:iptables("-t nat -A ..."): a rule while the world runs */
static int l_iptables(lua_State *L)
{
	char error[LAB_ERROR_SIZE] = "";

	if (lab_iptables(script_lab(L), check_box_node(L), script_check_bytes(L, 2, NULL), error) != 0)
		script_error(L, error);
	return 0;
}

static const luaL_Reg methods[] = {
	{ "name", l_name },
	{ "link", l_link },
	{ "address", l_address },
	{ "ipv6_address", l_ipv6_address },
	{ "temporary_address", l_temporary_address },
	{ "new_temporary_address", l_new_temporary_address },
	{ "public_address", l_public_address },
	{ "box", l_box },
	{ "counters", l_counters },
	{ "run", script_start },
	{ "udp", script_udp },
	{ "tcp_listen", script_tcp_listen },
	{ "tcp_connect", script_tcp_connect },
	{ "tcp_punch", script_tcp_punch },
	{ "unplug", l_unplug },
	{ "plug", l_plug },
	{ "route", l_route },
	{ "sleep", l_sleep },
	{ NULL, NULL },
};

/* What only a box has. */
static const luaL_Reg box_methods[] = {
	{ "nat", l_nat },       { "mappings", l_mappings }, { "conntrack", l_mappings }, /* its earlier name */
	{ "reboot", l_reboot }, { "iptables", l_iptables }, { "renumber", l_renumber },
	{ "rebind", l_rebind }, { "forget", l_forget },     { NULL, NULL },
};

bool script_is_box_call(const char *name)
{
	const luaL_Reg *m = box_methods;

	while (m->name != NULL && strcmp(m->name, name) != 0)
		m++;
	return m->name != NULL;
}

static int l_tostring(lua_State *L)
{
	return l_name(L);
}

void script_open_node(lua_State *L)
{
	script_new_class(L, NODE_CLASS, methods);
	luaL_getmetatable(L, NODE_CLASS);
	luaL_setfuncs(L, box_methods, 0);
	lua_pushcfunction(L, l_tostring);
	lua_setfield(L, -2, "__tostring");
	lua_pop(L, 1);
}
