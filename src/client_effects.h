/* What comes out of a client: the sockets its state machine wants, datagrams, lines, names that it is to know. */
#ifndef CLIENT_EFFECTS_H
#define CLIENT_EFFECTS_H

#include "client.h"

/* Shows a line. */
void client_print(struct client *c, const char *line);

/* Shows what is wrong with something typed: "error: " and the text. */
void client_complain(struct client *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Carries out what the state machine has to send and to say. After every call of it. */
void client_carry_out(struct client *c);

#endif
