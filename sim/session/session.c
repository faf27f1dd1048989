#include "session/session.h"

#include "session/session_boxes.h"
#include "session/world_calls.h"
#include "session/world_socket.h"
#include "result/json_line.h"
#include "result/run_folder.h"
#include "session/session_world.h"
#include "io/signals.h"
#include "world/sandbox.h"
#include "world/uplink.h"

#include "io/exit_status.h"
#include "io/log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NAMES_TRIED 100
#define TICK_MS 200 /* how often the time limit of what is measured is looked at */

/* The runner's side of a session: it holds the name, passes signals on, and outlives the world. */
struct session {
	const struct session_options *options;
	char name[WORLD_SOCKET_NAME_SIZE];
	char folder[PATH_MAX];
	int world_socket_fd, calls_fd, signal_fd, about_fd, init_fd;
	int stands_fd; /* the world asks for its uplink there; -1: it has, or wants none */
	pid_t init;
	pid_t uplink;     /* 0: there is none */
	char text[65536]; /* what the world said of itself */
	size_t text_len;
	json_t *about; /* NULL until it has said so much */
	struct session_boxes boxes;
	bool has_ended_orderly;
	int input_fd; /* whose end ends the world; -1: none */
};

static int take_free_name(struct session *s)
{
	for (int i = 1; i <= NAMES_TRIED; i++) {
		snprintf(s->name, sizeof s->name, i == 1 ? "lab" : "lab-%d", i);
		s->world_socket_fd = world_socket_open(s->name);
		if (s->world_socket_fd >= 0 || (errno != EADDRINUSE && errno != EPERM))
			break;
	}
	return s->world_socket_fd >= 0 ? 0 : -1;
}

static int take_name(struct session *s)
{
	if (s->options->name == NULL) {
		if (take_free_name(s) == 0)
			return 0;
		log_error("no name for the world could be taken: %s", strerror(errno));
		return -1;
	}
	snprintf(s->name, sizeof s->name, "%s", s->options->name);
	s->world_socket_fd = world_socket_open(s->name);
	if (s->world_socket_fd >= 0)
		return 0;
	if (errno == EADDRINUSE)
		log_error("a world named %s stands already (see: punchlab ps)", s->name);
	else if (errno == EPERM)
		log_error("somebody else on this machine holds the name %s: choose another", s->name);
	else
		log_error("the name %s could not be taken: %s", s->name, strerror(errno));
	return -1;
}

/* Starts the world. Returns 0, or -1 (logged). */
static int begin(struct session *s)
{
	const struct session_options *o = s->options;
	int fds[2], stands[2];

	s->calls_fd = world_calls_open();
	if (s->calls_fd < 0 || pipe2(fds, O_CLOEXEC) != 0 || pipe2(stands, O_CLOEXEC) != 0) {
		log_error("no world can be made: %s", strerror(errno));
		return -1;
	}
	fflush(NULL);
	s->init = sandbox_fork();
	if (s->init == 0) {
		struct session_world w = {
			.options = o,
			.name = s->name,
			.folder = s->folder,
			.about_fd = fds[1],
			.calls_fd = s->calls_fd,
			.stands_fd = stands[1],
		};

		close(fds[0]);
		close(stands[0]);
		close(
		    s->world_socket_fd); /* the name is free when the runner is gone, whatever lives on in the world */
		setpgid(0, 0);
		_exit(session_world_run(&w));
	}
	close(fds[1]);
	close(stands[1]);
	close(s->calls_fd);
	s->about_fd = fds[0];
	s->stands_fd = stands[0];
	if (s->init < 0)
		return -1;
	setpgid(s->init, s->init); /* what the terminal sends goes to the command alone */
	s->init_fd = (int)syscall(SYS_pidfd_open, s->init, 0);
	return s->init_fd >= 0 && fcntl(s->about_fd, F_SETFL, O_NONBLOCK) == 0 ? 0 : -1;
}

/* What the world has said of itself can be told to others. */
static void complete_about(struct session *s, size_t len)
{
	char whole[PATH_MAX];

	s->about = json_loadb(s->text, len, 0, NULL);
	if (s->about == NULL || realpath(s->folder, whole) == NULL)
		return;
	json_object_set_new(s->about, "version", json_integer(1));
	json_object_set_new(s->about, "name", json_string(s->name));
	json_object_set_new(s->about, "pid", json_integer(getpid()));
	json_object_set_new(s->about, "init", json_integer(s->init));
	json_object_set_new(s->about, "folder", json_string(whole));
	json_object_set_new(s->about, "began", json_integer(time(NULL)));
	if (s->options->tells_json && (json_line_print(stdout, s->about) != 0 || fflush(stdout) != 0))
		log_error("standard output: %s", strerror(errno));
	session_boxes_begin(&s->boxes, s->about);
}

/* Takes a part of what the world says: first about itself, then, when it ends in order, that it does. */
static void take_about(struct session *s)
{
	ssize_t got = read(s->about_fd, s->text + s->text_len, sizeof s->text - s->text_len);
	const char *end;

	if (got > 0)
		s->text_len += (size_t)got;
	if (got == 0) {
		close(s->about_fd);
		s->about_fd = -1;
	}
	end = memchr(s->text, '\n', s->text_len);
	if (end != NULL && s->about == NULL)
		complete_about(s, (size_t)(end - s->text));
	s->has_ended_orderly = memmem(s->text, s->text_len, SESSION_WORLD_END, strlen(SESSION_WORLD_END)) != NULL;
}

/* The world's network stands, and it wants a way out; or it has ended without. */
static void take_stands(struct session *s)
{
	char byte;

	if (read(s->stands_fd, &byte, 1) == 1)
		s->uplink = uplink_start(s->init);
	close(s->stands_fd);
	s->stands_fd = -1;
}

static void end_uplink(const struct session *s)
{
	if (s->uplink <= 0)
		return;
	kill(s->uplink, SIGKILL);
	exit_status_wait(s->uplink);
}

/* Whatever comes there is nothing for the lab; that nothing comes any more ends the world. */
static void take_input(struct session *s)
{
	char ignored[4096];
	ssize_t got = read(s->input_fd, ignored, sizeof ignored);

	if (got > 0 || (got < 0 && errno == EINTR))
		return;
	s->input_fd = -1;
	kill(s->init, SIGTERM);
}

/* Until the world ends. */
static void serve(struct session *s)
{
	for (;;) {
		struct pollfd fds[] = {
			{ .fd = s->init_fd, .events = POLLIN },
			{ .fd = s->signal_fd, .events = POLLIN },
			{ .fd = s->about_fd, .events = POLLIN },
			{ .fd = s->about != NULL ? s->world_socket_fd : -1, .events = POLLIN },
			{ .fd = s->about != NULL ? s->input_fd : -1, .events = POLLIN },
			{ .fd = session_boxes_fd(&s->boxes), .events = POLLIN },
			{ .fd = s->stands_fd, .events = POLLIN },
		};
		bool measures = fds[5].fd >= 0; /* which has a time limit */

		if (poll(fds, sizeof fds / sizeof fds[0], measures ? TICK_MS : -1) < 0)
			continue;
		session_boxes_read(&s->boxes, fds[5].revents != 0, s->about);
		if (fds[1].revents != 0)
			kill(s->init, signals_take(s->signal_fd)); /* init passes it on */
		if (fds[2].revents != 0)
			take_about(s);
		if (fds[3].revents != 0)
			world_socket_answer(s->world_socket_fd, s->about);
		if (fds[4].revents != 0)
			take_input(s);
		if (fds[6].revents != 0)
			take_stands(s);
		if (fds[0].revents != 0)
			break;
	}
	while (s->about_fd >= 0) /* nobody is left to write there */
		take_about(s);
}

/* A world that somebody has killed says nothing itself. */
static void say_what_killed_it(const struct session *s, int wait_status)
{
	char end[EXIT_STATUS_TEXT_SIZE];
	int status = exit_status_of(wait_status);

	if (WIFSIGNALED(wait_status))
		log_error("world %s is gone: its first process %s", s->name, exit_status_text(status, end));
	else if (!s->has_ended_orderly && status > 128)
		log_error("world %s is gone: the process that holds it %s", s->name, exit_status_text(status, end));
}

static int end_status(const struct session *s)
{
	int wait_status = 0;

	while (waitpid(s->init, &wait_status, 0) < 0 && errno == EINTR)
		continue;
	say_what_killed_it(s, wait_status);
	return exit_status_of(wait_status);
}

int session_run(const struct session_options *options)
{
	struct session s = {
		.options = options, .world_socket_fd = -1, .about_fd = -1, .init_fd = -1, .stands_fd = -1
	};
	char run[PATH_MAX];
	int status = 77;

	s.input_fd = options->ends_with_input ? STDIN_FILENO : -1;
	if (take_name(&s) != 0 || run_folder_make_run(options->out, run) != 0)
		return 2;
	if (run_folder_make_scenario(run, 1, s.name, s.folder) != 0) {
		log_error("%s: %s", s.folder, strerror(errno));
		return 2;
	}
	s.signal_fd = signals_hold();
	if (s.signal_fd < 0)
		return 1;
	if (begin(&s) == 0) {
		serve(&s);
		status = end_status(&s);
		end_uplink(&s);
		session_world_report(s.folder, options->is_quiet || options->keeps_nothing);
	}
	session_boxes_clear(&s.boxes);
	json_decref(s.about);
	close(s.world_socket_fd);
	return status;
}
