/* Where a client keeps whose names it knows: FILE.peers beside the file of its identity, a line for each. */
#ifndef CLIENT_PINS_H
#define CLIENT_PINS_H

#include "chat/peer/pins.h"
#include "io/private_file.h"

#include <limits.h>

struct client_pins {
	char path[PATH_MAX]; /* "" if none are kept */
};

/* Reads those that are kept beside the identity file of that path. Returns 0, or -1 with what is wrong in words. */
int client_pins_read(struct client_pins *c, struct pins *pins, const char *identity,
                     char error[PRIVATE_FILE_ERROR_SIZE]) __attribute__((warn_unused_result));

/* Keeps them if they have changed. Returns as above; they are then as they were, and tried again with the next change.
 */
int client_pins_keep(const struct client_pins *c, struct pins *pins, char error[PRIVATE_FILE_ERROR_SIZE])
    __attribute__((warn_unused_result));

#endif
