/*
 * A made-up internet for tests: one server, some peers, each on the open internet or behind a NAT of its own, and a
 * clock that jumps from event to event. What happens to each datagram on the way is decided by the test.
 */
#ifndef NETWORK_H
#define NETWORK_H

#include "chat/peer/peer.h"
#include "chat/rendezvous/rendezvous.h"

#define NETWORK_PEERS 4
#define NETWORK_MAX_PEERS 16 /* of the server's roster */
#define NETWORK_MAPPINGS 4096
#define NETWORK_FLIGHTS 512
#define NETWORK_TRAPPED 64
#define NETWORK_LOG 65536
#define SECOND UINT64_C(1000000)
#define MS UINT64_C(1000)

enum nat_mapping { MAP_NONE, MAP_ENDPOINT_INDEPENDENT, MAP_ADDRESS_AND_PORT_DEPENDENT };
enum nat_filter { LET_ALL_IN, LET_ADDRESS_IN, LET_ADDRESS_AND_PORT_IN };

/* How a port is found for a new mapping: one after the other, the inside one for a socket's first, by chance. */
enum nat_port_choice { PORTS_IN_ORDER, PORTS_KEPT_AT_FIRST, PORTS_BY_CHANCE };

struct nat_kind {
	const char *name;
	enum nat_mapping mapping;
	enum nat_filter filter;
	enum nat_port_choice choice;
};

/* open, full cone, restricted, port-restricted, symmetric */
extern const struct nat_kind classic_nats[5];

/* One flow through a NAT: from the host by way of `port` to `to`. */
struct nat_flow {
	uint16_t socket; /* of the host */
	uint16_t port;
	struct endpoint to;
};

struct host {
	struct peer peer;
	bool up;
	struct endpoint inside;  /* what the peer is bound to */
	struct endpoint other;   /* of the other family, before no NAT; of no family if it has none */
	struct endpoint outside; /* the NAT's address; its port is that of the first mapping */
	struct nat_kind nat;
	struct nat_flow flows[NETWORK_MAPPINGS];
	size_t flow_count;
	uint16_t next_port;
	struct nat_flow trapped[NETWORK_TRAPPED]; /* what the box has taken for its own; of no socket */
	size_t trapped_count;
	bool traps;        /* its box takes for its own what it does not let in, and keeps the port from the host */
	unsigned boxes;    /* one behind the other, each a hop; 0 for one */
	uint64_t delay_us; /* of what the server sends it, beside the latency */
	bool swapped;      /* the first socket is of the other family, and the other way round */
	unsigned opened;
	bool has_no_sockets;                  /* beyond its first, for those that it asks for from now on */
	uint16_t sockets[SOCKET_SET_MAX + 1]; /* the ports they are bound to; 0: closed */
	char log[NETWORK_LOG];                /* event lines, each with a line end */
	size_t log_len;
	unsigned events;
	unsigned failures; /* events that answer a command with one */
};

/* A datagram on its way, as it is on the internet: between public addresses. */
struct flight {
	uint64_t arrives_us;
	struct endpoint from, to;
	unsigned hops; /* it has left, from the router in the middle on */
	size_t len;
	uint8_t bytes[WIRE_MAX_DATAGRAM];
};

enum fate { ARRIVES, LOST, TWICE, LATE_300_MS, LATE_3_S, DAMAGED_BETWEEN_PEERS };

struct network {
	uint64_t now_us;
	uint64_t latency_us;
	uint64_t late_us[2]; /* beside the latency, what goes between peers by IPv4, and by IPv6 */
	struct endpoint server_at;
	struct endpoint server_second;
	struct endpoint server_by_ipv6; /* the first, for peers that have both families */
	unsigned strategies;            /* of the peers that start from now on; at first STRATEGY_PLAIN */
	bool both_families;             /* of the peers that start from now on */
	enum event_style style;         /* of the lines in the logs; at first EVENT_FOR_PROGRAMS */
	bool server_up;
	struct rendezvous server;
	struct roster_peer *memory;
	struct host hosts[NETWORK_PEERS];
	struct flight flights[NETWORK_FLIGHTS];
	size_t flight_count;
	unsigned sent;                                                /* datagrams so far */
	enum fate (*fate)(struct network *n, const struct flight *f); /* NULL: all arrive */
	unsigned chosen;                                              /* for the fates below */
	enum fate chosen_fate;
	uint32_t dice;
	void (*watch)(struct network *n, const struct flight *f); /* sees every datagram as it is sent; may be NULL */
	unsigned misbehaviour; /* broken promises of the server or busy loops, seen on the way */
};

/* A network with the server up and no peer up. Free with network_free(). */
struct network *network_new(uint64_t latency_us);
void network_free(struct network *n);

/* A peer starts on host `i`, behind that NAT, with those times. */
void network_start(struct network *n, unsigned i, struct nat_kind nat, uint64_t punch_timeout_us,
                   uint64_t keepalive_us);

/* Its public address, as the server sees it. */
struct endpoint network_address(const struct network *n, unsigned i);

/* The server ends without a word, or starts with nobody logged in. */
void network_kill_server(struct network *n);
void network_start_server(struct network *n);

/* Sends and shows what a call on a peer or on the server left to do. To be called after every such call. */
void network_carry_out(struct network *n);

/* Lets the time pass. */
void network_run(struct network *n, uint64_t us);

/* Until host `i` has shown a line that begins with `start`, from position `*at` of its log on, which moves behind it.
 */
bool network_await(struct network *n, unsigned i, size_t *at, const char *start, uint64_t us);

/* True if host `i` has shown a line that begins so, anywhere; how many did. */
unsigned network_count(const struct network *n, unsigned i, const char *start);

/* A datagram appears on the internet and arrives at once. */
void network_inject(struct network *n, const struct endpoint *from, const struct endpoint *to, const uint8_t *bytes,
                    size_t len);

/* Fates: the chosen-th datagram meets the chosen fate; each of them is lost with a probability of one in `chosen`. */
enum fate fate_of_the_chosen(struct network *n, const struct flight *f);
enum fate fate_by_dice(struct network *n, const struct flight *f);

#endif
