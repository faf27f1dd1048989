/* Programs on hosts and boxes as Lua starts them: host:run{}. */
#include "script/script_arguments.h"
#include "script/script_internal.h"

#include "lab/lab_files.h"

#include <string.h>

#define WORDS 64 /* of a command line, the end included */

/* The list part of the table at `index` as an argument list; the strings stay the table's. */
static size_t check_words(lua_State *L, int index, const char **words)
{
	lua_Integer count = luaL_len(L, index);

	script_check_argument(L, count < WORDS, index, "too many arguments");
	for (lua_Integer i = 1; i <= count; i++) {
		if (lua_geti(L, index, i) == LUA_TNIL)
			luaL_error(L, "run{}: word %d is nil", (int)i);
		words[i - 1] = luaL_tolstring(L, -1, NULL);
		lua_seti(L, index, i); /* a number's text must outlive this loop */
		lua_pop(L, 1);
	}
	words[count] = NULL;
	return (size_t)count;
}

/* Pushes "NAME=value" of the pair on top of the stack, which is NAME, "value" or a number, "NAME=value". */
static const char *push_variable(lua_State *L)
{
	const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : NULL;
	const char *value = lua_isstring(L, -1) ? luaL_tolstring(L, -1, NULL) : NULL;
	const char *sign = value != NULL ? strchr(value, '=') : NULL;

	if (name == NULL && sign != NULL && sign != value)
		return value;
	if (name == NULL || value == NULL || name[0] == '\0' || strchr(name, '=') != NULL)
		luaL_error(L, "run{}: env is a table of NAME = \"value\", or of \"NAME=value\"");
	return lua_pushfstring(L, "%s=%s", name, value);
}

/* The variables of the table at `index`; pushes a table that holds their texts. */
static void push_environment(lua_State *L, int index, const char **env)
{
	size_t count = 0;
	int texts;

	script_check_argument(L, lua_istable(L, index), 2, "env is a table");
	lua_newtable(L);
	texts = lua_gettop(L);
	lua_pushnil(L);
	while (lua_next(L, index) != 0) {
		script_check_argument(L, count + 1 < WORDS, 2, "too many variables");
		env[count++] = push_variable(L);
		lua_seti(L, texts, (lua_Integer)count);
		lua_settop(L, texts + 1);
	}
	env[count] = NULL;
}

/* host:run{"program", "argument", ..., env={NAME="value"}, cwd=..., terminal=true} */
int script_start(lua_State *L)
{
	static const char *const known[] = { "env", "cwd", "terminal", NULL };
	struct lab *lab = script_lab(L);
	int node = script_check_place(L, 1);
	const char *argv[WORDS], *env[WORDS];
	struct process_options o = { .argv = argv };
	char error[LAB_ERROR_SIZE] = "";
	char program[PATH_MAX], cwd[PATH_MAX];
	struct process *p;
	size_t words;

	script_check_type(L, 2, LUA_TTABLE);
	words = check_words(L, 2, argv);
	script_check_argument(L, words > 0, 2, "a program is missing");
	script_check_options(L, 2, "run{}", known, words);
	if (strchr(argv[0], '/') != NULL)
		argv[0] = lab_find_beside(script_of(L)->file, argv[0], program);
	if (lua_getfield(L, 2, "env") != LUA_TNIL) {
		push_environment(L, lua_gettop(L), env);
		o.env = env;
	}
	o.cwd = script_text_option(L, 2, "cwd");
	if (o.cwd != NULL)
		o.cwd = lab_find_beside(script_of(L)->file, o.cwd, cwd);
	o.terminal = script_flag_option(L, 2, "terminal", false);
	p = lab_run(lab, node, &o, error);
	if (p == NULL)
		script_error(L, error);
	script_push_program(L, p);
	return 1;
}
