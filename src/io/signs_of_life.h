/*
 * Whether a host that is silent where it was asked is there at all, and whether UDP gets to it: it is asked for a TCP
 * connection, and datagrams go to ports where surely nobody listens, as traceroute's do.
 */
#ifndef SIGNS_OF_LIFE_H
#define SIGNS_OF_LIFE_H

#include "base/endpoint.h"

struct signs_of_life {
	bool tcp; /* it answered, be it with a refusal; which says nothing of UDP */
	bool udp; /* it refused a datagram itself (ICMP): UDP gets there, and its like comes back */
};

/* Looks for them at `host` (TCP: its port) from `local`, whose port is not looked at; takes at most two seconds. */
struct signs_of_life signs_of_life_of(const struct endpoint *host, const struct endpoint *local);

#endif
