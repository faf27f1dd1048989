/*
 * SIGINT, SIGTERM and SIGHUP as something a poll loop can wait for, so that an interrupted run still ends in order.
 */
#ifndef SIGNALS_H
#define SIGNALS_H

/* Holds the signals back; they make the returned descriptor readable. -1 with errno. */
int signals_hold(void) __attribute__((warn_unused_result));

/* The signal that came, or 0. */
int signals_take(int fd);

/* Puts the signals back as they were before signals_hold(): for children, before they run something else. */
void signals_release(void);

#endif
