/* Sockets of the lab's own on a host, for packets no program sends: a stranger's, a forged one, a fence. */
#ifndef LAB_SOCKET_H
#define LAB_SOCKET_H

#include "base/endpoint.h"
#include "lab/lab.h"

#include <sys/types.h>

#define LAB_DATAGRAM_MOST 65536

/*
 * A socket on a node, bound to an address and port (zeros: any; family ADDRESS_NONE: any of whichever family the node
 * has). `type`: SOCK_DGRAM is UDP; SOCK_STREAM is TCP (lab_tcp.h), of which several may have one port. A descriptor for
 * the calls below, or -1 with the reason in `error`. Who opened it closes it.
 */
int lab_socket_open(struct lab *l, int node, int type, const struct endpoint *local, char error[LAB_ERROR_SIZE])
    __attribute__((warn_unused_result));

/* How a datagram is sent. */
struct lab_sending {
	bool no_checksum; /* its UDP checksum is zero (RFC 768: none) */
	int ttl;          /* hops that it may go, 1 to 255; 0: as many as the kernel gives it */
	enum {
		LAB_DF_UNTOLD,
		LAB_DF_SET,
		LAB_DF_CLEAR
	} df; /* IPv4's DF: who cannot pass it on whole drops it and says so, by ICMP. The kernel sets it, untold, on
	         what fits */
};

/*
 * Sends one datagram; waits where there is no room for it, and now and then for the recorder: a burst is captured, too.
 * 0, or -1 with the reason: also where it is larger than what is known of the path, with DF.
 */
int lab_socket_send(struct lab *l, int fd, const struct endpoint *to, const void *bytes, size_t len,
                    const struct lab_sending *how, char error[LAB_ERROR_SIZE]) __attribute__((warn_unused_result));

/*
 * The next datagram, waited for until that time (clock_now_ms()) while the lab's programs go on: its length and sender.
 * -1: none came, or the host was told by ICMP that an earlier one was refused.
 */
ssize_t lab_socket_receive(struct lab *l, int fd, void *bytes, size_t size, struct endpoint *from, uint64_t until_ms);

/* Waits for these events (poll(2)) of a socket while the lab's programs go on. False: the time is over. */
bool lab_socket_wait(struct lab *l, int fd, short events, uint64_t until_ms);

/* Puts `what` and errno into `error`. -1. */
int lab_socket_fail(char error[LAB_ERROR_SIZE], const char *what);

/* The socket's own address and port. 0 or -1. */
int lab_socket_local(int fd, struct endpoint *out) __attribute__((warn_unused_result));

#endif
