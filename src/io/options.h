/*
 * Command line options of a program: one table says how they are read and what --help prints. What the table does not
 * have is -h, --help and --version, which every program has.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "base/endpoint.h"

#define OPTIONS_USAGE_STATUS 2
#define OPTIONS_HELP 'h'
#define OPTIONS_VERSION 1000
#define OPTIONS_UNWANTED 1001

struct option_row {
	int letter;       /* what options_next() returns: the short option, or a number above 255 if there is none */
	const char *name; /* the long option, or NULL */
	const char *argument; /* what it takes, for --help ("SECONDS"); NULL if nothing */
	const char *help;
};

struct options {
	const char *usage;             /* what follows the program's name in --help: "[OPTIONS] HOST:PORT" */
	const char *purpose;           /* one sentence */
	const struct option_row *rows; /* the last has letter 0 */
};

/*
 * The next option's letter, OPTIONS_HELP, OPTIONS_VERSION, or -1 at the end; its argument is *argument. '?' for one
 * that the table does not know, ':' for one whose argument is missing, OPTIONS_UNWANTED for one with an argument that
 * takes none ("--list=3"): *argument is then the option. Says nothing of them itself; exits with status 1 without
 * memory.
 */
int options_read(const struct option_row *rows, int argc, char **argv, const char **argument);

/*
 * The next option's letter, or -1 at the end; its argument is *argument, the first operand argv[optind]. Prints and
 * exits for --help, --version (status 0) and for what the table does not know (status 2).
 */
int options_next(const struct options *o, int argc, char **argv, const char **argument);

/* For programs that print by stdio: writes it out. Returns `status`; if it was lost, says so, and 0 is 1. */
int options_finish(int status) __attribute__((warn_unused_result));

/* Says in one line what is wrong, and how to see the usage; exits with status 2. */
void options_refuse(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* Reads a decimal number of seconds above 0, fractions allowed, at most a day. Returns microseconds, or 0. */
uint64_t options_seconds(const char *text);

/* Reads a whole number from 1 to `most`. Returns it, or 0. */
uint32_t options_count(const char *text, uint32_t most);

#endif
