#include "world/fence.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/* Far beyond what a busy machine needs; then something is broken. */
#define PATIENCE_S 60

static int connect_to_itself(int fd)
{
	struct sockaddr_in self = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct timeval patience = { .tv_sec = PATIENCE_S };
	socklen_t len = sizeof self;

	if (bind(fd, (struct sockaddr *)&self, len) != 0 || getsockname(fd, (struct sockaddr *)&self, &len) != 0 ||
	    connect(fd, (struct sockaddr *)&self, len) != 0)
		return -1;
	return setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
}

int fence_open(struct fence *f)
{
	CPU_ZERO(&f->cpus);
	f->fd = -1;
	if (sched_getaffinity(0, sizeof f->cpus, &f->cpus) != 0)
		return -1;
	f->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (f->fd < 0)
		return -1;
	if (connect_to_itself(f->fd) == 0)
		return 0;
	fence_close(f);
	return -1;
}

void fence_close(struct fence *f)
{
	int error = errno;

	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
	errno = error;
}

/* Once around loopback, on the processor this thread is on. */
static int go_round(const struct fence *f)
{
	char byte = 0;
	ssize_t n;

	if (send(f->fd, &byte, 1, 0) != 1)
		return -1;
	do
		n = recv(f->fd, &byte, 1, 0);
	while (n < 0 && errno == EINTR);
	return n == 1 ? 0 : -1;
}

static int wait_here(const struct fence *f, unsigned links)
{
	for (unsigned i = 0; i < links; i++)
		if (go_round(f) != 0)
			return -1;
	return 0;
}

static int wait_on(const struct fence *f, size_t cpu, unsigned links)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	if (sched_setaffinity(0, sizeof one, &one) != 0)
		return errno == EINVAL ? 0 : -1; /* it has gone offline, and nothing is sent there */
	return wait_here(f, links);
}

/* The processor we are on comes first: on a busy machine each change of it means to wait for a turn. */
int fence_wait(const struct fence *f, unsigned links)
{
	int here = sched_getcpu();
	size_t first = here >= 0 ? (size_t)here : 0;
	int status = 0;

	if (CPU_COUNT(&f->cpus) == 1)
		return wait_here(f, links);
	for (size_t i = 0; i < CPU_SETSIZE && status == 0; i++) {
		size_t cpu = (first + i) % CPU_SETSIZE;

		if (CPU_ISSET(cpu, &f->cpus))
			status = wait_on(f, cpu, links);
	}
	if (sched_setaffinity(0, sizeof f->cpus, &f->cpus) != 0)
		return -1;
	return status;
}
