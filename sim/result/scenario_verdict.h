/* How a scenario of a run ended, and how all of them did: what is printed of a run. Plain data. */
#ifndef SCENARIO_VERDICT_H
#define SCENARIO_VERDICT_H

#include "model/address_plan.h"
#include "result/outcome.h"
#include "result/scenario.h"

#include <stddef.h>
#include <stdint.h>

struct verdict {
	size_t index; /* its place in the run, or the part of one that is told, from 0 */
	size_t place; /* from 1, among all scenarios of the files given, also in a part of them; 0: not known */
	const struct scenario *scenario;
	unsigned repeat;  /* which repeat, from 1; 0: there is only one */
	unsigned repeats; /* so many there are; 0 or 1: only one */
	const struct outcome *outcome;
	double seconds;
	const char *why;     /* what the trace tells of a failure, lines; NULL: nothing */
	const char *trace;   /* path of its pcapng; NULL: there is none, or it is not kept */
	const char *spare;   /* path of its pcapng, kept only if another repeat fails; NULL: there is none */
	const char *weather; /* --link of the run, or NULL, and --seed */
	uint64_t seed;
	enum address_plan addresses; /* --addresses of the run */
	bool audit;                  /* --audit of the run */
	unsigned timeout_s;          /* --timeout of the run; 0: what each scenario asks for */
	const char *folder; /* with its evidence, for the moment of run_output_verdict(); NULL: there is none */
};

struct totals {
	size_t passed, failed, skipped, not_run;
};

struct box_totals {
	size_t agree, differ, unknown; /* kinds of box measured: as claimed, not so, and those that could not be */
};

#endif
