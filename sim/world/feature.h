/*
 * The kernel features that worlds and NAT boxes are made of, each tried in network namespaces of their own.
 */
#ifndef FEATURE_H
#define FEATURE_H

#include "world/findings.h"

/*
 * Tries those of a box whose rules could not be loaded (nat_rules.features), and says on the log which of them the
 * kernel lacks, and what to do. Inside a sandbox only.
 */
void feature_explain(unsigned features);

/* Tries them all and appends a finding for each. Inside a sandbox only. */
void feature_try_all(struct findings *found);

#endif
