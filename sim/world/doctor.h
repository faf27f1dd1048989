/*
 * Can this machine run the lab? Each thing it needs is really tried, and what is missing comes with the line that mends
 * it.
 */
#ifndef DOCTOR_H
#define DOCTOR_H

#include "world/findings.h"

/*
 * QUICK looks for programs and at limits, makes one private world and tries the output folder: milliseconds, for before
 * a run. FULL tries every kernel feature too, well below half a second.
 */
enum doctor_depth { DOCTOR_QUICK, DOCTOR_FULL };

/* `out_folder` is where results would go; it need not exist yet, and nothing is left in it. NULL: not examined. */
void doctor_examine(struct findings *found, enum doctor_depth depth, const char *out_folder);

#endif
