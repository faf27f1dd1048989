/* The option interfaces={ wifi = {behind=BOX}, lte = {behind=BOX, link="lte"} } of a host or box. */
#include "script/script_arguments.h"
#include "script/script_internal.h"

#include "lab/lab_given.h"
#include "lab/lab_link.h"
#include "model/roaming.h"

#include <stdlib.h>
#include <string.h>

/* One of them, as it is asked for. */
struct asked {
	const char *name;              /* the table holds it */
	const char *weather, *address; /* NULL: not told */
	int behind;
	unsigned metric;
	bool has_metric; /* it was told */
	size_t addresses;
};

/* The interface whose name and options are on top of the stack. */
static struct asked check_one(lua_State *L)
{
	static const char *const known[] = { "behind", "link", "metric", "addresses", "address", NULL };
	struct asked a = { .behind = TOPOLOGY_INTERNET };

	if (lua_type(L, -2) != LUA_TSTRING || !lua_istable(L, -1))
		luaL_error(L, "interfaces is a table of name = {behind=BOX, link=WEATHER, metric=N, addresses=N}");
	a.name = lua_tostring(L, -2);
	script_check_options(L, lua_gettop(L), "interfaces", known, 0);
	if (lua_getfield(L, -1, "behind") != LUA_TNIL && (a.behind = script_to_node(L, -1)) < 0)
		luaL_error(L, "interfaces: behind is a box");
	lua_pop(L, 1);
	lua_getfield(L, -1, "link");
	a.weather = lua_isnil(L, -1) ? NULL : script_keep_weather(L, lua_gettop(L));
	lua_pop(L, 1);
	a.address = script_text_option(L, -1, "address");
	a.has_metric = lua_getfield(L, -1, "metric") != LUA_TNIL;
	lua_pop(L, 1);
	a.metric = (unsigned)script_whole_option(L, -1, "metric", (int)roaming_metric(a.name), 1, ROAMING_METRIC_MAX);
	a.addresses = (size_t)script_whole_option(L, -1, "addresses", 1, 1, TOPOLOGY_ADDRESSES);
	return a;
}

/* Tables have no order: the way out is to come first, and of the same metric the names tell. */
static int by_metric(const void *a, const void *b)
{
	const struct asked *x = a, *y = b;

	return x->metric != y->metric ? (int)x->metric - (int)y->metric : strcmp(x->name, y->name);
}

static size_t check_all(lua_State *L, int index, struct asked list[TOPOLOGY_LINKS])
{
	size_t count = 0;

	script_check_type(L, index, LUA_TTABLE);
	lua_pushnil(L);
	while (lua_next(L, index) != 0) {
		if (count == TOPOLOGY_LINKS)
			luaL_error(L, "interfaces: there can be at most %d", TOPOLOGY_LINKS);
		list[count++] = check_one(L);
		lua_pop(L, 1);
	}
	if (count == 0)
		luaL_error(L, "interfaces: there is none");
	qsort(list, count, sizeof *list, by_metric);
	for (size_t i = 1; i < count; i++)
		if (list[i].metric == list[i - 1].metric && list[i].has_metric && list[i - 1].has_metric)
			luaL_error(L,
			           "interfaces: '%s' and '%s' have the metric %d: the least is the way out, so give "
			           "each its own",
			           list[i - 1].name, list[i].name, (int)list[i].metric);
	return count;
}

static int add(struct lab *lab, int *node, const char *name, const struct script_new_node *make, const struct asked *a,
               char error[LAB_ERROR_SIZE])
{
	int link = 0;

	if (*node < 0) {
		*node = make->add(lab, name, a->behind, a->addresses, make->argument, error);
		if (*node < 0 || lab_name_interface(lab, *node, a->name, a->metric, error) != 0)
			return -1;
	} else {
		link = lab_add_interface(lab, *node, a->name, a->behind, a->metric, a->addresses, error);
	}
	if (link < 0 || (a->address != NULL && lab_give_address(lab, *node, link, a->address, error) != 0))
		return -1;
	return a->weather == NULL ? 0 : lab_link_set(lab, (struct cable_link){ *node, link }, a->weather, error);
}

int script_add_with_interfaces(lua_State *L, int index, const char *name, const struct script_new_node *make,
                               char error[LAB_ERROR_SIZE])
{
	struct asked list[TOPOLOGY_LINKS];
	size_t count = check_all(L, index, list);
	int node = -1;

	for (size_t i = 0; i < count; i++)
		if (add(script_lab(L), &node, name, make, &list[i], error) != 0)
			return -1;
	return node;
}
