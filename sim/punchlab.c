/* punchlab: the table of its subcommands, and the choice among them. */
#include "cli/commands.h"
#include "script/install_paths.h"

#include "io/log.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct cli_command *const commands[] = {
	&cli_run,  &cli_init, &cli_matrix, &cli_merge,   &cli_nat,   &cli_check,  &cli_shell,
	&cli_up,   &cli_exec, &cli_ps,     &cli_map,     &cli_box,   &cli_link,   &cli_count,
	&cli_wait, &cli_why,  &cli_call,   &cli_capture, &cli_trace, &cli_doctor,
};

static const size_t command_count = sizeof commands / sizeof commands[0];

static const struct cli_command *find_command(const char *name)
{
	for (size_t i = 0; i < command_count; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

static int print_usage(void)
{
	char left[128];

	printf("punchlab: a NAT lab that proves its own NAT boxes\n\nusage: punchlab COMMAND ...\n\n");
	for (size_t i = 0; i < command_count; i++) {
		snprintf(left, sizeof left, "%-8s%s%s", commands[i]->name, commands[i]->arguments[0] != '\0' ? " " : "",
		         commands[i]->arguments);
		cli_print_entry(left, 38, commands[i]->summary);
	}
	printf("\n`punchlab help COMMAND` tells more; `punchlab --version` prints the version.\n"
	       "exit status: 0 all well, 1 something failed, 2 usage or bad input,\n"
	       "77 this machine cannot run the lab, 130 interrupted\n");
	return cli_finish(CLI_OK);
}

static int unknown_command(const char *name)
{
	char known[512] = "";
	size_t used = 0;

	for (size_t i = 0; i < command_count && used < sizeof known; i++)
		used += (size_t)snprintf(known + used, sizeof known - used, "%s%s", i ? ", " : "", commands[i]->name);
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
	return cli_finish(CLI_OK);
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
		return cli_finish(CLI_OK);
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
