/* What probe.c, probe_sockets.c, probe_tcp.c and probe_fragments.c share; for them alone. */
#ifndef PROBE_PACKET_H
#define PROBE_PACKET_H

#include "check/probe.h"

#define PROBE_PAYLOAD_SIZE 32
#define PROBE_IPV6_PAYLOAD_SIZE 40 /* longer addresses are in it */

/*
 * Gives the next packet its number and its payload, which whoever sends it has to send as it is. After an error there
 * is nothing to be sent. Returns the number.
 */
int probe_note_packet(struct probe *p, int from, struct endpoint to, size_t size,
                      uint8_t payload[PROBE_SEVERAL_PACKETS]);

/* Of TCP (probe_tcp.c): a packet noted is sent; what has come of all that was dialed. */
void probe_tcp_send(struct probe *p, int packet);
void probe_tcp_advance(struct probe *p);
void probe_tcp_collect(struct probe *p);
void probe_tcp_close(struct probe *p);

/* A packet has arrived at that socket from that source. */
void probe_note_arrival(struct probe *p, struct probe_packet *packet, int at, struct endpoint source);

/* AF_INET or AF_INET6 of the node's sockets; and an endpoint as they know it, and the other way round. */
int probe_domain(const struct probe *p, int node);
size_t probe_to_sockaddr(const struct probe *p, int node, const struct endpoint *e, struct sockaddr_storage *sa);
int probe_from_sockaddr(const struct probe *p, int node, const struct sockaddr_storage *sa, struct endpoint *out)
    __attribute__((warn_unused_result));

/* What hears ICMP errors, and tells of them. */
bool probe_hear_errors(const struct probe *p, int node, int fd);

/* The node's n-th address; family ADDRESS_NONE if it has none, to which nothing can be bound. */
struct address probe_address(const struct probe *p, int node, size_t n);

/* One more socket, bound there. Returns its index, 0 after an error. */
int probe_open_socket(struct probe *p, int node, struct address address, uint16_t port);

/* As setsockopt(), of a number. */
bool probe_set_option(int fd, int level, int option, int value);

/* Calls `take` for each socket where something may have come: all are asked about in one poll. */
void probe_take_ready(struct probe *p, void (*take)(struct probe *p, int socket));

/* Binds, and says to what it is bound. Returns 0, or -1 with errno. */
int probe_bind(const struct probe *p, int node, int fd, struct endpoint *local);

#endif
