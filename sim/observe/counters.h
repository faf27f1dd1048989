/* What boxes and interfaces counted themselves, written to the record: the check on what the capture says. */
#ifndef COUNTERS_H
#define COUNTERS_H

#include "evidence/record.h"
#include "world/world.h"

/*
 * "counter" lines for every node's interfaces: "wan rx", "wan tx" with packets and bytes, "wan rx dropped", "wan tx
 * dropped" with packets. The key "box" is the node's name, host or box. The thread must be at home and is so
 * afterwards. Returns 0, or -1 with errno.
 */
int counters_record_interfaces(const struct world *w, struct record *r) __attribute__((warn_unused_result));

#endif
