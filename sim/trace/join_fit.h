/* Could one sight of a packet follow another? For join.c. Pure. */
#ifndef JOIN_FIT_H
#define JOIN_FIT_H

#include "trace/journey.h"

/* How well a packet fits behind a journey; the smallest is best. */
enum fit { FIT_EXACT, FIT_ODD_TTL, FIT_LOOSE, FIT_NONE };

/* By topology, addresses and TTL: could `b` be the sight that follows `a`? The keys are the same. */
enum fit fit_after(const struct scene *s, const struct leg *a, const struct leg *b);

/* The point (scene.h) a leg was seen at. */
unsigned leg_point(const struct leg *l);

#endif
