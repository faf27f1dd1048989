/*
 * How a box let a packet in that answers nothing: by what its filtering goes by, or by a rule. Found from what the
 * hosts inside had sent before, never from the name of the NAT.
 */
#ifndef ADMISSION_H
#define ADMISSION_H

#include "trace/journey.h"
#include "trace/mapping.h"

enum admission_kind {
	ADMISSION_NONE,    /* it passed no box inwards, or as an answer, or untranslated */
	ADMISSION_ADDRESS, /* the host inside had sent to that address, to another port of it */
	ADMISSION_ANYBODY, /* the host inside had sent from there, to others */
	ADMISSION_RULE,    /* nobody inside had sent from there: a port forward */
};

struct admission {
	enum admission_kind kind;
	int box;
	long let_in; /* the mapping it made, by its place */
	long opened; /* the mapping that was there before, or -1 */
};

/* Of the boxes on its way the first that did not take it for an answer. `m` must have been told of the journey. */
struct admission admission_of(const struct scene *s, const struct mappings *m, const struct journey *j);

/* "address", "anybody", "rule"; NULL for none. */
const char *admission_name(enum admission_kind kind);

#endif
