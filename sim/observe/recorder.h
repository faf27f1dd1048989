/* The recorder's inside: what runs in its process, and what is said between it and capture.c, one datagram each. */
#ifndef RECORDER_H
#define RECORDER_H

#include "evidence/record.h"
#include "world/world.h"

#include <stdint.h>

#define RECORDER_MESSAGE_SIZE 256

enum recorder_order { RECORDER_FLUSH, RECORDER_CATCH_UP, RECORDER_STOP };

struct recorder_request {
	enum recorder_order order;
};

/* The answer to each request; one more without a request says that all interfaces are being captured. */
struct recorder_answer {
	int status;                          /* 0 or -1 */
	uint64_t size;                       /* of the file, to the end of its last block */
	char message[RECORDER_MESSAGE_SIZE]; /* why -1 */
};

/*
 * Runs until told to stop or until the other end of the socket is closed. `worlds` share the memory for rings; `cable`
 * is its fence's socket, or -1. Returns the exit status.
 */
int recorder_run(const struct world *w, const char *pcapng_path, struct record *record, unsigned worlds, int cable,
                 int socket);

#endif
