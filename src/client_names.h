/* The names that a client has heard of, for completion at its prompt: from lists, notices and paths, the latest. */
#ifndef CLIENT_NAMES_H
#define CLIENT_NAMES_H

#include "chat/name.h"

#define CLIENT_NAMES_MAX 256

struct client_names {
	char list[CLIENT_NAMES_MAX][NAME_TEXT_SIZE];
	unsigned next; /* the place that is overwritten next */
};

/* Notes a name; none (all zero) is nothing. */
void client_names_note(struct client_names *n, const uint8_t name[NAME_SIZE]);

/* The i-th, "" for a place that is free, NULL behind the last. */
const char *client_names_at(const struct client_names *n, unsigned i);

#endif
