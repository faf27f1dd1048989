/*
 * One scenario from start to end, inside its own sandboxed process. What it has to say goes through the descriptor
 * (scenario_message.h).
 */
#ifndef SCENARIO_PROCESS_H
#define SCENARIO_PROCESS_H

#include "script/script.h"

#include <stdbool.h>

struct scenario_process {
	const struct scenario *scenario;
	const char *folder;
	unsigned timeout_s;
	unsigned worlds;      /* how many of its size may be up at once: each has its share of the memory */
	bool audit;           /* as lab_settings.audit */
	bool verbose;         /* what the lab runs is logged */
	bool spares_comments; /* of what did not fail: that is not kept */
	const char *weather;
	uint64_t seed;
	enum address_plan addresses;
};

/* Runs it; for child_start(). `process` is a struct scenario_process. */
void scenario_process_run(int fd, void *process);

#endif
