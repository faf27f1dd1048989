#include "runner/child.h"

#include "result/log_file.h"
#include "io/exit_status.h"
#include "io/signals.h"
#include "world/sandbox.h"

#include "io/log.h"
#include "base/array.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A session of its own, so that Ctrl-C reaches the runner alone and the runner decides. */
static void settle_child(int log_fd)
{
	int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	setsid();
	signals_release();
	signal(SIGPIPE, SIG_DFL);
	if (null_fd >= 0)
		dup2(null_fd, STDIN_FILENO);
	dup2(log_fd, STDOUT_FILENO);
	dup2(log_fd, STDERR_FILENO);
}

int child_start(struct child *w, void (*body)(int fd, void *argument), void *argument)
{
	int fds[2];

	*w = (struct child){ .fd = -1, .log_fd = log_file_new() };
	if (w->log_fd < 0 || pipe2(fds, O_CLOEXEC) != 0) {
		log_error("a process for a scenario could not be started: %s", strerror(errno));
		child_clear(w);
		return -1;
	}
	fflush(NULL);
	w->pid = sandbox_fork();
	if (w->pid == 0) {
		close(fds[0]);
		settle_child(w->log_fd);
		body(fds[1], argument);
		fflush(NULL);
		_exit(0);
	}
	close(fds[1]);
	w->fd = fds[0];
	if (w->pid > 0)
		setpgid(w->pid, w->pid); /* a group of its own for the world's init, which passes signals on */
	if (w->pid > 0 && fcntl(w->fd, F_SETFL, O_NONBLOCK) == 0)
		return 0;
	child_kill(w);
	child_clear(w);
	return -1;
}

static void reap(struct child *w)
{
	w->status = exit_status_wait(w->pid);
	w->pid = 0;
}

/* It has closed its pipe. False where there is nothing to wait for its end by. */
static bool begin_to_leave(struct child *w)
{
	int pid_fd = (int)syscall(SYS_pidfd_open, w->pid, 0);

	if (pid_fd < 0)
		return false;
	close(w->fd);
	w->fd = pid_fd;
	w->is_leaving = true;
	return true;
}

static bool is_gone(const struct child *w)
{
	struct pollfd p = { .fd = w->fd, .events = POLLIN };

	return !w->is_leaving || poll(&p, 1, 0) != 0;
}

bool child_read(struct child *w)
{
	char bytes[16384];
	ssize_t got = 0;

	if (w->is_leaving) {
		if (!is_gone(w))
			return false;
		reap(w);
		return true;
	}
	while ((got = read(w->fd, bytes, sizeof bytes)) > 0)
		if (array_append(&w->text, &w->len, bytes, (size_t)got) != 0)
			break;
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (begin_to_leave(w) && !is_gone(w))
		return false;
	reap(w);
	return true;
}

void child_doom(const struct child *w)
{
	if (w->pid > 0)
		kill(-w->pid, SIGKILL);
}

void child_kill(struct child *w)
{
	if (w->pid <= 0)
		return;
	child_doom(w);
	reap(w);
}

char *child_log(const struct child *w)
{
	return log_file_text(w->log_fd);
}

void child_clear(struct child *w)
{
	if (w->fd >= 0)
		close(w->fd);
	if (w->log_fd >= 0)
		close(w->log_fd);
	free(w->text);
	*w = (struct child){ .fd = -1, .log_fd = -1 };
}
