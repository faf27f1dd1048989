#include "run/script.h"

#include "run/library.h"
#include "run/script_internal.h"

#include "clock.h"

#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOAD_LIMIT_MS 2000
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

json_t *script_facts(lua_State *L)
{
	struct script *s = script_of(L);

	if (s->facts == NULL)
		s->facts = json_object();
	return s->facts;
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
	luaL_where(L, 0); /* a hook is no function of its own: level 0 is what it interrupts */
	if (s->lab == NULL)
		lua_pushfstring(L, "the file does not end loading within %d s", LOAD_LIMIT_MS / 1000);
	else
		lua_pushfstring(L, "the scenario does not end within %d s", (int)s->timeout_s);
	lua_concat(L, 2);
	lua_error(L);
}

/* --- failing ----------------------------------------------------------------------------------- */

void script_push_verdict(lua_State *L, const char *result, const char *message)
{
	lua_createtable(L, 0, 4);
	lua_pushstring(L, result);
	lua_setfield(L, -2, "result");
	lua_pushstring(L, message);
	lua_setfield(L, -2, "message");
}

_Noreturn void script_fail(lua_State *L, const char *expected, const char *seen, const char *format, ...)
{
	char message[512];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof message, format, args);
	va_end(args);
	script_push_verdict(L, "failed", message);
	lua_pushstring(L, expected);
	lua_setfield(L, -2, "expected");
	lua_pushstring(L, seen);
	lua_setfield(L, -2, "seen");
	lua_error(L);
	abort();
}

void script_error(lua_State *L, const char *error)
{
	luaL_error(L, "%s", error);
	abort();
}

uint64_t script_check_deadline(lua_State *L, int index)
{
	double seconds = luaL_optnumber(L, index, SCRIPT_WAIT_DEFAULT_S);

	luaL_argcheck(L, seconds >= 0 && seconds <= 3600, index, "a time limit is 0 to 3600 seconds");
	return clock_now_ms() + (uint64_t)(seconds * 1000);
}

/* Pushes "file:line" of the innermost call in the scenario's own file, or nil. */
static void push_place(lua_State *L, const struct script *s)
{
	lua_Debug ar;

	for (int level = 0; lua_getstack(L, level, &ar) != 0; level++) {
		if (lua_getinfo(L, "Sl", &ar) == 0 || ar.source[0] != '@' || strcmp(ar.source + 1, s->file) != 0)
			continue;
		lua_pushfstring(L, "%s:%d", s->file, ar.currentline);
		return;
	}
	lua_pushnil(L);
}

/* An error of Lua, at index 1, becomes a verdict table there; the place, at index 2, is not said twice. */
static void make_verdict(lua_State *L)
{
	const char *text = luaL_tolstring(L, 1, NULL);
	const char *place = lua_tostring(L, 2);
	size_t len = place != NULL ? strlen(place) : 0;
	bool is_there = len != 0 && strncmp(text, place, len) == 0 && strncmp(text + len, ": ", 2) == 0;

	script_push_verdict(L, "failed", is_there ? text + len + 2 : text);
	if (!is_there) {
		luaL_traceback(L, L, NULL, 1);
		lua_setfield(L, -2, "traceback");
	}
	lua_replace(L, 1);
}

/* Message handler: whatever was raised becomes a verdict table with the place. */
static int handle_error(lua_State *L)
{
	push_place(L, script_of(L));
	if (!lua_istable(L, 1))
		make_verdict(L);
	lua_settop(L, 2);
	lua_setfield(L, 1, "at");
	return 1;
}

static const char *field(lua_State *L, const char *name)
{
	const char *text;

	lua_getfield(L, -1, name);
	text = lua_tostring(L, -1);
	lua_pop(L, 1); /* the table still holds the string */
	return text;
}

static void add_detail(struct outcome *out, const char *label, const char *text)
{
	if (text == NULL)
		return;
	outcome_add_details(out, label);
	outcome_add_details(out, text);
}

/* Reads the verdict table on top of the stack. */
static void read_verdict(lua_State *L, struct outcome *out)
{
	const char *result = field(L, "result");
	const char *message = field(L, "message");
	const char *at = field(L, "at");
	char line[1024];

	out->result = result != NULL && strcmp(result, "skipped") == 0 ? OUTCOME_SKIPPED : OUTCOME_FAILED;
	out->message = strdup(message != NULL ? message : "failed with an error that is no text");
	out->at = at != NULL ? strdup(at) : NULL;
	if (field(L, "expected") != NULL) {
		snprintf(line, sizeof line, "expected: %s", field(L, "expected"));
		outcome_add_details(out, line);
	}
	if (field(L, "seen") != NULL) {
		snprintf(line, sizeof line, "seen:     %s", field(L, "seen"));
		outcome_add_details(out, line);
	}
	add_detail(out, "", field(L, "traceback"));
}

void script_run(const struct scenario *scenario, struct lab *lab, unsigned timeout_s, struct outcome *out)
{
	struct script *s = scenario->script;
	lua_State *L = s->L;

	s->lab = lab;
	s->timeout_s = timeout_s;
	s->deadline_ms = clock_now_ms() + UINT64_C(1000) * timeout_s;
	lua_settop(L, 0);
	lua_pushcfunction(L, handle_error);
	lua_rawgeti(L, LUA_REGISTRYINDEX, scenario->function);
	script_push_lab(L);
	if (lua_pcall(L, 1, 0, 1) != LUA_OK)
		read_verdict(L, out);
	out->facts = s->facts;
	s->facts = NULL;
}

/* --- a Lua state ------------------------------------------------------------------------------- */

static void open_libraries(lua_State *L)
{
	static const luaL_Reg libraries[] = {
		{ LUA_GNAME, luaopen_base },
		{ LUA_STRLIBNAME, luaopen_string },
		{ LUA_TABLIBNAME, luaopen_table },
		{ LUA_MATHLIBNAME, luaopen_math },
		{ LUA_UTF8LIBNAME, luaopen_utf8 },
		{ LUA_COLIBNAME, luaopen_coroutine },
		{ LUA_LOADLIBNAME, luaopen_package },
		{ LUA_OSLIBNAME, luaopen_os },
		{ NULL, NULL },
	};
	static const char *const not_os[] = { "execute", "exit", "remove", "rename", "setlocale", "tmpname", NULL };

	for (const luaL_Reg *lib = libraries; lib->func != NULL; lib++) {
		luaL_requiref(L, lib->name, lib->func, 1);
		lua_pop(L, 1);
	}
	lua_getglobal(L, LUA_OSLIBNAME);
	for (const char *const *name = not_os; *name != NULL; name++) {
		lua_pushnil(L);
		lua_setfield(L, -2, *name);
	}
	lua_pop(L, 1);
	lua_pushnil(L);
	lua_setglobal(L, "dofile");
	lua_pushnil(L);
	lua_setglobal(L, "loadfile");
}

/* require() looks beside the scenario, in lib/ beside it, then in punchlab's own library. */
static void set_paths(lua_State *L, const char *file)
{
	const char *slash = strrchr(file, '/');
	char library[PATH_MAX];

	lua_getglobal(L, LUA_LOADLIBNAME);
	lua_pushlstring(L, slash != NULL ? file : ".", slash != NULL ? (size_t)(slash - file) : 1);
	lua_pushfstring(L, "%s/?.lua;%s/lib/?.lua;%s/?.lua", lua_tostring(L, -1), lua_tostring(L, -1),
			library_scripts(library));
	lua_setfield(L, -3, "path");
	lua_pop(L, 1);
	lua_pushliteral(L, "");
	lua_setfield(L, -2, "cpath");
	lua_pop(L, 1);
}

/* punchlab.directory: where the program stands, and p2pchat beside it. */
static void set_constants(lua_State *L)
{
	char path[PATH_MAX];

	lua_newtable(L);
	lua_pushstring(L, VERSION);
	lua_setfield(L, -2, "version");
	lua_pushstring(L, library_programs(path));
	lua_setfield(L, -2, "directory");
	lua_setglobal(L, "punchlab");
}

/* Runs protected, so that even a lack of memory here is an error and not the end. */
static int prepare(lua_State *L)
{
	open_libraries(L);
	set_paths(L, script_of(L)->file);
	set_constants(L);
	script_open_globals(L);
	script_open_lab(L);
	script_open_node(L);
	script_open_program(L);
	script_open_socket(L);
	return 0;
}

/* Lua shortens long file names in its messages to "...tail:line: text"; put the whole name back. */
static void write_error(const struct script *s, const char *message, char error[SCRIPT_ERROR_SIZE])
{
	const char *colon = strstr(message, ".lua:");
	const char *tail = message + 3;

	if (strncmp(message, "...", 3) == 0 && colon != NULL) {
		size_t len = (size_t)(colon + 4 - tail);

		if (len <= strlen(s->file) && strncmp(s->file + strlen(s->file) - len, tail, len) == 0) {
			snprintf(error, SCRIPT_ERROR_SIZE, "%s%s", s->file, tail + len);
			return;
		}
	}
	if (strncmp(message, s->file, strlen(s->file)) == 0)
		snprintf(error, SCRIPT_ERROR_SIZE, "%s", message);
	else
		snprintf(error, SCRIPT_ERROR_SIZE, "%s: %s", s->file, message);
}

static int load(struct script *s, char error[SCRIPT_ERROR_SIZE])
{
	lua_State *L = s->L;
	const char *message;

	lua_pushcfunction(L, prepare);
	lua_sethook(L, look_at_clock, LUA_MASKCOUNT, HOOK_INSTRUCTIONS);
	if (lua_pcall(L, 0, 0, 0) == LUA_OK && luaL_loadfilex(L, s->file, "t") == LUA_OK &&
	    lua_pcall(L, 0, 0, 0) == LUA_OK) {
		if (s->count != 0)
			return 0;
		snprintf(error, SCRIPT_ERROR_SIZE, "%s: registers no scenario", s->file);
		return -1;
	}
	message = lua_istable(L, -1) ? field(L, "message") : lua_tostring(L, -1);
	write_error(s, message != NULL ? message : "an error that is no text", error);
	return -1;
}

struct script *script_open(const char *file, char error[SCRIPT_ERROR_SIZE])
{
	struct script *s = calloc(1, sizeof *s);

	snprintf(error, SCRIPT_ERROR_SIZE, "%s: out of memory", file);
	if (s == NULL)
		return NULL;
	s->file = strdup(file);
	s->deadline_ms = clock_now_ms() + LOAD_LIMIT_MS;
	s->L = lua_newstate(allocate, s);
	if (s->L != NULL && s->file != NULL) {
		*(struct script **)lua_getextraspace(s->L) = s;
		if (load(s, error) == 0) {
			error[0] = '\0';
			return s;
		}
	}
	script_close(s);
	return NULL;
}

void script_close(struct script *s)
{
	if (s->L != NULL)
		lua_close(s->L);
	for (size_t i = 0; i < s->count; i++)
		free(s->names[i]);
	free(s->names);
	json_decref(s->facts);
	free(s->scenarios);
	free(s->file);
	free(s);
}

size_t script_count(const struct script *s)
{
	return s->count;
}

const struct scenario *script_scenario(const struct script *s, size_t index)
{
	return &s->scenarios[index];
}
