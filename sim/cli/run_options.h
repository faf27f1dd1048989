/* The options that `run` and `matrix` share. */
#ifndef RUN_OPTIONS_H
#define RUN_OPTIONS_H

#include "cli/cli.h"
#include "runner/runner.h"

#include <stdbool.h>

struct run_options {
	struct runner_options runner;
	const char *match; /* NULL: all */
	bool list;
	bool wide;            /* matrix only */
	const char *strategy; /* the same; NULL: basic */
};

enum {
	OPTION_TAP = 256,
	OPTION_JSON,
	OPTION_OUT,
	OPTION_KEEP,
	OPTION_TIMEOUT,
	OPTION_REPEAT,
	OPTION_HTML,
	OPTION_JUNIT,
	OPTION_WIDE,
	OPTION_STRATEGY,
	OPTION_AUDIT,
};

/* clang-format off */
#define RUN_OPTION_ROWS \
	{ "jobs", 'j', "N", "run so many at once (default: 6 for each processor)" }, \
	{ "match", 'k', "TEXT", "only scenarios whose file or name contains TEXT" }, \
	{ "list", 'l', NULL, "list the scenarios and run nothing" }, \
	{ "out", OPTION_OUT, "DIR", "where captures and output go (default: out)" }, \
	{ "keep", OPTION_KEEP, "WHICH", "keep them of: failed, all (default), none" }, \
	{ "timeout", OPTION_TIMEOUT, "SECONDS", "each scenario's limit (default: what it asks for, or 60)" }, \
	{ "repeat", OPTION_REPEAT, "N", "run each N times; differing verdicts are a failure" }, \
	{ "tap", OPTION_TAP, NULL, "print TAP" }, \
	{ "json", OPTION_JSON, "FILE", "write a JSON object a line to FILE (-: standard output)" }, \
	{ "junit", OPTION_JUNIT, "FILE", "write JUnit's XML to FILE (-: standard output)" }, \
	{ "html", OPTION_HTML, "DIR", "write a report to look at, DIR/index.html" }, \
	{ "audit", OPTION_AUDIT, NULL, "fail a scenario whose packets the boxes' counters do not account for" }, \
	{ "verbose", 'v', NULL, "print what the lab runs, and what passed scenarios logged, too" }
/* clang-format on */

extern const struct cli_option run_option_table[];

/* Reads the options of argv; ends the program on a bad one. `optind` is then the first operand. */
void run_options_parse(struct run_options *o, const struct cli_command *command, int argc, char **argv);

/* Loads the files and folders (none: the standard ones), and runs or lists. Returns the exit status. */
int run_with_options(const struct run_options *o, int count, char **paths);

#endif
