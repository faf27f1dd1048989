/* The subcommands, in the files of this directory. punchlab.c lists them. */
#ifndef COMMANDS_H
#define COMMANDS_H

#include "cli/cli.h"

extern const struct cli_command cli_box;
extern const struct cli_command cli_call;
extern const struct cli_command cli_capture;
extern const struct cli_command cli_check;
extern const struct cli_command cli_count;
extern const struct cli_command cli_doctor;
extern const struct cli_command cli_exec;
extern const struct cli_command cli_init;
extern const struct cli_command cli_link;
extern const struct cli_command cli_map;
extern const struct cli_command cli_matrix;
extern const struct cli_command cli_merge;
extern const struct cli_command cli_nat;
extern const struct cli_command cli_ps;
extern const struct cli_command cli_run;
extern const struct cli_command cli_shell;
extern const struct cli_command cli_trace;
extern const struct cli_command cli_up;
extern const struct cli_command cli_wait;
extern const struct cli_command cli_why;

#endif
