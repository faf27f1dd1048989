/* The packet socket at an end of a link: frames in and out, many a call. For the files of the cable alone. */
#ifndef CABLE_SOCKET_H
#define CABLE_SOCKET_H

#include "cable/frames.h"
#include "world/rtnetlink.h"

#define CABLE_SOCKET_BATCH 64 /* frames a call */

/* For what comes in at that end, and what is sent there. -1 with errno. */
int cable_socket_open(const struct rtnetlink_interface *dev) __attribute__((warn_unused_result));

/*
 * Receives into the frames of a batch, without waiting. Returns how many came; the length of one that was longer than
 * any frame, or empty, is 0. When each came in is the kernel's word, not when it was read: a delay begins there.
 */
int cable_socket_receive(int fd, struct frame *const batch[CABLE_SOCKET_BATCH]);

/* Why a frame went nowhere. */
enum cable_refusal {
	CABLE_UNPLUGGED,      /* this end is down */
	CABLE_INTERFACE_DOWN, /* the other is: no carrier */
	CABLE_TAKES_IT_NOT,   /* the kernel, though it should: too long for the other end, or no room there for long */
};

/*
 * Sends so many, at most a batch, and waits where the kernel has no room for a moment. Returns how many went: where
 * those are not all, the next one was refused, and why.
 */
size_t cable_socket_send(int fd, struct frame *const *batch, size_t count, enum cable_refusal *why)
    __attribute__((warn_unused_result));

/* How many frames came faster than they were received, and are lost, since the call before. */
unsigned cable_socket_overruns(int fd);

#endif
