/*
 * A NAT box's rules, loaded into its namespace. natbox_start() for every box first and natbox_wait() for each after
 * that: a commit of rules mostly waits for the kernel (RCU), and so the waits overlap.
 */
#ifndef NATBOX_H
#define NATBOX_H

#include "model/topology.h"

struct natbox;

/*
 * Starts loading the rules of node `box` of the topology into the network namespace of the descriptor. Returns NULL
 * with the reason on the log.
 */
struct natbox *natbox_start(const struct topology *t, int box, int netns_fd) __attribute__((warn_unused_result));

/* Waits until they are loaded, and frees. Returns 0, or -1 (logged). */
int natbox_wait(struct natbox *b) __attribute__((warn_unused_result));

/*
 * As if the box lost its power for a moment: every mapping and permission is forgotten, the rules stay. Returns 0, or
 * -1 (logged).
 */
int natbox_reboot(const struct topology *t, int box, int netns_fd) __attribute__((warn_unused_result));

#endif
