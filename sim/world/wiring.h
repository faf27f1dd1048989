/*
 * The cables of a world: network namespaces, links, addresses, routes. No NAT rules.
 *
 * Every node has its network namespace; the sandbox's own is the internet's router. Links are veth pairs; one with
 * weather is two, with the cable process between them, whose ends are in a namespace of their own. There are `eth0` of
 * a host or `wan` of a box at one end; at the other the box's `lan`, a port of its bridge `lan` when several stand
 * there, or an interface of the router named as the node. Neighbour and bridge entries are permanent and IPv6 is off,
 * so that nothing but the programs' own packets is ever on a wire. Interface addresses read 02:00:00:00:NN:RR: node NN,
 * in the order of the topology from 01; RR is 01 outward, 02 lan, 03 the far end of its cable. A further interface of
 * the node reads 02:00:00:01:...
 */
#ifndef WIRING_H
#define WIRING_H

#include "model/topology.h"
#include "world/ordering.h"
#include "world/rtnetlink.h"
#include "world/sysctl.h"

/* Interfaces have indices below that. */
#define WIRING_INDEX_MAX (10 + 2 * TOPOLOGY_NODES * TOPOLOGY_LINKS)

struct wiring {
	struct topology *topology;                       /* as it stands */
	int home_fd;                                     /* the router's network namespace */
	int netns_fds[TOPOLOGY_NODES];                   /* the nodes' */
	int last_fronts[TOPOLOGY_NODES][TOPOLOGY_LINKS]; /* where the far end of each link is, plugged in or not */
	struct sysctl_machine machine;
	char order_mask[ORDERING_MASK_SIZE]; /* the processor that receives all of the world's packets */
	int cable_fd;                        /* the namespace of carried links' ends; -1 where there are none */
	struct rtnetlink router, cable;
	struct rtnetlink nodes[TOPOLOGY_NODES];
};

/* Stage 1: the router, in the sandbox's own network namespace, where the thread is. 0, or -1 (logged). */
int wiring_begin(struct wiring *w, struct topology *t) __attribute__((warn_unused_result));

/*
 * Stage 2, for each node: its namespace, with the sysctls that have to be there before the first interface. The
 * descriptors stay the caller's. 0, or -1 (logged).
 */
int wiring_make_namespace(struct wiring *w, int node) __attribute__((warn_unused_result));

/*
 * Stage 3: links, addresses, routes; returns when every link is operational. A box's rules may load from then on; not
 * before, because the kernel makes no interface in a namespace where nftables still clears up after a change. 0, or -1
 * (logged).
 */
int wiring_connect(struct wiring *w) __attribute__((warn_unused_result));

/*
 * In the cable's namespace, the end of a node's link where packets of that direction come in, and those of the other
 * leave: "in-3" beside the node's interface, "out-3" beside what is in front.
 */
struct rtnetlink_interface wiring_cable_end(int node, int link, enum weather_direction from);

/*
 * Puts back the addresses, routes and neighbours of a node (TOPOLOGY_INTERNET: the router) that are gone, as the kernel
 * forgets them with an interface that goes down.
 */
void wiring_restore(struct wiring *w, int node);

/*
 * Returns when the node's links that are up at both ends carry packets (a bridge learns of a port a moment later), and
 * nothing is sent any more on those that are not. 0, or -1 (logged).
 */
int wiring_wait(struct wiring *w, int node);

/*
 * The node's links become these: what was plugged in is pulled, what is plugged in now is, has its addresses and
 * routes, and is known to its neighbours; metrics are changed. Links made to be carried are carried as before. Returns
 * when what is plugged in is operational: 0, or -1 (logged). The wiring's topology is changed.
 */
int wiring_change(struct wiring *w, int node, const struct link links[TOPOLOGY_LINKS])
    __attribute__((warn_unused_result));

/* Closes what the stages needed, but not the namespaces' descriptors. */
void wiring_finish(struct wiring *w);

#endif
