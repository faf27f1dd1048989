/* What `punchlab trace` was asked for. */
#ifndef TRACE_OPTIONS_H
#define TRACE_OPTIONS_H

#include "cli/cli.h"
#include "trace/find.h"
#include "trace/select.h"

enum trace_mode { TRACE_LADDER, TRACE_JSON, TRACE_MAPPINGS, TRACE_WHY, TRACE_PCAPNG, TRACE_HTML, TRACE_AUDIT };

struct trace_options {
	enum trace_mode mode;
	struct selection selection;
	struct found found;
	struct source captures[SOURCES_MAX]; /* several captures, or a named one; none: `found` */
	size_t capture_count;
	struct infer_name names[TRACE_GIVEN]; /* --name */
	size_t name_count;
	bool json;           /* as JSON, whatever the mode */
	bool programs;       /* the ladder shows their lines too */
	bool all;            /* the ladder shows ARP and the like too */
	const char *output;  /* TRACE_PCAPNG, TRACE_HTML */
	const char *world;   /* the standing world that is meant; NULL: none */
	const char *against; /* TRACE_HTML: an earlier page; NULL: none */
	const char *command; /* the whole line */
	const char *pair[2]; /* TRACE_WHY: NULL, NULL: all pairs */
};

extern const struct option_row trace_option_table[];

/* Reads options and operands, in any order. Returns CLI_OK, or CLI_USAGE with a message. Free the selection in either
 * case. */
int trace_options_parse(struct trace_options *o, const struct cli_command *command, int argc, char **argv);

#endif
