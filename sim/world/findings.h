/* What was found out about a machine: what works, and for what does not, the line that mends it. */
#ifndef WORLD_FINDINGS_H
#define WORLD_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define FINDINGS_MAX 64
#define FINDING_TEXT_SIZE 320
#define FINDING_REASON_SIZE 768

struct finding {
	const char *name; /* "private worlds", "iptables --random-fully" */
	bool is_ok;
	bool is_needed;                 /* false: the lab runs without it, a user would miss it */
	char detail[FINDING_TEXT_SIZE]; /* what was found, or what it said */
	char fix[FINDING_TEXT_SIZE];    /* one line: what to do; "" when ok */
};

struct findings {
	struct finding all[FINDINGS_MAX];
	size_t count;
};

/* Appends a finding, ok until finding_missing() says otherwise. Never NULL. */
struct finding *findings_add(struct findings *f, const char *name);
void finding_missing(struct finding *f, const char *detail, const char *fix);

/* The first finding that is needed and missing, or NULL: this machine can run the lab. */
const struct finding *findings_first_missing(const struct findings *f);

/* A finding as one line, "NAME: DETAIL; FIX". Returns `text`. */
const char *finding_reason(const struct finding *f, char text[FINDING_REASON_SIZE]);

/* A line per finding; a missing one's fix on the next. */
void findings_print(const struct findings *f, FILE *out);

#endif
