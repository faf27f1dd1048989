#include "world/igd_exchange.h"

#include "io/clock.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static bool wait_until(int fd, short events, uint64_t deadline)
{
	struct pollfd p = { .fd = fd, .events = events };
	uint64_t now = clock_now_ms();

	return now < deadline && poll(&p, 1, (int)(deadline - now)) == 1;
}

static bool connect_until(int fd, const struct endpoint *device, uint64_t deadline)
{
	struct sockaddr_storage address;
	socklen_t len = (socklen_t)endpoint_to_sockaddr(device, &address), size = sizeof(int);
	int error = 0;

	if (connect(fd, (struct sockaddr *)&address, len) == 0)
		return true;
	return errno == EINPROGRESS && wait_until(fd, POLLOUT, deadline) &&
	       getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
}

int igd_exchange(int fd, const struct endpoint *device, const char *request, unsigned timeout_ms,
                 char answer[IGD_TEXT_SIZE])
{
	uint64_t deadline = clock_now_ms() + timeout_ms;
	size_t len = 0;
	ssize_t n = -1;

	if (fd >= 0 && connect_until(fd, device, deadline) &&
	    send(fd, request, strlen(request), MSG_NOSIGNAL) == (ssize_t)strlen(request))
		while (len + 1 < IGD_TEXT_SIZE && wait_until(fd, POLLIN, deadline) &&
		       (n = recv(fd, answer + len, IGD_TEXT_SIZE - 1 - len, 0)) > 0)
			len += (size_t)n;
	answer[len] = '\0';
	if (fd >= 0)
		close(fd);
	return igd_answer_code(answer);
}
