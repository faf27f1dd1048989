/* What packets would show of a box that does what its spec says, for tests of measuring. */
#ifndef FLAWLESS_H
#define FLAWLESS_H

#include "nat/measurement.h"

struct nat flawless_nat(const char *spec);

/* Of UDP; of TCP. */
struct observation flawless(const struct nat *n);
struct observation flawless_tcp(const struct nat *n);

#endif
