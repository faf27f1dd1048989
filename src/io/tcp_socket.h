/* What sockets of TCP are told before they are used, and what else than their bytes comes to them. */
#ifndef TCP_SOCKET_H
#define TCP_SOCKET_H

#include <stdbool.h>

/*
 * Before it is bound: several sockets may have one port, one that listens and one for each connection, and what a
 * connection leaves behind holds none. 0, or -1 with errno.
 */
int tcp_socket_share_port(int fd) __attribute__((warn_unused_result));

/* What is sent goes at once, in a segment of its own: else the next would wait for what the other end says of it. */
int tcp_socket_send_at_once(int fd) __attribute__((warn_unused_result));

/*
 * Whether ICMP errors of its family are told apart from RSTs (IP_RECVERR, IPV6_RECVERR). 0, or -1 with errno. And true
 * if one had come to it, which is taken.
 */
int tcp_socket_tell_icmp(int fd, bool tell) __attribute__((warn_unused_result));
bool tcp_socket_take_icmp(int fd);

#endif
