#include "io/stun_tcp.h"

#include "io/clock.h"
#include "io/tcp_socket.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int open_at(struct endpoint *local)
{
	struct sockaddr_storage sa;
	socklen_t len = (socklen_t)endpoint_to_sockaddr(local, &sa);
	int fd = socket(sa.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd >= 0 && tcp_socket_share_port(fd) == 0 && bind(fd, (const struct sockaddr *)&sa, len) == 0 &&
	    (len = sizeof sa) != 0 && getsockname(fd, (struct sockaddr *)&sa, &len) == 0 &&
	    endpoint_from_sockaddr(&sa, local) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static bool wait_for(int fd, short events, uint64_t until_ms)
{
	struct pollfd p = { .fd = fd, .events = events };
	uint64_t now_ms = clock_now_ms();

	return poll(&p, 1, until_ms > now_ms ? (int)(until_ms - now_ms) : 0) > 0;
}

static enum stun_tcp_outcome dial(int fd, const struct endpoint *server, uint64_t until_ms)
{
	struct sockaddr_storage sa;
	socklen_t len = (socklen_t)endpoint_to_sockaddr(server, &sa);
	int error = 0;

	if (connect(fd, (const struct sockaddr *)&sa, len) != 0 && errno != EINPROGRESS)
		return STUN_TCP_REFUSED;
	if (!wait_for(fd, POLLOUT, until_ms))
		return STUN_TCP_SILENT;
	len = sizeof error;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
		error = errno;
	return error == 0 ? STUN_TCP_ANSWERED : error == ETIMEDOUT ? STUN_TCP_SILENT : STUN_TCP_REFUSED;
}

/* Reads one whole message. */
static enum stun_tcp_outcome hear(int fd, uint64_t until_ms, struct stun_message *answer)
{
	uint8_t bytes[STUN_MESSAGE_ROOM];
	size_t len = 0;
	ssize_t size, got;

	while ((size = stun_frame_size(bytes, len)) >= 0 && (size == 0 || (size_t)size > len)) {
		if ((size_t)size > sizeof bytes || len == sizeof bytes)
			return STUN_TCP_NO_STUN;
		if (!wait_for(fd, POLLIN, until_ms))
			return STUN_TCP_SILENT;
		got = recv(fd, bytes + len, (size == 0 ? STUN_HEADER_SIZE : (size_t)size) - len, 0);
		if (got <= 0)
			return STUN_TCP_NO_STUN;
		len += (size_t)got;
	}
	return size > 0 && stun_decode(bytes, (size_t)size, answer) == 0 ? STUN_TCP_ANSWERED : STUN_TCP_NO_STUN;
}

static enum stun_tcp_outcome ask(int fd, uint64_t until_ms, struct stun_message *answer)
{
	struct stun_message request = { .class = STUN_REQUEST, .method = STUN_BINDING };
	uint8_t bytes[STUN_MESSAGE_ROOM];
	enum stun_tcp_outcome outcome;
	size_t len;

	memcpy(request.id, answer->id, sizeof request.id);
	len = stun_encode(&request, bytes, sizeof bytes);
	if (send(fd, bytes, len, MSG_NOSIGNAL) != (ssize_t)len)
		return STUN_TCP_NO_STUN;
	outcome = hear(fd, until_ms, answer);
	if (outcome != STUN_TCP_ANSWERED)
		return outcome;
	/* The cookie is not random. */
	return answer->class == STUN_SUCCESS && memcmp(answer->id + 4, request.id + 4, STUN_ID_SIZE - 4) == 0 &&
	               stun_mapped(answer).address.family != ADDRESS_NONE
	           ? STUN_TCP_ANSWERED
	           : STUN_TCP_NO_STUN;
}

enum stun_tcp_outcome stun_tcp_ask(struct endpoint *local, const struct endpoint *server, unsigned timeout_ms, int *fd,
                                   struct stun_message *answer)
{
	uint64_t until_ms = clock_now_ms() + timeout_ms;
	enum stun_tcp_outcome outcome;

	*fd = open_at(local);
	if (*fd < 0)
		return STUN_TCP_NO_SOCKET;
	outcome = dial(*fd, server, until_ms);
	return outcome == STUN_TCP_ANSWERED ? ask(*fd, until_ms, answer) : outcome;
}
