/*
 * A box is not believed, it is measured. check_measure() builds nothing itself: it is given a world with a box under
 * test, hosts behind it and a host on the internet, and probes the box with sockets of its own from inside and outside.
 * No sleeping: that a packet was dropped is known when a later packet on the same path arrived (probe.h).
 *
 * Where the lab has other rules for a box with one host behind it than for one with several, both are measured.
 */
#ifndef CHECK_H
#define CHECK_H

#include "nat/measurement.h"
#include "nat/nat.h"
#include "world/world.h"

#define CHECK_BOX "nat" /* the name of the box under test; extra rules are for it */

/* Makes the topology check_measure() needs around a box of that kind. Returns 0 or -1. */
int check_topology(struct topology *t, const struct nat *nat) __attribute__((warn_unused_result));

/*
 * Depth: the quick set decides mapping, filtering, ports, hairpin, input in milliseconds; full adds lifetimes, which
 * takes 2.5 s and twice the box's longer timeout.
 */
enum check_depth { CHECK_QUICK, CHECK_FULL };

/* How long measuring may take on the busiest of machines, in seconds: after that, something hangs. */
unsigned check_limit_s(const struct nat *nat, enum check_depth depth);

/*
 * Measures. Returns 0, or -1 when it could not be measured (logged); what a box does wrong is not an error here. The
 * measured behaviours come from packets alone; `asked` tells only what to compare with and how long lifetimes are
 * looked at.
 */
int check_measure(const struct world *w, const struct nat *asked, enum check_depth depth, struct measurement *out)
    __attribute__((warn_unused_result));

/*
 * One kind of box from start to end: world and measurement, in a sandbox that the caller has made for it (sandbox.h).
 * `extra_rules` (may be NULL) as in world.h, for the box. Returns 0 or -1 (the reason is logged).
 */
int check_here(const struct nat *nat, const char *extra_rules, enum check_depth depth, struct measurement *out)
    __attribute__((warn_unused_result));

/* The same in a sandbox of its own. */
int check_box(const struct nat *nat, const char *extra_rules, enum check_depth depth, struct measurement *out)
    __attribute__((warn_unused_result));

#endif
