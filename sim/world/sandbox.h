/*
 * The private world: the only unshare, setns and mount of the lab.
 *
 * sandbox_fork() is fork() into new mount, network, PID, IPC and UTS namespaces (and, for an ordinary user and
 * for root without some of its capabilities, a new user namespace in which it is root and has them all). PID 1 there is
 * a small init: it reaps orphans and ends with the child, or when the caller does, be it by kill -9; the kernel then
 * ends everything in the world, and frees its namespaces and mounts.
 *
 *     caller ---- init (PID 1; the pid sandbox_fork() returns) ---- the child (PID 2, in which it returns 0) ---- ...
 *
 * What it should keep from the machine: files, the terminal, the user's programs. What it must not: interfaces, named
 * namespaces, /run, processes.
 */
#ifndef SANDBOX_H
#define SANDBOX_H

#include <sys/types.h>

/*
 * Forks. In the child (returns 0): /run is a fresh tmpfs (/run/netns, /run/lock, and the machine's /run/user), /proc is
 * the world's own, mounts are private, loopback is up. In the caller, once all that stands: init's pid, to be waited
 * for as any child's (its status is the child's; 128 + signal if a signal ended it). SIGTERM, SIGINT, SIGHUP and
 * SIGQUIT sent to it go to the child; SIGKILL ends the world. -1 with errno and a message on the log when the machine
 * does not allow it.
 *
 * The world dies with the *thread* that calls this, and the caller may have no other threads. Flush stdio before.
 */
pid_t sandbox_fork(void) __attribute__((warn_unused_result));

/* What of a world could not be made. */
enum sandbox_step {
	SANDBOX_NAMESPACES,
	SANDBOX_IDS, /* of the user namespace */
	SANDBOX_PRIVATE_MOUNTS,
	SANDBOX_RUN,
	SANDBOX_HOSTS, /* what every host of the world will do */
	SANDBOX_PROC,
	SANDBOX_LOOPBACK,
	SANDBOX_PROCESS,
};

struct sandbox_problem {
	int error; /* errno; 0: none */
	enum sandbox_step step;
};

/* The same without a word on the log: -1 puts the reason in *problem. */
pid_t sandbox_try(struct sandbox_problem *problem) __attribute__((warn_unused_result));

/* "cannot mount /proc: Operation not permitted". Returns `text`. */
#define SANDBOX_TEXT_SIZE 160
const char *sandbox_describe(const struct sandbox_problem *problem, char text[SANDBOX_TEXT_SIZE]);

/*
 * Moves this process into the world of that init, as seen from here; its children will be processes of that world. The
 * working folder stays. Returns 0, or -1 with errno (ESRCH: no such world any more, EPERM: not this user's).
 */
int sandbox_join(pid_t init) __attribute__((warn_unused_result));

/* Makes a network namespace and moves this thread into it. Returns a descriptor (close-on-exec), or -1 with errno. */
int sandbox_unnamed_netns(void) __attribute__((warn_unused_result));

/*
 * Makes a network namespace, named as `ip netns add` does, and moves this thread into it. Returns a descriptor of it
 * (close-on-exec), or -1 with errno.
 */
int sandbox_new_netns(const char *name) __attribute__((warn_unused_result));

/* Names the network namespace this thread is in. Returns a descriptor of it (close-on-exec), or -1 with errno. */
int sandbox_name_netns(const char *name) __attribute__((warn_unused_result));

/* Opens the named network namespace. Returns a descriptor (close-on-exec), or -1 with errno. */
int sandbox_open_netns(const char *name) __attribute__((warn_unused_result));

/* Moves this thread into the network namespace of the descriptor. Returns 0, or -1 with errno. */
int sandbox_enter_netns(int netns_fd) __attribute__((warn_unused_result));

/* Gives this process a host name of its own, for what it starts too. Returns 0, or -1 with errno. */
int sandbox_set_hostname(const char *name) __attribute__((warn_unused_result));

#endif
