/* How a scenario of a run ended, and how all of them did: what is printed of a run. Plain data. */
#ifndef SCENARIO_VERDICT_H
#define SCENARIO_VERDICT_H

#include "model/address_plan.h"
#include "result/outcome.h"
#include "result/scenario.h"

#include <stddef.h>
#include <stdint.h>

struct verdict {
	size_t index; /* its place in the run, from 0 */
	const struct scenario *scenario;
	unsigned repeat; /* which repeat, from 1; 0: there is only one */
	const struct outcome *outcome;
	double seconds;
	const char *why;     /* what the trace tells of a failure, lines; NULL: nothing */
	const char *trace;   /* path of its pcapng; NULL: there is none, or it is not kept */
	const char *weather; /* --link of the run, or NULL, and --seed */
	uint64_t seed;
	enum address_plan addresses; /* --addresses of the run */
	const char *folder; /* with its evidence, for the moment of run_output_verdict(); NULL: there is none */
};

struct totals {
	size_t passed, failed, skipped, not_run;
	size_t wavering; /* scenarios whose repeats gave different verdicts */
};

struct box_totals {
	size_t agree, differ, unknown; /* kinds of box measured: as claimed, not so, and those that could not be */
};

#endif
