/* What interfaces counted themselves, as it is now, or written to the record: the check on what the capture says. */
#ifndef COUNTERS_H
#define COUNTERS_H

#include "evidence/record.h"
#include "world/world.h"

typedef void counter_found(void *argument, const struct record_line *line);

/*
 * Tells of each counter of a node's interfaces, as a RECORD_COUNTER line. The thread must be at home and is so
 * afterwards. Returns 0, or -1 with errno.
 */
int counters_read_interfaces(const struct world *w, int node, counter_found *found, void *argument)
    __attribute__((warn_unused_result));

/*
 * "counter" lines for every node's interfaces: "wan rx", "wan tx" with packets and bytes, "wan rx dropped", "wan tx
 * dropped" with packets. The key "box" is the node's name, host or box. The thread must be at home and is so
 * afterwards. Returns 0, or -1 with errno.
 */
int counters_record_interfaces(const struct world *w, struct record *r) __attribute__((warn_unused_result));

#endif
