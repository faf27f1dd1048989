/* punchlab run: scenarios, in parallel, each in a world of its own. */
#include "cli/commands.h"
#include "cli/run_options.h"

#include "script/install_paths.h"
#include "runner/runner.h"
#include "runner/scenario_suite.h"

#include "io/log.h"

#include <getopt.h>
#include <limits.h>
#include <stdio.h>

static int list(const struct scenario_suite *suite)
{
	for (size_t i = 0; i < suite->count; i++)
		printf("%s:%d: %s\n", suite->scenarios[i]->file, suite->scenarios[i]->line, suite->scenarios[i]->name);
	return cli_finish(CLI_OK);
}

/* A wrong name shows what there is. */
static void tell_all(const struct scenario_suite *suite, const char *match)
{
	log_error("no scenario's file or name contains '%s'; there are:", match);
	for (size_t i = 0; i < suite->count; i++)
		fprintf(stderr, "%s: %s\n", suite->scenarios[i]->file, suite->scenarios[i]->name);
}

static int load(struct scenario_suite *suite, const struct run_options *o, int count, char **paths)
{
	char error[SCRIPT_ERROR_SIZE], standard[PATH_MAX];
	char *only[] = { standard };

	if (count == 0) {
		install_path_scenarios(standard);
		paths = only;
		count = 1;
	}
	for (int i = 0; i < count; i++) {
		if (scenario_suite_add_path(suite, paths[i], error) != 0) {
			log_error("%s", error);
			return -1;
		}
	}
	if (o->match == NULL || scenario_suite_filter(suite, o->match) != 0)
		return 0;
	tell_all(suite, o->match);
	return -1;
}

int run_with_options(const struct run_options *o, int count, char **paths)
{
	struct scenario_suite suite = { 0 };
	int status = CLI_USAGE;

	if (load(&suite, o, count, paths) == 0)
		status = o->list ? list(&suite) : cli_require_lab();
	if (status == CLI_OK && !o->list)
		status = cli_finish(runner_run(&suite, &o->runner));
	scenario_suite_clear(&suite);
	return status;
}

static int run(const struct cli_command *self, int argc, char **argv)
{
	struct run_options o;

	run_options_parse(&o, self, argc, argv);
	return run_with_options(&o, argc - optind, argv + optind);
}

const struct cli_command cli_run = {
	.name = "run",
	.arguments = "[OPTIONS] [FILE|DIR]...",
	.summary = "run scenarios (default: scenarios/)",
	.about = "Each scenario gets a world of its own: hosts and NAT boxes, programs, a capture of every link. "
		 "Every kind of NAT box used is measured too, and a verdict counts only when the boxes are what "
		 "they claim to be.\n"
		 "Exit status: 0 all passed, 1 something failed, 2 usage or bad input, 77 this machine cannot run the "
		 "lab (1 with PUNCHLAB_MUST_RUN=1 in the environment, so that nothing passes by skipping), 130 "
		 "interrupted.",
	.options = run_option_table,
	.run = run,
};
