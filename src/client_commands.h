/* What is typed at a client: commands, one at a time, each held back until what it waits for has come. */
#ifndef CLIENT_COMMANDS_H
#define CLIENT_COMMANDS_H

#include "client.h"

/* Nothing is read while the one before is not through, or what came of it not taken. */
bool client_commands_are_taken(const struct client *c);

/* Carries out what has been typed, as far as it goes now. */
void client_commands_run(struct client *c);

/* The name that a command waits for is looked up: to be called when resolver_pollfd() says so. */
void client_commands_answer(struct client *c);

/* The i-th word that may stand behind `before` on a line, for Tab: a command first, then a name where one belongs. */
const char *client_commands_word(void *context, const char *before, unsigned i);

#endif
