/* punchlab capture: the capture of a standing world, so far or as it grows. */
#include "cli/commands.h"
#include "cli/session_lookup.h"

#include "session/live_capture.h"
#include "io/signals.h"

#include "io/exit_status.h"
#include "io/log.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OPTION_NAME = 256, OPTION_LIVE };

static const struct option_row option_table[] = {
	{ OPTION_LIVE, "live", NULL, "go on as the capture grows, until the world ends; always so with CMD" },
	{ OPTION_NAME, "name", "NAME", "the world's name, when several stand (punchlab ps lists them)" },
	{ 0 },
};

struct capture_options {
	const char *name, *node;
	char **command;
	bool live;
};

/* What is waited for between two steps. */
struct waiting {
	int growth_fd;  /* inotify: the file was written to */
	int world_fd;   /* pidfd: the world has ended */
	int command_fd; /* pidfd: the command has ended; -1: there is none */
	int signal_fd;
	int out_fd; /* whoever reads what is written has gone */
};

/* The command with its standard input at the other end of *out. Returns its pid, or -1 (logged). */
static pid_t start_command(char **command, FILE **out)
{
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) != 0 || (pid = fork()) < 0) {
		log_error("%s: %s", command[0], strerror(errno));
		return -1;
	}
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		signals_release();
		signal(SIGPIPE, SIG_DFL);
		dup2(fds[0], STDIN_FILENO);
		execvp(command[0], command);
		log_error("%s: %s", command[0], strerror(errno));
		_exit(127);
	}
	close(fds[0]);
	*out = fdopen(fds[1], "w");
	return *out != NULL ? pid : -1;
}

static int open_waiting(struct waiting *w, const char *path, pid_t init)
{
	w->signal_fd = signals_hold();
	w->growth_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	w->world_fd = (int)syscall(SYS_pidfd_open, init, 0);
	if (w->signal_fd >= 0 && w->world_fd >= 0 && w->growth_fd >= 0 &&
	    inotify_add_watch(w->growth_fd, path, IN_MODIFY) >= 0)
		return 0;
	log_error("%s cannot be followed: %s", path, strerror(errno));
	return -1;
}

/* Waits for more. False when there will be none, nobody reads it any more, or a signal came. */
static bool wait_for_more(const struct waiting *w)
{
	struct pollfd fds[] = {
		{ .fd = w->growth_fd, .events = POLLIN },  { .fd = w->world_fd, .events = POLLIN },
		{ .fd = w->command_fd, .events = POLLIN }, { .fd = w->signal_fd, .events = POLLIN },
		{ .fd = w->out_fd, .events = 0 }, /* POLLERR comes unasked */
	};
	char events[4096];

	while (poll(fds, sizeof fds / sizeof fds[0], -1) < 0)
		if (errno != EINTR)
			return false;
	while (read(w->growth_fd, events, sizeof events) > 0)
		continue;
	for (size_t i = 1; i < sizeof fds / sizeof fds[0]; i++)
		if (fds[i].revents != 0)
			return false;
	return true;
}

/* A reader that has seen enough closes its end: that is no error. */
static int follow_all(struct live_capture *f, const struct waiting *w, bool live)
{
	int result = live_capture_step(f);

	while (result == 0 && live && wait_for_more(w))
		result = live_capture_step(f);
	if (result == 0 && live)
		result = live_capture_step(f); /* what came before the end was seen */
	if (result != 0 && errno == EPIPE)
		return CLI_OK;
	if (result != 0 && errno != 0)
		log_error("the capture cannot be written: %s", strerror(errno));
	return result == 0 ? CLI_OK : CLI_FAILED;
}

static int capture(const json_t *world, const struct capture_options *o)
{
	char path[PATH_MAX], error[PCAPNG_READER_ERROR_SIZE];
	FILE *out = stdout;
	struct waiting w;
	struct live_capture *f;
	pid_t pid = 0;
	int status;

	snprintf(path, sizeof path, "%s/trace.pcapng", json_string_value(json_object_get(world, "folder")));
	if (open_waiting(&w, path, (pid_t)json_integer_value(json_object_get(world, "init"))) != 0)
		return CLI_FAILED;
	signal(SIGPIPE, SIG_IGN);
	if (o->command != NULL)
		pid = start_command(o->command, &out);
	if (pid < 0)
		return CLI_FAILED;
	w.command_fd = pid > 0 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
	w.out_fd = fileno(out);
	f = live_capture_new(path, o->node, out, error);
	if (f == NULL) {
		log_error("%s", error);
		return CLI_FAILED;
	}
	status = follow_all(f, &w, o->live || o->command != NULL);
	live_capture_free(f);
	if (pid == 0)
		return status;
	fclose(out);
	return exit_status_wait(pid);
}

static int run(const struct cli_command *self, int argc, char **argv)
{
	struct capture_options o = { .command = cli_cut_command(&argc, argv, NULL) };
	json_t *world;
	int status = CLI_USAGE;
	int letter;

	while ((letter = cli_next_option(self, argc, argv)) != -1) {
		if (letter == OPTION_NAME)
			o.name = optarg;
		else
			o.live = true;
	}
	if (argc - optind > 1)
		return cli_usage_error(self, "takes one host or box, and got '%s' too", argv[optind + 1]);
	o.node = argv[optind];
	if (o.command == NULL && isatty(STDOUT_FILENO) == 1)
		return cli_usage_error(
		    self, "a capture is nothing for a terminal; send it to a file, or name a command after \"--\"");
	world = session_lookup(o.name);
	if (world != NULL && (o.node == NULL || session_lookup_has_node(world, o.node)))
		status = capture(world, &o);
	json_decref(world);
	return status;
}

const struct cli_command cli_capture = {
	.name = "capture",
	.arguments = "[OPTIONS] [HOST] [-- CMD...]",
	.summary = "the packets of a standing world, as pcapng",
	.about = "Writes what was captured at HOST (a host or NAT box; without one: everywhere) to standard output, "
		 "or to the standard input of CMD: punchlab capture alice -- wireshark -k -i -\n"
		 "A packet is there a fraction of a second after it was on the wire.",
	.options = option_table,
	.run = run,
};
