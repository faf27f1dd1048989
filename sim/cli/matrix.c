/* punchlab matrix: the scenarios of the NAT matrix, shown as a grid. */
#include "cli/commands.h"
#include "cli/run_options.h"

#include "script/install_paths.h"

#include <getopt.h>
#include <limits.h>
#include <stdio.h>

static const struct cli_option option_table[] = {
	{ "wide", OPTION_WIDE, NULL,
	  "every mapping and filtering of RFC 4787 against every other, 81 cells, judged by the oracle" },
	RUN_OPTION_ROWS,
	{ 0 },
};

static int matrix(const struct cli_command *self, int argc, char **argv)
{
	char folder[PATH_MAX], file[PATH_MAX + 16];
	char *paths[] = { file };
	struct run_options o;

	run_options_parse(&o, self, argc, argv);
	if (optind < argc)
		return cli_usage_error(self, "takes no file, and got '%s'", argv[optind]);
	snprintf(file, sizeof file, "%s/%smatrix.lua", install_path_scenarios(folder), o.wide ? "wide/" : "");
	o.runner.report.grid = true;
	return run_with_options(&o, 1, paths);
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
