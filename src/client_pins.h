/*
 * Where a client keeps whose names it knows: FILE.peers beside the file of its identity, a line for each. All clients
 * with that identity have the file in common: what one of them writes, the others read before they are introduced to
 * anybody, and a lock, FILE.peers.lock, keeps each from writing over what another has just written.
 */
#ifndef CLIENT_PINS_H
#define CLIENT_PINS_H

#include "chat/peer/peer.h"
#include "io/private_file.h"

#include <limits.h>
#include <sys/stat.h>

struct client_pins {
	char path[PATH_MAX];                /* "" if none are kept */
	struct stat seen;                   /* the file that was read last; all zero for none */
	uint64_t next_us;                   /* when they may be kept: not at once again, where that has failed */
	char told[PRIVATE_FILE_ERROR_SIZE]; /* what was wrong last; "" for nothing */
	bool has_told_left_out;             /* that there is no room for a name */
	bool has_told_unlocked;             /* that there is no lock where they are kept */
};

/* Reads those that are kept beside the identity file of that path. Returns 0, or -1 with what is wrong in words. */
int client_pins_read(struct client_pins *c, struct pins *pins, const char *identity,
                     char error[PRIVATE_FILE_ERROR_SIZE]) __attribute__((warn_unused_result));

/* Reads them again if the file is another one now. To be called before the peer hears of anybody. */
void client_pins_look(struct client_pins *c, struct peer *peer, uint64_t now_us);

/* Keeps them if they have changed, and it is time. Warns, once, where that fails. */
void client_pins_keep(struct client_pins *c, struct peer *peer, uint64_t now_us);

/* When client_pins_keep() is to be called next, UINT64_MAX for never. */
uint64_t client_pins_deadline(const struct client_pins *c, const struct peer *peer);

/* Keeps them if they have changed, at the end: waits for a second at most for whoever has the lock. */
void client_pins_finish(struct client_pins *c, struct peer *peer);

#endif
