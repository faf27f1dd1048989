/* By which address family the client talks to a server whose name has addresses of both. */
#ifndef CLIENT_FAMILY_H
#define CLIENT_FAMILY_H

#include "base/endpoint.h"
#include "base/nat64.h"

#include <stdbool.h>

/*
 * `server` is what the text HOST:PORT was resolved to. If nobody answers there (a refusal is believed at once, silence
 * after 3 s), and the name has an address of the other family where somebody does, *server becomes that. Asks both at
 * once, and waits for the answers; to be called before there is anything else to do. *other becomes the one that was
 * not taken, also where there is no way to it (yet); of no family if the name has none.
 */
void client_family_choose(const char *text, struct endpoint *server, struct endpoint *other);

/*
 * On a host that has no way by IPv4 but through a NAT64: if the name has addresses of both, *server, which is the IPv6
 * one, becomes the IPv4 one, and *prefix how to get there, unless only the IPv6 one answers. Who logs in so is met by
 * peers that have IPv4 alone, and tells those that have both of his IPv6 addresses. Returns true if so. May block, as
 * udp_find_nat64() and the other.
 */
bool client_family_take_nat64(const char *text, struct endpoint *server, struct nat64_prefix *prefix);

#endif
