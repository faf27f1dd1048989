#include "session/local_socket.h"

#include "io/clock.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Abstract: the first byte is zero and the length counts. */
static socklen_t make_address(const char *name, struct sockaddr_un *sa)
{
	int len;

	memset(sa, 0, sizeof *sa);
	sa->sun_family = AF_UNIX;
	len = snprintf(sa->sun_path + 1, sizeof sa->sun_path - 1, "%s", name);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)len);
}

static void close_kept(int fd)
{
	int error = errno;

	if (fd >= 0)
		close(fd);
	errno = error;
}

int local_socket_listen(const char *name)
{
	struct sockaddr_un sa;
	socklen_t len = make_address(name, &sa);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd >= 0 && bind(fd, (struct sockaddr *)&sa, len) == 0 && listen(fd, 16) == 0)
		return fd;
	close_kept(fd);
	return -1;
}

uid_t local_socket_peer(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof peer;

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 ? peer.uid : (uid_t)-1;
}

int local_socket_connect(const char *name)
{
	struct sockaddr_un sa;
	socklen_t len = make_address(name, &sa);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && connect(fd, (struct sockaddr *)&sa, len) == 0 && local_socket_peer(fd) == geteuid())
		return fd;
	close_kept(fd);
	return -1;
}

/* How much came before the end; -1 where that did not come, or there was no room for it. */
static ssize_t read_all(int fd, char *text, size_t size, uint64_t deadline)
{
	size_t len = 0;

	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		uint64_t now = clock_now_ms();
		ssize_t got;

		if (len == size || now >= deadline || poll(&p, 1, (int)(deadline - now)) <= 0)
			return -1;
		got = recv(fd, text + len, size - len, 0);
		if (got == 0)
			return (ssize_t)len;
		if (got > 0)
			len += (size_t)got;
		else if (errno != EAGAIN && errno != EINTR)
			return -1;
	}
}

json_t *local_socket_read(int fd, size_t size, uint64_t limit_ms)
{
	char *text = malloc(size);
	ssize_t len = text != NULL ? read_all(fd, text, size, clock_now_ms() + limit_ms) : -1;
	json_t *value = len >= 0 ? json_loadb(text, (size_t)len, 0, NULL) : NULL;

	free(text);
	return value;
}
