/*
 * Hosts and boxes with several interfaces, and interfaces that move, on paper. Pure: as topology.h, of which it is a
 * part.
 *
 * An interface that can move has addresses of its own in every realm it may come to, as many as it was made with, given
 * out before the world is built: it finds the same ones whenever it comes back, as DHCP has it, and the rules of boxes
 * know them from the start.
 */
#ifndef ROAMING_H
#define ROAMING_H

#include "model/topology.h"

#define ROAMING_METRIC_MAX 9999

/*
 * The metric of an interface that was told none, as network managers have it: Ethernet (100) goes before wifi (600),
 * that before everything else (700).
 */
unsigned roaming_metric(const char *interface);

/*
 * Names the first interface of a node, "eth0" or "wan" until then, and so makes it one that can be plugged in
 * elsewhere. A host's interface may have any name (1 to 15 of a-z, 0-9 and -) but "lan", "lo" and those of a box, which
 * are "wan" and what begins so. Returns 0, or -1 with a message in `error`, as all of these.
 */
int roaming_name_interface(struct topology *t, int node, const char *interface, unsigned metric,
                           char error[TOPOLOGY_ERROR_SIZE]) __attribute__((warn_unused_result));

/* Gives the node one more interface, with 1 to TOPOLOGY_ADDRESSES addresses. Returns which of its links, or -1. */
int roaming_add_interface(struct topology *t, int node, const char *interface, int behind, unsigned metric,
                          size_t address_count, char error[TOPOLOGY_ERROR_SIZE]) __attribute__((warn_unused_result));

/* The node's link of that name, or -1 with a message that names those there are. */
int roaming_find_interface(const struct topology *t, int node, const char *interface, char error[TOPOLOGY_ERROR_SIZE])
    __attribute__((warn_unused_result));

/* Before the world is built: leases addresses to all interfaces that can move. */
int roaming_lease(struct topology *t, char error[TOPOLOGY_ERROR_SIZE]) __attribute__((warn_unused_result));

/* The link's plug is pulled: it has no address. */
void roaming_unplug(struct topology *t, int node, int link);

/* Plugs a link in behind that box or at the internet (if it is in elsewhere, it is pulled first). */
int roaming_plug(struct topology *t, int node, int link, int behind, char error[TOPOLOGY_ERROR_SIZE])
    __attribute__((warn_unused_result));

/* Makes the link the node's way out: its metric becomes the least. */
void roaming_prefer(struct topology *t, int node, int link);

/* Gives a box other addresses outside, as many, in the place of those of its first link, which stay nobody's. */
int roaming_renumber(struct topology *t, int box, char error[TOPOLOGY_ERROR_SIZE]) __attribute__((warn_unused_result));

#endif
