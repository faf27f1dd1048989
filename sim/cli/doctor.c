/* punchlab doctor: can this machine run the lab? And the same question, asked before a run. */
#include "cli/commands.h"

#include "world/doctor.h"

#include "io/log.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_OUT = 256 };

static const struct cli_option options[] = {
	{ "out", OPTION_OUT, "DIR", "the output folder to examine (default: out)" },
	{ 0 },
};

static int cannot(void)
{
	const char *must = getenv("PUNCHLAB_MUST_RUN");

	return must != NULL && strcmp(must, "1") == 0 ? CLI_FAILED : CLI_CANNOT;
}

int cli_require_lab(void)
{
	const struct doctor_finding *missing;
	char reason[DOCTOR_REASON_SIZE];
	struct doctor d = { 0 };

	doctor_examine(&d, DOCTOR_QUICK, NULL);
	missing = doctor_first_missing(&d);
	if (missing == NULL)
		return CLI_OK;
	log_error("this machine cannot run the lab: %s (punchlab doctor tells all)", doctor_reason(missing, reason));
	return cannot();
}

static int run(const struct cli_command *self, int argc, char **argv)
{
	const char *out = "out";
	struct doctor d = { 0 };

	while (cli_next_option(self, argc, argv) != -1)
		out = optarg;
	if (optind < argc)
		return cli_usage_error(self, "takes no argument, and got '%s'", argv[optind]);
	doctor_examine(&d, DOCTOR_FULL, out);
	doctor_print(&d, stdout);
	return cli_finish(doctor_first_missing(&d) == NULL ? CLI_OK : cannot());
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
