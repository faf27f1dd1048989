/*
 * Packets that leave one after the other arrive so. A virtual link hands a packet to the processor its sender runs on,
 * and each works off its own queue: a sender that is moved to another processor can overtake itself. In a lab that
 * would be a verdict that flickers, and a packet that came late would count as one that was dropped. So all packets of
 * a world are received on one processor (receive packet steering), picked anew for each world; programs run on all.
 * Kernels before 6.3 cannot do that for a whole network namespace; there the programs run on that one processor.
 */
#ifndef ORDERING_H
#define ORDERING_H

#include <stdbool.h>

/* The sysctl that steers all interfaces made later in a network namespace, below /proc/sys/net/. */
#define ORDERING_SYSCTL "core/rps_default_mask"

/* A processor mask as the kernel writes it: groups of 32 bits in hexadecimal, the highest first. */
#define ORDERING_MASK_SIZE 512

/*
 * Picks one of the processors this process may use, spread by `seed`; `mask` names it. Without the sysctl this process,
 * with all that it starts, moves there. Returns `mask`.
 */
const char *ordering_pick(unsigned long seed, char mask[ORDERING_MASK_SIZE]);

/*
 * Moves this process to the processor on which the packets of the network namespace it is in are received: what it
 * sends has then gone as far as it goes, short of a program, almost always when sending returns. Returns 0, or -1 with
 * errno.
 */
int ordering_join(void) __attribute__((warn_unused_result));

#endif
