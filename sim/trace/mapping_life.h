/* How long a mapping may be idle, and of what it ended. */
#ifndef MAPPING_LIFE_H
#define MAPPING_LIFE_H

#include "trace/manners.h"
#include "trace/mapping.h"

/* conntrack's events are read some time after the packets that caused them. */
#define MAPPING_EVENT_DELAY_NS UINT64_C(1000000000)

/*
 * Learns the mapping's idle life from an event of it: of a life that has just begun anew an event tells what is left,
 * in whole seconds, rounded down; a snapshot and an end tell what is left of one. Which life that is, the box's lives
 * say.
 */
void mapping_learn_life(struct mapping *m, const struct manners_lives *lives, const struct recorded_mapping_event *e);

/*
 * Says of what a mapping ended, as far as its last packet is known: what ended before its time was up did not time out,
 * whatever came after. One that a RST ended stays as it is.
 */
void mapping_settle_end(const struct mappings *all, const struct scene *s, struct mapping *m);

#endif
