/* Which world that stands is meant, for the subcommands that look into one. */
#ifndef SESSION_LOOKUP_H
#define SESSION_LOOKUP_H

#include <jansson.h>
#include "cli/cli.h"

#include <stdbool.h>

/*
 * What the world of that name says of itself (session.c); with NULL the only one there is. NULL with one line on the
 * log that says which there are.
 */
json_t *session_lookup(const char *name) __attribute__((warn_unused_result));

/* True if the world has such a host or box; else false with one line on the log that says which there are. */
bool session_lookup_has_node(const json_t *world, const char *node);

/* The options of what is done to a standing world, or asked of it. */
struct session_lookup_options {
	const char *name; /* NULL: the only one there is */
	bool as_json;
	unsigned timeout_s; /* 0: not told */
};

enum { SESSION_LOOKUP_NAME = 256, SESSION_LOOKUP_JSON, SESSION_LOOKUP_TIMEOUT };

/* clang-format off */
#define SESSION_LOOKUP_NAME_ROW \
	{ SESSION_LOOKUP_NAME, "name", "NAME", "the world's name, when several stand (punchlab ps lists them)" }
#define SESSION_LOOKUP_OPTIONS \
	SESSION_LOOKUP_NAME_ROW, \
	{ SESSION_LOOKUP_JSON, "json", NULL, "print the answer as JSON" }
/* clang-format on */

extern const struct option_row session_lookup_option_table[];

/* Reads them; ends the program on a bad one. `optind` is then the first operand. */
void session_lookup_options_parse(struct session_lookup_options *o, const struct cli_command *command, int argc,
                                  char **argv);

#endif
