/* The options that `shell` and `up` share. */
#ifndef SESSION_OPTIONS_H
#define SESSION_OPTIONS_H

#include "cli/cli.h"
#include "session/session.h"

enum { SESSION_OPTION_NAME = 256, SESSION_OPTION_OUT, SESSION_OPTION_JSON, SESSION_OPTION_STDIN };

/* Both have them: the first two entries of a command's table. */
#define SESSION_OPTIONS                                                                                                \
	{ SESSION_OPTION_NAME, "name", "NAME",                                                                         \
	  "the world's name (default: lab, or the first of lab-2, ... that is free)" },                                \
	{                                                                                                              \
		SESSION_OPTION_OUT, "out", "DIR", "where the capture goes (default: out)"                              \
	}

/* Reads the options; ends the program on a bad one. `optind` is then the first operand. */
void session_options_parse(struct session_options *o, const struct cli_command *command, int argc, char **argv);

/* Checks name, NATs and machine before anything is started, then runs the session. Returns the exit status. */
int session_options_run(const struct session_options *o);

#endif
