/* What a file registered: a scenario's name and place, and how it is called. Plain data. */
#ifndef SCENARIO_H
#define SCENARIO_H

#include <stddef.h>

struct script;

struct scenario {
	const char *name;
	const char *file; /* as it was given */
	int line;
	unsigned timeout_s; /* 0: it names none */
	size_t place;       /* among all that a run loads, from 1; 0: not known */
	struct script *script;
	int function; /* private to script.c */
};

#endif
