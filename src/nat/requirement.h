/* RFC 4787's requirements and whether a measured box meets them. Pure. */
#ifndef REQUIREMENT_H
#define REQUIREMENT_H

#include "nat/measurement.h"

enum requirement_state {
	REQUIREMENT_UNSEEN, /* not looked at: lifetimes in a quick measurement, mapping where nothing is translated */
	REQUIREMENT_MET,
	REQUIREMENT_NOT_MET,
};

/* What each asks for, in the RFC's order; number 0 ends. */
struct requirement {
	unsigned number;   /* 1: REQ-1 */
	const char *about; /* a few words */
};
extern const struct requirement requirements[];

/* Met only if every row about it says so. */
enum requirement_state requirement_state(const struct measurement *m, const struct requirement *r);

/*
 * A table with one line per box: requirement_head() once, requirement_line() for each, requirement_legend() at the end.
 * They write text with line ends and return its length (cut to size - 1).
 */
size_t requirement_head(char *text, size_t size);
size_t requirement_line(const char *spec, const struct measurement *m, char *text, size_t size);
size_t requirement_legend(char *text, size_t size);

#endif
