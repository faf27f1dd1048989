/*
 * What could not be sent, and whether that is news. What goes to the server is repeated for seconds, and of the
 * addresses where a peer may be found some are of other networks: an error is a warning only when it is new, to the
 * server since the last datagram there, to peers at all.
 */
#ifndef SEND_ERRORS_H
#define SEND_ERRORS_H

#include "base/endpoint.h"

#include <stdbool.h>

#define SEND_ERRORS_ERRORS 256 /* values of errno */

/* All zero at the start. */
struct send_errors {
	int server_error; /* of the last datagram to the server; 0 if it was sent */
	bool seen[SEND_ERRORS_ERRORS];
};

/* A datagram was given to the kernel: `error` is its errno, 0 if it went out. Logs what did not. */
void send_errors_note(struct send_errors *u, const struct endpoint *to, bool to_server, int error);

#endif
