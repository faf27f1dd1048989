/* punchlab run: scenarios, in parallel, each in a world of its own. */
#include "cli/commands.h"
#include "cli/run_options.h"

#include "script/install_paths.h"
#include "runner/runner.h"
#include "runner/scenario_suite.h"
#include "runner/shard.h"

#include "base/utf8.h"
#include "io/log.h"

#include <getopt.h>
#include <limits.h>
#include <stdio.h>

static int list(const struct scenario_suite *suite)
{
	for (size_t i = 0; i < suite->count; i++)
		printf("%s:%d: %s\n", suite->scenarios[i]->file, suite->scenarios[i]->line, suite->scenarios[i]->name);
	return options_finish(CLI_OK);
}

#define TOLD_MAX 20 /* names: what is wrong stays in sight of who typed it */

/* A wrong name shows what there is. */
static void tell_all(const struct scenario_suite *suite, const char *match)
{
	log_error("no scenario's file or name contains '%s'; there are:", match);
	for (size_t i = 0; i < suite->count && i < TOLD_MAX; i++)
		fprintf(stderr, "%s: %s\n", suite->scenarios[i]->file, suite->scenarios[i]->name);
	if (suite->count > TOLD_MAX)
		fprintf(stderr, "and %zu more: --list shows all\n", suite->count - TOLD_MAX);
}

static int load(struct scenario_suite *suite, const struct run_options *o, int count, char **paths)
{
	char error[SCRIPT_ERROR_SIZE], standard[PATH_MAX];
	char *only[] = { standard };

	if (count == 0) {
		install_path_default(standard);
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

/* Leaves the part that is asked for. Returns 0, or -1 (logged). */
static int keep_shard(struct scenario_suite *suite, const struct run_options *o)
{
	char error[RESULT_ERROR_SIZE] = "out of memory";
	struct results times = { 0 };
	int result = -1;

	if (o->shards == 0)
		return 0;
	if (o->times == NULL || results_read(&times, o->times, error) == 0)
		result = shard_keep(suite, o->shard, o->shards, o->times != NULL ? &times : NULL);
	if (result != 0)
		log_error("%s", error);
	results_clear(&times);
	return result;
}

/*
 * A machine that cannot run the lab leaves results, too, for whoever reads nothing else: every scenario skipped, or
 * failed where that must not be.
 */
static void say_that_none_ran(const struct scenario_suite *suite, const struct run_options *o, int status,
                              const char *reason)
{
	const struct run_output_options *r = &o->runner.report;
	struct outcome out = { .result = status == CLI_CANNOT ? OUTCOME_SKIPPED : OUTCOME_FAILED };
	struct totals totals = { 0 };
	struct run_output *output;
	char message[CLI_REASON_SIZE + 64];

	if (!r->tap && r->json_path == NULL && r->junit_path == NULL && r->summary_path == NULL)
		return;
	utf8_print(message, sizeof message, "this machine cannot run the lab: %s", reason);
	outcome_set(&out, out.result, message, NULL);
	output = run_output_open(r, suite->count);
	if (output != NULL && run_output_begin(output) == 0) {
		for (size_t i = 0; i < suite->count; i++)
			run_output_verdict(output, &(struct verdict){ .index = i,
			                                              .place = suite->scenarios[i]->place,
			                                              .scenario = suite->scenarios[i],
			                                              .outcome = &out,
			                                              .repeats = o->runner.repeat,
			                                              .weather = o->runner.weather,
			                                              .seed = o->runner.seed,
			                                              .addresses = o->runner.addresses,
			                                              .audit = o->runner.audit,
			                                              .timeout_s = o->runner.timeout_s });
		totals.skipped = out.result == OUTCOME_SKIPPED ? suite->count : 0;
		totals.failed = suite->count - totals.skipped;
		if (run_output_close(output, &totals, &(struct box_totals){ 0 }, NULL, 0) != 0)
			log_error("its results could not be written");
	} else {
		run_output_abandon(output);
	}
	outcome_clear(&out);
}

int run_with_options(const struct run_options *o, int count, char **paths)
{
	struct scenario_suite suite = { 0 };
	char reason[CLI_REASON_SIZE] = "";
	int status = CLI_USAGE;

	if (load(&suite, o, count, paths) == 0 && keep_shard(&suite, o) == 0) {
		status = o->list ? list(&suite) : cli_require_lab_for(reason);
		if (status == CLI_OK && !o->list)
			status = options_finish(runner_run(&suite, &o->runner));
		else if (status != CLI_OK && !o->list)
			say_that_none_ran(&suite, o, status, reason);
	}
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
	.summary = "run scenarios (default: your own, else those that came with punchlab)",
	.about = "Without FILE or DIR: ./punchlab-scenarios (punchlab init makes it) if there is such a folder, else "
		 "./scenarios, else the scenarios that came with punchlab. A name that is not here may be one of "
		 "those: matrix.lua.\n"
		 "Each scenario gets a world of its own: hosts and NAT boxes, programs, a capture of every link. "
		 "Every kind of NAT box used is measured too, and a verdict counts only when the boxes are what "
		 "they claim to be.\n"
		 "Exit status: 0 all passed, 1 something failed, 2 usage or bad input, 77 this machine cannot run the "
		 "lab (1 with PUNCHLAB_MUST_RUN=1 in the environment, so that nothing passes by skipping), 130 "
		 "interrupted.",
	.options = run_option_table,
	.run = run,
};
