/* punchlab shell: a shell, or a command, on a host behind a NAT. */
#include "cli/commands.h"
#include "cli/session_options.h"

#include "session/session.h"

#include <getopt.h>

static const struct option_row options[] = { SESSION_OPTIONS, { 0 } };

static int run(const struct cli_command *self, int argc, char **argv)
{
	char *shell[2];
	struct session_options o = {
		.count = 1,
		.has_peer = true,
		.command = cli_cut_command(&argc, argv, cli_shell_command(shell)),
	};

	session_options_parse(&o, NULL, self, argc, argv);
	if (argc - optind != 1)
		return cli_usage_error(self, "takes one NAT (punchlab nat lists them), and a command after \"--\"");
	o.specs = (const char *const *)argv + optind;
	return session_options_run(&o);
}

const struct cli_command cli_shell = {
	.name = "shell",
	.arguments = "[OPTIONS] SPEC [-- CMD...]",
	.summary = "a shell (or CMD) on a host behind that NAT",
	.about = "A world of its own: alice behind the NAT, bob on the open internet, and p2pchat's server, which "
		 "answers STUN too, as server:3478. CMD, or $SHELL, runs on alice; the files are yours, only the "
		 "network is another. Names of hosts resolve. The exit status is the command's. `punchlab exec` "
		 "from another terminal runs programs on the other hosts.",
	.options = options,
	.run = run,
};
