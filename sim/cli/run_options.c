#include "cli/run_options.h"

#include "result/result_file.h"
#include "runner/shard.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct option_row run_option_table[] = { RUN_OPTION_ROWS, { 0 } };

static enum runner_keep parse_keep(const struct cli_command *command, const char *text)
{
	static const char *const names[] = { "failed", "all", "none" };
	static const enum runner_keep values[] = { KEEP_FAILED, KEEP_ALL, KEEP_NONE };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(text, names[i]) == 0)
			return values[i];
	exit(cli_usage_error(command, "--keep takes failed, all or none, not '%s'", text));
}

/* "2/4" */
static void take_shard(struct run_options *o, const struct cli_command *command, const char *text)
{
	char *end;
	unsigned long shard = strtoul(text, &end, 10), shards = *end == '/' ? strtoul(end + 1, &end, 10) : 0;

	if (*end != '\0' || shard < 1 || shard > shards || shards > SHARDS_MOST)
		exit(cli_usage_error(command, "--shard takes I/N, part I (from 1) of N (at most %d), not '%s'",
		                     SHARDS_MOST, text));
	o->shard = (unsigned)shard;
	o->shards = (unsigned)shards;
}

static void take(struct run_options *o, const struct cli_command *command, int letter)
{
	switch (letter) {
	case 'j': o->runner.jobs = (unsigned)cli_number("-j", optarg, 1, SCENARIO_JOBS_MOST); break;
	case 'k': o->match = optarg; break;
	case 'l': o->list = true; break;
	case 'v': o->runner.report.details_of_all = true; break;
	case OPTION_OUT: o->runner.out = optarg; break;
	case OPTION_KEEP: o->runner.keep = parse_keep(command, optarg); break;
	case OPTION_TIMEOUT: o->runner.timeout_s = (unsigned)cli_number("--timeout", optarg, 1, 3600); break;
	case OPTION_REPEAT: o->runner.repeat = (unsigned)cli_number("--repeat", optarg, 1, 10000); break;
	case OPTION_TAP: o->runner.report.tap = true; break;
	case OPTION_JSON: o->runner.report.json_path = optarg; break;
	case OPTION_AUDIT: o->runner.audit = true; break;
	case OPTION_LINK: o->runner.weather = cli_weather(command, optarg); break;
	case OPTION_SEED:
		o->runner.seed = (uint64_t)cli_number("--seed", optarg, 0, INT32_MAX);
		o->runner.next_seeds = false;
		break;
	case OPTION_ADDRESSES: o->runner.addresses = cli_addresses(command, optarg); break;
	case OPTION_JUNIT: o->runner.report.junit_path = optarg; break;
	case OPTION_AGAINST: o->runner.report.against = optarg; break;
	case OPTION_HTML: o->runner.report.html_path = optarg; break;
	case OPTION_STRATEGY: o->strategy = optarg; break;
	case OPTION_SHARD: take_shard(o, command, optarg); break;
	case OPTION_TIMES: o->times = optarg; break;
	case OPTION_SUMMARY: o->runner.report.summary_path = optarg; break;
	case OPTION_DRIVER: o->driver = optarg; break;
	case OPTION_WIDE: o->wide = true; break;
	case OPTION_TCP: o->tcp = true; break;
	case OPTION_FAMILIES: o->families = true; break;
	default: break;
	}
}

static const char *title(const char *command)
{
	static char text[64];

	snprintf(text, sizeof text, "punchlab %s", command);
	return text;
}

void run_options_parse(struct run_options *o, const struct cli_command *command, int argc, char **argv)
{
	const struct run_output_options *report = &o->runner.report;
	int letter;

	*o = (struct run_options){ .runner = { .repeat = 1, .next_seeds = true, .out = "out", .keep = KEEP_ALL } };
	o->runner.report.title = title(command->name);
	o->runner.report.command = cli_whole_line(command, argc, argv);
	while ((letter = cli_next_option(command, argc, argv)) != -1)
		take(o, command, letter);
	if (report->against != NULL && report->html_path == NULL)
		exit(cli_usage_error(command, "--against goes with --html"));
	if (report->tap + result_file_is_stdout(report->json_path) + result_file_is_stdout(report->junit_path) > 1)
		exit(cli_usage_error(command, "only one of --tap, --json - and --junit - can go to standard output"));
}
