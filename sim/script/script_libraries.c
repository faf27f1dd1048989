/* What a scenario has of Lua itself, where require() looks, and what is told of the rest. */
#include "script/script_arguments.h"
#include "script/script_internal.h"

#include "script/install_paths.h"
#include "world/tun.h"

#include <limits.h>
#include <string.h>

static const luaL_Reg libraries[] = {
	{ LUA_GNAME, luaopen_base },          { LUA_STRLIBNAME, luaopen_string }, { LUA_TABLIBNAME, luaopen_table },
	{ LUA_MATHLIBNAME, luaopen_math },    { LUA_UTF8LIBNAME, luaopen_utf8 },  { LUA_COLIBNAME, luaopen_coroutine },
	{ LUA_LOADLIBNAME, luaopen_package }, { LUA_OSLIBNAME, luaopen_os },
};

/* What is left out of a library, and what to use instead. Whoever calls it is told. */
static const struct absent {
	const char *library, *name, *instead;
} absent[] = {
	{ LUA_GNAME, "dofile", "require(NAME) runs NAME.lua beside the scenario, or in lib/ there" },
	{ LUA_GNAME, "loadfile", "require(NAME) runs NAME.lua beside the scenario, or in lib/ there" },
	{ LUA_STRLIBNAME, "dump", "a scenario is text, and so is all that it loads" },
	{ LUA_OSLIBNAME, "execute", "host:run{PROGRAM, ARGUMENT, ...} starts a program on a host" },
	{ LUA_OSLIBNAME, "exit", "return ends a scenario, and so do fail(MESSAGE) and skip(REASON)" },
	{ LUA_OSLIBNAME, "remove", "files are for programs: host:run{\"rm\", FILE}" },
	{ LUA_OSLIBNAME, "rename", "files are for programs: host:run{\"mv\", FILE, FILE}" },
	{ LUA_OSLIBNAME, "tmpname", "files are for programs: host:run{\"mktemp\"}" },
	{ LUA_OSLIBNAME, "setlocale", "texts are UTF-8" },
};

/* Whole libraries that are left out. */
static const struct absent absent_libraries[] = {
	{ NULL, LUA_IOLIBNAME, "files are for programs: host:run{\"cat\", FILE}; print() is for people" },
	{ NULL, LUA_DBLIBNAME, "a failure tells its place by itself; print() shows more" },
};

static int l_absent(lua_State *L)
{
	const struct absent *a = lua_touserdata(L, lua_upvalueindex(1));
	bool is_global = strcmp(a->library, LUA_GNAME) == 0;

	return luaL_error(L, "a scenario has no %s%s%s(): %s", is_global ? "" : a->library, is_global ? "" : ".",
	                  a->name, a->instead);
}

/* io.open and the like: of a library that is not there at all. */
static int l_absent_library(lua_State *L)
{
	const struct absent *a = lua_touserdata(L, lua_upvalueindex(1));

	return luaL_error(L, "a scenario has no %s.%s: %s", a->name, luaL_tolstring(L, 2, NULL), a->instead);
}

static void push_with(lua_State *L, lua_CFunction function, const struct absent *a)
{
	union {
		const void *in;
		void *out;
	} upvalue = { .in = a };

	lua_pushlightuserdata(L, upvalue.out);
	lua_pushcclosure(L, function, 1);
}

static void leave_out(lua_State *L)
{
	for (size_t i = 0; i < sizeof absent / sizeof absent[0]; i++) {
		lua_getglobal(L, absent[i].library);
		push_with(L, l_absent, &absent[i]);
		lua_setfield(L, -2, absent[i].name);
		lua_pop(L, 1);
	}
	for (size_t i = 0; i < sizeof absent_libraries / sizeof absent_libraries[0]; i++) {
		lua_newtable(L);
		lua_newtable(L);
		push_with(L, l_absent_library, &absent_libraries[i]);
		lua_setfield(L, -2, "__index");
		lua_setmetatable(L, -2);
		lua_setglobal(L, absent_libraries[i].name);
	}
}

/* --- text alone -------------------------------------------------------------------------------- */

/* load(chunk, name, mode, env) as Lua's own, whatever mode is asked for: bytecode can do what it likes to us. */
static int l_load(lua_State *L)
{
	if (lua_gettop(L) < 3)
		lua_settop(L, 3);
	lua_pushliteral(L, "t");
	lua_replace(L, 3);
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_insert(L, 1);
	lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
	return lua_gettop(L);
}

/* The searcher of require() for a module's name: the loader and the file's name, or why there is none. */
static int l_search(lua_State *L)
{
	const char *name = script_check_bytes(L, 1, NULL), *file;

	lua_getglobal(L, LUA_LOADLIBNAME);
	lua_getfield(L, -1, "searchpath");
	lua_pushvalue(L, 1);
	lua_getfield(L, -3, "path");
	lua_call(L, 2, 2);
	file = lua_tostring(L, -2);
	if (file == NULL)
		return 1;
	if (luaL_loadfilex(L, file, "t") != LUA_OK)
		return luaL_error(L, "require \"%s\": %s", name, lua_tostring(L, -1));
	lua_pushstring(L, file);
	return 2;
}

/* Native code is not for require() either: neither its searchers nor loadlib() are left, but package.preload is. */
static void load_text_alone(lua_State *L)
{
	lua_getglobal(L, "load");
	lua_pushcclosure(L, l_load, 1);
	lua_setglobal(L, "load");
	lua_getglobal(L, LUA_LOADLIBNAME);
	lua_pushnil(L);
	lua_setfield(L, -2, "loadlib");
	lua_pushnil(L);
	lua_setfield(L, -2, "cpath");
	lua_getfield(L, -1, "searchers");
	for (lua_Integer i = luaL_len(L, -1); i > 2; i--) {
		lua_pushnil(L);
		lua_seti(L, -2, i);
	}
	lua_pushcfunction(L, l_search);
	lua_seti(L, -2, 2);
	lua_pop(L, 2);
}

/* require() looks beside the scenario, in lib/ beside it, then in punchlab's own library. */
static void set_path(lua_State *L, const char *file)
{
	const char *slash = strrchr(file, '/');
	char library[PATH_MAX];

	lua_getglobal(L, LUA_LOADLIBNAME);
	lua_pushlstring(L, slash != NULL ? file : ".", slash != NULL ? (size_t)(slash - file) : 1);
	lua_pushfstring(L, "%s/?.lua;%s/lib/?.lua;%s/?.lua", lua_tostring(L, -1), lua_tostring(L, -1),
	                install_path_scripts(library));
	lua_setfield(L, -3, "path");
	lua_pop(L, 2);
}

/* punchlab.directory: where p2pchat/ and tools/ stand; punchlab.tun: whether programs can have interfaces. */
static void set_constants(lua_State *L)
{
	char path[PATH_MAX], what[TUN_TEXT_SIZE], fix[TUN_TEXT_SIZE];

	lua_newtable(L);
	lua_pushstring(L, VERSION);
	lua_setfield(L, -2, "version");
	lua_pushstring(L, install_path_programs(path));
	lua_setfield(L, -2, "directory");
	lua_pushboolean(L, tun_try(what, fix) == 0);
	lua_setfield(L, -2, "tun");
	lua_setglobal(L, "punchlab");
}

void script_open_libraries(lua_State *L)
{
	for (size_t i = 0; i < sizeof libraries / sizeof libraries[0]; i++) {
		luaL_requiref(L, libraries[i].name, libraries[i].func, 1);
		lua_pop(L, 1);
	}
	load_text_alone(L);
	leave_out(L);
	set_path(L, script_of(L)->file);
	set_constants(L);
}
