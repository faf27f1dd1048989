/*
 * Scenario files: Lua 5.4, loaded once to learn what they register, run later in a scenario's own process. What a
 * scenario can say stands in the bindings: script_lab.c (lab), script_world.c and script_node.c (hosts, boxes), and one
 * for each thing that a call returns (script_program.c, script_socket.c, ...).
 *
 * A scenario is code its user trusts: it starts programs as that user. But it is text, and loading it reads no files
 * but those it requires (script_libraries.c), so that looking at a list of scenarios starts nothing.
 */
#ifndef SCRIPT_H
#define SCRIPT_H

#include "result/outcome.h"
#include "result/scenario.h"

#include <stddef.h>

#define SCRIPT_ERROR_SIZE 1024

struct lab;

/*
 * Loads a file and takes the scenarios it registers; none where it returns a value instead, as what others require
 * does. NULL with "file:line: what is wrong" in `error`. A file that does not end loading within seconds, that
 * registers the same name twice, or that neither registers nor returns anything, is wrong too.
 */
struct script *script_open(const char *file, char error[SCRIPT_ERROR_SIZE]) __attribute__((warn_unused_result));
void script_close(struct script *s);

size_t script_count(const struct script *s);
const struct scenario *script_scenario(const struct script *s, size_t index);

/* Tells its scenarios their places: `before` others were loaded before them. */
void script_set_places(struct script *s, size_t before);

/* Calls a scenario's function with the lab. When the time is over, stops it with an error that says where it was. */
void script_run(const struct scenario *scenario, struct lab *lab, unsigned timeout_s, struct outcome *out);

#endif
