/* The options that `run` and `matrix` share. */
#ifndef RUN_OPTIONS_H
#define RUN_OPTIONS_H

#include "cli/cli.h"
#include "run/runner.h"

#include <stdbool.h>

struct run_options {
	struct runner_options runner;
	const char *match; /* NULL: all */
	bool list;
};

extern const struct cli_option run_option_table[];

/* Reads the options of argv; ends the program on a bad one. `optind` is then the first operand. */
void run_options_parse(struct run_options *o, const struct cli_command *command, int argc, char **argv);

/* Loads the files and folders (none: the standard ones), and runs or lists. Returns the exit status. */
int run_with_options(const struct run_options *o, int count, char **paths);

#endif
