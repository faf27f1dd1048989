/* Each box's mappings over time, as text and as JSON: `punchlab trace --mappings`. */
#ifndef TIMELINE_H
#define TIMELINE_H

#include "trace/why.h"

#include <jansson.h>

/* Prints them box by box in the order of their birth: who, which port, for whom, born, answered, refreshed, ended, by
 * which journey. */
void timeline_print(FILE *f, const struct why *w);

/*
 * One mapping: box, protocol, kind "out"|"in"|"hairpin"|"local", inside, external, remote, born, replied, last, ended
 * (seconds since the start, or null), born_by, replied_by, last_by (journeys, or null), refreshes, end
 * "alive"|"expired"|"too-old"|"reset"|"deleted", timeout (s, or null), recorded. NULL without memory.
 */
json_t *timeline_json(const struct why *w, const struct mapping *m);

#endif
