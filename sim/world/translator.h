/*
 * The translator of a world's NAT64 boxes: a process that takes what they send at their interface `nat64`, and sends
 * what model/siit.h makes of it back there. (A kernel module or a tun device, which tayga needs, are root's alone on
 * many machines; packet sockets in a namespace of the world's own are anybody's.)
 */
#ifndef TRANSLATOR_H
#define TRANSLATOR_H

#include "model/topology.h"

/* Who may wait for it, each by a socket of their own: the process that made the world, and whoever watches it. */
enum translator_seat { TRANSLATOR_MAKER, TRANSLATOR_WATCHER, TRANSLATOR_SEATS };

/*
 * Starts it, with the ends of `nat64` in the network namespace of that descriptor. It ends when the sockets it fills
 * in are closed. 0 when it is at work, or -1 (logged).
 */
int translator_start(const struct topology *t, int netns_fd, int sockets[TRANSLATOR_SEATS])
    __attribute__((warn_unused_result));

#define TRANSLATOR_ERROR_SIZE 128

/*
 * Returns when all that had come to it before the call is on its way again: how many packets that were since the call
 * before of the same seat; -1, with why and errno, if it has died, or ever lost one that came too fast for it.
 */
long translator_fence(int socket, char error[TRANSLATOR_ERROR_SIZE]) __attribute__((warn_unused_result));

#endif
