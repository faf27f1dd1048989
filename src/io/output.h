/*
 * Standard output, for a program that has other things to do than to wait for whoever reads it: what is not taken at
 * once is kept and written when it can be. Nothing is lost while the program runs: when there is no room to keep more,
 * it waits after all, until a signal ends it.
 */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#define OUTPUT_ROOM 262144 /* bytes that are kept: hours of events of a chat, seconds of a flood */

/* Takes standard output. Once, after loop_init(). */
void output_open(void);

/*
 * Writes or keeps it, wholly; at most OUTPUT_ROOM bytes. Lost are only what comes after a failure, and what finds no
 * room while the program stops.
 */
void output_write(const char *bytes, size_t len);

/* For loop_wait(): waits for a reader if something is kept, else for nothing. */
struct pollfd output_pollfd(void);

/* True if something is kept. */
bool output_is_waiting(void);

/* How many bytes more can be kept. */
size_t output_room(void);

/* Writes what now goes of it. */
void output_flush(void);

/* True if standard output cannot be written any more. */
bool output_has_failed(void);

/*
 * Waits until everything is written: for as long as it takes, or once the program is told to stop, a second at most.
 * Returns 0; or -1 if standard output failed, and says so on standard error. That its reader is gone (EPIPE) is none.
 */
int output_finish(void) __attribute__((warn_unused_result));

#endif
