/* The world on paper as Lua makes it: lab:world(), lab:host(), lab:box(), lab:dns(). */
#include "script/script_arguments.h"
#include "script/script_internal.h"

#include "lab/lab_dns.h"
#include "lab/lab_given.h"
#include "lab/lab_link.h"

#include <stdio.h>

const char *script_push_sabotage(lua_State *L, int options)
{
	luaL_Buffer b;
	lua_Integer count;
	int lines;

	if (script_push_option(L, options, "sabotage") == LUA_TNIL)
		return NULL;
	lines = lua_gettop(L);
	script_check_argument(L, lua_istable(L, -1), options, "sabotage is a list of lines \"iptables ...\"");
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

	if (script_push_option(L, options, name) != LUA_TNIL && (node = script_to_node(L, -1)) < 0)
		luaL_error(L, "%s is a host or a box", name);
	lua_pop(L, 1);
	return node;
}

/* What a node is given once it is there: the options link="lte", address="192.0.2.7", families="46",
 * temporary=true, clat=true and names={"stun.example.org", ...}. The options' table holds the texts. */
struct given_options {
	const char *weather, *address, *families;
	const char *names[TOPOLOGY_NAMES];
	size_t name_count;
	bool wants_temporary, wants_clat;
};

static void check_names(lua_State *L, int options, struct given_options *o)
{
	if (script_push_option(L, options, "names") != LUA_TNIL) {
		script_check_argument(L, lua_istable(L, -1), options, "names is a list of texts");
		for (lua_Integer i = 1, count = (lua_Integer)lua_rawlen(L, -1); i <= count; i++) {
			if (lua_rawgeti(L, -1, i) != LUA_TSTRING)
				luaL_error(L, "names is a list of texts");
			if (o->name_count == TOPOLOGY_NAMES)
				luaL_error(L, "a world has at most %d names", TOPOLOGY_NAMES);
			o->names[o->name_count++] = lua_tostring(L, -1);
			lua_pop(L, 1);
		}
	}
	lua_pop(L, 1);
}

static struct given_options check_given(lua_State *L, int options)
{
	struct given_options o = { .address = script_text_option(L, options, "address"),
		                   .families = script_text_option(L, options, "families") };

	if (script_push_option(L, options, "link") != LUA_TNIL)
		o.weather = script_keep_weather(L, lua_gettop(L));
	lua_pop(L, 1);
	check_names(L, options, &o);
	o.wants_temporary = script_flag_option(L, options, "temporary", false);
	o.wants_clat = script_flag_option(L, options, "clat", false);
	return o;
}

static int give(struct lab *lab, int node, const struct given_options *o, char error[LAB_ERROR_SIZE])
{
	int result = o->weather == NULL ? 0 : lab_link_set(lab, (struct cable_link){ node, 0 }, o->weather, error);

	if (result == 0 && o->address != NULL)
		result = lab_give_address(lab, node, 0, o->address, error);
	if (result == 0 && o->families != NULL)
		result = lab_set_families(lab, node, o->families, error);
	if (result == 0 && o->wants_temporary)
		result = lab_ask_temporary(lab, node, error);
	if (result == 0 && o->wants_clat)
		result = lab_ask_clat(lab, node, error);
	for (size_t i = 0; i < o->name_count && result == 0; i++)
		result = lab_give_name(lab, node, o->names[i], error);
	return result;
}

/* A new node (-1: refused) and what it is given; pushes it. Whatever is refused of it, nothing is left of any. */
static int push_new(lua_State *L, int node, const struct given_options *o, char error[LAB_ERROR_SIZE])
{
	struct lab *lab = script_lab(L);

	if (node < 0 || give(lab, node, o, error) != 0) {
		lab_restore_plan(lab);
		script_error(L, error);
	}
	script_push_node(L, node);
	return 1;
}

/* lab:world{addresses="documentation", families="46"}: what holds for all of it */
int script_world(lua_State *L)
{
	static const char *const known[] = { "addresses", "families", NULL };
	char error[LAB_ERROR_SIZE] = "";
	const char *addresses, *families;

	script_check_type(L, 2, LUA_TTABLE);
	script_check_options(L, 2, "lab:world{}", known, 0);
	addresses = script_text_option(L, 2, "addresses");
	families = script_text_option(L, 2, "families");
	if ((addresses != NULL && lab_choose_addresses(script_lab(L), addresses, error) != 0) ||
	    (families != NULL && lab_choose_families(script_lab(L), families, error) != 0))
		script_error(L, error);
	return 0;
}

/* The list at the top of the stack, or nil. */
static void check_records(lua_State *L)
{
	if (lua_isnil(L, -1))
		return;
	if (!lua_istable(L, -1))
		luaL_error(L, "records is a list of lines \"NAME A ADDRESS\"");
	for (lua_Integer i = 1; lua_geti(L, -1, i) != LUA_TNIL; i++) {
		if (!lua_isstring(L, -1))
			luaL_error(L, "records: line %d is no text", (int)i);
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
}

static void add_records(lua_State *L, char error[LAB_ERROR_SIZE])
{
	if (lua_isnil(L, -1))
		return;
	for (lua_Integer i = 1; lua_geti(L, -1, i) != LUA_TNIL; i++) {
		if (lab_dns_add(script_lab(L), lua_tostring(L, -1), error) != 0)
			script_error(L, error);
		lua_pop(L, 1);
	}
}

/* lab:dns{ttl=SECONDS, delay="50ms", records={"NAME A ADDRESS", ...}}: skips where there is no dnsmasq */
int script_dns(lua_State *L)
{
	static const char *const known[] = { "ttl", "delay", "records", NULL };
	struct lab *lab = script_lab(L);
	char error[LAB_ERROR_SIZE] = "";
	const char *delay;
	int ttl;

	lua_settop(L, 2);
	script_check_options(L, 2, "lab:dns{}", known, 0);
	ttl = script_whole_option(L, 2, "ttl", 0, 0, LAB_DNS_TTL_MAX);
	delay = script_text_option(L, 2, "delay");
	script_push_option(L, 2, "records");
	check_records(L);
	if (lab_dns_missing() != NULL) {
		lua_getglobal(L, "skip");
		lua_pushstring(L, lab_dns_missing());
		lua_call(L, 1, 0);
	}
	if (lab_dns_ask(lab, (unsigned)ttl, delay, error) != 0)
		script_error(L, error);
	add_records(L, error);
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

	if (script_push_option(L, options, "interfaces") == LUA_TNIL)
		return false;
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		if (script_push_option(L, options, others[i]) != LUA_TNIL)
			luaL_error(L, "interfaces={...} has its own %s for each", others[i]);
		else
			lua_pop(L, 1);
	return true;
}

/* lab:host(name, {nat=SPEC | behind=BOX | interfaces={NAME={...}}, addresses=N, address=A, names={...}, sabotage={...},
 * link=WEATHER, families="46", temporary=true, clat=true})
 */
int script_host(lua_State *L)
{
	static const char *const known[] = { "nat",  "behind",     "addresses", "address",   "names", "sabotage",
		                             "link", "interfaces", "families",  "temporary", "clat",  NULL };
	struct lab *lab = script_lab(L);
	const char *name = script_check_bytes(L, 2, NULL);
	char error[LAB_ERROR_SIZE] = "";
	struct given_options given;
	const char *spec, *sabotage;
	int behind, addresses, box, host = -1;
	bool has_own;

	lua_settop(L, 3);
	script_check_options(L, 3, "lab:host()", known, 0);
	given = check_given(L, 3);
	spec = script_text_option(L, 3, "nat");
	behind = node_option(L, 3, "behind");
	addresses = script_whole_option(L, 3, "addresses", 1, 1, TOPOLOGY_ADDRESSES);
	script_check_argument(L, spec == NULL || behind == TOPOLOGY_INTERNET, 3,
	                      "a host has nat= or behind=, not both");
	sabotage = script_push_sabotage(L, 3);
	has_own = has_interfaces(L, 3);
	lab_keep_plan(lab);
	box = lab_add_box_for(lab, name, spec, sabotage, error);
	if (box >= TOPOLOGY_INTERNET && has_own)
		host = script_add_with_interfaces(L, lua_gettop(L), name, &(struct script_new_node){ .add = add_host },
		                                  error);
	else if (box >= TOPOLOGY_INTERNET)
		host = lab_add_host(lab, name, spec != NULL ? box : behind, (size_t)addresses, error);
	return push_new(L, host, &given, error);
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
int script_box(lua_State *L)
{
	static const char *const known[] = { "behind", "lan", "address", "sabotage", "link", "interfaces", NULL };
	struct box_options o = { .spec = script_check_bytes(L, 3, NULL) };
	const char *name = script_check_bytes(L, 2, NULL);
	struct lab *lab = script_lab(L);
	char error[LAB_ERROR_SIZE] = "";
	struct given_options given;
	int behind, box;

	lua_settop(L, 4);
	script_check_options(L, 4, "lab:box()", known, 0);
	behind = node_option(L, 4, "behind");
	o.lan = script_text_option(L, 4, "lan");
	o.sabotage = script_push_sabotage(L, 4);
	given = check_given(L, 4);
	lab_keep_plan(lab);
	box = has_interfaces(L, 4)
	          ? script_add_with_interfaces(L, lua_gettop(L), name, &(struct script_new_node){ add_box, &o }, error)
	          : add_box(lab, name, behind, 1, &o, error);
	return push_new(L, box, &given, error);
}
