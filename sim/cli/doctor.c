/* punchlab doctor: can this machine run the lab? And the same question, asked before a run. */
#include "cli/commands.h"

#include "world/doctor.h"

#include "io/log.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(CLI_REASON_SIZE >= FINDING_REASON_SIZE, "a reason fits");

enum { OPTION_OUT = 256 };

static const struct option_row options[] = {
	{ OPTION_OUT, "out", "DIR", "the output folder to examine (default: out)" },
	{ 0 },
};

static int cannot(void)
{
	const char *must = getenv("PUNCHLAB_MUST_RUN");

	return must != NULL && strcmp(must, "1") == 0 ? CLI_FAILED : CLI_CANNOT;
}

int cli_require_lab(void)
{
	char reason[CLI_REASON_SIZE];

	return cli_require_lab_for(reason);
}

int cli_require_lab_for(char reason[CLI_REASON_SIZE])
{
	const struct finding *missing;
	struct findings f = { 0 };

	doctor_examine(&f, DOCTOR_QUICK, NULL);
	missing = findings_first_missing(&f);
	if (missing == NULL)
		return CLI_OK;
	log_error("this machine cannot run the lab: %s (punchlab doctor tells all)", finding_reason(missing, reason));
	return cannot();
}

static int run(const struct cli_command *self, int argc, char **argv)
{
	const char *out = "out";
	struct findings f = { 0 };

	while (cli_next_option(self, argc, argv) != -1)
		out = optarg;
	if (optind < argc)
		return cli_usage_error(self, "takes no argument, and got '%s'", argv[optind]);
	doctor_examine(&f, DOCTOR_FULL, out);
	findings_print(&f, stdout);
	return options_finish(findings_first_missing(&f) == NULL ? CLI_OK : cannot());
}

const struct cli_command cli_doctor = {
	.name = "doctor",
	.arguments = "[--out DIR]",
	.summary = "can this machine run the lab? if not, the fix",
	.about = "Really tries everything the lab needs. The exit status is 0 when nothing needed is missing, else "
		 "77.",
	.options = options,
	.run = run,
};
