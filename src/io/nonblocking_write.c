#include "io/nonblocking_write.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

int nonblocking_open(int fd)
{
	char path[32];
	struct stat kind;
	int own;

	if (fstat(fd, &kind) != 0 || (!S_ISFIFO(kind.st_mode) && !isatty(fd)))
		return fd; /* files never wait; sockets cannot be opened so, and nonblocking_write() asks before it
		              writes */
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	own = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	return own >= 0 ? own : fd;
}

ssize_t nonblocking_write(int fd, const char *bytes, size_t len)
{
	struct pollfd ready = { .fd = fd, .events = POLLOUT };
	ssize_t written;

	do {
		if (poll(&ready, 1, 0) == 0) {
			errno = EAGAIN;
			return -1;
		}
		written = write(fd, bytes, len < PIPE_BUF ? len : PIPE_BUF);
	} while (written < 0 && errno == EINTR);
	return written;
}
