/*
 * What `check --all` measures: mapping by filtering by ports, each with lifetimes cut so that they can be waited for;
 * then hairpinning, ranges, refreshing, unsolicited packets and firewalls, and every preset.
 */
#ifndef CHECK_ALL_H
#define CHECK_ALL_H

#include "check/check.h"

/* Writes the i-th spec; those that take long come first. Returns its depth, or -1 after the last. */
int check_all_spec(size_t i, char spec[NAT_TEXT_SIZE]);

#endif
