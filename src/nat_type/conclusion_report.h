/* A verdict as text for a person, and as JSON for a program. Pure. */
#ifndef CONCLUSION_REPORT_H
#define CONCLUSION_REPORT_H

#include "nat_type/findings.h"
#include "nat_type/conclusion.h"

#include <stddef.h>

#define CONCLUSION_REPORT_ROOM 8192 /* holds every report */

/* Writes lines of text, the last with its line end. `f` is what the verdict came from. Returns `out`. */
const char *conclusion_report_text(const struct conclusion *v, const struct discovery_findings *f, char *out,
                                   size_t room);

/* Writes one JSON object on one line, with its line end. The members are listed in the README. Returns `out`. */
const char *conclusion_report_json(const struct conclusion *v, const struct discovery_findings *f, char *out,
                                   size_t room);

#define CONCLUSION_PROBLEM_NAMES_ROOM 256

/* The names of what stood in the way, a comma and a blank between. Returns `out`. */
const char *conclusion_problem_names(const struct conclusion *v, char *out, size_t room);

#endif
