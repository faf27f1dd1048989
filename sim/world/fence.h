/*
 * A fence behind packets under way: returns when the kernel has carried every packet that was on a wire before the call
 * as far as it goes without a program's doing.
 *
 * A veth's transmit queues the packet on the sender's processor; that queue is worked off in order, and a packet that
 * is forwarded joins its end. So a datagram to ourselves over loopback, sent on that processor, comes back when
 * everything before it has moved on by a link, and as many of them in a row as a packet can cross links fence it all.
 * No guess of time.
 */
#ifndef FENCE_H
#define FENCE_H

#include <sched.h>

struct fence {
	int fd;         /* a UDP socket connected to itself */
	cpu_set_t cpus; /* those this process may run on, and so the lab's programs */
};

/* In a network namespace whose loopback is up. Returns 0, or -1 with errno. */
int fence_open(struct fence *f) __attribute__((warn_unused_result));
void fence_close(struct fence *f);

/* Returns 0, or -1 with errno if loopback does not work. `links`: how many a packet can cross. */
int fence_wait(const struct fence *f, unsigned links) __attribute__((warn_unused_result));

#endif
