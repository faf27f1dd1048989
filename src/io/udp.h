/*
 * UDP sockets that speak endpoints. Knows bytes and addresses, not what they mean. Sockets are non-blocking and
 * close-on-exec; the caller closes them with close().
 */
#ifndef UDP_H
#define UDP_H

#include "base/endpoint.h"
#include "base/nat64.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* No UDP datagram is longer. */
#define UDP_MAX_DATAGRAM 65535

/* A socket bound to `at`; port 0 takes any. An IPv6 one takes no IPv4. Returns the descriptor, or -1 and errno. */
int udp_open(const struct endpoint *at) __attribute__((warn_unused_result));

/*
 * Has the socket hold more that came than others do, as much as the machine allows and at most 1 MiB of what came: for
 * one that many send to.
 */
void udp_hold_more(int fd);

/* How many datagrams came that it could not hold, since it was opened (modulo 2^32); 0 where the kernel does not say.
 */
uint32_t udp_overruns(int fd);

/* Where a socket is bound. Returns 0, or -1 and errno. */
int udp_local(int fd, struct endpoint *out) __attribute__((warn_unused_result));

/*
 * One datagram, if one waits. Returns its length (which is more than `room` if it was cut), or -1 and errno: EAGAIN
 * when none waits; ECONNREFUSED and its like report an ICMP error, and the next call goes on.
 */
ssize_t udp_receive(int fd, uint8_t *bytes, size_t room, struct endpoint *from) __attribute__((warn_unused_result));

/* Sends one datagram. Returns 0, or -1 and errno. A full send buffer loses it, as the network may. */
int udp_send(int fd, const struct endpoint *to, const uint8_t *bytes, size_t len) __attribute__((warn_unused_result));

/* The same with a TTL or hop limit of its own; 0 is the socket's. */
int udp_send_far(int fd, const struct endpoint *to, const uint8_t *bytes, size_t len, uint8_t hops)
    __attribute__((warn_unused_result));

enum udp_error_kind {
	UDP_ERROR_OTHER,
	UDP_ERROR_PORT,       /* it got to a host that does not listen there, if `reporter` is that host */
	UDP_ERROR_PROHIBITED, /* by administration */
	UDP_ERROR_NO_WAY,     /* to that host */
};

/* An ICMP error about a datagram this socket sent. */
struct udp_error {
	struct endpoint to;       /* where that datagram was going */
	struct endpoint reporter; /* who sent the error; port 0 */
	enum udp_error_kind kind;
};

/* Has the kernel keep ICMP errors for udp_next_error(). Returns 0, or -1 and errno. */
int udp_keep_errors(int fd) __attribute__((warn_unused_result));

/* Takes the next one. Returns false if there is none. */
bool udp_next_error(int fd, struct udp_error *out);

/* The address packets to `to` leave this host from, with port 0; sends nothing. Returns 0, or -1 and errno (no route).
 */
int udp_source_for(const struct endpoint *to, struct endpoint *out) __attribute__((warn_unused_result));

/*
 * Finds out whether `to`, of IPv4 or as a name server has made IPv6 of it (`by_name`), is reached through a NAT64: on a
 * host that has a way by IPv6 alone. Where the well-known prefix does not say so, a name server is asked (RFC 7050),
 * which may block. Returns true if so; `to` is IPv4's then.
 */
bool udp_find_nat64(struct endpoint *to, bool by_name, struct nat64_prefix *out);

/*
 * The addresses that others on this host's networks can reach a socket at that is bound to `bound`: itself, or those of
 * all interfaces, each with its port. Returns how many, at most `room`; loopback and link-local ones are not among
 * them.
 */
unsigned udp_host_addresses(const struct endpoint *bound, struct endpoint *out, unsigned room);

#define UDP_ERROR_SIZE 128

/* True if a datagram can be sent there; else `error` says in words what to write instead. */
bool udp_can_reach(const struct endpoint *to, char error[UDP_ERROR_SIZE]) __attribute__((warn_unused_result));

/*
 * Finds the endpoint "HOST:PORT", "[IPv6]:PORT", or, with a `port` that is not 0, also "HOST" and an address alone.
 * HOST may be a name; it is looked up, which may block. `family` takes only addresses of that family, ADDRESS_NONE
 * takes any: IPv4 first, unless there is a way to the IPv6 one alone. Returns 0, or -1 with what is wrong in `error`,
 * in words, without the text itself.
 */
int udp_resolve(const char *text, uint16_t port, enum address_family family, struct endpoint *out,
                char error[UDP_ERROR_SIZE]) __attribute__((warn_unused_result));

#endif
