/* Files and waiting: lab:folder(), lab:path(), lab:sleep(), and servers that are ready to be used. */
#include "script/script_arguments.h"
#include "script/script_internal.h"

#include "lab/lab_files.h"
#include "lab/lab_wait.h"

/* lab:path(name): a file beside the scenario's, as a program can be told it wherever it runs */
int script_path(lua_State *L)
{
	char path[PATH_MAX];

	lua_pushstring(L, lab_path_beside(script_of(L)->file, script_check_text(L, 2), path));
	return 1;
}

/* lab:folder(): one of the scenario's own, which its programs can share */
int script_folder(lua_State *L)
{
	char path[PATH_MAX], error[LAB_ERROR_SIZE];

	if (lab_shared_folder(script_lab(L), path, error) != 0)
		script_error(L, error);
	lua_pushstring(L, path);
	return 1;
}

/* lab:sleep(seconds): the world and its programs go on */
int script_sleep(lua_State *L)
{
	struct lab *lab = script_lab(L);
	char error[LAB_ERROR_SIZE] = "";

	script_check_number(L, 2);
	if (lab_ready(lab, error) != 0)
		script_error(L, error);
	/* Of the millisecond that has begun nearly all may be over: that one does not count. */
	lab_sleep(lab, script_check_deadline(L, 2) + 1);
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
