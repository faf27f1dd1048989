/*
 * The private world: the only unshare, setns and mount of the lab.
 *
 * sandbox_fork() is fork() into new mount, network, PID, IPC and UTS namespaces (and, for an ordinary user, a new user
 * namespace in which it is root). The child is PID 1 there and dies with its parent; everything in it dies with it.
 */
#ifndef SANDBOX_H
#define SANDBOX_H

#include <sys/types.h>

/*
 * Forks. In the child (returns 0): /run is a fresh tmpfs (/run/netns, /run/user kept), /proc is the world's own, mounts
 * are private, loopback is up, PR_SET_PDEATHSIG is SIGKILL. In the parent: the child's pid in the parent's PID
 * namespace. -1 with errno and a message on the log when the machine does not allow it.
 */
pid_t sandbox_fork(void) __attribute__((warn_unused_result));

/* Opens the named network namespace. Returns a descriptor (close-on-exec), or -1 with errno. */
int sandbox_open_netns(const char *name) __attribute__((warn_unused_result));

/* Moves this thread into the network namespace of the descriptor. Returns 0, or -1 with errno. */
int sandbox_enter_netns(int netns_fd) __attribute__((warn_unused_result));

#endif
