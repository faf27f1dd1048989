/* The options that `shell` and `up` share. */
#ifndef SESSION_OPTIONS_H
#define SESSION_OPTIONS_H

#include "cli/cli.h"
#include "session/session.h"

extern const struct cli_option session_option_table[];

/* Reads the options; ends the program on a bad one. `optind` is then the first operand. */
void session_options_parse(struct session_options *o, const struct cli_command *command, int argc, char **argv);

/* Checks name, NATs and machine before anything is started, then runs the session. Returns the exit status. */
int session_options_run(const struct session_options *o);

#endif
