/*
 * Is everything accounted for? Every packet in one journey, every loss in one sentence, and box by box: what came in =
 * what went out + what ended there, and the capture's counts = the boxes' own counters.
 */
#ifndef AUDIT_H
#define AUDIT_H

#include "trace/why.h"

#include <stdio.h>

struct audit_box {
	uint64_t came_in, went_out; /* packets seen at its sides, those of the link alone left out */
	uint64_t passed;            /* came in and went out again */
	uint64_t ended;             /* came in and went no further: dropped, or for the box itself */
	uint64_t made;              /* went out without coming in: the box made them */
	uint64_t moving;            /* came in when the capture ended */
	uint64_t swallowed;         /* of those that ended: taken in by the box itself, so that no rule dropped them */
	uint64_t answered;          /* of those that ended: an ICMP error came back */
	uint64_t pieces;            /* of those that ended: later fragments, which rules never see by themselves */
};

struct audit {
	const struct trace *trace;
	uint64_t packets, journeys;     /* told of; packets: the legs of all journeys */
	uint64_t last_id, out_of_order; /* journeys told twice or not in order */
	uint64_t lost, told;            /* journeys that ended badly; those that sentences of --why tell of */
	uint64_t in[SCENE_INTERFACES], out[SCENE_INTERFACES], unknown[SCENE_INTERFACES]; /* frames by direction */
	struct audit_box boxes[SCENE_NODES];
};

void audit_begin(struct audit *a, const struct trace *t);

/* Counts a journey; `c` is why it died. */
void audit_journey(struct audit *a, const struct journey *j, const struct cause *c);

/*
 * Reads a trace twice and prints its balance to `f`. *agrees tells whether all of it agrees. Returns 0, or -1 with a
 * one-line message in `error` if it could not be read.
 */
int audit_trace(struct trace *t, FILE *f, bool *agrees, char error[TRACE_ERROR_SIZE])
    __attribute__((warn_unused_result));

/*
 * The same for a finished scenario's capture. Returns 0 if all agrees; -1 with what does not, or why it cannot be read,
 * in *report, which the caller frees (NULL without memory).
 */
int audit_file(const char *path, char **report) __attribute__((warn_unused_result));

/* Prints the balance, a line for each box and each counter. Returns true if everything agrees. */
bool audit_print(const struct audit *a, FILE *f);

#endif
