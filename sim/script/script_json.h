/* Values of Lua as JSON, and back. */
#ifndef SCRIPT_JSON_H
#define SCRIPT_JSON_H

#include <jansson.h>
#include <lua.h>

/* Pushes a JSON value; null becomes nil. Raises an error where it lies too deep. */
void script_push_json(lua_State *L, json_t *value);

/*
 * The value at that index as JSON (a new reference): a table with a first element, or with none at all, is a list, any
 * other an object of its text keys; what JSON does not know is told as tostring() shows it. Raises an error where it
 * lies too deep. NULL without memory.
 */
json_t *script_to_json(lua_State *L, int index);

#endif
