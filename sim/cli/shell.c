/* punchlab shell: a shell, or a command, on a host behind a NAT. */
#include "cli/commands.h"
#include "cli/exec.h"
#include "cli/session_options.h"

#include "session/session.h"

#include <getopt.h>

static const struct option_row options[] = {
	SESSION_OPTIONS,
	{ SESSION_OPTION_IN, "in", "NAME",
	  "in the world of that name, which stands already: on HOST of it, as `punchlab exec`" },
	{ 0 },
};

static int run(const struct cli_command *self, int argc, char **argv)
{
	char *shell[2];
	const char *in = NULL;
	struct session_options o = {
		.count = 1,
		.has_peer = true,
		.command = cli_cut_command(&argc, argv, cli_shell_command(shell)),
	};

	int read = session_options_parse(&o, &in, self, argc, argv);

	if (in != NULL && (read != 1 || argc - optind != 1))
		return cli_usage_error(
		    self, "--in NAME takes one host or box of a world that stands, and no option beside it");
	if (in != NULL)
		return exec_run(in, argv[optind], o.command, false);
	if (argc - optind != 1)
		return cli_usage_error(self, "takes one NAT (punchlab nat lists them), and a command after \"--\"");
	o.specs = (const char *const *)argv + optind;
	return session_options_run(&o);
}

const struct cli_command cli_shell = {
	.name = "shell",
	.arguments = "[OPTIONS] SPEC | --in NAME HOST [-- CMD...]",
	.summary = "a shell (or CMD) on a host behind that NAT",
	.about =
	    "A world of its own: alice behind the NAT, bob on the open internet, and p2pchat's server, which "
	    "answers STUN too, as server:3478. CMD, or $SHELL, runs on alice; the files are yours, only the "
	    "network is another. Names of hosts resolve. The exit status is the command's. With --in it is a shell on "
	    "a host or NAT box of a world that stands already; `punchlab exec` runs programs there.",
	.options = options,
	.run = run,
};
