/* Files and waiting: lab:folder(), lab:path(), lab:sleep(), and servers that are ready to be used. */
#include "script/script_arguments.h"
#include "script/script_internal.h"

#include "io/clock.h"
#include "lab/lab_wait.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SHARED "shared" /* below the scenario's folder */

const char *script_path_beside(lua_State *L, const char *name)
{
	const char *file = script_of(L)->file;
	const char *slash = strrchr(file, '/');
	char whole[PATH_MAX];

	if (name[0] == '/')
		return lua_pushstring(L, name);
	lua_pushlstring(L, file, slash != NULL ? (size_t)(slash + 1 - file) : 0);
	lua_pushstring(L, name);
	lua_concat(L, 2);
	return realpath(lua_tostring(L, -1), whole) != NULL ? lua_pushstring(L, whole) : lua_tostring(L, -1);
}

/* lab:path(name): a file beside the scenario's, as a program can be told it wherever it runs */
int script_path(lua_State *L)
{
	script_path_beside(L, script_check_text(L, 2));
	return 1;
}

/* lab:folder(): one of the scenario's own, which its programs can share */
int script_folder(lua_State *L)
{
	char path[PATH_MAX], whole[PATH_MAX];

	if (snprintf(path, sizeof path, "%s/" SHARED, lab_folder(script_lab(L))) >= (int)sizeof path ||
	    (mkdir(path, 0777) != 0 && errno != EEXIST) || realpath(path, whole) == NULL)
		return luaL_error(L, "the scenario's folder: %s", strerror(errno));
	lua_pushstring(L, whole);
	return 1;
}

/* lab:sleep(seconds): the world and its programs go on */
int script_sleep(lua_State *L)
{
	struct lab *lab = script_lab(L);
	char error[LAB_ERROR_SIZE] = "";
	uint64_t until;

	script_check_number(L, 2);
	if (lab_ready(lab, error) != 0)
		script_error(L, error);
	/* Of the millisecond that has begun nearly all may be over: that one does not count. */
	until = script_check_deadline(L, 2) + 1;
	while (clock_now_ms() < until && !lab_is_late(lab))
		lab_wait(lab, until);
	script_fail_if_late(L);
	return 0;
}

/* Calls a function of lib/stun.lua with the lab and what else there is. */
static int serve(lua_State *L, const char *function)
{
	int given = lua_gettop(L);

	script_lab(L);
	lua_getglobal(L, "require");
	lua_pushliteral(L, "stun");
	lua_call(L, 1, 1);
	lua_getfield(L, -1, function);
	lua_insert(L, 1);
	lua_settop(L, given + 1);
	lua_call(L, given, 1);
	return 1;
}

/* lab:stun(host): a STUN server that answers there */
int script_stun(lua_State *L)
{
	script_check_node(L, 2);
	lua_settop(L, 2);
	return serve(L, "ready");
}

/* lab:turn(host, {user=, password=}): a TURN server, coturn's, that answers there */
int script_turn(lua_State *L)
{
	static const char *const known[] = { "user", "password", NULL };

	script_check_node(L, 2);
	script_check_options(L, 3, "lab:turn()", known, 0);
	script_text_option(L, 3, "user");
	script_text_option(L, 3, "password");
	lua_settop(L, 3);
	return serve(L, "turn");
}
