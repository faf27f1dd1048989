/* Links as Lua sees them: host:link() is the cable to the box in front of it, or to the internet. */
#include "script/script_arguments.h"
#include "script/script_internal.h"

#include "lab/lab_link.h"

#include <stdio.h>
#include <string.h>

#define LINK_CLASS "link"
#define NUMBER_MOST 1000000      /* of packets, in a rule */
#define KEPT "punchlab.weathers" /* in the registry: texts that are pointed to, as keys */

static struct cable_link check_link(lua_State *L)
{
	return *(struct cable_link *)script_check_object(L, 1, LINK_CLASS);
}

static int done(lua_State *L, int status, const char *error)
{
	if (status != 0)
		script_error(L, error);
	lua_settop(L, 1); /* the link itself, so that calls can follow one another */
	return 1;
}

int script_push_link(lua_State *L, int node, int link)
{
	struct cable_link *l = lua_newuserdatauv(L, sizeof *l, 0);

	*l = (struct cable_link){ node, link };
	luaL_setmetatable(L, LINK_CLASS);
	return 1;
}

/* A weather as text; of a table, its words as it has them: { loss = "1%", ["up:delay"] = "20ms" }. Stays on the stack.
 */
static const char *check_weather(lua_State *L, int index)
{
	luaL_Buffer text;

	if (!lua_istable(L, index))
		return script_check_text(L, index);
	lua_newtable(L);
	for (lua_pushnil(L); lua_next(L, index) != 0;) {
		script_check_argument(L, lua_type(L, -2) == LUA_TSTRING && lua_isstring(L, -1), index,
		                      "a table of names and what they are set to");
		lua_pushfstring(L, "%s=%s", lua_tostring(L, -2), lua_tostring(L, -1));
		lua_rawseti(L, index + 1, (lua_Integer)lua_rawlen(L, index + 1) + 1);
		lua_pop(L, 1);
	}
	luaL_buffinit(L, &text);
	for (lua_Integer i = 1, count = (lua_Integer)lua_rawlen(L, index + 1); i <= count; i++) {
		if (i > 1)
			luaL_addchar(&text, ',');
		lua_rawgeti(L, index + 1, i);
		luaL_addvalue(&text);
	}
	luaL_pushresult(&text);
	return script_check_text(L, -1);
}

const char *script_keep_weather(lua_State *L, int index)
{
	const char *text;
	int top = lua_gettop(L);

	if (!lua_istable(L, index) && !lua_isstring(L, index))
		luaL_error(L, "link is a weather, as text or as a table of names and what they are set to");
	lua_pushstring(L, check_weather(L, index));
	text = lua_tostring(L, -1);
	luaL_getsubtable(L, LUA_REGISTRYINDEX, KEPT);
	lua_pushvalue(L, -2);
	lua_pushboolean(L, true);
	lua_rawset(L, -3);
	lua_settop(L, top);
	return text;
}

/* link:set("loss=1%,delay=20ms"), link:set{loss="1%", delay="20ms"} */
static int l_set(lua_State *L)
{
	char error[LAB_ERROR_SIZE] = "";

	lua_settop(L, 2);
	return done(L, lab_link_set(script_lab(L), check_link(L), check_weather(L, 2), error), error);
}

/* link:down(): no carrier; link:up() */
static int l_down(lua_State *L)
{
	char error[LAB_ERROR_SIZE] = "";

	return done(L, lab_link_turn(script_lab(L), check_link(L), LAB_LINK_UNPLUGGED, true, error), error);
}

/* link:disable(): its interface goes down, as an administrator does it; link:up() */
static int l_disable(lua_State *L)
{
	char error[LAB_ERROR_SIZE] = "";

	return done(L, lab_link_turn(script_lab(L), check_link(L), LAB_LINK_DISABLED, true, error), error);
}

/* Neither down, disabled nor a black hole any more. */
static int l_up(lua_State *L)
{
	char error[LAB_ERROR_SIZE] = "";
	struct lab *lab = script_lab(L);
	int status = lab_link_turn(lab, check_link(L), LAB_LINK_UNPLUGGED, false, error);

	if (status == 0)
		status = lab_link_blackhole(lab, check_link(L), false, error);
	if (status == 0)
		status = lab_link_turn(lab, check_link(L), LAB_LINK_DISABLED, false, error);
	return done(L, status, error);
}

static int l_blackhole(lua_State *L)
{
	char error[LAB_ERROR_SIZE] = "";

	return done(L, lab_link_blackhole(script_lab(L), check_link(L), true, error), error);
}

static void direction_option(lua_State *L, int options, bool ways[2])
{
	static const char *const words[] = { "up", "down", "both", NULL };
	int which = script_word_option(L, options, "direction", 2, words);

	ways[WEATHER_UP] = which != 1;
	ways[WEATHER_DOWN] = which != 0;
}

/* A rule for packets that match the filter at `index`, with the options behind it. */
static int add_rule(lua_State *L, enum cable_rule_kind kind, int index, uint32_t delay_us)
{
	static const char *const known[] = { "from", "count", "direction", NULL };
	struct cable_rule r = { .kind = kind, .delay_us = delay_us };
	char error[LAB_ERROR_SIZE] = "";
	const char *filter;

	lua_settop(L, index + 1);
	filter = script_opt_text(L, index, "");
	script_check_options(L, index + 1, "link rules", known, 0);
	if (strlen(filter) >= sizeof r.filter)
		return luaL_error(L, "the filter is longer than %d characters", (int)sizeof r.filter - 1);
	snprintf(r.filter, sizeof r.filter, "%s", filter);
	r.from = (unsigned)script_whole_option(L, index + 1, "from", 1, 1, NUMBER_MOST);
	/* 0: all that follow */
	r.count = (unsigned)script_whole_option(L, index + 1, "count", kind == CABLE_DELAY ? 1 : 0, 1, NUMBER_MOST);
	direction_option(L, index + 1, r.ways);
	return done(L, lab_link_add_rule(script_lab(L), check_link(L), &r, error), error);
}

/* link:drop("udp port 4000", { from = 3, count = 2, direction = "up" }) */
static int l_drop(lua_State *L)
{
	return add_rule(L, CABLE_DROP, 2, 0);
}

/* link:delay_next(seconds, filter, options): the next that matches, or `count` of them */
static int l_delay_next(lua_State *L)
{
	lua_Number seconds = script_check_number(L, 2);

	script_check_argument(L, seconds > 0 && seconds <= 60, 2, "a delay is more than 0 and at most 60 seconds");
	return add_rule(L, CABLE_DELAY, 3, (uint32_t)(seconds * 1e6));
}

/* link:pass(filter): nothing happens to these */
static int l_pass(lua_State *L)
{
	return add_rule(L, CABLE_PASS, 2, 0);
}

/* link:clear(): no rules any more */
static int l_clear(lua_State *L)
{
	char error[LAB_ERROR_SIZE] = "";

	return done(L, lab_link_clear_rules(script_lab(L), check_link(L), error), error);
}

static int l_name(lua_State *L)
{
	struct cable_link l = check_link(L);
	char name[TOPOLOGY_LINK_NAME_SIZE];

	lua_pushstring(L, topology_link_name(lab_topology(script_lab(L)), l.node, l.link, name));
	return 1;
}

/* link:weather(): as it was made, "fair" where nothing happens */
static int l_weather(lua_State *L)
{
	struct weather w = lab_link_weather(script_lab(L), check_link(L));
	char text[WEATHER_TEXT_SIZE];

	lua_pushstring(L, weather_format(&w, text));
	return 1;
}

static const luaL_Reg methods[] = {
	{ "name", l_name },       { "set", l_set },
	{ "weather", l_weather }, { "down", l_down },
	{ "up", l_up },           { "blackhole", l_blackhole },
	{ "drop", l_drop },       { "delay_next", l_delay_next },
	{ "pass", l_pass },       { "clear", l_clear },
	{ "disable", l_disable }, { "__tostring", l_name },
	{ NULL, NULL },
};

void script_open_link(lua_State *L)
{
	script_new_class(L, LINK_CLASS, methods);
}
