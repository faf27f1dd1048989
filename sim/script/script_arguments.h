/*
 * What stands at a place of a call. As lauxlib's checks, but they know the call's name, and count from what the user
 * wrote first, also where no Lua code made the call by that name: pcall(host.sleep, host, "x"), `punchlab call host
 * sleep x`.
 */
#ifndef SCRIPT_ARGUMENTS_H
#define SCRIPT_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>

#include <lua.h>

/* Raises that the argument at that index is not what it must be: "bad argument #1 to 'sleep' (PROBLEM)". */
_Noreturn void script_argument_error(lua_State *L, int index, const char *problem);
void script_check_argument(lua_State *L, bool holds, int index, const char *problem);

/* What is there, or an error; or `otherwise` where nothing is. Texts may hold zero bytes; `len` may be NULL. */
void script_check_type(lua_State *L, int index, int type);
void *script_check_object(lua_State *L, int index, const char *class);
const char *script_check_bytes(lua_State *L, int index, size_t *len);
lua_Number script_check_number(lua_State *L, int index);
lua_Number script_opt_number(lua_State *L, int index, lua_Number otherwise);
lua_Integer script_opt_whole(lua_State *L, int index, lua_Integer otherwise);

/* Which of the words (the last is NULL) it is; the error tells them. */
int script_check_word(lua_State *L, int index, const char *const *words);
int script_opt_word(lua_State *L, int index, int otherwise, const char *const *words);

#endif
