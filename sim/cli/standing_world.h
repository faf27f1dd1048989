/* Standing worlds, for the subcommands that look into one. */
#ifndef STANDING_WORLD_H
#define STANDING_WORLD_H

#include <jansson.h>
#include "cli/cli.h"

#include <stdbool.h>

/*
 * What the world of that name says of itself (session.c); with NULL the only one there is. NULL with one line on the
 * log that says which there are.
 */
json_t *standing_world_find(const char *name) __attribute__((warn_unused_result));

/* True if the world has such a host or box; else false with one line on the log that says which there are. */
bool standing_world_has_node(const json_t *world, const char *node);

/* The options of what is done to a standing world, or asked of it. */
struct standing_world_options {
	const char *name; /* NULL: the only one there is */
	bool as_json;
	unsigned timeout_s; /* 0: not told */
};

enum { STANDING_WORLD_NAME = 256, STANDING_WORLD_JSON, STANDING_WORLD_TIMEOUT };

/* clang-format off */
#define STANDING_WORLD_NAME_ROW \
	{ STANDING_WORLD_NAME, "name", "NAME", "the world's name, when several stand (punchlab ps lists them)" }
#define STANDING_WORLD_OPTIONS \
	STANDING_WORLD_NAME_ROW, \
	{ STANDING_WORLD_JSON, "json", NULL, "print the answer as JSON" }
/* clang-format on */

extern const struct option_row standing_world_option_table[];

/* Reads them; ends the program on a bad one. `optind` is then the first operand. */
void standing_world_options_parse(struct standing_world_options *o, const struct cli_command *command, int argc,
                                  char **argv);

#endif
