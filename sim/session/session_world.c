#include "session/session_world.h"

#include "session/foreground.h"
#include "session/session_nodes.h"
#include "session/world_calls.h"
#include "script/script_call.h"
#include "lab/lab.h"
#include "lab/lab_wait.h"
#include "model/topology_ipv6.h"
#include "script/install_paths.h"
#include "session/world_nodes.h"
#include "world/uplink.h"
#include "io/signals.h"

#include "io/exit_status.h"
#include "io/clock.h"
#include "io/log.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SERVER_PORT "3478" /* STUN's own (RFC 8489); p2pchat's server answers both, on the next port too */
#define LAST_LINES 3       /* of the server, when it is gone */
#define TICK_MS 20         /* how often is looked whether the command has ended */
#define SERVER_MS 60000

static bool says_it_listens(void *unused, const char *line)
{
	(void)unused;
	return strncmp(line, "listening on ", 13) == 0;
}

/* A node's addresses of both families, as texts. */
struct bind_texts {
	char list[2 * TOPOLOGY_ADDRESSES][ADDRESS_TEXT_SIZE];
	size_t count;
};

static void find_binds(const struct topology *t, int node, struct bind_texts *out)
{
	const struct link *l = &t->nodes[node].links[0];
	struct address ipv6[TOPOLOGY_ADDRESSES];
	size_t count = topology_ipv6_addresses(t, node, 0, ipv6);

	for (size_t i = 0; topology_has_ipv4(t, node, 0) && i < l->address_count; i++)
		address_format(&l->addresses[i], out->list[out->count++]);
	for (size_t i = 0; i < count; i++)
		address_format(&ipv6[i], out->list[out->count++]);
}

/* Starts p2pchat's server on all its addresses; returns it when it listens, else NULL (logged). */
static struct process *start_server(struct lab *lab)
{
	char programs[PATH_MAX], path[PATH_MAX + 16];
	const char *argv[4 * TOPOLOGY_ADDRESSES + 3] = { path };
	int node = topology_find(lab_topology(lab), "server");
	struct process_options options = { .argv = argv };
	struct bind_texts binds = { .count = 0 };
	char error[LAB_ERROR_SIZE] = "";
	uint64_t deadline = clock_now_ms() + SERVER_MS;
	struct process *server;

	find_binds(lab_topology(lab), node, &binds);
	for (size_t i = 0; i < binds.count; i++) {
		argv[1 + 2 * i] = "-b";
		argv[2 + 2 * i] = binds.list[i];
	}
	argv[1 + 2 * binds.count] = SERVER_PORT;
	snprintf(path, sizeof path, "%s/p2pchat/server", install_path_programs(programs));
	server = lab_run(lab, node, &options, error);
	if (server != NULL && lab_wait_line(lab, server, says_it_listens, NULL, deadline) == LAB_CAME)
		return server;
	log_error("%s", server == NULL ? error : "p2pchat's server does not start");
	return NULL;
}

/* A world that stands, and whether all that it promises still runs. */
struct live_world {
	struct lab *lab;
	struct script *script; /* that others' calls are made in */
	int calls_fd;
	const struct process *server; /* NULL: there is none, or its end was told */
	const struct session_world *world;
	const struct process *programs[SESSION_PROGRAMS_MAX]; /* as options.programs; NULL: its end is settled */
	bool is_whole;
};

/* What became of a program, and its last lines, each one of the log. */
static void say_last_words(const struct process *p)
{
	char *words = process_last_words(p, LAST_LINES), *rest = words, *line;

	while ((line = strsep(&rest, "\n")) != NULL)
		if (line[0] != '\0')
			log_error("%s", line);
	free(words);
}

/* Says, once, that the server ended, and why: its last words. */
static void watch_server(struct live_world *s)
{
	char end[EXIT_STATUS_TEXT_SIZE];
	int status;

	if (s->server == NULL || !process_ended(s->server, &status))
		return;
	log_error("p2pchat's server %s, so nothing answers at server:" SERVER_PORT " any more",
	          exit_status_text(status, end));
	say_last_words(s->server);
	s->server = NULL;
	s->is_whole = false;
}

/* Says, once for each, that a program of the user's ended as it should not: what it says nobody else shows. */
static void watch_programs(struct live_world *s)
{
	for (size_t i = 0; i < s->world->options->program_count; i++) {
		const struct process *p = s->programs[i];
		char end[EXIT_STATUS_TEXT_SIZE];
		int status;

		if (p == NULL || !process_ended(p, &status))
			continue;
		s->programs[i] = NULL;
		if (status == 0)
			continue;
		log_error("--on %s: it %s", s->world->options->programs[i], exit_status_text(status, end));
		say_last_words(p);
	}
}

static void watch(struct live_world *s)
{
	lab_wait(s->lab, clock_now_ms() + TICK_MS);
	lab_watch(s->lab);
	watch_server(s);
	watch_programs(s);
	world_calls_answer(s->calls_fd, s->script, s->lab);
}

static void say_about(const struct session_world *w, const struct lab *lab, json_t *boxes)
{
	json_t *about = json_pack("{s:o,s:O}", "nodes", world_nodes_to_json(lab_topology(lab)), "boxes", boxes);

	if (json_dumpfd(about, w->about_fd, JSON_COMPACT) != 0 || write(w->about_fd, "\n", 1) != 1)
		log_warning("others cannot be told of this world");
	json_decref(about);
}

static void greet(const struct session_world *w, const struct lab *lab)
{
	if (w->options->is_quiet)
		return;
	fprintf(stderr, "world %s stands:\n", w->name);
	world_nodes_print(stderr, lab_topology(lab));
	if (w->options->scenario == NULL)
		fprintf(stderr, "server:" SERVER_PORT " is p2pchat's server and STUN\n");
	if (w->options->has_uplink)
		fprintf(stderr, "uplink: the world reaches this machine's network and beyond; what is there is neither "
		                "measured nor captured\n");
	fprintf(stderr, "the capture grows in %s/trace.pcapng%s\n", w->folder,
	        w->options->keeps_nothing ? ", and goes with the world (--keep all, --out DIR keep it)" : "");
	if (w->options->command == NULL)
		fprintf(stderr, "punchlab exec HOST runs a program there; Ctrl-C ends the world\n");
	fflush(stderr);
}

/* Becomes the command on alice. */
static int start_command(struct lab *lab, const struct session_world *w)
{
	pid_t pid = world_fork(lab_world(lab), topology_find(lab_topology(lab), session_first_host()));

	if (pid != 0)
		return pid;
	setenv("PUNCHLAB_WORLD", w->name, 1);
	setenv("PUNCHLAB_HOST", session_first_host(), 1);
	foreground_exec(w->options->command);
}

static int run_command(struct live_world *s, const struct session_world *w, int signal_fd)
{
	pid_t pid = start_command(s->lab, w);
	int status = 0;

	if (pid < 0) {
		log_error("%s: %s", w->options->command[0], strerror(errno));
		return 127;
	}
	while (!foreground_has_ended(pid, &status)) {
		int number = signals_take(signal_fd);

		if (number > 0)
			kill(-pid, number);
		watch(s);
	}
	return exit_status_of(status);
}

static int stand(struct live_world *s, int signal_fd)
{
	while (signals_take(signal_fd) <= 0)
		watch(s);
	return s->is_whole ? 0 : 1;
}

/* The runner starts what carries it when it is told that the network stands. Returns 0, or -1 (logged). */
static int open_uplink(const struct session_world *w)
{
	if (!w->options->has_uplink)
		return 0;
	if (uplink_prepare() != 0)
		return -1;
	if (write(w->stands_fd, "", 1) == 1)
		return uplink_await();
	log_error("the uplink: %s", strerror(errno));
	return -1;
}

/* Everything that is to stand before others are told. Returns 0, or the exit status (logged). */
static int make_world(struct live_world *s)
{
	const struct session_world *w = s->world;
	const struct session_options *o = w->options;
	char error[LAB_ERROR_SIZE] = "";

	s->script = script_open_empty();
	if (s->script == NULL || (o->scenario == NULL && session_nodes_add(s->lab, o) != 0))
		return 1;
	if (o->scenario != NULL)
		session_nodes_run(s->lab, o);
	if (lab_ready(s->lab, error) != 0) {
		log_error("%s", error);
		return 77;
	}
	if (open_uplink(w) != 0)
		return 77;
	if (o->scenario == NULL && (s->server = start_server(s->lab)) == NULL)
		return 1;
	return session_nodes_start(s->lab, o, s->programs) == 0 ? 0 : 2;
}

static int end_world(const struct live_world *s, const struct session_world *w, int status)
{
	char error[LAB_ERROR_SIZE] = "";
	struct lab_left left;

	if (lab_end(s->lab, &left, error) != 0) {
		log_error("%s", error);
		status = status == 0 ? 1 : status;
	}
	if (left.lost[0] != '\0')
		log_warning("%s", left.lost);
	if (s->script != NULL)
		script_close(s->script);
	if (write(w->about_fd, SESSION_WORLD_END, strlen(SESSION_WORLD_END)) < 0)
		log_debug("nobody is told of the end: %s", strerror(errno));
	return status;
}

/* For lab_settings.uses_box: adds it to the list that others are told. */
static void add_box(void *boxes, const char *name, const char *spec, const char *sabotage)
{
	json_array_append_new(boxes, json_pack("{s:s,s:s,s:s}", "name", name, "spec", spec, "sabotage", sabotage));
}

int session_world_run(const struct session_world *w)
{
	json_t *boxes = json_array();
	const struct scenario *scenario = w->options->scenario;
	struct lab_settings settings = {
		.folder = w->folder,
		.scenario = scenario != NULL ? scenario->name : w->name,
		.file = scenario != NULL ? scenario->file : "",
		.deadline_ms = UINT64_MAX,
		.addresses = w->options->addresses,
		.families = w->options->families,
		.weather = w->options->weather,
		.seed = w->options->seed,
		.uses_box = add_box,
		.argument = boxes,
	};
	struct live_world live = { .lab = lab_new(&settings), .world = w, .is_whole = true, .calls_fd = w->calls_fd };
	int signal_fd = signals_hold();
	int status;

	if (live.lab == NULL || signal_fd < 0)
		return 1;
	status = make_world(&live);
	if (status == 0) {
		say_about(w, live.lab, boxes);
		greet(w, live.lab);
		status = w->options->command != NULL ? run_command(&live, w, signal_fd) : stand(&live, signal_fd);
	}
	json_decref(boxes);
	return end_world(&live, w, status);
}

void session_world_report(const char *folder, bool is_quiet)
{
	char trace[PATH_MAX];

	foreground_return();
	if (!is_quiet && snprintf(trace, sizeof trace, "%s/trace.pcapng", folder) < PATH_MAX &&
	    access(trace, R_OK) == 0)
		fprintf(stderr, "capture: %s\n", trace);
}
