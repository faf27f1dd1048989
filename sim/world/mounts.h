/* What a private world's files are: the machine's, but for /run, /proc and the resolver's settings. */
#ifndef MOUNTS_H
#define MOUNTS_H

#define MOUNTS_NETNS_FOLDER "/run/netns" /* where network namespaces have names, as `ip netns` wants them */

/*
 * In a mount namespace of its own, in this order: all mounts are private; /run is a fresh tmpfs (with the machine's
 * /run/user) and /etc/resolv.conf empty; /proc is the PID namespace's. Each returns 0, or -1 with errno.
 */
int mounts_make_private(void) __attribute__((warn_unused_result));
int mounts_make_run(void) __attribute__((warn_unused_result));
int mounts_make_proc(void) __attribute__((warn_unused_result));

/* Puts `text` in the place of the file at `path`, for this world only. Returns 0, or -1 with errno. */
int mounts_replace_file(const char *path, const char *text) __attribute__((warn_unused_result));

#define MOUNTS_HOSTS "/etc/hosts"
#define MOUNTS_RESOLVER "/etc/resolv.conf" /* else empty */

/*
 * What one of these two says to the programs of a node, where that is something else than to others; may be said again,
 * and is then seen by those that run. And, in a process that is to become one: its own mount namespace, where those
 * files are in their places. Both return 0, the latter also where nothing was said; or -1 with errno.
 */
int mounts_write_own(const char *node, const char *path, const char *text) __attribute__((warn_unused_result));
int mounts_enter_own(const char *node) __attribute__((warn_unused_result));

#endif
