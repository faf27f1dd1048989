/* punchlab exec: a program on a host or NAT box of a standing world. */
#include "cli/exec.h"

#include "cli/commands.h"
#include "cli/session_lookup.h"

#include "base/array.h"
#include "evidence/record.h"
#include "io/exit_status.h"
#include "io/log.h"
#include "io/signals.h"
#include "result/json_line.h"
#include "session/foreground.h"
#include "world/mounts.h"
#include "world/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define KEPT_MOST (16u << 20) /* of each of its outputs, in bytes; what comes behind it is read and lost */
#define LOOK_MS 100           /* how often is looked whether it was stopped, of which no descriptor tells */

/* What it says, where that is kept: standard output and error. */
struct kept_output {
	int fds[2]; /* read from; -1: it has ended */
	char *texts[2];
	size_t lens[2];
};

/* In the child, which is a process of the world already. */
static _Noreturn void become(const char *world, const char *host, char **command)
{
	int fd = sandbox_open_netns(host);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (fd < 0 || sandbox_enter_netns(fd) != 0 || sandbox_set_hostname(host) != 0 || mounts_enter_own(host) != 0) {
		log_error("%s cannot be entered: %s", host, strerror(errno));
		_exit(127);
	}
	setenv("PUNCHLAB_WORLD", world, 1);
	setenv("PUNCHLAB_HOST", host, 1);
	foreground_exec(command);
}

/* Takes what there is. */
static void take(struct kept_output *s, int which)
{
	char bytes[65536];
	ssize_t got = read(s->fds[which], bytes, sizeof bytes);
	size_t room = KEPT_MOST - s->lens[which];

	if (got > 0 && room > 0)
		(void)array_append(&s->texts[which], &s->lens[which], bytes, (size_t)got < room ? (size_t)got : room);
	if (got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR)))
		return;
	close(s->fds[which]);
	s->fds[which] = -1;
}

#define REST_READS 64 /* more than a pipe holds */

/* What came before its end was seen. Who lives on, holds the pipe and goes on talking is not waited for. */
static void take_rest(struct kept_output *s)
{
	for (int i = 0; i < 2; i++) {
		struct pollfd p = { .fd = s->fds[i], .events = POLLIN };

		for (int n = 0; n < REST_READS && s->fds[i] >= 0 && poll(&p, 1, 0) > 0; n++)
			take(s, i);
		if (s->fds[i] >= 0)
			close(s->fds[i]);
	}
}

/* Waits for the command's end, passing signals on. Returns what waitpid(2) said. */
static int wait_for(pid_t pid, int signal_fd, struct kept_output *said)
{
	int pid_fd = (int)syscall(SYS_pidfd_open, pid, 0);
	int status = 0;

	while (!foreground_has_ended(pid, &status)) {
		struct pollfd fds[] = {
			{ .fd = signal_fd, .events = POLLIN },
			{ .fd = pid_fd, .events = POLLIN },
			{ .fd = said->fds[0], .events = POLLIN },
			{ .fd = said->fds[1], .events = POLLIN },
		};

		if (poll(fds, sizeof fds / sizeof fds[0], LOOK_MS) <= 0)
			continue;
		if (fds[0].revents != 0)
			kill(-pid, signals_take(signal_fd));
		for (int i = 0; i < 2; i++)
			if (fds[2 + i].revents != 0)
				take(said, i);
	}
	take_rest(said);
	close(pid_fd);
	foreground_return();
	return status;
}

static json_t *text_of(const struct kept_output *s, int which)
{
	char *text = record_text(s->texts[which] != NULL ? s->texts[which] : "", s->lens[which]);
	json_t *value = json_string(text != NULL ? text : "");

	free(text);
	return value;
}

static int print(const struct kept_output *s, const char *world, const char *host, int wait_status)
{
	const char *name = WIFSIGNALED(wait_status) ? sigabbrev_np(WTERMSIG(wait_status)) : NULL;
	int status = exit_status_of(wait_status);
	json_t *object = json_pack("{s:s,s:s,s:i,s:s?,s:o,s:o}", "world", world, "host", host, "status", status,
	                           "signal", name, "stdout", text_of(s, 0), "stderr", text_of(s, 1));

	json_line_print(stdout, object);
	json_decref(object);
	return options_finish(status);
}

/* The command's ends of the pipes are `ends`, or -1. Returns 0, or -1 with errno. */
static int open_pipes(struct kept_output *s, int ends[2])
{
	for (int i = 0; i < 2; i++) {
		int fds[2];

		if (pipe2(fds, O_CLOEXEC) != 0)
			return -1;
		s->fds[i] = fds[0];
		ends[i] = fds[1];
	}
	return 0;
}

static int enter(const json_t *world, const char *host, char **command, struct kept_output *said, bool as_json)
{
	const char *name = json_string_value(json_object_get(world, "name"));
	pid_t init = (pid_t)json_integer_value(json_object_get(world, "init"));
	int signal_fd = signals_hold(), ends[2] = { -1, -1 };
	pid_t pid = -1;
	int wait_status;

	if (signal_fd >= 0 && sandbox_join(init) == 0 && (!as_json || open_pipes(said, ends) == 0))
		pid = fork();
	if (pid == 0) {
		for (int i = 0; as_json && i < 2; i++)
			dup2(ends[i], STDOUT_FILENO + i);
		become(name, host, command);
	}
	if (pid < 0) {
		log_error("world %s cannot be entered: %s", name, strerror(errno));
		return CLI_FAILED;
	}
	for (int i = 0; as_json && i < 2; i++)
		close(ends[i]);
	wait_status = wait_for(pid, signal_fd, said);
	return as_json ? print(said, name, host, wait_status) : exit_status_of(wait_status);
}

int exec_run(const char *name, const char *host, char **command, bool as_json)
{
	struct kept_output said = { .fds = { -1, -1 } };
	json_t *world = session_lookup(name);
	int status = CLI_USAGE;

	if (world != NULL && session_lookup_has_node(world, host))
		status = enter(world, host, command, &said, as_json);
	free(said.texts[0]);
	free(said.texts[1]);
	json_decref(world);
	return status;
}

static int run(const struct cli_command *self, int argc, char **argv)
{
	char *shell[2];
	char **command = cli_cut_command(&argc, argv, cli_shell_command(shell));
	struct session_lookup_options o = { 0 };

	session_lookup_options_parse(&o, self, argc, argv);
	if (argc - optind != 1)
		return cli_usage_error(self, "takes one host or box, and a command after \"--\"");
	return exec_run(o.name, argv[optind], command, o.as_json);
}

static const struct option_row options[] = {
	SESSION_LOOKUP_NAME_ROW,
	{ SESSION_LOOKUP_JSON, "json", NULL,
	  "print one JSON object when CMD has ended: its exit status, and what it said" },
	{ 0 },
};

const struct cli_command cli_exec = {
	.name = "exec",
	.arguments = "[OPTIONS] HOST [-- CMD...]",
	.summary = "run CMD (or a shell) on a host or NAT box of a standing world",
	.about = "HOST is a host (alice, bob, server) or a NAT box (nat-a) of a world that `punchlab up` or "
		 "`punchlab shell` keeps standing. The exit status is the command's. With --json, \"status\" is "
		 "that, 128 and the number where a signal ended it, whose name is \"signal\" then, else null; "
		 "\"stdout\" and "
		 "\"stderr\" are what it said, 16 MiB of each at most.",
	.options = options,
	.run = run,
};
