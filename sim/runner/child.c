#include "runner/child.h"

#include "result/log_file.h"
#include "io/exit_status.h"
#include "io/signals.h"
#include "world/sandbox.h"

#include "io/log.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * fork() whose child dies with its parent. The parent may die before the child has asked for that, so it looks. A world
 * that the child makes outlives it by the moment its end takes: its init falls to this process, for reap() to wait for.
 */
static pid_t fork_mortal(void)
{
	pid_t parent = getpid();
	pid_t pid;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	pid = fork();
	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	return 0;
}

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

static pid_t fork_in(enum child_place place)
{
	fflush(NULL);
	return place == CHILD_SANDBOXED ? sandbox_fork() : fork_mortal();
}

int child_start(struct child *w, enum child_place place, void (*body)(int fd, void *argument), void *argument)
{
	int fds[2];

	*w = (struct child){ .fd = -1, .log_fd = log_file_new() };
	if (w->log_fd < 0 || pipe2(fds, O_CLOEXEC) != 0) {
		log_error("a worker could not be started: %s", strerror(errno));
		child_clear(w);
		return -1;
	}
	w->pid = fork_in(place);
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
		setpgid(w->pid, w->pid); /* the same for a world's init, which passes signals on */
	if (w->pid > 0 && fcntl(w->fd, F_SETFL, O_NONBLOCK) == 0)
		return 0;
	child_kill(w);
	child_clear(w);
	return -1;
}

/* The child; then what it leaves in its process group: the init of a world it made, which died with it. */
static void reap(struct child *w)
{
	w->status = exit_status_wait(w->pid);
	while (waitpid(-w->pid, NULL, 0) > 0 || errno == EINTR)
		continue;
	w->pid = 0;
}

static bool append(struct child *w, const char *bytes, size_t len)
{
	char *text = realloc(w->text, w->len + len + 1);

	if (text == NULL)
		return false;
	memcpy(text + w->len, bytes, len);
	w->text = text;
	w->len += len;
	text[w->len] = '\0';
	return true;
}

bool child_read(struct child *w)
{
	char bytes[16384];
	ssize_t got;

	while ((got = read(w->fd, bytes, sizeof bytes)) > 0)
		if (!append(w, bytes, (size_t)got))
			break;
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
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
