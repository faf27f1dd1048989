/*
 * A world on paper: hosts, NAT boxes, who stands behind whom, and the addresses. Pure plain data.
 *
 *               internet (router, 192.0.2.1)
 *      ____________|______________________
 *     |            |                      |
 *   server       nat-a                  nat-b          public: 203.0.113.0/24, one veth each, no bridge
 *                  | lan                  | lan
 *               alice, ...             bob, ...        private: 10.0.N.0/24 behind box N unless said otherwise
 *
 * A box may stand behind a box (a home behind a carrier NAT; a carrier's lan is 100.64.N.0/24, RFC 6598).
 */
#ifndef TOPOLOGY_H
#define TOPOLOGY_H

#include "model/nat.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TOPOLOGY_NODES 64
#define TOPOLOGY_NAME_SIZE 24
#define TOPOLOGY_ADDRESSES 4
#define TOPOLOGY_INTERNET (-1)
#define TOPOLOGY_ROUTER_NAME "internet"
#define TOPOLOGY_ERROR_SIZE 256

enum node_kind { NODE_HOST, NODE_BOX };

struct node {
	enum node_kind kind;
	char name[TOPOLOGY_NAME_SIZE];          /* also its network namespace's and its DNS name */
	int behind;                             /* index of the box in front of it, or TOPOLOGY_INTERNET */
	uint32_t addresses[TOPOLOGY_ADDRESSES]; /* host order; on `eth0` of a host, on `wan` of a box */
	size_t address_count;                   /* 1 unless asked for more */
	struct nat nat;                         /* boxes only */
	uint32_t lan_network;                   /* boxes only: host order; the box itself is .1 */
	unsigned lan_prefix;                    /* boxes only: bits */
};

struct topology {
	struct node nodes[TOPOLOGY_NODES]; /* a box stands before what is behind it */
	size_t count;
};

/*
 * Adds a node behind box `behind` (or TOPOLOGY_INTERNET), with `address_count` addresses given out in order. `lan` is
 * "192.168.1.0/24" or NULL for a lan of its own. Return the node's index, or -1 with a one-line message in `error`
 * (bad or taken name, table full, no such box, lan full).
 */
int topology_add_host(struct topology *t, const char *name, int behind, size_t address_count,
                      char error[TOPOLOGY_ERROR_SIZE]) __attribute__((warn_unused_result));
int topology_add_box(struct topology *t, const char *name, int behind, const struct nat *nat, const char *lan,
                     char error[TOPOLOGY_ERROR_SIZE]) __attribute__((warn_unused_result));

/* Index of the node of that name, or -1. */
int topology_find(const struct topology *t, const char *name);

/* How many nodes stand directly behind box `box`. */
size_t topology_count_behind(const struct topology *t, int box);

/* The interfaces worth capturing: every link once or more, the router's ends left out. */
struct topology_interface {
	int node;
	char name[16];        /* "eth0", "lan", "wan": as it is called inside the node's namespace */
};
size_t topology_interfaces(const struct topology *t, struct topology_interface *out, size_t room);

/* The innermost public address behind which `node` appears to the internet (its outermost box's, or its own). */
uint32_t topology_public_address(const struct topology *t, int node);

#endif
