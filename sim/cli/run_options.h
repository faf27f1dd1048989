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
	bool wide;              /* matrix only */
	bool tcp, families;     /* the same */
	const char *strategy;   /* the same; NULL: basic */
	char *driver;           /* the same; NULL: p2pchat's */
	unsigned shard, shards; /* part `shard` of so many; 0: all */
	const char *times;      /* of an earlier run, for parts of equal length; NULL: none */
};

enum {
	OPTION_TAP = 256,
	OPTION_JSON,
	OPTION_OUT,
	OPTION_KEEP,
	OPTION_TIMEOUT,
	OPTION_REPEAT,
	OPTION_HTML,
	OPTION_AGAINST,
	OPTION_JUNIT,
	OPTION_WIDE,
	OPTION_TCP,
	OPTION_FAMILIES,
	OPTION_STRATEGY,
	OPTION_DRIVER,
	OPTION_SHARD,
	OPTION_TIMES,
	OPTION_SUMMARY,
	OPTION_AUDIT,
	OPTION_LINK,
	OPTION_SEED,
	OPTION_ADDRESSES,
};

/* clang-format off */
#define RUN_OPTION_ROWS \
	{ 'j', "jobs", "N", "run so many at once (default: 6 for each processor)" }, \
	{ 'k', "match", "TEXT", "only scenarios whose file or name contains TEXT" }, \
	{ 'l', "list", NULL, "list the scenarios and run nothing" }, \
	{ OPTION_OUT, "out", "DIR", "where captures and output go (default: out)" }, \
	{ OPTION_KEEP, "keep", "WHICH", "keep them of: failed, all (default), none" }, \
	{ OPTION_TIMEOUT, "timeout", "SECONDS", "each scenario's limit (default: what it asks for, or 60)" }, \
	{ OPTION_REPEAT, "repeat", "N", "run each N times, of links with weather by the seeds 0 to N-1 unless --seed is told; differing " \
	  "verdicts are a failure" }, \
	{ OPTION_TAP, "tap", NULL, "print TAP" }, \
	{ OPTION_JSON, "json", "FILE", "write a JSON object a line to FILE (-: standard output)" }, \
	{ OPTION_JUNIT, "junit", "FILE", "write JUnit's XML to FILE (-: standard output)" }, \
	{ OPTION_SUMMARY, "summary", "FILE", "add a summary in Markdown to FILE, for a CI's page" }, \
	{ OPTION_SHARD, "shard", "I/N", "run part I of N; punchlab merge joins the results" }, \
	{ OPTION_TIMES, "times", "FILE", "make parts of equal length, by an earlier run's --json" }, \
	{ OPTION_HTML, "html", "DIR", "write a report to look at, DIR/index.html" }, \
	{ OPTION_AGAINST, "against", "OUT", "with --html: say what changed since that earlier page" }, \
	{ OPTION_AUDIT, "audit", NULL, "fail a scenario whose packets the boxes' counters do not account for" }, \
	{ OPTION_LINK, "link", "WEATHER", "what links to the internet are like that are given nothing else: lte, loss=1%,..." }, \
	{ OPTION_SEED, "seed", "N", CLI_SEED_HELP }, \
	{ OPTION_ADDRESSES, "addresses", "PLAN", CLI_ADDRESSES_HELP }, \
	{ 'v', "verbose", NULL, "print what the lab runs, and what passed scenarios logged, too" }
/* clang-format on */

extern const struct option_row run_option_table[];

/* Reads the options of argv; ends the program on a bad one. `optind` is then the first operand. */
void run_options_parse(struct run_options *o, const struct cli_command *command, int argc, char **argv);

/* Loads the files and folders (none: the standard ones), and runs or lists. Returns the exit status. */
int run_with_options(const struct run_options *o, int count, char **paths);

#endif
