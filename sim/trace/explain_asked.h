/*
 * Ports that hosts asked their boxes for, and got (UPnP, NAT-PMP, PCP): open for everybody as long as they had them, by
 * no packet of theirs to whoever comes.
 */
#ifndef EXPLAIN_ASKED_H
#define EXPLAIN_ASKED_H

#include "trace/verdict.h"

#include <stdio.h>

/* "UPnP", "NAT-PMP", "PCP"; and as JSON has it: "upnp", ... */
const char *explain_asked_name(enum mapper_protocol by);

/* By which a direction was opened: the port that its first packet to arrive came in at. NULL: by none. */
const struct recorded_lease *explain_asked_opened(const struct why *w, const struct direction *d);

/* Tells it, in sentences; and of packets that came when a port was open no more. Nothing where there is nothing. */
void explain_asked(FILE *f, const struct why *w, const struct pair_verdict *v);

/* The lines of `trace --mappings` about a box's, if there are any; how many there are. */
size_t explain_asked_list(FILE *f, const struct why *w, int box);
json_t *explain_asked_json(const struct why *w, const struct recorded_lease *l) __attribute__((warn_unused_result));

#endif
