/* All that runs on a host of a world, whoever started it: the processes in its network namespace. */
#ifndef HOST_PROCESSES_H
#define HOST_PROCESSES_H

/*
 * Stops them, daemons that left the session they were started in as well; but not the lab's own, which are of the
 * program of the caller. To be called inside the world, whose /proc shows no others. Returns 0 when none of them runs
 * any more, or -1 with errno (ETIMEDOUT: one does not stop).
 */
int host_processes_stop(int netns_fd) __attribute__((warn_unused_result));

/* Has them go on. 0, or -1 with errno. */
int host_processes_continue(int netns_fd) __attribute__((warn_unused_result));

#endif
