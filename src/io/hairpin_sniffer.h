/*
 * Datagrams this host seems to have sent to itself, seen on the wire. A NAT that hairpins without translating the
 * source returns a host's packet with its own address as source, and the kernel drops that before any socket. Needs the
 * right to open packet sockets. IPv4.
 */
#ifndef HAIRPIN_SNIFFER_H
#define HAIRPIN_SNIFFER_H

#include "base/endpoint.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Sees UDP packets that arrive from `address` to `address` (its port does not matter). Returns the descriptor, or -1
 * and errno. */
int hairpin_sniffer_open(const struct endpoint *address) __attribute__((warn_unused_result));

/*
 * The next datagram's payload, if one waits. Returns its length (cut to `room`), or -1: EAGAIN when none waits, EBADMSG
 * for one that is no whole UDP datagram.
 */
ssize_t hairpin_sniffer_receive(int fd, uint8_t *bytes, size_t room, struct endpoint *from, struct endpoint *to)
    __attribute__((warn_unused_result));

#endif
