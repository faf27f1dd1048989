/* punchlab exec: a program on a host or NAT box of a standing world. */
#include "cli/commands.h"
#include "cli/standing_world.h"

#include "session/foreground.h"
#include "io/signals.h"
#include "world/mounts.h"
#include "world/sandbox.h"

#include "io/log.h"

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { OPTION_NAME = 256 };

static const struct option_row options[] = {
	{ OPTION_NAME, "name", "NAME", "the world's name, when several stand (punchlab ps lists them)" },
	{ 0 },
};

/* In the child, which is a process of the world already. */
static _Noreturn void become(const char *world, const char *host, char **command)
{
	int fd = sandbox_open_netns(host);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (fd < 0 || sandbox_enter_netns(fd) != 0 || sandbox_set_hostname(host) != 0 ||
	    mounts_enter_resolver(host) != 0) {
		log_error("%s cannot be entered: %s", host, strerror(errno));
		_exit(127);
	}
	setenv("PUNCHLAB_WORLD", world, 1);
	setenv("PUNCHLAB_HOST", host, 1);
	foreground_exec(command);
}

/* Waits for the command's end, passing signals on. */
static int wait_for(pid_t pid, int signal_fd)
{
	int pid_fd = (int)syscall(SYS_pidfd_open, pid, 0);
	int status = 127;

	while (!foreground_has_ended(pid, &status)) {
		struct pollfd fds[] = { { .fd = signal_fd, .events = POLLIN }, { .fd = pid_fd, .events = POLLIN } };

		if (poll(fds, 2, 100) > 0 && fds[0].revents != 0)
			kill(-pid, signals_take(signal_fd));
	}
	close(pid_fd);
	foreground_return();
	return status;
}

static int enter(const json_t *world, const char *host, char **command)
{
	const char *name = json_string_value(json_object_get(world, "name"));
	pid_t init = (pid_t)json_integer_value(json_object_get(world, "init"));
	int signal_fd = signals_hold();
	pid_t pid;

	if (signal_fd < 0 || sandbox_join(init) != 0) {
		log_error("world %s cannot be entered: %s", name, strerror(errno));
		return CLI_FAILED;
	}
	pid = fork();
	if (pid == 0)
		become(name, host, command);
	if (pid < 0) {
		log_error("world %s cannot be entered: %s", name, strerror(errno));
		return CLI_FAILED;
	}
	return wait_for(pid, signal_fd);
}

static int run(const struct cli_command *self, int argc, char **argv)
{
	char *shell[2];
	char **command = cli_cut_command(&argc, argv, cli_shell_command(shell));
	const char *name = NULL;
	json_t *world;
	int status = CLI_USAGE;

	while (cli_next_option(self, argc, argv) != -1)
		name = optarg;
	if (argc - optind != 1)
		return cli_usage_error(self, "takes one host or box, and a command after \"--\"");
	world = standing_world_find(name);
	if (world != NULL && standing_world_has_node(world, argv[optind]))
		status = enter(world, argv[optind], command);
	json_decref(world);
	return status;
}

const struct cli_command cli_exec = {
	.name = "exec",
	.arguments = "[--name NAME] HOST [-- CMD...]",
	.summary = "run CMD (or a shell) on a host or NAT box of a standing world",
	.about = "HOST is a host (alice, bob, server) or a NAT box (nat-a) of a world that `punchlab up` or "
		 "`punchlab shell` keeps standing. The exit status is the command's.",
	.options = options,
	.run = run,
};
