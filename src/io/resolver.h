/*
 * Finds endpoints by name while the program goes on with other things: a look-up blocks for as long as a name server is
 * silent, so a child process does it. One at a time.
 */
#ifndef RESOLVER_H
#define RESOLVER_H

#include "io/udp.h"

#include <poll.h>
#include <stdbool.h>
#include <sys/types.h>

/* All zero: nothing is looked up. */
struct resolver {
	pid_t child; /* 0 if there is none */
	int fd;      /* its answer comes here */
};

/* Begins udp_resolve(); nothing may be under way. Returns 0, or -1 and errno. */
int resolver_start(struct resolver *r, const char *text, uint16_t port, enum address_family family)
    __attribute__((warn_unused_result));

bool resolver_is_busy(const struct resolver *r);

/* For loop_wait(): ready when the answer is there; waits for nothing if nothing is looked up. */
struct pollfd resolver_pollfd(const struct resolver *r);

/* Takes the answer, which is that of udp_resolve(), and may be looked up again. To be called when it is there. */
int resolver_take(struct resolver *r, struct endpoint *out, char error[UDP_ERROR_SIZE])
    __attribute__((warn_unused_result));

/* Gives up what is looked up, if anything is. */
void resolver_stop(struct resolver *r);

#endif
