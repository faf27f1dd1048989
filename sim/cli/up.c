/* punchlab up: a world that stands until it is interrupted. */
#include "cli/commands.h"
#include "cli/session_options.h"

#include "io/log.h"
#include "runner/scenario_suite.h"
#include "session/session.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

static const struct option_row options[] = {
	SESSION_OPTIONS,
	{ 'k', "match", "TEXT", "of FILE.lua, the scenario whose name contains TEXT" },
	{ SESSION_OPTION_ON, "on", "HOST=COMMAND",
	  "start COMMAND there by a shell when the world stands; what it says is in a file beside the capture; may be "
	  "repeated" },
	{ SESSION_OPTION_JSON, "json", NULL, "when the world stands, print one JSON object about it" },
	{ SESSION_OPTION_STDIN, "stdin", NULL,
	  "end the world when standard input ends, for programs that hold it open" },
	{ 0 },
};

static bool is_file(const char *operand)
{
	size_t len = strlen(operand);

	return len > 4 && strcmp(operand + len - 4, ".lua") == 0;
}

/* The one scenario that is meant; NULL (logged) where none is, or several are. */
static const struct scenario *choose(struct scenario_suite *suite, const char *file, const char *match)
{
	char error[SCRIPT_ERROR_SIZE];
	size_t left;

	if (scenario_suite_add_path(suite, file, error) != 0) {
		log_error("%s", error);
		return NULL;
	}
	left = match != NULL ? scenario_suite_filter(suite, match) : suite->count;
	if (left == 1)
		return suite->scenarios[0];
	log_error("%s; choose one with -k, of:", left == 0 ? "no scenario's name contains that" : "which scenario?");
	for (size_t i = 0; i < suite->count; i++)
		fprintf(stderr, "%s\n", suite->scenarios[i]->name);
	return NULL;
}

static int run_scenario(struct session_options *o, const char *file, const char *match)
{
	struct scenario_suite suite = { 0 };
	int status = CLI_USAGE;

	o->scenario = choose(&suite, file, match);
	if (o->scenario != NULL)
		status = session_options_run(o);
	scenario_suite_clear(&suite);
	return status;
}

static int run(const struct cli_command *self, int argc, char **argv)
{
	struct session_options o = { 0 };
	const char *match = NULL;
	int count;

	session_options_parse(&o, &match, self, argc, argv);
	count = argc - optind;
	if (count == 0)
		return cli_usage_error(self, "a NAT is missing (punchlab nat lists them), or a scenario's file");
	if (count == 1 && is_file(argv[optind]) && o.has_dns)
		return cli_usage_error(self, "--dns, --record: a scenario says itself whether it has a name server");
	if (count == 1 && is_file(argv[optind]) && o.host_count > 0)
		return cli_usage_error(self, "--host %s: a scenario says itself which hosts there are", o.hosts[0]);
	if (count == 1 && is_file(argv[optind]))
		return o.link_count == 0
		           ? run_scenario(&o, argv[optind], match)
		           : cli_usage_error(self, "--link %s: a scenario says itself what its links are", o.links[0]);
	if (match != NULL)
		return cli_usage_error(self, "-k chooses among the scenarios of one FILE.lua");
	if (count > SESSION_HOSTS_MAX)
		return cli_usage_error(self, "at most %d NATs", SESSION_HOSTS_MAX);
	o.specs = (const char *const *)argv + optind;
	o.count = (size_t)count;
	return session_options_run(&o);
}

const struct cli_command cli_up = {
	.name = "up",
	.arguments = "[OPTIONS] SPEC... | FILE.lua [-k TEXT]",
	.summary = "keep a world standing, of hosts behind NATs or of a scenario",
	.about = "alice stands behind the first NAT, bob behind the second, carol behind the third, ...; p2pchat's "
		 "server, which answers STUN too, is server:3478. With FILE.lua (one of punchlab's own by its name "
		 "alone: matrix.lua) the scenario "
		 "runs as ever, and when it "
		 "has ended, passed or failed, its world and its programs stay. `punchlab exec HOST` from another "
		 "terminal runs programs there; box, link, count, why and wait do what a scenario can. Ctrl-C ends "
		 "it all.",
	.options = options,
	.run = run,
};
