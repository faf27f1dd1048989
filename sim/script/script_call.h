/* One call of the scenario language that somebody outside of it makes: as JSON, both ways. */
#ifndef SCRIPT_CALL_H
#define SCRIPT_CALL_H

#include "script/script.h"

#include <jansson.h>

/*
 * A script without a file, for a lab whose nodes were named otherwise. NULL without memory. Ends by script_close().
 */
struct script *script_open_empty(void) __attribute__((warn_unused_result));

#define SCRIPT_CALL_LINK " link" /* behind a node's name: its link is meant */

/*
 * Makes the call {"on": "lab", "call": "count", "args": ["nat-a wan", "udp"]} in the lab. `on` is "lab", a host or box,
 * or one with " link" behind it; an argument {"node": NAME} is that node. Returns {"result": [what it returned]} or
 * {"error": "one line"}; NULL without memory. What cannot leave the world, as a node, is told by its name.
 */
json_t *script_call(struct script *s, struct lab *lab, const json_t *request) __attribute__((warn_unused_result));

#endif
