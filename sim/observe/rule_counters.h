/* What the rules of NAT boxes dropped, by iptables' own counters, and ip6tables' where a box knows IPv6. */
#ifndef RULE_COUNTERS_H
#define RULE_COUNTERS_H

#include "evidence/record.h"
#include "observe/counters.h"
#include "world/world.h"

#define RULE_COUNTERS_ERROR_SIZE 256

/*
 * A "counter" line "rules dropped" for every box whose filter table has a rule or a policy that drops or rejects: the
 * packets that met one in INPUT or FORWARD. Boxes that filter by nft alone have no such counters and get no line.
 * Returns 0, or -1 with the reason in one line.
 */
int rule_counters_record(const struct world *w, struct record *r, char error[RULE_COUNTERS_ERROR_SIZE])
    __attribute__((warn_unused_result));

/* Tells of one box's as it is now; of one that has no such counters nothing. Returns as rule_counters_record(). */
int rule_counters_read(const struct world *w, int box, counter_found *found, void *argument,
                       char error[RULE_COUNTERS_ERROR_SIZE]) __attribute__((warn_unused_result));

/*
 * Adds up what iptables-save -c printed of a filter table. Returns false if nothing in it drops; *packets is then 0.
 * Pure, for rule_counters_record() and its tests.
 */
bool rule_counters_sum(const char *saved, uint64_t *packets);

#endif
