/*
 * Many datagrams at a time: what waits at a socket in one call, what is to leave in one. For sockets bound to many
 * addresses too: each datagram says which of them it came to, and one that is sent says where it leaves from, which is
 * what the NATs on the way expect. Of fixed size; nothing is allocated.
 */
#ifndef UDP_BATCH_H
#define UDP_BATCH_H

#include "io/udp.h"

#include <netinet/in.h>
#include <sys/socket.h>

#define UDP_BATCH_SIZE 64
#define UDP_BATCH_ROOM 2048 /* bytes of a datagram that are kept */

struct udp_packet {
	struct endpoint from;
	struct endpoint to;
	size_t len; /* as it came; above UDP_BATCH_ROOM if it was cut */
	const uint8_t *bytes;
};

/* Room for one control message, which says an address. */
struct udp_control {
	_Alignas(struct cmsghdr) uint8_t bytes[CMSG_SPACE(sizeof(struct in6_pktinfo))];
};

/* Belongs to udp_batch.c: what one call takes, each with its place. */
struct udp_slots {
	struct mmsghdr headers[UDP_BATCH_SIZE];
	struct iovec parts[UDP_BATCH_SIZE];
	struct sockaddr_storage addresses[UDP_BATCH_SIZE];
	struct udp_control controls[UDP_BATCH_SIZE];
	uint8_t bytes[UDP_BATCH_SIZE][UDP_BATCH_ROOM];
};

struct udp_inbox {
	struct udp_slots slots;
	struct endpoint bound;
	unsigned count;
};

/*
 * Takes what waits at a socket of udp_open(), at most UDP_BATCH_SIZE; `bound` is what udp_local() says of it. Returns
 * how many, 0 if none waits; ICMP errors are skipped.
 */
unsigned udp_inbox_fill(struct udp_inbox *in, int fd, const struct endpoint *bound);

/* The one at place `i` (below the count). False if it came from no address that an endpoint can hold. */
bool udp_inbox_read(struct udp_inbox *in, unsigned i, struct udp_packet *out);

struct udp_outbox {
	struct udp_slots slots;
	unsigned count;
	int fd;
	uint64_t unsent; /* datagrams, ever, that the kernel did not take */
	int error;       /* errno of the last of these */
};

/*
 * Puts a datagram (at most UDP_BATCH_ROOM bytes) in, to leave by that socket from `local`; where that is unspecified,
 * the route decides, or what the socket is bound to. Sends first what has no room, or is for another socket.
 */
void udp_outbox_put(struct udp_outbox *out, int fd, const struct endpoint *local, const struct endpoint *to,
                    const uint8_t *bytes, size_t len);

/* Sends what is in it. What the kernel does not take is lost, as on the network, and counted. */
void udp_outbox_send(struct udp_outbox *out);

#endif
