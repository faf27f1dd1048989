/* What tests ask a conclusion for. */
#ifndef CONCLUDED_H
#define CONCLUDED_H

#include "nat_type/conclusion.h"

/* Its spec, until the next call; or NULL. */
const char *spec_of(const struct conclusion *v);

/* True if that is known, and so. */
bool knows(const struct conclusion *v, enum nat_key key, unsigned value);

#endif
