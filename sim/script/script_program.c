/* Programs as Lua sees them: type to them, wait for what they say, end them. */
#include "script/script_arguments.h"
#include "script/script_internal.h"

#include "lab/lab_wait.h"

#include "io/clock.h"
#include "base/utf8.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROGRAM_CLASS "program"

static struct process *check_program(lua_State *L)
{
	return *(struct process **)script_check_object(L, 1, PROGRAM_CLASS);
}

void script_push_program(lua_State *L, struct process *p)
{
	struct process **v = lua_newuserdatauv(L, sizeof(struct process *), 0);

	*v = p;
	luaL_setmetatable(L, PROGRAM_CLASS);
}

static bool has_ended(const struct process *p)
{
	int status = 0;

	return process_ended(p, &status);
}

/* program:name(): "alice client" */
static int l_name(lua_State *L)
{
	char text[PROCESS_NAME_SIZE];

	lua_pushstring(L, process_name(check_program(L), text));
	return 1;
}

static int l_pid(lua_State *L)
{
	lua_pushinteger(L, process_pid(check_program(L)));
	return 1;
}

/* program:type(line) */
static int l_type(lua_State *L)
{
	struct process *p = check_program(L);
	size_t len = 0;
	const char *line = script_check_bytes(L, 2, &len);
	char name[PROCESS_NAME_SIZE];

	if (process_type(p, line, len) != 0)
		script_fail(L, script_text(L, 2), NULL, "%s reads no more input", process_name(p, name));
	return 0;
}

static int l_close_input(lua_State *L)
{
	process_end_input(check_program(L));
	return 0;
}

/* --- what it says ------------------------------------------------------------------------------ */

/*
 * Pushes string.match(text, pattern): its captures, or the whole match; of a plain text the line it stands in. Returns
 * how many; 0: no match.
 */
static int push_match(lua_State *L, const char *text, int pattern, bool plain)
{
	int top = lua_gettop(L);

	if (plain && strstr(text, lua_tostring(L, pattern)) == NULL)
		return 0;
	if (plain) {
		lua_pushstring(L, text);
		return 1;
	}

	luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
	lua_getfield(L, -1, LUA_STRLIBNAME);
	lua_getfield(L, -1, "match");
	lua_replace(L, top + 1);
	lua_settop(L, top + 1);
	lua_pushstring(L, text);
	lua_pushvalue(L, pattern);
	lua_call(L, 2, LUA_MULTRET);
	if (!lua_isnil(L, top + 1))
		return lua_gettop(L) - top;
	lua_settop(L, top);
	return 0;
}

struct line_match {
	lua_State *L;
	int pattern; /* its place on the stack */
	bool plain;  /* it is a text, no pattern */
	int count;   /* captures that were pushed; 0: no match */
};

static bool matches(void *argument, const char *line)
{
	struct line_match *m = argument;

	m->count = push_match(m->L, line, m->pattern, m->plain);
	return m->count != 0;
}

/* program:wait(pattern, timeout, plain): reads on to a line that matches; its captures, or the match */
static int l_wait(lua_State *L)
{
	struct process *p = check_program(L);
	const char *pattern = script_check_bytes(L, 2, NULL);
	struct line_match m = { .L = L, .pattern = 2, .plain = lua_toboolean(L, 4) };
	uint64_t began = clock_now_ms();
	enum lab_waited how = lab_wait_line(script_lab(L), p, matches, &m, script_check_deadline(L, 3));
	char message[LAB_WORDS_SIZE], expected[LAB_WORDS_SIZE], seen[LAB_WORDS_SIZE];

	if (how == LAB_CAME)
		return m.count;
	utf8_print(expected, sizeof expected, "a line that %s \"%s\"", m.plain ? "contains" : "matches", pattern);
	script_fail(L, expected, lab_last_line(p, seen), "%s",
	            lab_wait_says(p, how, (double)(clock_now_ms() - began) / 1000, message));
}

/* program:try_wait(pattern, timeout, plain): as wait, but nil instead of a failure */
static int l_try_wait(lua_State *L)
{
	struct process *p = check_program(L);
	struct line_match m = { .L = L, .pattern = 2, .plain = lua_toboolean(L, 4) };

	script_check_bytes(L, 2, NULL);
	if (lab_wait_line(script_lab(L), p, matches, &m, script_check_deadline(L, 3)) == LAB_CAME)
		return m.count;
	script_fail_if_late(L);
	lua_pushnil(L);
	return 1;
}

/* program:seen(pattern, plain): the captures of the first line so far that matches, or nil; reads nothing on */
static int l_seen(lua_State *L)
{
	const struct process *p = check_program(L);
	const char *line;

	script_check_bytes(L, 2, NULL);
	for (size_t i = 0; (line = process_line(p, i, NULL)) != NULL; i++) {
		int count = push_match(L, line, 2, lua_toboolean(L, 3));

		if (count != 0)
			return count;
	}
	lua_pushnil(L);
	return 1;
}

void script_push_lines(lua_State *L, const struct process *p, enum script_streams streams)
{
	lua_Integer count = 0;
	const char *line;
	int stream;

	lua_newtable(L);
	for (size_t i = 0; (line = process_line(p, i, &stream)) != NULL; i++) {
		if (streams != SCRIPT_BOTH && streams != (stream == 2 ? SCRIPT_STDERR : SCRIPT_STDOUT))
			continue;
		lua_pushstring(L, line);
		lua_seti(L, -2, ++count);
	}
}

static enum script_streams check_streams(lua_State *L, int index)
{
	static const char *const names[] = { "stdout", "stderr", "both", NULL };

	return (enum script_streams)script_opt_word(L, index, SCRIPT_STDOUT, names);
}

/* program:lines("stdout"|"stderr"|"both"): all it has said so far there, a list; standard output unless told */
static int l_lines(lua_State *L)
{
	script_push_lines(L, check_program(L), check_streams(L, 2));
	return 1;
}

/* program:output(...): the same as one text */
static int l_output(lua_State *L)
{
	luaL_Buffer b;
	lua_Integer count;

	lua_settop(L, 2);
	script_push_lines(L, check_program(L), check_streams(L, 2));
	count = luaL_len(L, -1);
	luaL_buffinit(L, &b);
	for (lua_Integer i = 1; i <= count; i++) {
		lua_geti(L, 3, i);
		luaL_addvalue(&b);
		luaL_addchar(&b, '\n');
	}
	luaL_pushresult(&b);
	return 1;
}

/* --- its end ----------------------------------------------------------------------------------- */

static int wait_end(lua_State *L, const struct process *p, uint64_t deadline)
{
	uint64_t began = clock_now_ms();
	char name[PROCESS_NAME_SIZE], seen[LAB_WORDS_SIZE];
	enum lab_waited how = lab_wait_end(script_lab(L), p, deadline);
	int status = 0;

	if (how != LAB_CAME)
		script_fail(L, "its end", lab_last_line(p, seen), "%s still runs after %.1f s%s", process_name(p, name),
		            (double)(clock_now_ms() - began) / 1000, lab_wait_why(how));
	process_ended(p, &status);
	return status;
}

/* program:exit_status(timeout): waits for its end; 128 + the signal if one ended it */
static int l_exit_status(lua_State *L)
{
	lua_pushinteger(L, wait_end(L, check_program(L), script_check_deadline(L, 2)));
	return 1;
}

static int l_ended(lua_State *L)
{
	lua_pushboolean(L, has_ended(check_program(L)));
	return 1;
}

static int check_signal(lua_State *L, int index)
{
	static const char *const names[] = { "HUP", "INT", "KILL", "USR1", "USR2", "TERM", "STOP", "CONT", NULL };
	static const int numbers[] = { SIGHUP, SIGINT, SIGKILL, SIGUSR1, SIGUSR2, SIGTERM, SIGSTOP, SIGCONT };

	return numbers[script_check_word(L, index, names)];
}

static void send_signal(lua_State *L, struct process *p, int number)
{
	if (process_signal(p, number) != 0 && errno != ESRCH)
		luaL_error(L, "signal: %s", strerror(errno));
}

/* program:signal("INT") */
static int l_signal(lua_State *L)
{
	send_signal(L, check_program(L), check_signal(L, 2));
	return 0;
}

/* program:stop(timeout): SIGTERM, and its exit status */
static int l_stop(lua_State *L)
{
	struct process *p = check_program(L);

	send_signal(L, p, SIGTERM);
	lua_pushinteger(L, wait_end(L, p, script_check_deadline(L, 2)));
	return 1;
}

/* program:kill(): SIGKILL, when it is gone */
static int l_kill(lua_State *L)
{
	struct process *p = check_program(L);

	send_signal(L, p, SIGKILL);
	wait_end(L, p, script_check_deadline(L, 2));
	return 0;
}

static const luaL_Reg methods[] = {
	{ "name", l_name },     { "pid", l_pid },
	{ "type", l_type },     { "close_input", l_close_input },
	{ "wait", l_wait },     { "try_wait", l_try_wait },
	{ "seen", l_seen },     { "lines", l_lines },
	{ "output", l_output }, { "exit_status", l_exit_status },
	{ "ended", l_ended },   { "signal", l_signal },
	{ "stop", l_stop },     { "kill", l_kill },
	{ NULL, NULL },
};

void script_open_program(lua_State *L)
{
	script_new_class(L, PROGRAM_CLASS, methods);
	luaL_getmetatable(L, PROGRAM_CLASS);
	lua_pushcfunction(L, l_name);
	lua_setfield(L, -2, "__tostring");
	lua_pop(L, 1);
}
