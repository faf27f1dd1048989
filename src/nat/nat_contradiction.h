/* What contradicts what in a NAT spec, and what is not built. Pure. For nat_parse.c alone. */
#ifndef NAT_CONTRADICTION_H
#define NAT_CONTRADICTION_H

#include "nat/nat_words.h"

#include <stdint.h>

#define NAT_KEY_BIT(key) (UINT64_C(1) << (key))

/*
 * Of a box that a spec has described: `given` has the NAT_KEY_BIT() of each behaviour that the spec names itself, not
 * its preset. Returns 0, or -1 with one line that says what cannot be, and why.
 */
int nat_refuse_contradiction(const struct nat *nat, uint64_t given, char error[NAT_ERROR_SIZE])
    __attribute__((warn_unused_result));

#endif
