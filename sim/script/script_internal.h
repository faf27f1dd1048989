/* What script.c and the bindings share. Nobody else includes it. */
#ifndef SCRIPT_INTERNAL_H
#define SCRIPT_INTERNAL_H

#include "lab/lab.h"
#include "script/script.h"

#include <stdbool.h>
#include <stdint.h>

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#define SCRIPT_WAIT_DEFAULT_S 10.0 /* long: a wait's limit matters only when it fails, and machines get busy */

struct script {
	lua_State *L;
	char *file;
	char file_in_messages[LUA_IDSIZE]; /* as Lua names it: of a long name the end */
	struct scenario *scenarios;
	size_t count;
	size_t memory;
	uint64_t deadline_ms;
	unsigned timeout_s;
	struct lab *lab; /* NULL while loading, as the next two */
	const struct scenario *running;
	struct outcome *outcome; /* of the scenario that runs: what it told so far, and its verdict once there is one */
};

struct script *script_of(lua_State *L);

/* The lab of the scenario that runs; raises an error while a file is only being loaded. */
struct lab *script_lab(lua_State *L);

/* The outcome of the scenario that runs; raises an error while a file is only being loaded. */
struct outcome *script_outcome(lua_State *L);

/*
 * Lua's own libraries, as far as a scenario has them: what reaches outside the lab, or would load anything but text, is
 * left out.
 */
void script_open_libraries(lua_State *L);

/* Makes the metatables known. */
void script_open_globals(lua_State *L);
void script_open_lab(lua_State *L);
void script_open_node(lua_State *L);
void script_open_link(lua_State *L);
void script_open_program(lua_State *L);
void script_open_socket(lua_State *L);
void script_open_tcp(lua_State *L);

/* Pushes the lab object; a program; a node. */
void script_push_lab(lua_State *L);
void script_push_program(lua_State *L, struct process *p);
void script_push_node(lua_State *L, int node);

/* Pushes a link of a node. Returns 1. */
int script_push_link(lua_State *L, int node, int link);

/* The weather that an option "link" says, as link:set() takes it: a text, or a table. It stays as long as the state. */
const char *script_keep_weather(lua_State *L, int index);

/* Pushes a list of what a program has said so far. */
enum script_streams { SCRIPT_STDOUT, SCRIPT_STDERR, SCRIPT_BOTH };
void script_push_lines(lua_State *L, const struct process *p, enum script_streams streams);

/* The node at that place of the stack, or an argument error. And the same, or the internet itself: TOPOLOGY_INTERNET.
 */
int script_check_node(lua_State *L, int index);
int script_check_place(lua_State *L, int index);

/* The same, or -1 where it is none; a text, which may be meant as a name, is an error. */
int script_to_node(lua_State *L, int index);

/* Raises the error that no host or box has that name, and says which there are. */
void script_no_such_node(lua_State *L, const char *name) __attribute__((noreturn));

/* True for a method that boxes have and hosts do not. */
bool script_is_box_call(const char *name);

/*
 * Refuses names in the table at that index that are not among `known` (ends with NULL), so that a misspelt option is an
 * error that tells what there is; `call` is what the options are of. The first `places` of the table's list part are
 * none of its business. Without a table there is nothing to refuse.
 */
void script_check_options(lua_State *L, int index, const char *call, const char *const *known, size_t places);

/*
 * Options of the table at that index, by name: an error says what it must be; without a table or without that option it
 * is what `otherwise` says. The first pushes it, and returns its type.
 */
int script_push_option(lua_State *L, int options, const char *name);
const char *script_text_option(lua_State *L, int options, const char *name); /* or NULL; lives as long as the script */
bool script_flag_option(lua_State *L, int options, const char *name, bool otherwise);
int script_whole_option(lua_State *L, int options, const char *name, int otherwise, int low, int high);
double script_seconds_option(lua_State *L, int options, const char *name, double otherwise); /* 0 to 3600 */

/* Which of the words (the last is NULL) it is: an option; a text, -1 for none. And all of them as a list, pushed. */
int script_word_option(lua_State *L, int options, const char *name, int otherwise, const char *const *words);
int script_find_word(const char *word, const char *const *words);
const char *script_push_words(lua_State *L, const char *const *words);

/* How a node is made whose first interface stands there. */
struct script_new_node {
	int (*add)(struct lab *lab, const char *name, int behind, size_t addresses, const void *argument, char *error);
	const void *argument;
};

/* Adds a node with the interfaces of the table at that index. Returns it, or -1 with the reason. */
int script_add_with_interfaces(lua_State *L, int index, const char *name, const struct script_new_node *make,
                               char error[LAB_ERROR_SIZE]);

/* Starts a program on a node (host:run{}); pushes it. */
int script_start(lua_State *L);

/* Opens a UDP socket on a node ("host:udp(port, address)"); pushes it. */
int script_udp(lua_State *L);

/* The same of TCP: host:tcp_listen(port), tcp_connect(to, {...}), tcp_punch(host, server, {...}). */
int script_tcp_listen(lua_State *L);
int script_tcp_connect(lua_State *L);
int script_tcp_punch(lua_State *L);

/* "ADDRESS:PORT" at that place of the stack, or an argument error. */
struct endpoint script_check_endpoint(lua_State *L, int index);

/*
 * Where a socket is bound: a port at that place of the stack, an address at the next; each may be missing: port 0,
 * family ADDRESS_NONE.
 */
struct endpoint script_check_local(lua_State *L, int index);

/* lab:world{}, host(), box() and dns{}: what the world is to be. */
int script_world(lua_State *L);
int script_host(lua_State *L);
int script_box(lua_State *L);
int script_dns(lua_State *L);

/* The option "sabotage" of the table at that index, a list of lines, as one text; pushes it. NULL without one. */
const char *script_push_sabotage(lua_State *L, int options);

/* lab:folder(), path(name), sleep(seconds), stun(host), turn(host, {user=, password=}) */
int script_folder(lua_State *L);
int script_path(lua_State *L);
int script_sleep(lua_State *L);
int script_stun(lua_State *L);
int script_turn(lua_State *L);

/* lab:why(host, host): what the trace so far says of them. */
int script_why(lua_State *L);

/* Message handler: whatever was raised and is no verdict of the scenario's own becomes one, with its place. */
int script_handle_error(lua_State *L);

/* The line of the innermost call in the scenario file itself, not in what it required; 0: there is none. */
int script_own_line(lua_State *L);

/*
 * The value at that index as tostring() shows it, with \x00 for bytes that are zero. Pushes what holds the text, as
 * many values as it likes.
 */
const char *script_text(lua_State *L, int index);

/* The same of an argument that must be a text, or may be missing: `otherwise` then. */
const char *script_check_text(lua_State *L, int index);
const char *script_opt_text(lua_State *L, int index, const char *otherwise);

/*
 * Ends the scenario: one line, and what was expected and seen (NULL: not told). The verdict is the outcome's from then
 * on, also when the scenario catches what this raises. Does not return.
 */
_Noreturn void script_skip(lua_State *L, const char *reason);
_Noreturn void script_fail(lua_State *L, const char *expected, const char *seen, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/*
 * After a wait that brought nothing, and at the end: once the scenario's time is over it fails, for what was cut short
 * is no answer.
 */
void script_fail_if_late(lua_State *L);

/* As luaL_error, for what a lab call reports. */
void script_error(lua_State *L, const char *error) __attribute__((noreturn));

/* A time limit in seconds at that place of the stack, or the default: as clock_now_ms(). */
uint64_t script_check_deadline(lua_State *L, int index);

/* Registers a metatable of that name with methods. */
void script_new_class(lua_State *L, const char *name, const luaL_Reg *methods);

#endif
