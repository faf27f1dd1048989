#include "io/resolver.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the child writes, at once: it is shorter than PIPE_BUF. */
struct resolver_answer {
	bool found;
	struct endpoint endpoint;
	char error[UDP_ERROR_SIZE];
};

static void __attribute__((noreturn))
look_up(int fd, pid_t parent, const char *text, uint16_t port, enum address_family family)
{
	struct resolver_answer answer = { .found = false };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent) /* it ended before it could take us with it */
		_exit(1);
	answer.found = udp_resolve(text, port, family, &answer.endpoint, answer.error) == 0;
	_exit(write(fd, &answer, sizeof answer) == (ssize_t)sizeof answer ? 0 : 1);
}

int resolver_start(struct resolver *r, const char *text, uint16_t port, enum address_family family)
{
	pid_t parent = getpid();
	int ends[2];
	int saved;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	r->child = fork();
	if (r->child == 0)
		look_up(ends[1], parent, text, port, family);
	saved = errno;
	close(ends[1]);
	r->fd = ends[0];
	if (r->child > 0)
		return 0;
	close(ends[0]);
	r->child = 0;
	errno = saved;
	return -1;
}

bool resolver_is_busy(const struct resolver *r)
{
	return r->child > 0;
}

struct pollfd resolver_pollfd(const struct resolver *r)
{
	return (struct pollfd){ .fd = resolver_is_busy(r) ? r->fd : -1, .events = POLLIN };
}

int resolver_take(struct resolver *r, struct endpoint *out, char error[UDP_ERROR_SIZE])
{
	struct resolver_answer answer = { .found = false, .error = "its look-up ended without an answer" };
	ssize_t got = read(r->fd, &answer, sizeof answer);

	resolver_stop(r);
	if (got == (ssize_t)sizeof answer && answer.found) {
		*out = answer.endpoint;
		return 0;
	}
	snprintf(error, UDP_ERROR_SIZE, "%s", answer.error);
	return -1;
}

void resolver_stop(struct resolver *r)
{
	if (!resolver_is_busy(r))
		return;
	kill(r->child, SIGKILL);
	while (waitpid(r->child, NULL, 0) < 0 && errno == EINTR)
		;
	close(r->fd);
	r->child = 0;
}
