/* punchlab up: a world that stands until it is interrupted. */
#include "cli/commands.h"
#include "cli/session_options.h"

#include "session/session.h"

#include <getopt.h>

static const struct option_row options[] = {
	SESSION_OPTIONS,
	{ SESSION_OPTION_JSON, "json", NULL, "when the world stands, print one JSON object about it" },
	{ SESSION_OPTION_STDIN, "stdin", NULL,
	  "end the world when standard input ends, for programs that hold it open" },
	{ 0 },
};

static int run(const struct cli_command *self, int argc, char **argv)
{
	struct session_options o = { 0 };

	session_options_parse(&o, self, argc, argv);
	if (optind == argc)
		return cli_usage_error(self, "a NAT is missing (punchlab nat lists them)");
	if (argc - optind > SESSION_HOSTS_MAX)
		return cli_usage_error(self, "at most %d NATs", SESSION_HOSTS_MAX);
	o.specs = (const char *const *)argv + optind;
	o.count = (size_t)(argc - optind);
	return session_options_run(&o);
}

const struct cli_command cli_up = {
	.name = "up",
	.arguments = "[OPTIONS] SPEC...",
	.summary = "keep a world standing, with a host behind each of those NATs",
	.about = "alice stands behind the first NAT, bob behind the second, carol behind the third, ...; p2pchat's "
		 "server, which answers STUN too, is server:3478. `punchlab exec HOST` from another terminal runs "
		 "programs there. Ctrl-C ends it all.",
	.options = options,
	.run = run,
};
