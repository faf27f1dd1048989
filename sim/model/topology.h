/*
 * A world on paper: hosts, NAT boxes, who stands behind whom, and the addresses. Pure plain data.
 *
 *                 internet (a router, 11.11.11.1)
 *      ___________________|___________________
 *     |                   |                   |
 *   server              nat-a               nat-b            one veth each, no bridge: one hop between sites
 *   22.22.22.1          33.33.33.1          33.33.33.2       address_plan.h
 *                         | lan 10.0.1.1      | lan 10.0.2.1
 *                       alice 10.0.1.2      bob 10.0.2.2     RFC 1918
 *
 * Addresses are given out in order and speak: hosts on the internet 22.22.22.1, .2, ...; the Nth box 33.33.33.N with
 * 10.0.N.0/24 behind it, or 100.64.N.0/24 (RFC 6598) once a NAT stands behind it, as behind a carrier's. A box is .1 of
 * its lan, who stands there .2, .3, ...
 *
 * A realm (RFC 2663 §2.1) is what shares one set of addresses: the internet, or what is behind a translating box. A
 * firewall translates nothing, so what stands behind it belongs to the realm the firewall itself is in.
 */
#ifndef TOPOLOGY_H
#define TOPOLOGY_H

#include "nat/nat.h"
#include "model/address_plan.h"
#include "model/families.h"
#include "base/subnet.h"
#include "model/weather.h"

#include <stdbool.h>
#include <stddef.h>

#define TOPOLOGY_NODES 64
#define TOPOLOGY_NAME_SIZE 24
#define TOPOLOGY_ADDRESSES 4
#define TOPOLOGY_TEMPORARY 2 /* temporary addresses of an interface at a time */
#define TOPOLOGY_INTERFACE_SIZE 16
#define TOPOLOGY_LINKS 4 /* of one node */
#define TOPOLOGY_INTERNET (-1)
#define TOPOLOGY_NOWHERE (-2) /* link.behind: its plug is out */
#define TOPOLOGY_LEASES 256
#define TOPOLOGY_ROUTER_NAME "internet"
#define TOPOLOGY_CABLE_NAME "cable" /* the namespace where the ends of links are that the cable process carries */
#define TOPOLOGY_ERROR_SIZE 256
#define TOPOLOGY_NAMES 64 /* that nodes were given beside their own */
#define TOPOLOGY_DNS_NAME_SIZE 254

enum node_kind { NODE_HOST, NODE_BOX };

/*
 * A cable, from a node outward. Its one end is the node's interface of that name, after which it is called ("nat-a
 * wan"), its other end the lan of the box in front, or the internet's router.
 */
struct link {
	char interface[TOPOLOGY_INTERFACE_SIZE];      /* "eth0" of a host, "wan" of a box, unless named otherwise */
	int behind;                                   /* index of the box in front, TOPOLOGY_INTERNET or _NOWHERE */
	struct address addresses[TOPOLOGY_ADDRESSES]; /* of the interface, of IPv4 */
	size_t address_count; /* 1 unless asked for more; 0 with the plug out, and of a host that has IPv6 alone */
	struct address temporary[TOPOLOGY_TEMPORARY]; /* of IPv6 (RFC 8981): the last is preferred */
	size_t temporary_count;
	size_t temporary_made; /* so far, in all */
	unsigned metric;       /* of several the least is the way out */
	bool is_disabled;      /* of several: set down by an administrator, so that others are the way out */
	uint8_t renumbered;    /* how often its box got other addresses outside */
	struct weather weather;
};

struct node {
	enum node_kind kind;
	char name[TOPOLOGY_NAME_SIZE];     /* also its network namespace's and its DNS name */
	struct link links[TOPOLOGY_LINKS]; /* outward */
	size_t link_count;
	size_t ipv6_count;  /* IPv6 addresses that each interface outward has where there are any (topology_ipv6.h) */
	bool has_temporary; /* a host that has temporary addresses beside them, where it is behind a box */
	bool has_peer_address; /* the last is one of those that boxes have */
	bool is_movable;       /* its interfaces were named, so they can be plugged in elsewhere (roaming.h) */
	bool has_clat;         /* a host behind a NAT64 with a translator of its own, whose address is the last */
	struct nat nat;        /* boxes only */
	struct subnet lan;     /* translating boxes only; the box itself is .1 */
	bool lan_is_given;     /* asked for, so never renumbered */
};

/* Addresses that are nobody else's in a realm: an interface's there, whether it is plugged in there or not. */
struct topology_lease {
	int realm, node, link;
	struct address addresses[TOPOLOGY_ADDRESSES];
	size_t address_count;
};

/* One more name of a node, for the world's DNS. */
struct topology_name {
	char text[TOPOLOGY_DNS_NAME_SIZE];
	int node;
};

struct topology {
	enum address_plan plan;            /* of the internet; stands before there is a node */
	enum families families;            /* of hosts of which nothing else is said */
	struct node nodes[TOPOLOGY_NODES]; /* a box stands before what is behind it, until somebody moves */
	size_t count;
	struct topology_name names[TOPOLOGY_NAMES]; /* given.h */
	size_t name_count;
	bool has_dns;                                  /* a name server was asked for: boxes forward to it */
	int dns;                                       /* the host where it is */
	struct topology_lease leases[TOPOLOGY_LEASES]; /* where interfaces can move */
	size_t lease_count;
};

/*
 * Adds a node behind box `behind` (or TOPOLOGY_INTERNET). A host gets `address_count` addresses (1 to
 * TOPOLOGY_ADDRESSES). A box's `lan` is "192.168.1.0/24", or NULL for one of its own; two homes may have the same. An
 * `open` box is a plain router. Return the node's index, or -1 with a one-line message
 * in `error` (bad or taken name, table full, no such box, bad lan, lan full); the topology is then unchanged.
 */
int topology_add_host(struct topology *t, const char *name, int behind, size_t address_count,
                      char error[TOPOLOGY_ERROR_SIZE]) __attribute__((warn_unused_result));
int topology_add_box(struct topology *t, const char *name, int behind, const struct nat *nat, const char *lan,
                     char error[TOPOLOGY_ERROR_SIZE]) __attribute__((warn_unused_result));

/*
 * Gives a host on the internet one more address, the next of those that boxes have: to who gets a packet from there it
 * is a peer's box. Returns 0, or -1 with a message.
 */
int topology_add_peer_address(struct topology *t, int host, char error[TOPOLOGY_ERROR_SIZE])
    __attribute__((warn_unused_result));

/*
 * Gives a link one more address of its realm, the next that is neither in use nor leased; on the internet one of those
 * that nodes of that kind have. Returns false when there is none left, or no room for it.
 */
bool topology_give_address(struct topology *t, int node, int link, enum node_kind kind);

#define TOPOLOGY_LINK_NAME_SIZE (TOPOLOGY_NAME_SIZE + TOPOLOGY_INTERFACE_SIZE)

/* The name of a link, as its interface is called in captures: "nat-a wan". Returns `text`. */
const char *topology_link_name(const struct topology *t, int node, int link, char text[TOPOLOGY_LINK_NAME_SIZE]);

/* Gives a node's link that weather. */
void topology_set_weather(struct topology *t, int node, int link, const struct weather *w);

/* True if a link of the world may do anything to a packet: then its cable process carries these. */
bool topology_needs_cable(const struct topology *t);

/* Index of the node of that name, or -1. */
int topology_find(const struct topology *t, const char *name);

/* True of names that already mean something as an interface, a sysctl folder or a host. */
bool topology_is_reserved(const char *name);

/* How many links lead directly to box `box`. */
size_t topology_count_behind(const struct topology *t, int box);

/* True if `node` is `front` or stands behind it, however deep, by any of its links. Everything stands behind
 * TOPOLOGY_INTERNET. */
bool topology_is_behind(const struct topology *t, int node, int front);

/* The same by the way out of each alone: what packets from the node pass now. */
bool topology_goes_by(const struct topology *t, int node, int front);

/* True if an interface of the world can be plugged in elsewhere. */
bool topology_is_movable(const struct topology *t);

/* The node's link that leads to the internet: of those that are plugged in the one of the least metric. */
const struct link *topology_way_out(const struct topology *t, int node);

/* How many links a packet can cross at the most, up to the internet and down again, by a hairpin on the way too. */
unsigned topology_longest_way(const struct topology *t);

/* The realm a link's addresses belong to: the nearest translating box in front of it, TOPOLOGY_INTERNET or _NOWHERE.
 */
int topology_link_realm(const struct topology *t, const struct link *link);

/* The same of a node's way out. */
int topology_realm(const struct topology *t, int node);

/* The address of box `box` on its lan side (a firewall has its wan address there too); for TOPOLOGY_INTERNET the
 * router's. */
struct address topology_lan_address(const struct topology *t, int box);

/* The address behind which `node` appears to the internet: its outermost translating box's, or its own. */
struct address topology_public_address(const struct topology *t, int node);

/* Its name; the router's for TOPOLOGY_INTERNET. */
const char *topology_name(const struct topology *t, int node);

/* The node that has this address in that realm, or -1. */
int topology_find_address(const struct topology *t, int realm, const struct address *address);

/* The interfaces worth capturing: every link once or more, the router's ends left out. */
struct topology_interface {
	int node;
	int link;                           /* which of the node's; -1: a box's side inside */
	char name[TOPOLOGY_INTERFACE_SIZE]; /* "eth0", "lan", "wan": as it is called inside the node's namespace */
};
/* Fills `out` in the order of the nodes. Returns how many there are (never more than `room`). */
size_t topology_interfaces(const struct topology *t, struct topology_interface *out, size_t room);
#define TOPOLOGY_INTERFACES ((1 + TOPOLOGY_LINKS) * (size_t)TOPOLOGY_NODES)

#endif
