/*
 * A process of a box whose mappings end early (NAT_MAPPER_SHORT_LEASE): NAT_SHORT_LEASE_S after a mapping was asked
 * for, or asked for again, it takes it away, whatever the lease says that was granted.
 */
#ifndef LEASE_REAPER_H
#define LEASE_REAPER_H

#include "model/topology.h"

/* Starts it, in the network namespace that the thread is in. It ends with the world. 0, or -1 (logged). */
int lease_reaper_start(const struct topology *t, int box) __attribute__((warn_unused_result));

#endif
