#include "script/script.h"

#include "script/load_limit.h"
#include "script/script_call.h"
#include "script/script_arguments.h"
#include "script/script_internal.h"

#include "io/clock.h"
#include "base/escape.h"
#include "base/utf8.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOAD_LIMIT_S 5 /* of wall time: a machine that is busy is not a file that hangs */
#define LOAD_COMPLAINT "the file does not end loading within 5 s"
#define LOAD_PATIENCE_S 1         /* the hook, which knows the line, goes first */
#define HOOK_INSTRUCTIONS 100000  /* how often the clock is looked at; about a millisecond of Lua */
#define MEMORY_LIMIT (256u << 20) /* one scenario's Lua values */

struct script *script_of(lua_State *L)
{
	return *(struct script **)lua_getextraspace(L);
}

struct lab *script_lab(lua_State *L)
{
	struct lab *lab = script_of(L)->lab;

	if (lab == NULL)
		luaL_error(L, "there is no lab while a file is being loaded; use it inside scenario()");
	return lab;
}

struct outcome *script_outcome(lua_State *L)
{
	script_lab(L);
	return script_of(L)->outcome;
}

/* --- limits ------------------------------------------------------------------------------------ */

/* Lua's allocator, see lua_Alloc: refuses what would exceed the limit, so that Lua raises "not enough memory". */
static void *allocate(void *argument, void *block, size_t old_size, size_t new_size)
{
	struct script *s = argument;
	size_t had = block != NULL ? old_size : 0;
	void *moved;

	if (new_size == 0) {
		free(block);
		s->memory -= had;
		return NULL;
	}
	if (new_size > had && s->memory - had + new_size > MEMORY_LIMIT)
		return NULL;
	moved = realloc(block, new_size);
	if (moved != NULL)
		s->memory += new_size - had;
	return moved;
}

static void look_at_clock(lua_State *L, lua_Debug *unused)
{
	const struct script *s = script_of(L);

	(void)unused;
	if (clock_now_ms() < s->deadline_ms)
		return;
	lua_sethook(L, look_at_clock, LUA_MASKCOUNT, 1); /* a pcall() around this may not win another round */
	luaL_where(L, 0); /* a hook is no function of its own: level 0 is what it interrupts */
	if (s->lab == NULL)
		lua_pushliteral(L, LOAD_COMPLAINT);
	else
		lua_pushfstring(L, "the scenario does not end within %d s", (int)s->timeout_s);
	lua_concat(L, 2);
	lua_error(L);
}

uint64_t script_check_deadline(lua_State *L, int index)
{
	double seconds = script_opt_number(L, index, SCRIPT_WAIT_DEFAULT_S);

	script_check_argument(L, seconds >= 0 && seconds <= 3600, index, "a time limit is 0 to 3600 seconds");
	return clock_now_ms() + (uint64_t)(seconds * 1000);
}

/* --- running ----------------------------------------------------------------------------------- */

/* Calls the function that is registered under the number at index 1 with the lab. */
static int call_scenario(lua_State *L)
{
	lua_rawgeti(L, LUA_REGISTRYINDEX, lua_tointeger(L, 1));
	script_push_lab(L);
	lua_call(L, 1, 0);
	script_fail_if_late(L);
	return 0;
}

void script_run(const struct scenario *scenario, struct lab *lab, unsigned timeout_s, struct outcome *out)
{
	struct script *s = scenario->script;
	lua_State *L = s->L;

	s->lab = lab;
	s->running = scenario;
	s->outcome = out;
	s->timeout_s = timeout_s;
	s->deadline_ms = clock_now_ms() + UINT64_C(1000) * timeout_s;
	lua_settop(L, 0);
	lua_pushcfunction(L, script_handle_error);
	lua_pushcfunction(L, call_scenario);
	lua_pushinteger(L, scenario->function);
	if (lua_pcall(L, 1, 0, 1) != LUA_OK && out->result == OUTCOME_PASSED)
		outcome_set(out, OUTCOME_FAILED, "there is not enough memory to say why it failed", NULL);
}

/* --- a Lua state ------------------------------------------------------------------------------- */

/* What Lua calls the file in its messages: "name:line: text". */
static void note_file_in_messages(lua_State *L)
{
	struct script *s = script_of(L);
	const char *chunk = lua_pushfstring(L, "@%s", s->file);
	lua_Debug ar;

	if (luaL_loadbufferx(L, "", 0, chunk, "t") == LUA_OK && lua_getinfo(L, ">S", &ar) != 0)
		snprintf(s->file_in_messages, sizeof s->file_in_messages, "%s", ar.short_src);
	lua_settop(L, 0);
}

/* Runs protected, so that even a lack of memory here is an error and not the end. */
static int prepare(lua_State *L)
{
	note_file_in_messages(L);
	script_open_libraries(L);
	script_open_globals(L);
	script_open_lab(L);
	script_open_node(L);
	script_open_link(L);
	script_open_program(L);
	script_open_socket(L);
	script_open_tcp(L);
	return 0;
}

/* Makes an error one line that is safe to show. Lua's own errors may have several: where it looked for a module. */
static void flatten(const char *text, char error[SCRIPT_ERROR_SIZE])
{
	char flat[SCRIPT_ERROR_SIZE];

	utf8_print(flat, sizeof flat, "%s", text);
	for (char *c = flat; *c != '\0'; c++)
		if (*c == '\n' || *c == '\t')
			*c = ' ';
	escape_text(error, SCRIPT_ERROR_SIZE, flat, strlen(flat), ESCAPE_KEPT_LINE);
}

/* The file's whole name in the place of what Lua calls it, or before what names no file. */
static void write_error(const struct script *s, const char *message, char error[SCRIPT_ERROR_SIZE])
{
	size_t len = strlen(s->file_in_messages);
	bool names_it = len > 0 && strncmp(message, s->file_in_messages, len) == 0 && message[len] == ':';
	char whole[SCRIPT_ERROR_SIZE];

	utf8_print(whole, sizeof whole, names_it ? "%s%s" : "%s: %s", s->file, names_it ? message + len : message);
	flatten(whole, error);
}

/* Writes what was raised, at index 1, to the buffer at index 2. */
static int take_error(lua_State *L)
{
	write_error(script_of(L), lua_isstring(L, 1) ? script_text(L, 1) : "an error that is no text",
	            lua_touserdata(L, 2));
	return 0;
}

static int load(struct script *s, char error[SCRIPT_ERROR_SIZE])
{
	lua_State *L = s->L;

	lua_pushcfunction(L, prepare);
	lua_sethook(L, look_at_clock, LUA_MASKCOUNT, HOOK_INSTRUCTIONS);
	if (lua_pcall(L, 0, 0, 0) == LUA_OK && luaL_loadfilex(L, s->file, "t") == LUA_OK &&
	    lua_pcall(L, 0, 1, 0) == LUA_OK) {
		bool returns = !lua_isnil(L, -1);

		lua_pop(L, 1);
		if (s->count != 0 || returns)
			return 0;
		write_error(s, "registers no scenario", error);
		return -1;
	}
	lua_pushcfunction(L, take_error);
	lua_insert(L, -2);
	lua_pushlightuserdata(L, error);
	if (lua_pcall(L, 2, 0, 0) != LUA_OK)
		write_error(s, "not enough memory", error);
	return -1;
}

/* Loads it with nobody waiting longer than the limit. */
static int load_in_time(struct script *s, char error[SCRIPT_ERROR_SIZE])
{
	int result;

	s->deadline_ms = clock_now_ms() + UINT64_C(1000) * LOAD_LIMIT_S;
	load_limit_begin(s->file, LOAD_LIMIT_S + LOAD_PATIENCE_S, LOAD_COMPLAINT);
	result = load(s, error);
	load_limit_end();
	return result;
}

struct script *script_open(const char *file, char error[SCRIPT_ERROR_SIZE])
{
	struct script *s = calloc(1, sizeof *s);

	flatten(file, error);
	utf8_print(error + strlen(error), SCRIPT_ERROR_SIZE - strlen(error), ": %s",
	           utf8_is_line(file) ? "out of memory" : "a scenario file's name is UTF-8 without control characters");
	if (s == NULL)
		return NULL;
	s->file = utf8_is_line(file) ? strdup(file) : NULL;
	s->L = lua_newstate(allocate, s);
	if (s->L != NULL && s->file != NULL) {
		*(struct script **)lua_getextraspace(s->L) = s;
		if (load_in_time(s, error) == 0) {
			error[0] = '\0';
			return s;
		}
	}
	script_close(s);
	return NULL;
}

struct script *script_open_empty(void)
{
	struct script *s = calloc(1, sizeof *s);

	if (s == NULL)
		return NULL;
	s->file = strdup("");
	s->L = lua_newstate(allocate, s);
	if (s->L != NULL && s->file != NULL) {
		*(struct script **)lua_getextraspace(s->L) = s;
		lua_pushcfunction(s->L, prepare);
		if (lua_pcall(s->L, 0, 0, 0) == LUA_OK)
			return s;
	}
	script_close(s);
	return NULL;
}

/* Closing runs what the file left to be done when its values go (__gc). */
static void close_lua(const struct script *s)
{
	if (s->file != NULL)
		load_limit_begin(s->file, LOAD_LIMIT_S + LOAD_PATIENCE_S, "its __gc methods do not end");
	lua_close(s->L);
	load_limit_end();
}

void script_close(struct script *s)
{
	if (s->L != NULL)
		close_lua(s);
	free(s->scenarios);
	free(s->file);
	free(s);
}

size_t script_count(const struct script *s)
{
	return s->count;
}

void script_set_places(struct script *s, size_t before)
{
	for (size_t i = 0; i < s->count; i++)
		s->scenarios[i].place = before + i + 1;
}

const struct scenario *script_scenario(const struct script *s, size_t index)
{
	return &s->scenarios[index];
}
