#include "io/tcp_socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

static const int on = 1;

int tcp_socket_share_port(int fd)
{
	return setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0
	           ? setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on)
	           : -1;
}

int tcp_socket_send_at_once(int fd)
{
	return setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

int tcp_socket_tell_icmp(int fd, bool tell)
{
	int domain, value = tell;
	socklen_t len = sizeof domain;

	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) != 0)
		return -1;
	return domain == AF_INET6 ? setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &value, sizeof value)
	                          : setsockopt(fd, IPPROTO_IP, IP_RECVERR, &value, sizeof value);
}

bool tcp_socket_take_icmp(int fd)
{
	char control[512];
	struct msghdr message = { .msg_control = control, .msg_controllen = sizeof control };

	return recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) >= 0;
}
