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
#include "trace/view.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCENE_NODES 96
#define SCENE_INTERFACES 160
#define SCENE_NAME_SIZE 48 /* an IPv6 address is one too */
#define SCENE_ADDRESSES 32
#define SCENE_STAYS 256
#define SCENE_NETWORKS 16 /* of one box, one after the other */
#define SCENE_POINTS (SCENE_INTERFACES * 3)

/* scene_node.behind: the internet's public side, or nobody knows. Else a node's index. */
#define SCENE_INTERNET (-1)
#define SCENE_UNKNOWN (-2)
#define SCENE_NOWHERE (-3) /* its plug is out */

/* A box's networks of IPv6: it gets another one when it is renumbered. No two boxes ever have the same. */
struct scene_networks {
	struct subnet list[SCENE_NETWORKS];
	size_t count;
};

struct scene_node {
	enum node_kind kind;
	char name[SCENE_NAME_SIZE];                 /* escaped: safe to print */
	int behind;                                 /* at first, by its way out */
	struct endpoint addresses[SCENE_ADDRESSES]; /* port 0; a host's own, a box's on its wan side; at any time */
	size_t address_count;
	char links[TOPOLOGY_LINKS][TOPOLOGY_INTERFACE_SIZE]; /* its interfaces outward, where the record names them */
	size_t link_count;
	struct subnet lan; /* boxes; prefix 0: not known, or none */
	/* Boxes: at any time, from the first on; of those whom it maps by prefix, where they have addresses outside. */
	struct scene_networks ipv6_lans, ipv6_outsides;
	struct endpoint
	    lan_address;         /* a box's own in its lan, where that is not the first of `lan`; else ADDRESS_NONE */
	char nat[NAT_TEXT_SIZE]; /* what it was asked to be, escaped (see manners.h); "" if not told */
	bool rules_changed;      /* in mid-run: their counters do not tell */
	bool rebooted;           /* what came meanwhile met no rule */
	bool has_gap;            /* some of what it told of its mappings was lost */
};

/* Where an interface is plugged in from then on, and who it is there: until its next stay. */
struct scene_stay {
	uint64_t since_ns; /* 0: from the start */
	int node, link;
	int behind;
	struct endpoint addresses[3 * TOPOLOGY_ADDRESSES]; /* of both families, and IPv6's outside */
	size_t address_count;
};

enum scene_side { SCENE_HOST_SIDE, SCENE_LAN_SIDE, SCENE_WAN_SIDE, SCENE_ANY_SIDE };

struct scene_interface {
	int node; /* -1: nobody's */
	enum scene_side side;
	int link;                       /* which of the node's, where they are told apart */
	char name[2 * SCENE_NAME_SIZE]; /* escaped */
	uint16_t link_type;
	bool mac_known;
	uint8_t mac[6];          /* its own, learned from what it sends */
	uint64_t from_ns, to_ns; /* when it was looked at; to_ns 0: all the time */
	const struct view *view; /* without a record: what is seen there; or NULL */
};

/* What may be seen next of a packet last seen at one point, at another (an interface and a direction). */
enum scene_hop {
	SCENE_NO_HOP,
	SCENE_LINK,   /* the other end of the wire: the same addresses, the same TTL */
	SCENE_ROUTED, /* across the internet: the same addresses, a TTL one less */
	SCENE_BOX,    /* through a NAT box: a TTL one less, addresses may change */
	SCENE_GAP,    /* by way of interfaces that were not captured */
};

struct scene {
	struct scene_node nodes[SCENE_NODES];
	size_t node_count;
	struct scene_interface interfaces[SCENE_INTERFACES];
	size_t interface_count;
	struct scene_stay stays[SCENE_STAYS]; /* of interfaces that the record names */
	size_t stay_count;
	bool from_record;                         /* the nodes came from a record: who is behind whom is certain */
	uint8_t hops[SCENE_POINTS][SCENE_POINTS]; /* enum scene_hop, filled by scene_connect() */
};

/* The side that the last word of an interface's name tells; SCENE_ANY_SIDE: none. */
enum scene_side scene_side_of_name(const char *name);

/* The node's name; of -1 "somebody". */
const char *scene_name(const struct scene *s, int node);

/* A name as the scene keeps it. Returns `out`. */
const char *scene_escape_name(const char *name, char out[2 * SCENE_NAME_SIZE]);

/* True if somebody looked at the interface at that moment. */
bool scene_watches(const struct scene_interface *i, uint64_t time_ns);

/* True if at that moment somebody looked at an interface of the node other than `except` (-1: whichever). */
bool scene_is_watched(const struct scene *s, int node, int except, uint64_t time_ns);

/* Index of the node of that name, or -1. */
int scene_find(const struct scene *s, const char *name);

/* Adds a node, or finds it if there is one of that name. Returns its index, or -1 when there is no room. */
int scene_add_node(struct scene *s, enum node_kind kind, const char *name, int behind);

/* Notes an address of a node; an address already there is not added again. A full list forgets the rest. */
void scene_add_address(struct scene *s, int node, const struct endpoint *address);

/*
 * Notes a stay of the node's interface of that name, in the order of time; its addresses are the node's too. Returns
 * false when there is no room.
 */
bool scene_add_stay(struct scene *s, int node, const char *interface, const struct scene_stay *stay);

/* The node's interface of that name as one of its links; where they are not told apart, 0; -1: it has none. */
int scene_find_link(const struct scene *s, int node, const char *interface);

/* Where the node's interface was plugged in then. */
int scene_wire(const struct scene *s, int node, int link, uint64_t time_ns);

/* True if the interface was there at any time. */
bool scene_was_on_wire(const struct scene *s, int node, int link, int wire);

/* True if the node had the address then, on an interface of its own. */
bool scene_had_address(const struct scene *s, int node, const struct endpoint *address, uint64_t time_ns);

/*
 * Adds a captured interface, named "nat-a lan" or "alice eth0"; a name that is not two words stands for a node of its
 * own, NULL for one called "if0", "if1". Its node is added if need be. Returns its index, or -1 when there is no room.
 */
int scene_add_interface(struct scene *s, const char *name, uint16_t link_type);

/* Works out all hops. Call it after the last node or interface was added, and before scene_hop(). */
void scene_connect(struct scene *s);

/* A point: an interface and which way the packet went there. */
static inline unsigned scene_point(unsigned interface, enum pcapng_direction direction)
{
	return interface * 3 + (unsigned)direction;
}

static inline enum scene_hop scene_hop(const struct scene *s, unsigned from, unsigned to)
{
	return (enum scene_hop)s->hops[from][to];
}

/*
 * Which way a packet went at an interface: what the capture says, else by link addresses and IP addresses. Learns the
 * interfaces' own link addresses.
 */
enum pcapng_direction scene_direction(struct scene *s, unsigned interface, enum pcapng_direction said,
                                      const struct packet *p);

/* The node that has that address (ports are ignored), or -1. */
int scene_owner(const struct scene *s, const struct endpoint *e);

/* The same as the box sees it: what is behind it directly comes first, for inside addresses may occur in several homes.
 */
int scene_owner_at(const struct scene *s, int box, const struct endpoint *e);

/* True if the address is the node's own: a host's, a box's on its wan side. */
bool scene_has_address(const struct scene *s, int node, const struct endpoint *e);

/*
 * Notes the networks of IPv6 that a box has from then on, behind it and outside (prefix 0: none). One that is there
 * already is not added again. A full list forgets the rest.
 */
void scene_add_networks(struct scene *s, int box, const struct subnet *lan, const struct subnet *outside);

/* The first of those behind it; prefix 0: none. */
struct subnet scene_ipv6_lan(const struct scene *s, int box);

/* Whether the network behind the box is known, of that address's family; and whether that is in it. */
bool scene_knows_lan(const struct scene *s, int box, const struct endpoint *e);
bool scene_in_lan(const struct scene *s, int box, const struct endpoint *e);

/* True if a box that maps a prefix has made the address of one inside: that box; any box. */
bool scene_is_outside_of(const struct scene *s, int box, const struct endpoint *e);
bool scene_is_outside(const struct scene *s, const struct endpoint *e);

/* True if it is the box's own address in its lan (the first one, if nothing else is known). */
bool scene_is_lan_address(const struct scene *s, int box, const struct endpoint *e);

/* True if the node is `box` or ever stood behind it, however deep. */
bool scene_is_behind(const struct scene *s, int node, int box);

/* True if the address is in the lan of the box or of one that ever stood behind it, or somebody had it while he did. */
bool scene_is_address_behind(const struct scene *s, int box, const struct endpoint *e);

/* Where a packet that left a node at that interface to `dst` should have been seen next, or -1 if nobody has that
 * address. */
int scene_next_node(const struct scene *s, unsigned interface, const struct endpoint *dst, uint64_t time_ns);

#define SCENE_ENDPOINT_SIZE (SCENE_NAME_SIZE + ENDPOINT_TEXT_SIZE)

/* "nat-a:5000" for an address that belongs to somebody, else the address. Returns `text`. */
const char *scene_format(const struct scene *s, const struct endpoint *e, char text[SCENE_ENDPOINT_SIZE]);
const char *scene_format_at(const struct scene *s, int box, const struct endpoint *e, char text[SCENE_ENDPOINT_SIZE]);

#endif
