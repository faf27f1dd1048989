/* punchlab: the table of its subcommands, and the choice among them. */
#include "cli/commands.h"
#include "script/install_paths.h"

#include "io/log.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* All of them, in the order of the help; a heading stands before the one it has. */
static const struct {
	const char *heading;
	const struct cli_command *command;
} commands[] = {
	{ "scenarios", &cli_run },
	{ NULL, &cli_matrix },
	{ NULL, &cli_init },
	{ NULL, &cli_merge },
	{ "NAT boxes", &cli_nat },
	{ NULL, &cli_check },
	{ "worlds that stand", &cli_shell },
	{ NULL, &cli_up },
	{ NULL, &cli_ps },
	{ NULL, &cli_map },
	{ NULL, &cli_exec },
	{ NULL, &cli_capture },
	{ NULL, &cli_box },
	{ NULL, &cli_link },
	{ NULL, &cli_count },
	{ NULL, &cli_wait },
	{ NULL, &cli_why },
	{ NULL, &cli_call },
	{ "traces", &cli_trace },
	{ "this machine", &cli_doctor },
};

static const size_t command_count = sizeof commands / sizeof commands[0];

static const struct cli_command *find_command(const char *name)
{
	for (size_t i = 0; i < command_count; i++)
		if (strcmp(commands[i].command->name, name) == 0)
			return commands[i].command;
	return NULL;
}

static int print_usage(void)
{
	printf("punchlab: a NAT lab that proves its own NAT boxes\n\nusage: punchlab COMMAND ...\n");
	for (size_t i = 0; i < command_count; i++) {
		if (commands[i].heading != NULL)
			printf("\n%s:\n", commands[i].heading);
		cli_print_entry(commands[i].command->name, 12, commands[i].command->summary);
	}
	printf("\n`punchlab help COMMAND` tells more; `punchlab --version` prints the version.\n"
	       "exit status: 0 all well, 1 something failed, 2 usage or bad input,\n"
	       "77 this machine cannot run the lab, 130 interrupted\n");
	return options_finish(CLI_OK);
}

static int unknown_command(const char *name)
{
	char known[512] = "";
	size_t used = 0;

	for (size_t i = 0; i < command_count && used < sizeof known; i++)
		used += (size_t)snprintf(known + used, sizeof known - used, "%s%s", i ? ", " : "",
		                         commands[i].command->name);
	log_error("unknown command '%s'; there are: %s", name, known);
	return CLI_USAGE;
}

static int print_help(int argc, char **argv)
{
	const struct cli_command *c = argc > 1 ? find_command(argv[1]) : NULL;

	if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		return print_usage();
	if (c == NULL)
		return unknown_command(argv[1]);
	cli_print_help(c);
	return options_finish(CLI_OK);
}

/*
 * Descriptors 0 to 2 that the caller closed, or the next file opened would get the number and with it all that is meant
 * for standard output. The wrong way round, so that using them fails as it would have.
 */
static int hold_standard_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
			return -1;
	return 0;
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";
	const struct cli_command *c;

	if (hold_standard_streams() != 0)
		return CLI_FAILED;
	log_init("punchlab", LOG_INFO);
	install_paths_remember();
	if (strcmp(name, "--version") == 0) {
		printf("punchlab %s\n", VERSION);
		return options_finish(CLI_OK);
	}
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		return print_usage();
	if (strcmp(name, "help") == 0)
		return print_help(argc - 1, argv + 1);
	if (name[0] == '\0') {
		log_error("a command is missing (see: punchlab --help)");
		return CLI_USAGE;
	}
	if (name[0] == '-') {
		log_error("unknown option '%s' (see: punchlab --help)", name);
		return CLI_USAGE;
	}
	c = find_command(name);
	return c != NULL ? c->run(c, argc - 1, argv + 1) : unknown_command(name);
}
