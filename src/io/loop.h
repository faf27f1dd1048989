/*
 * Waiting: for file descriptors, until a time, or for a signal. Signals arrive only while waiting, so that nothing is
 * missed between a look at a flag and the wait.
 */
#ifndef LOOP_H
#define LOOP_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Holds SIGINT, SIGTERM, SIGHUP and SIGUSR1 back from now on, but for loop_wait(), and ignores SIGPIPE. Opens /dev/null
 * for reading in the place of standard descriptors that are closed. Once, before any socket is opened.
 */
void loop_init(void);

/*
 * Waits until one of `fds` is ready, clock_now_us() reaches `deadline_us` (UINT64_MAX: never), or a signal comes. Sets
 * `revents`, all zero if none is ready.
 */
void loop_wait(struct pollfd *fds, unsigned count, uint64_t deadline_us);

/*
 * Whether time-outs may be judged: only when the sockets are `empty`, because what a program that was held up waits for
 * may lie behind other datagrams; but so many of them that no socket can have held them are a flood, which must not
 * stop the clock. To be called once a turn, in which at most LOOP_DATAGRAMS of a socket are taken.
 */
#define LOOP_DATAGRAMS 64
bool loop_may_judge(bool empty);

/* True once SIGINT, SIGTERM or SIGHUP came. */
bool loop_is_stopping(void);

/* True if SIGUSR1 came since the last call. */
bool loop_takes_report(void);

#endif
