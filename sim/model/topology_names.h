/* The names of a world on paper: who has which, and who is asked for them. Pure. */
#ifndef TOPOLOGY_NAMES_H
#define TOPOLOGY_NAMES_H

#include "model/topology.h"

/* Index of the node that has that name, be it as its own or as one it was given; or -1. */
int topology_find_name(const struct topology *t, const char *name);

/*
 * Where there is a name server: true of a box that forwards to it what is asked at its inside address (one that
 * translates); and whom a node asks, the box in front of it that does, or the server itself.
 */
bool topology_forwards_names(const struct topology *t, int node);
struct address topology_name_server(const struct topology *t, int node);

/* The text of /etc/hosts in the world: every node by name, and by those it was given; a second address of `server` is
 * `server-2`. The length. */
#define TOPOLOGY_HOSTS_SIZE                                                                                            \
	((size_t)(TOPOLOGY_NODES * TOPOLOGY_LINKS * TOPOLOGY_ADDRESSES + 4) * (2 * TOPOLOGY_NAME_SIZE + 64) +          \
	 (size_t)TOPOLOGY_NAMES * 2 * (TOPOLOGY_DNS_NAME_SIZE + ADDRESS_TEXT_SIZE))
size_t topology_hosts_file(const struct topology *t, char text[TOPOLOGY_HOSTS_SIZE]);

/*
 * What DNS64 (RFC 6147) adds to topology_hosts_file() for those behind box `box`, a NAT64: whatever has an IPv4 address
 * on the internet and none of IPv6 has one by which the box reaches it, and so has NAT64_NAME. The length.
 */
#define TOPOLOGY_DNS64_SIZE TOPOLOGY_HOSTS_SIZE
size_t topology_dns64_file(const struct topology *t, int box, char text[TOPOLOGY_DNS64_SIZE]);

#endif
