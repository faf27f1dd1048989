/* The rules of a box of the topology: nat_rules.h's, for the addresses and names that it has there. */
#ifndef BOX_RULES_H
#define BOX_RULES_H

#include "model/nat_rules.h"
#include "model/topology.h"

/*
 * What box `box` is to be like: of IPv4, and of IPv6 where box_rules_has_ipv6(). Returns 0, or -1 with the reason on
 * the log: more hosts behind it than rules can name.
 */
int box_rules_make(const struct topology *t, int box, enum address_family family, struct nat_rules *rules)
    __attribute__((warn_unused_result));

/* True if a box that has rules of IPv6 has other ones now than it had before. */
bool box_rules_change_ipv6(const struct topology *before, const struct topology *now, int box);

/* True if the box has IPv6, and does more to it than pass it on. */
bool box_rules_has_ipv6(const struct topology *t, int box);

#endif
