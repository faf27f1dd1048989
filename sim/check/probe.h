/*
 * Packets sent through a box under test, and what became of them. One process with sockets on both sides of the box.
 *
 * With UDP a packet is a datagram. With TCP each socket listens at its port and dials from it: what is sent opens a
 * connection, unless there is one between the two endpoints already, and is carried by it. So what is asked of a box is
 * asked by the same words for both; and by the same for IPv4 and IPv6.
 *
 * No sleeping, and no guessing that a packet is lost because it is late: after a fence everything sent before it has
 * arrived or never will. A fence runs beside the box, through the one queue all packets of a world pass through
 * (world/fence.h, world/ordering.h): no packet through the box, which could be another one than is thought.
 *
 * Hosts without IPv4 (ipv6=nat64) send and receive by IPv6 what a box makes IPv4 of; here all of it goes by IPv4's
 * addresses, theirs by those that their box knows them by.
 *
 * Errors of the lab's own (no socket, a fence that does not come back) are logged once and stick: probe_failed().
 */
#ifndef PROBE_H
#define PROBE_H

#include "base/endpoint.h"
#include "model/siit.h"
#include "nat/nat.h"
#include "world/fence.h"
#include "world/world.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROBE_SOCKETS 512
#define PROBE_PACKETS 4096
#define PROBE_CONNECTIONS 2048
#define PROBE_ADDRESSES 4                /* the server's */
#define PROBE_PEER (PROBE_ADDRESSES - 1) /* the one that is like the peers' boxes' (topology.h) */
#define PROBE_PORTS 2
#define PROBE_HOSTS 2
#define PROBE_OUTSIDE 8
#define PROBE_TTL 77          /* of all that is sent: no system's default, so that a box that sets one is seen to */
#define PROBE_ONE_PACKET 1472 /* the largest datagram that fits one packet of Ethernet's 1500 bytes */
#define PROBE_SEVERAL_PACKETS 4000

struct probe_socket {
	int fd;
	int node;
	struct endpoint local; /* address 0.0.0.0 becomes the node's */
	bool refused;          /* an ICMP error came back to it */
	bool reset;            /* a RST came back to what it dialed */
};

/* Of TCP: from the side of one of its ends. */
struct probe_connection {
	int socket;
	int fd; /* -1: it has ended */
	struct endpoint peer;
	bool open;  /* else it was dialed and not answered yet */
	int packet; /* to be sent once it is open */
};

struct probe_packet {
	int from; /* socket */
	struct endpoint to;
	size_t size;
	int arrived_at;         /* socket, or -1 */
	struct endpoint source; /* as seen where it arrived */
	int ttl;                /* likewise */
};

struct probe {
	const struct world *world;
	enum nat_protocol protocol;
	enum address_family family;
	int server;
	int hosts[PROBE_HOSTS];
	size_t host_count;
	/* the server's sockets by address and port: remote[0][0] is what RFC 5780 calls A1:P1, remote[1][1] A2:P2 */
	int remote[PROBE_ADDRESSES][PROBE_PORTS];
	int name_server;       /* one more, on A1's port 53, which even strict boxes let out */
	bool port_seen[65536]; /* source ports of what came from the hosts */
	struct address outside[PROBE_HOSTS][PROBE_OUTSIDE]; /* different source addresses of what came from each host */
	size_t outside_count[PROBE_HOSTS];
	bool payload_changed;   /* some packet arrived with other bytes than were sent, but for: */
	bool payload_clobbered; /* one came in with the box's address replaced by that of whom it reached */
	struct siit siit;       /* where the hosts have no IPv4 */
	bool is_translated;
	/* private to probe.c: */
	struct probe_socket sockets[PROBE_SOCKETS];
	size_t socket_count;
	struct probe_packet packets[PROBE_PACKETS];
	size_t packet_count;
	struct probe_connection connections[PROBE_CONNECTIONS];
	size_t connection_count;
	struct fence fence;
	unsigned links; /* that a packet and the answers to it may cross */
	bool failed;
};

/*
 * Opens the server's sockets and the fence. `server` is a node with PROBE_ADDRESSES addresses, the last of
 * them a peer's, `hosts` stand behind the box. Returns 0 or -1; probe_close() in both cases.
 */
int probe_open(struct probe *p, const struct world *w, enum nat_protocol protocol, enum address_family family,
               int server, const int *hosts, size_t host_count) __attribute__((warn_unused_result));
void probe_close(struct probe *p);

/* True if anything went wrong on the lab's side; what was measured is then worth nothing. */
bool probe_failed(const struct probe *p);

/* A new socket on a node, bound to `port` (0: any unused one). Returns its index, 0 after an error. */
int probe_socket(struct probe *p, int node, uint16_t port);

/* To be called where something of the lab's own went wrong: logs `what` and errno, once. */
void probe_fail(struct probe *p, const char *what);

/* Sends a small datagram, or one of `size` bytes up to PROBE_SEVERAL_PACKETS. Returns the packet's number. */
int probe_send(struct probe *p, int from, struct endpoint to);
int probe_send_sized(struct probe *p, int from, struct endpoint to, size_t size);

/* The same in two fragments, the second of which goes first. From any socket to another node. */
int probe_send_reordered(struct probe *p, int from, struct endpoint to);

/* From now on what the socket sends is in one packet, or none: never cut up, whatever was heard of the way. */
void probe_forbid_fragments(struct probe *p, int socket);

/* Everything sent before has arrived when this returns, or never will. */
void probe_fence(struct probe *p);

/* After a fence: the packet if it arrived, else NULL. */
const struct probe_packet *probe_arrived(const struct probe *p, int packet);

/*
 * Sends from an inside socket to one of the server's and returns the external endpoint it was seen from; family
 * ADDRESS_NONE if it did not arrive in three tries (a box may lose the first packet of a mapping). Fences.
 */
struct endpoint probe_map(struct probe *p, int from, int remote);

/* Sends, fences, and tells whether it arrived at socket `at`. */
bool probe_reaches(struct probe *p, int from, struct endpoint to, int at);

/* After a fence: true if an ICMP error has come back to the socket since the last call. */
bool probe_take_refusal(struct probe *p, int socket);

/* After a fence, of TCP: true if a RST has. */
bool probe_take_reset(struct probe *p, int socket);

/*
 * Of TCP: watches what comes to a node from now on; after a fence the source of the newest SYN for `to` (family
 * ADDRESS_NONE if there was none), which ends the watching. Who has no IPv4 is told of by what it has outside, as all
 * endpoints are.
 */
int probe_watch_syns(struct probe *p, int node);
struct endpoint probe_syn_seen(const struct probe *p, int node, int watch, struct endpoint to);

/*
 * Of TCP: dials from an inside socket to one of the server's that keeps silent (for ever). Returns where the SYN came
 * from, family ADDRESS_NONE if it did not arrive.
 */
struct endpoint probe_call_silent(struct probe *p, int from, int silent);

/* Of TCP: ends what the socket dialed or was dialed by, by a RST where it was answered. */
void probe_hang_up(struct probe *p, int socket);

/*
 * Of TCP: waits for an answer to what the socket has dialed last, until the time (clock_now_ms()) is over. The kernel
 * repeats the SYN meanwhile.
 */
void probe_wait_for_refusal(struct probe *p, int socket, uint64_t until_ms);

/* True if no socket on the hosts has this port and no packet of theirs was seen with it. */
bool probe_port_is_unused(const struct probe *p, uint16_t port);

/* The socket's own address and port. */
struct endpoint probe_local(const struct probe *p, int socket);

/* Where the hosts would be seen from outside, which tells it even where no UDP passes; port 0. */
struct endpoint probe_outside(const struct probe *p);

#endif
