/* NAT boxes' rules, loaded into their namespaces. */
#ifndef NATBOX_H
#define NATBOX_H

#include "model/topology.h"

/*
 * Starts loading the rules of all boxes of the topology into the network namespaces of these descriptors, one for each
 * node, in a process of its own: at the same time, as most of it is waiting for the kernel. Returns a descriptor for
 * natbox_wait(), or -1 with the reason on the log.
 */
int natbox_start(const struct topology *t, const int *netns_fds) __attribute__((warn_unused_result));

/*
 * Waits until the rules are in force, and closes the descriptor. Returns 0, or -1 (logged). The programs that loaded
 * them may still be about to end; until they have, the kernel makes no interface in that namespace.
 */
int natbox_wait(int loading) __attribute__((warn_unused_result));

/*
 * Every mapping and permission is forgotten, the rules stay; the box must forward nothing meanwhile (world_reboot()),
 * or a packet between one step and the next would bring back what was forgotten. Returns 0, or -1 (logged).
 */
int natbox_forget(const struct topology *t, int box, int netns_fd) __attribute__((warn_unused_result));

/*
 * Makes the rules anew, for what the topology says now, in the place of those that are there; what conntrack and ipsets
 * hold stays. The box forwards nothing meanwhile. Returns when they are in force: 0, or -1 (logged).
 */
int natbox_reload(const struct topology *t, int box, int netns_fd) __attribute__((warn_unused_result));

/* The same of those of IPv6 alone, whose mappings and permissions go where it `forgets`; all of IPv4 stays. */
int natbox_reload_ipv6(const struct topology *t, int box, int netns_fd, bool forgets)
    __attribute__((warn_unused_result));

#endif
