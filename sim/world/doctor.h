/*
 * Can this machine run the lab? Each thing it needs is really tried, and what is missing comes with the line that mends
 * it.
 */
#ifndef DOCTOR_H
#define DOCTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define DOCTOR_FINDINGS 32
#define DOCTOR_TEXT_SIZE 256
#define DOCTOR_REASON_SIZE 640

struct doctor_finding {
	const char *name; /* "private worlds", "iptables --random-fully" */
	bool is_ok;
	bool is_needed;                /* false: the lab runs without it, a user would miss it */
	char detail[DOCTOR_TEXT_SIZE]; /* what was found, or what it said */
	char fix[DOCTOR_TEXT_SIZE];    /* one line: what to do; "" when ok */
};

struct doctor {
	struct doctor_finding findings[DOCTOR_FINDINGS];
	size_t count;
};

/*
 * QUICK looks for programs and at limits, makes one private world and tries the output folder: milliseconds, for before
 * a run. FULL tries every kernel feature too, well below half a second.
 */
enum doctor_depth { DOCTOR_QUICK, DOCTOR_FULL };

/* `out_folder` is where results would go; it need not exist yet, and nothing is left in it. NULL: not examined. */
void doctor_examine(struct doctor *d, enum doctor_depth depth, const char *out_folder);

/* The first finding that is needed and missing, or NULL: this machine can run the lab. */
const struct doctor_finding *doctor_first_missing(const struct doctor *d);

/* A finding as one line, "NAME: DETAIL; FIX". Returns `text`. */
const char *doctor_reason(const struct doctor_finding *f, char text[DOCTOR_REASON_SIZE]);

/* A line per finding; a missing one's fix on the next. */
void doctor_print(const struct doctor *d, FILE *out);

/* For those who examine: appends a finding, ok until doctor_missing() says otherwise. Never NULL. */
struct doctor_finding *doctor_add(struct doctor *d, const char *name);
void doctor_missing(struct doctor_finding *f, const char *detail, const char *fix);

#endif
