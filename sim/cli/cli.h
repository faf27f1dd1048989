/*
 * What the subcommands of punchlab share: their shape, their options (listed once, for the parser and for the help),
 * and the exit statuses. punchlab.c holds the table of them.
 */
#ifndef CLI_H
#define CLI_H

#include "io/options.h"
#include "model/address_plan.h"
#include "model/families.h"

#include <stddef.h>

enum cli_status {
	CLI_OK = 0,
	CLI_FAILED = 1,
	CLI_USAGE = 2,   /* usage or bad input: nothing was started */
	CLI_CANNOT = 77, /* this machine cannot run the lab */
};

struct cli_command {
	const char *name;
	const char *arguments;            /* "[OPTIONS] [FILE|DIR]..." */
	const char *summary;              /* one line */
	const char *about;                /* more lines for its own help; NULL: none */
	const struct option_row *options; /* a row without letter ends them; -h, --help is added; NULL: none */
	/* argv[0] is the subcommand's name. Returns the exit status. */
	int (*run)(const struct cli_command *self, int argc, char **argv);
};

/*
 * The next option, as getopt_long(3), among the operands or before them: its letter with `optarg` set, or -1 when only
 * operands are left, from argv[optind] on. Prints the help and exits 0 on --help; prints one line and exits 2 on an
 * unknown option or a missing argument.
 */
int cli_next_option(const struct cli_command *command, int argc, char **argv);

/*
 * Cuts the command line at the first "--": *argc becomes what is before it. Returns what follows it, or `standard` if
 * nothing does. Call it before cli_next_option().
 */
char **cli_cut_command(int *argc, char **argv, char **standard);

/* The user's shell as a command line, in `command`. Returns `command`. */
char **cli_shell_command(char *command[2]);

/* Reads a whole number from low to high. Prints one line that names `what` and exits 2 if it is none. */
long cli_number(const char *what, const char *text, long low, long high);

/* Reads the argument of --families. Prints one line and exits 2 if it is none. */
enum families cli_families(const struct cli_command *command, const char *text);

/* Reads the argument of --addresses. Prints one line and exits 2 if it is none. */
#define CLI_ADDRESSES_HELP "what addresses the internet has: ordinary (default), or of the documentation ranges"
enum address_plan cli_addresses(const struct cli_command *command, const char *text);

#define CLI_SEED_HELP "another fate for every packet on a link with weather (default: 0)"

/* Checks the argument of --link, and returns it. Prints one line and exits 2 if it is no weather (model/weather.h). */
const char *cli_weather(const struct cli_command *command, const char *text);

/* The command line as it was typed, words that need quotes in them: one text, overwritten. Before options are read. */
const char *cli_whole_line(const struct cli_command *command, int argc, char **argv);

/* Prints a usage error of the command in one line. Returns CLI_USAGE. */
int cli_usage_error(const struct cli_command *command, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Prints a line of a list: `left`, and `text` from the column `indent` on, wrapped. A long `left` stands on its own. */
void cli_print_entry(const char *left, size_t indent, const char *text);

/* Prints the help of one command on standard output. */
void cli_print_help(const struct cli_command *command);

/*
 * Before anything is started: CLI_OK if this machine can run the lab; else CLI_CANNOT (CLI_FAILED where
 * PUNCHLAB_MUST_RUN=1 forbids to skip), with the reason and the fix logged.
 */
int cli_require_lab(void);

/* The same, with the reason and the fix as a text, too. */
#define CLI_REASON_SIZE 768
int cli_require_lab_for(char reason[CLI_REASON_SIZE]);

#endif
