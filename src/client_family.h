/* By which address family the client talks to a server whose name has addresses of both. */
#ifndef CLIENT_FAMILY_H
#define CLIENT_FAMILY_H

#include "base/endpoint.h"

/*
 * `server` is what the text HOST:PORT was resolved to. If nobody answers there (a refusal is believed at once, silence
 * after 3 s), and the name has an address of the other family where somebody does, *server becomes that. Asks both at
 * once, and waits for the answers; to be called before there is anything else to do.
 */
void client_family_choose(const char *text, struct endpoint *server);

#endif
