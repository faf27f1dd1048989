/* What script.c and the bindings share. Nobody else includes it. */
#ifndef SCRIPT_INTERNAL_H
#define SCRIPT_INTERNAL_H

#include "lab/lab.h"
#include "script/script.h"

#include <stdint.h>

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#define SCRIPT_WAIT_DEFAULT_S 10.0 /* long: a wait's limit matters only when it fails, and machines get busy */

struct script {
	lua_State *L;
	char *file;
	struct scenario *scenarios;
	char **names; /* of the scenarios, to be freed */
	size_t count;
	size_t memory;
	uint64_t deadline_ms;
	unsigned timeout_s;
	struct lab *lab; /* NULL while loading */
	json_t *facts;
};

struct script *script_of(lua_State *L);

/* The lab of the scenario that runs; raises an error while a file is only being loaded. */
struct lab *script_lab(lua_State *L);

/* The scenario's facts, a JSON object. */
json_t *script_facts(lua_State *L);

/* Makes the metatables known. */
void script_open_globals(lua_State *L);
void script_open_lab(lua_State *L);
void script_open_node(lua_State *L);
void script_open_program(lua_State *L);
void script_open_socket(lua_State *L);

/* Pushes the lab object; a program; a node. */
void script_push_lab(lua_State *L);
void script_push_program(lua_State *L, struct program *p);
void script_push_node(lua_State *L, int node);

/* The node at that place of the stack, or an argument error. */
int script_check_node(lua_State *L, int index);

/* Opens a UDP socket on a node ("host:udp(port, address)"); pushes it. */
int script_udp(lua_State *L);

/* lab:why(host, host): what the trace so far says of them. */
int script_why(lua_State *L);

/* Pushes what a scenario ends with when it ends early: a table, where an error of Lua itself is a string. */
void script_push_verdict(lua_State *L, const char *result, const char *message);

/* Message handler: whatever was raised becomes a verdict table with the place. */
int script_handle_error(lua_State *L);

/* Takes what script_handle_error() left on top of the stack. Protected: raises nothing. */
void script_take_verdict(lua_State *L, struct outcome *out);

/*
 * Pushes a field of the table at that index, asking no metatable, and returns it as text, or NULL; the text holds while
 * the value is on the stack.
 */
const char *script_field(lua_State *L, int table, const char *name);

/*
 * Ends the scenario as failed, or skipped: one line, and what was expected and seen (NULL: not told). Does not return.
 */
_Noreturn void script_fail(lua_State *L, const char *expected, const char *seen, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* As luaL_error, for what a lab call reports. */
void script_error(lua_State *L, const char *error) __attribute__((noreturn));

/* A time limit in seconds at that place of the stack, or the default: as clock_now_ms(). */
uint64_t script_check_deadline(lua_State *L, int index);

/* Registers a metatable of that name with methods. */
void script_new_class(lua_State *L, const char *name, const luaL_Reg *methods);

#endif
