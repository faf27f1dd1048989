/*
 * Runs scenarios in parallel, each in a process and world of its own, and the measuring of the boxes they use beside
 * them. Decides the verdicts; result/ has them printed.
 */
#ifndef RUNNER_H
#define RUNNER_H

#include "model/address_plan.h"
#include "report/run_output.h"
#include "runner/scenario_suite.h"

#define RUNNER_TIMEOUT_S 60 /* of a scenario that names none; it matters only when something hangs */

enum runner_keep { KEEP_FAILED, KEEP_ALL, KEEP_NONE };

struct runner_options {
	unsigned jobs;               /* 0: as many as suit the machine */
	unsigned timeout_s;          /* of each scenario; 0: what it asks for */
	unsigned repeat;             /* each scenario so often, at least 1 */
	const char *out;             /* the output folder */
	enum runner_keep keep;       /* whose folders stay */
	bool audit;                  /* every packet is to be accounted for */
	const char *weather;         /* as lab_settings.weather */
	uint64_t seed;               /* as lab_settings.seed */
	bool next_seeds;             /* of the first repeat; each has the next one */
	enum address_plan addresses; /* as lab_settings.addresses */
	struct run_output_options report;
};

/* Returns the exit status: 0 all passed, 1 something failed, 2 no output folder, 128 + signal when interrupted. */
int runner_run(const struct scenario_suite *suite, const struct runner_options *options);

#endif
