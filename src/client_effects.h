/* What comes out of a client: the sockets its state machine wants, datagrams, lines, names that it is to know. */
#ifndef CLIENT_EFFECTS_H
#define CLIENT_EFFECTS_H

#include "client.h"

/* Who reads what the client says. */
enum event_style client_style(void);

/* Shows a line. */
void client_print(struct client *c, const char *line);

/* Shows what is wrong with something typed: "error: " and the text. */
void client_complain(struct client *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Where a host has no IPv4 but a NAT64, all that is said here is said of IPv4's endpoints, as its server and its peers
 * know them; its sockets, but the one of the other family, have IPv6's.
 */
bool client_is_behind_nat64(const struct client *c);
void client_take_from(const struct client *c, uint16_t socket, struct endpoint *from);

/* Carries out what the state machine has to send and to say. After every call of it. */
void client_carry_out(struct client *c);

#endif
