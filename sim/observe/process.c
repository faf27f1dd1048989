#include "observe/process.h"

#include "io/clock.h"
#include "io/exit_status.h"
#include "io/log.h"
#include "base/utf8.h"
#include "observe/process_input.h"
#include "observe/process_launch.h"
#include "observe/process_output.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* How long a program may take to heed SIGTERM. */
#define PATIENCE_MS 1000
/* SIGKILL is not heeded but obeyed; a machine under load takes its time. */
#define KILL_DEADLINE_MS 10000

struct process {
	struct process_group *group;
	struct process *next;
	int node;
	unsigned id;
	char program[64];
	pid_t pid;
	int pid_fd; /* readable once it ended */
	struct process_input input;
	struct process_output output;
	bool ended;
	int status, signal; /* as process_ended(); 0 or the signal that ended it */
	size_t position;    /* the first line not yet read by process_next_line() */
};

struct process_group {
	const struct world *world;
	struct record *record;
	char *folder;
	struct process *first, **last;
	unsigned count;
	struct pollfd *polled; /* room for all of them */
};

struct process_group *process_group_new(const struct world *w, struct record *r, const char *folder)
{
	struct process_group *g = calloc(1, sizeof *g);

	if (g == NULL)
		return NULL;
	g->world = w;
	g->record = r;
	g->last = &g->first;
	g->folder = strdup(folder);
	if (g->folder == NULL) {
		free(g);
		return NULL;
	}
	signal(SIGPIPE, SIG_IGN); /* a program that closed its input is an answer of process_type(), not our end */
	return g;
}

static const char *host_of(const struct process *p)
{
	return topology_name(&p->group->world->topology, p->node);
}

/* --- start ----------------------------------------------------------------------------------- */

static void name_program(struct process *p, const char *path)
{
	const char *slash = strrchr(path, '/');

	utf8_print(p->program, sizeof p->program, "%s", slash != NULL && slash[1] != '\0' ? slash + 1 : path);
	for (char *c = p->program; *c != '\0';) {
		size_t step = utf8_length((const uint8_t *)c, strlen(c));

		if (*c == '/' || *c == ' ' || step == 0 || utf8_moves_cursor((const uint8_t *)c, step))
			memset(c, '_', step > 0 ? step : 1);
		c += step > 0 ? step : 1;
	}
}

static int open_output(struct process *p, char error[PROCESS_ERROR_SIZE])
{
	char path[PATH_MAX];

	p->output.record = p->group->record;
	p->output.host = host_of(p);
	p->output.id = p->id;
	snprintf(path, sizeof path, "%s/%s-%u-%s.out", p->group->folder, host_of(p), p->id, p->program);
	if (process_output_open(&p->output, path) == 0)
		return 0;
	snprintf(error, PROCESS_ERROR_SIZE, "cannot write %.180s: %s", path, strerror(errno));
	return -1;
}

static int launch(struct process *p, const struct process_options *o, char error[PROCESS_ERROR_SIZE])
{
	struct process_launched l;

	if (process_launch(p->group->world, p->node, o, &l, error) != 0)
		return -1;
	p->pid = l.pid;
	p->pid_fd = l.pid_fd;
	p->input.fd = l.in;
	p->input.terminal = o->terminal;
	p->output.fds[0] = l.out;
	p->output.fds[1] = l.err;
	return 0;
}

static void record_start(const struct process *p, const struct process_options *o)
{
	record_write(p->group->record, &(struct record_line){ .type = RECORD_START,
	                                                      .start.host = host_of(p),
	                                                      .start.program = p->program,
	                                                      .start.id = p->id,
	                                                      .start.argv = o->argv });
}

static void free_process(struct process *p)
{
	if (p->pid_fd >= 0)
		close(p->pid_fd);
	process_input_close(&p->input);
	process_output_close(&p->output);
	free(p);
}

/* Room to poll all of the group's programs and one more. */
static int make_room(struct process_group *g)
{
	struct pollfd *polled = realloc(g->polled, ((size_t)g->count + 1) * 4 * sizeof *polled);

	if (polled == NULL)
		return -1;
	g->polled = polled;
	return 0;
}

struct process *process_start(struct process_group *g, int node, const struct process_options *o,
                              char error[PROCESS_ERROR_SIZE])
{
	struct process *p = calloc(1, sizeof *p);

	if (p == NULL || make_room(g) != 0) {
		snprintf(error, PROCESS_ERROR_SIZE, "cannot start '%.120s': %s", o->argv[0], strerror(ENOMEM));
		free(p);
		return NULL;
	}
	p->group = g;
	p->node = node;
	p->id = g->count + 1;
	p->pid_fd = p->input.fd = -1;
	p->output.file = p->output.fds[0] = p->output.fds[1] = -1;
	name_program(p, o->argv[0]);
	if (open_output(p, error) != 0 || launch(p, o, error) != 0) {
		if (p->output.path != NULL)
			unlink(p->output.path);
		free_process(p);
		return NULL;
	}
	record_start(p, o);
	g->count++;
	*g->last = p;
	g->last = &p->next;
	return p;
}

/* --- input ----------------------------------------------------------------------------------- */

static void record_input(const struct process *p, const char *line, size_t len)
{
	char *text = record_text(line, len); /* a zero byte in it cuts nothing off */

	if (text != NULL)
		record_write(p->group->record,
		             &(struct record_line){
				 .type = RECORD_INPUT, .said.host = host_of(p), .said.id = p->id, .said.text = text });
	free(text);
}

/* The line and its end go out together: a program on a terminal would see them apart. */
int process_type(struct process *p, const char *line, size_t len)
{
	char *bytes = malloc(len + 1);
	int status;

	if (bytes == NULL)
		return -1;
	memcpy(bytes, line, len);
	bytes[len] = '\n';
	record_input(p, line, len); /* before it is read: the answer comes after it in the record */
	status = process_input_add(&p->input, bytes, len + 1);
	free(bytes);
	return status;
}

void process_end_input(struct process *p)
{
	process_input_end(&p->input);
}

static void record_stop(const struct process *p)
{
	record_write(p->group->record,
	             &(struct record_line){ .type = RECORD_STOP, .stop.host = host_of(p), .stop.id = p->id });
}

int process_signal(struct process *p, int signal_number)
{
	if (signal_number == SIGTERM || signal_number == SIGINT || signal_number == SIGKILL)
		record_stop(p); /* before it hears of it: what it says of that comes after it in the record */
	return kill(-p->pid, signal_number);
}

/* --- the pump -------------------------------------------------------------------------------- */

/* It ended: what it wrote before is in the pipes. Its last words come before its end in the record. */
static void reap(struct process *p)
{
	int status = 0;

	if (waitpid(p->pid, &status, WNOHANG) != p->pid)
		return;
	for (int stream = 1; stream <= 2; stream++) {
		/* bounded: what it left running may go on writing */
		for (int i = 0; i < 64 && process_output_read(&p->output, stream); i++)
			continue;
		process_output_finish(&p->output, stream);
	}
	p->ended = true;
	p->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	p->status = exit_status_of(status);
	process_input_close(&p->input);
	close(p->pid_fd);
	p->pid_fd = -1;
	record_write(p->group->record,
	             &(struct record_line){
			 .type = RECORD_EXIT, .exit.host = host_of(p), .exit.id = p->id, .exit.status = p->status });
}

/* Four places a program, unused ones with descriptor -1, which poll() passes over. */
static void fill(const struct process *p, struct pollfd *at)
{
	at[0] = (struct pollfd){ .fd = p->output.fds[0], .events = POLLIN };
	at[1] = (struct pollfd){ .fd = p->output.fds[1], .events = POLLIN };
	at[2] = (struct pollfd){ .fd = p->pid_fd, .events = POLLIN };
	at[3] = (struct pollfd){ .fd = process_input_waits(&p->input) ? p->input.fd : -1, .events = POLLOUT };
}

static bool serve(struct process *p, const struct pollfd *at)
{
	if (at[3].revents != 0)
		process_input_feed(&p->input);
	if (at[0].revents != 0)
		process_output_read(&p->output, 1);
	if (at[1].revents != 0)
		process_output_read(&p->output, 2);
	if (at[2].revents != 0)
		reap(p);
	return at[0].revents != 0 || at[1].revents != 0 || at[2].revents != 0;
}

/* One round. Returns whether something came, or poll()'s -1. */
static int pump_once(struct process_group *g, int timeout_ms)
{
	struct pollfd *at = g->polled;
	bool came = false;
	int n;

	for (const struct process *p = g->first; p != NULL; p = p->next, at += 4)
		fill(p, at);
	n = poll(g->polled, (nfds_t)g->count * 4, timeout_ms);
	if (n <= 0)
		return n < 0 && errno != EINTR ? -1 : 0;
	at = g->polled;
	for (struct process *p = g->first; p != NULL; p = p->next, at += 4)
		came |= serve(p, at);
	return came;
}

int process_pump(struct process_group *g, uint64_t deadline_ms)
{
	for (;;) {
		uint64_t now = clock_now_ms();
		uint64_t left = deadline_ms > now ? deadline_ms - now : 0;
		int came = pump_once(g, left < INT_MAX ? (int)left : INT_MAX);

		if (came > 0)
			return 0;
		if (came < 0 || left == 0)
			return -1;
	}
}

/* --- the end --------------------------------------------------------------------------------- */

static bool all_ended(const struct process_group *g)
{
	for (const struct process *p = g->first; p != NULL; p = p->next)
		if (!p->ended)
			return false;
	return true;
}

static void signal_all(struct process_group *g, int signal_number)
{
	for (struct process *p = g->first; p != NULL; p = p->next) {
		kill(-p->pid, signal_number);
		kill(-p->pid, SIGCONT);
	}
}

static void pump_to_the_end(struct process_group *g, uint64_t deadline_ms)
{
	while (!all_ended(g) && process_pump(g, deadline_ms) == 0)
		continue;
}

void process_group_end(struct process_group *g, unsigned patience_ms)
{
	if (!all_ended(g)) {
		pump_once(g, 0); /* what they said before they are told, they say of something else */
		for (const struct process *p = g->first; p != NULL; p = p->next)
			if (!p->ended)
				record_stop(p);
		signal_all(g, SIGTERM);
		pump_to_the_end(g, clock_now_ms() + patience_ms);
	}
	signal_all(g, SIGKILL); /* also what programs that ended left running */
	pump_to_the_end(g, clock_now_ms() + KILL_DEADLINE_MS);
}

void process_group_free(struct process_group *g)
{
	struct process *next;

	if (g == NULL)
		return;
	process_group_end(g, PATIENCE_MS);
	for (struct process *p = g->first; p != NULL; p = next) {
		next = p->next;
		free_process(p);
	}
	free(g->polled);
	free(g->folder);
	free(g);
}

/* --- what it said, what it is ---------------------------------------------------------------- */

struct process *process_of(const struct process_group *g, size_t index)
{
	struct process *p = g->first;

	while (p != NULL && index-- > 0)
		p = p->next;
	return p;
}

const char *process_line(const struct process *p, size_t index, int *stream)
{
	if (index >= p->output.count)
		return NULL;
	if (stream != NULL)
		*stream = p->output.lines[index].stream;
	return p->output.lines[index].text;
}

const char *process_next_line(struct process *p, int *stream)
{
	const char *text = process_line(p, p->position, stream);

	p->position += text != NULL;
	return text;
}

bool process_ended(const struct process *p, int *status)
{
	if (p->ended)
		*status = p->status;
	return p->ended;
}

pid_t process_pid(const struct process *p)
{
	return p->pid;
}

const char *process_name(const struct process *p, char text[PROCESS_NAME_SIZE])
{
	snprintf(text, PROCESS_NAME_SIZE, "%s %s", host_of(p), p->program);
	return text;
}

static void print_state(FILE *out, const struct process *p)
{
	if (!p->ended)
		fprintf(out, "still running");
	else if (p->signal != 0)
		fprintf(out, "ended by signal %d", p->signal);
	else
		fprintf(out, "ended with status %d", p->status);
}

const char *process_file(const struct process *p, uint64_t *size)
{
	*size = p->output.written;
	return p->output.path;
}

bool process_output_is_whole(const struct process *p)
{
	return !p->output.file_failed;
}

char *process_last_words(const struct process *p, size_t lines)
{
	char name[PROCESS_NAME_SIZE];
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (out == NULL)
		return NULL;
	fprintf(out, "%s (", process_name(p, name));
	print_state(out, p);
	fprintf(out, p->output.count == 0 ? "), said nothing\n" : "), its last lines:\n");
	process_output_print_last(&p->output, lines, out);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}
