/*
 * Where a trace was taken: the hosts and NAT boxes, who stands behind whom, and what each captured interface is a side
 * of. Filled from the world's record, or as far as it goes from interface and host names. Knows no packets' fates.
 */
#ifndef SCENE_H
#define SCENE_H

#include "base/endpoint.h"
#include "nat/nat.h"
#include "model/topology.h"
#include "evidence/pcapng.h"
#include "trace/packet.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STAGE_NODES 96
#define STAGE_INTERFACES 160
#define STAGE_NAME_SIZE 32
#define STAGE_ADDRESSES 8
#define STAGE_POINTS (STAGE_INTERFACES * 3)

/* stage_node.behind: the internet's public side, or nobody knows. Else a node's index. */
#define STAGE_INTERNET (-1)
#define STAGE_UNKNOWN (-2)

struct stage_node {
	enum node_kind kind;
	char name[STAGE_NAME_SIZE]; /* escaped: safe to print */
	int behind;
	struct endpoint addresses[STAGE_ADDRESSES]; /* port 0; a host's own, a box's on its wan side */
	size_t address_count;
	uint32_t lan_network, lan_prefix; /* boxes; host order; prefix 0: not known */
	char nat[NAT_TEXT_SIZE]; /* what it was asked to be, escaped: for words, never for verdicts; "" if not told */
};

enum stage_side { STAGE_HOST_SIDE, STAGE_LAN_SIDE, STAGE_WAN_SIDE, STAGE_ANY_SIDE };

struct stage_interface {
	int node; /* -1: nobody's */
	enum stage_side side;
	char name[2 * STAGE_NAME_SIZE]; /* escaped */
	uint16_t link_type;
	bool mac_known;
	uint8_t mac[6]; /* its own, learned from what it sends */
};

/* What may be seen next of a packet last seen at one point, at another (an interface and a direction). */
enum stage_hop {
	STAGE_NO_HOP,
	STAGE_LINK,   /* the other end of the wire: the same addresses, the same TTL */
	STAGE_ROUTED, /* across the internet: the same addresses, a TTL one less */
	STAGE_BOX,    /* through a NAT box: a TTL one less, addresses may change */
	STAGE_GAP,    /* by way of interfaces that were not captured */
};

struct stage {
	struct stage_node nodes[STAGE_NODES];
	size_t node_count;
	struct stage_interface interfaces[STAGE_INTERFACES];
	size_t interface_count;
	bool from_record;                         /* the nodes came from a record: who is behind whom is certain */
	uint8_t hops[STAGE_POINTS][STAGE_POINTS]; /* enum stage_hop, filled by stage_connect() */
};

/* Index of the node of that name, or -1. */
int stage_find(const struct stage *s, const char *name);

/* Adds a node, or finds it if there is one of that name. Returns its index, or -1 when there is no room. */
int stage_add_node(struct stage *s, enum node_kind kind, const char *name, int behind);

/* Notes an address of a node; an address already there is not added again. A full list forgets the rest. */
void stage_add_address(struct stage *s, int node, const struct endpoint *address);

/*
 * Adds a captured interface, named "nat-a lan" or "alice eth0"; a name that is not two words stands for a node of its
 * own, NULL for one called "if0", "if1". Its node is added if need be. Returns its index, or -1 when there is no room.
 */
int stage_add_interface(struct stage *s, const char *name, uint16_t link_type);

/* Works out all hops. Call it after the last node or interface was added, and before stage_hop(). */
void stage_connect(struct stage *s);

/* A point: an interface and which way the packet went there. */
static inline unsigned stage_point(unsigned interface, enum pcapng_direction direction)
{
	return interface * 3 + (unsigned)direction;
}

static inline enum stage_hop stage_hop(const struct stage *s, unsigned from, unsigned to)
{
	return (enum stage_hop)s->hops[from][to];
}

/*
 * Which way a packet went at an interface: what the capture says, else by link addresses and IP addresses. Learns the
 * interfaces' own link addresses.
 */
enum pcapng_direction stage_direction(struct stage *s, unsigned interface, enum pcapng_direction said,
                                      const struct packet *p);

/* The node that has that address (ports are ignored), or -1. */
int stage_owner(const struct stage *s, const struct endpoint *e);

/* The same as the box sees it: what is behind it directly comes first, for inside addresses may occur in several homes.
 */
int stage_owner_at(const struct stage *s, int box, const struct endpoint *e);

/* True if the address is the node's own: a host's, a box's on its wan side. */
bool stage_has_address(const struct stage *s, int node, const struct endpoint *e);
/* True if it is the box's own address in its lan (the first one). */
bool stage_is_lan_address(const struct stage *s, int box, const struct endpoint *e);

/* True if the node is `box` or stands behind it, however deep. */
bool stage_is_behind(const struct stage *s, int node, int box);

/* The outermost box in front of a node, or the node itself if it stands on the internet. */
int stage_front(const struct stage *s, int node);

/* Where a packet that left `node` to `dst` should have been seen next, or -1 if nobody has that address. */
int stage_next_node(const struct stage *s, int node, const struct endpoint *dst);

#define STAGE_ENDPOINT_SIZE (STAGE_NAME_SIZE + ENDPOINT_TEXT_SIZE)

/* "nat-a:5000" for an address that belongs to somebody, else the address. Returns `text`. */
const char *stage_format(const struct stage *s, const struct endpoint *e, char text[STAGE_ENDPOINT_SIZE]);
const char *stage_format_at(const struct stage *s, int box, const struct endpoint *e, char text[STAGE_ENDPOINT_SIZE]);

#endif
