/* What a file registered: a scenario's name and place, and how it is called. Plain data. */
#ifndef SCENARIO_H
#define SCENARIO_H

#include <stddef.h>

#define SCENARIO_JOBS_MOST 64 /* that run at once */

struct script;

struct scenario {
	const char *name;
	const char *file; /* as it was given */
	int line;
	unsigned timeout_s; /* 0: it names none */
	unsigned jobs;      /* of those that run at once it counts as so many, from 1 */
	size_t place;       /* among all that a run loads, from 1; 0: not known */
	struct script *script;
	int function; /* private to script.c */
};

#endif
