/* What runs in the cable's process, and what is said to it, one datagram each. For the files of the cable alone. */
#ifndef CABLE_CARRIAGE_H
#define CABLE_CARRIAGE_H

#include "cable/cable.h"

enum carriage_order {
	CARRIAGE_FENCE,
	CARRIAGE_WEATHER,
	CARRIAGE_BLACKHOLE,
	CARRIAGE_UNPLUG,
	CARRIAGE_DISABLE,
	CARRIAGE_RULE,
	CARRIAGE_CLEAR
};

struct carriage_rule {
	struct cable_rule rule;
	struct bpf_insn instructions[CABLE_FILTER_MAX];
};

struct carriage_request {
	enum carriage_order order;
	struct cable_link link;
	bool on;
	struct weather weather;
	struct carriage_rule rule;
};

/* The answer to each request; one more without a request says that it carries. */
struct carriage_answer {
	int status;                     /* 0 or -1 */
	long news;                      /* of a fence: frames that came since the one before */
	char message[CABLE_ERROR_SIZE]; /* why -1 */
};

/* Runs until the other end of `control` is closed. Returns the exit status. */
int carriage_run(const struct world *w, struct record *record, uint64_t seed, int control, int fence);

#endif
