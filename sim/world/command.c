#include "world/command.h"

#include "base/shell.h"
#include "io/clock.h"
#include "io/exit_status.h"
#include "io/log.h"
#include "world/program_path.h"
#include "world/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define LINE_SIZE 1024

static bool verbose;

void command_set_verbose(bool on)
{
	verbose = on;
}

void command_note(const char *format, ...)
{
	char line[LINE_SIZE];
	va_list args;

	if (!verbose)
		return;
	va_start(args, format);
	vsnprintf(line, sizeof line, format, args);
	va_end(args);
	fprintf(stderr, "+ %s\n", line);
}

/* --- starting -------------------------------------------------------------------------------- */

/* A file in memory with the input, so that nobody blocks on a full pipe. Returns a descriptor, or -1. */
static int open_input(const char *input)
{
	size_t len = input == NULL ? 0 : strlen(input);
	int fd;

	if (len == 0)
		return open("/dev/null", O_RDONLY | O_CLOEXEC);
	fd = memfd_create("input", MFD_CLOEXEC);
	if (fd < 0)
		return -1;
	while (len > 0) {
		ssize_t n = write(fd, input, len);

		if (n < 0) {
			close(fd);
			return -1;
		}
		input += n;
		len -= (size_t)n;
	}
	if (lseek(fd, 0, SEEK_SET) == 0)
		return fd;
	close(fd);
	return -1;
}

/* Returns 0 or an errno, as posix_spawn() does. The signals' state is the default, whatever the caller's is. */
static int spawn(struct command *c, const char *path, int in_fd, int out_fd)
{
	union {
		const char *const *in;
		char *const *out;
	} argv = { .in = c->argv };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, all;
	int error;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in_fd, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, out_fd, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, out_fd, STDERR_FILENO);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &all);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	error = posix_spawn(&c->pid, path, &actions, &attributes, argv.out, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return error;
}

/* spawn() in the command's network namespace: this thread goes there and comes back. */
static int spawn_there(struct command *c, const char *path, int in_fd, int out_fd)
{
	int home = -1;
	int error;

	if (c->netns_fd >= 0) {
		home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
		if (home < 0 || sandbox_enter_netns(c->netns_fd) != 0) {
			error = errno;
			if (home >= 0)
				close(home);
			return error;
		}
	}
	error = spawn(c, path, in_fd, out_fd);
	if (home >= 0) {
		if (sandbox_enter_netns(home) != 0) {
			log_error("cannot return to the own network namespace: %s", strerror(errno));
			abort(); /* everything after this would happen on the wrong host */
		}
		close(home);
	}
	return error;
}

int command_start(struct command *c)
{
	char line[LINE_SIZE];
	char path[4096];
	int pipe_fds[2] = { -1, -1 };
	int in_fd = -1;
	int error = 0;

	c->pid = -1;
	c->out_fd = -1;
	c->output_len = 0;
	c->output[0] = '\0';
	c->status = -1;
	command_note("%s", shell_line(c->argv, line, sizeof line));
	if (program_path_find(c->argv[0], path, sizeof path) != 0)
		error = ENOENT;
	else if ((in_fd = open_input(c->input)) < 0 || pipe2(pipe_fds, O_CLOEXEC) != 0)
		error = errno;
	else
		error = spawn_there(c, path, in_fd, pipe_fds[1]);
	if (in_fd >= 0)
		close(in_fd);
	if (pipe_fds[1] >= 0)
		close(pipe_fds[1]);
	if (error == 0) {
		c->out_fd = pipe_fds[0];
		return 0;
	}
	if (pipe_fds[0] >= 0)
		close(pipe_fds[0]);
	log_error("cannot run '%s': %s", shell_line(c->argv, line, sizeof line), strerror(error));
	errno = error;
	return -1;
}

/* --- waiting --------------------------------------------------------------------------------- */

/* Reads what there is; keeps the first part. Returns false at the end of the output. */
static bool read_output(struct command *c)
{
	char rest[4096];
	size_t room = sizeof c->output - 1 - c->output_len;
	ssize_t n = room > 0 ? read(c->out_fd, c->output + c->output_len, room) : read(c->out_fd, rest, sizeof rest);

	if (n <= 0)
		return n < 0 && errno == EINTR;
	if (room > 0)
		c->output_len += (size_t)n;
	c->output[c->output_len] = '\0';
	return true;
}

struct goal {
	int fd;
	bool (*is_done)(void *data);
	void *data;
};

enum ending { ENDED, DONE, STUCK };

/*
 * Reads until the output ends, the command does (something it left running may hold the pipe), its goal is reached, or
 * the deadline passes.
 */
static enum ending pump(struct command *c, int pid_fd, const struct goal *goal)
{
	uint64_t deadline = clock_now_ms() + COMMAND_TIMEOUT_MS;
	struct pollfd fds[] = { { .fd = c->out_fd, .events = POLLIN },
		                { .fd = pid_fd, .events = POLLIN },
		                { .fd = goal->fd, .events = POLLIN } };

	for (;;) {
		uint64_t now = clock_now_ms();
		int n = now >= deadline ? 0 : poll(fds, 3, (int)(deadline - now));

		if (n == 0)
			return STUCK;
		if (n < 0)
			continue;
		if (fds[0].revents != 0 && !read_output(c))
			return ENDED;
		if (fds[0].revents == 0 && fds[1].revents != 0)
			return ENDED; /* and nothing more to read */
		if (fds[2].revents != 0 && goal->is_done != NULL && goal->is_done(goal->data))
			return DONE;
	}
}

static void reap(struct command *c)
{
	c->status = exit_status_wait(c->pid);
}

static void finish(struct command *c, const struct goal *goal)
{
	int pid_fd = (int)syscall(SYS_pidfd_open, c->pid, 0);
	enum ending ending = pid_fd < 0 ? STUCK : pump(c, pid_fd, goal);

	if (ending == STUCK) {
		log_error("'%s' (pid %d) does not end: killed", c->argv[0], (int)c->pid);
		kill(c->pid, SIGKILL);
	}
	if (ending == DONE)
		c->status = 0;
	else
		reap(c);
	if (pid_fd >= 0)
		close(pid_fd);
	close(c->out_fd);
	c->out_fd = -1;
}

int command_wait_quietly(struct command *c)
{
	if (c->out_fd >= 0)
		finish(c, &(struct goal){ .fd = -1 });
	return c->status == 0 ? 0 : -1;
}

/* What it said, on one line. */
static void log_failure(struct command *c)
{
	char line[LINE_SIZE];
	char said[LINE_SIZE];
	size_t len = 0;

	for (const char *p = c->output; *p != '\0' && len + 1 < sizeof said; p++)
		said[len++] = *p == '\n' ? ' ' : *p;
	while (len > 0 && said[len - 1] == ' ')
		len--;
	said[len] = '\0';
	log_error("'%s' failed (status %d): %s", shell_line(c->argv, line, sizeof line), c->status,
	          len == 0 ? "it said nothing" : said);
}

int command_wait(struct command *c)
{
	if (command_wait_quietly(c) == 0)
		return 0;
	log_failure(c);
	return -1;
}

int command_wait_until(struct command *c, int fd, bool (*is_done)(void *data), void *data)
{
	if (c->out_fd >= 0)
		finish(c, &(struct goal){ fd, is_done, data });
	if (c->status == 0)
		return 0;
	log_failure(c);
	return -1;
}

int command_run(struct command *c)
{
	return command_start(c) == 0 ? command_wait(c) : -1;
}
