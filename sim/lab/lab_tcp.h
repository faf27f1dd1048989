/*
 * TCP with sockets of the lab's own on a host: listeners, and connections that are dialed from a port of one's choice.
 * All sockets of a host may share one port, as punching asks of them (RFC 5128 §3.4). Who opened one closes it.
 */
#ifndef LAB_TCP_H
#define LAB_TCP_H

#include "base/endpoint.h"
#include "lab/lab.h"

#include <sys/types.h>

enum lab_tcp_state {
	LAB_TCP_WAITS, /* not answered yet; nothing came yet */
	LAB_TCP_OPEN,
	LAB_TCP_REFUSED,     /* by a RST, before it was open */
	LAB_TCP_UNREACHABLE, /* likewise, by an ICMP error of its family */
	LAB_TCP_ENDED,       /* by the other's FIN */
	LAB_TCP_RESET,       /* by the other's RST; or its host's kernel has given it up */
};

/* "timed out", "open", "refused", ... */
const char *lab_tcp_state_name(enum lab_tcp_state state);

/*
 * A listener at that address and port (zeros: any; family ADDRESS_NONE: any, of every family that the node has). A
 * descriptor, or -1 with the reason.
 */
int lab_tcp_listen(struct lab *l, int node, const struct endpoint *local, char error[LAB_ERROR_SIZE])
    __attribute__((warn_unused_result));

/* Who has connected to a listener, waited for until that time (clock_now_ms()). A connection's descriptor; -1: nobody.
 */
int lab_tcp_accept(struct lab *l, int listener, struct endpoint *peer, uint64_t until_ms)
    __attribute__((warn_unused_result));

/*
 * Sends a SYN from that address and port (zeros: any; family ADDRESS_NONE: any of the family of `to`) and does not wait
 * for an answer. A descriptor, or -1.
 */
int lab_tcp_dial(struct lab *l, int node, const struct endpoint *local, const struct endpoint *to,
                 char error[LAB_ERROR_SIZE]) __attribute__((warn_unused_result));

/*
 * What became of one that was dialed: WAITS, OPEN, or what it came to, which is told once; the wait ends with anything
 * but WAITS.
 */
enum lab_tcp_state lab_tcp_look(int fd);
enum lab_tcp_state lab_tcp_wait_open(struct lab *l, int fd, uint64_t until_ms);

/* Sends all of it. LAB_TCP_OPEN; or WAITS where the other takes no more in time, RESET where there is no connection. */
enum lab_tcp_state lab_tcp_send(struct lab *l, int fd, const void *bytes, size_t len, uint64_t until_ms);

/*
 * What came: its length, as soon as there is any; 0 with the reason in *state: WAITS (nothing in time), ENDED, RESET.
 */
size_t lab_tcp_receive(struct lab *l, int fd, void *bytes, size_t size, uint64_t until_ms, enum lab_tcp_state *state);

/* Ends what this side sends by a FIN; closes it by a RST. */
void lab_tcp_finish(int fd);
void lab_tcp_reset(int fd);

#endif
