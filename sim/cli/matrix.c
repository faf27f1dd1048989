/* punchlab matrix: the scenarios of the NAT matrix, shown as a grid. */
#include "cli/commands.h"
#include "cli/run_options.h"

#include "script/install_paths.h"

#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct option_row option_table[] = {
	{ OPTION_WIDE, "wide", NULL,
	  "every mapping and filtering of RFC 4787 against every other, 81 cells, judged by the oracle" },
	{ OPTION_TCP, "tcp", NULL, "TCP, punched by sockets of the lab's own and judged by the oracle" },
	{ OPTION_FAMILIES, "families", NULL,
	  "hosts with IPv4, with IPv6, with both, behind a NAT64, a NAT66, NPTv6: who can talk and by which; "
	  "with --tcp by TCP" },
	{ OPTION_STRATEGY, "strategy", "NAME",
	  "what the clients may do to find a path: basic (default), predict, birthday, or auto (all, and a relay)" },
	{ OPTION_DRIVER, "driver", "FILE",
	  "the grid for a program of your own, which FILE drives: see scenarios/README.md" },
	RUN_OPTION_ROWS,
	{ 0 },
};

/* The file of a strategy, below the folder of the scenarios. */
static const char *file_of(const struct cli_command *self, const struct run_options *o)
{
	static const struct {
		const char *name, *file;
	} strategies[] = { { "basic", "matrix.lua" },
		           { "predict", "strategies/predict.lua" },
		           { "birthday", "strategies/birthday.lua" },
		           { "auto", "strategies/auto.lua" } };

	if (o->families && (o->wide || o->strategy != NULL))
		exit(cli_usage_error(self, "--families has its own types: it takes no --wide or --strategy"));
	if (o->families)
		return o->tcp ? "families/tcp.lua" : "families/matrix.lua";
	if (o->tcp && o->strategy != NULL)
		exit(cli_usage_error(self, "--tcp is of plain punching: it takes no --strategy"));
	if (o->tcp)
		return o->wide ? "tcp/wide.lua" : "tcp/matrix.lua";
	if (o->strategy == NULL)
		return o->wide ? "wide/matrix.lua" : "matrix.lua";
	if (o->wide)
		exit(cli_usage_error(self, "--wide is of plain punching: it takes no --strategy"));
	for (size_t i = 0; i < sizeof strategies / sizeof strategies[0]; i++)
		if (strcmp(strategies[i].name, o->strategy) == 0)
			return strategies[i].file;
	exit(cli_usage_error(self, "--strategy takes basic, predict, birthday or auto, not '%s'", o->strategy));
}

static int matrix(const struct cli_command *self, int argc, char **argv)
{
	char folder[PATH_MAX], file[PATH_MAX + 32];
	char *path = file;
	struct run_options o;

	run_options_parse(&o, self, argc, argv);
	if (optind < argc)
		return cli_usage_error(self, "takes no file, and got '%s'", argv[optind]);
	if (o.driver == NULL)
		snprintf(file, sizeof file, "%s/%s", install_path_scenarios(folder), file_of(self, &o));
	else if (o.wide || o.tcp || o.families || o.strategy != NULL)
		return cli_usage_error(
		    self, "--driver has its own types: it takes no --wide, --tcp, --families or --strategy");
	else
		path = o.driver;
	o.runner.report.grid = true;
	return run_with_options(&o, 1, &path);
}

const struct cli_command cli_matrix = {
	.name = "matrix",
	.arguments = "[OPTIONS]",
	.summary = "every NAT type against every other, as a grid",
	.about = "The rows are the NAT of the client that punches first, the columns that of its peer. Each cell is "
		 "a scenario of scenarios/matrix.lua with the real p2pchat server and clients; what is expected "
		 "stands there as a table.",
	.options = option_table,
	.run = matrix,
};
