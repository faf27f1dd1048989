#include "observe/capture.h"

#include "io/clock.h"
#include "io/exit_status.h"
#include "io/log.h"
#include "observe/packet_counter.h"
#include "observe/recorder.h"
#include "world/background.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* A recorder that does not answer for so long never will. A slow disk may take its time. */
#define ANSWER_MS 30000

struct capture {
	pid_t pid;
	int socket;
	uint64_t size; /* of the file, as of the last flush */
	struct packet_counter *counter;
	bool failed;
	char message[RECORDER_MESSAGE_SIZE];
};

static unsigned worlds_at_once = 25;

void capture_set_worlds(unsigned most)
{
	worlds_at_once = most > 0 ? most : 1;
}

/* --- the recorder's process ------------------------------------------------------------------ */

static void __attribute__((noreturn))
be_recorder(const struct world *w, const char *pcapng_path, struct record *record, int cable, int socket)
{
	int keep[TOPOLOGY_NODES + 5] = { socket, w->home_netns_fd, cable, w->translator[TRANSLATOR_WATCHER],
		                         record_descriptor(record) };
	size_t count = 5;

	for (size_t i = 0; i < w->topology.count; i++)
		keep[count++] = w->netns_fds[i];
	background_become(keep, count);
	_exit(recorder_run(w, pcapng_path, record, worlds_at_once, cable, socket));
}

/* --- talking to it --------------------------------------------------------------------------- */

static int __attribute__((format(printf, 2, 3))) fail(struct capture *c, const char *format, ...)
{
	va_list args;

	if (c->failed)
		return -1;
	c->failed = true;
	va_start(args, format);
	vsnprintf(c->message, sizeof c->message, format, args);
	va_end(args);
	log_error("%s", c->message);
	return -1;
}

/* Its end of the socket is closed, so it is at its own end. */
static int fail_dead(struct capture *c)
{
	char end[EXIT_STATUS_TEXT_SIZE] = "died";
	int status = c->pid > 0 ? exit_status_wait(c->pid) : -1;

	if (status >= 0)
		exit_status_text(status, end);
	c->pid = -1;
	return fail(c, "the recorder %s: the capture is not complete", end);
}

static int receive(struct capture *c)
{
	struct pollfd polled = { .fd = c->socket, .events = POLLIN };
	uint64_t deadline = clock_now_ms() + ANSWER_MS;
	struct recorder_answer a;
	ssize_t n;
	int ready;

	do {
		uint64_t now = clock_now_ms();

		ready = poll(&polled, 1, now < deadline ? (int)(deadline - now) : 0);
	} while (ready < 0 && errno == EINTR);
	if (ready == 0)
		return fail(c, "the recorder does not answer");
	n = recv(c->socket, &a, sizeof a, 0);
	if (n != sizeof a)
		return fail_dead(c);
	c->size = a.size;
	return a.status == 0 ? 0 : fail(c, "%.*s", (int)sizeof a.message - 1, a.message);
}

static int ask(struct capture *c, enum recorder_order order)
{
	struct recorder_request q = { .order = order };

	if (c->failed && order != RECORDER_STOP)
		return -1;
	if (send(c->socket, &q, sizeof q, MSG_NOSIGNAL) != sizeof q)
		return fail_dead(c);
	return receive(c);
}

/* --- the calls ------------------------------------------------------------------------------- */

static void release(struct capture *c)
{
	if (c->socket >= 0)
		close(c->socket);
	packet_counter_free(c->counter);
	free(c);
}

static int start(struct capture *c, const struct world *w, const char *pcapng_path, struct record *record, int cable)
{
	int sockets[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0)
		return fail(c, "the recorder: %s", strerror(errno));
	c->socket = sockets[0];
	c->pid = fork();
	if (c->pid == 0)
		be_recorder(w, pcapng_path, record, cable, sockets[1]);
	close(sockets[1]);
	return c->pid > 0 ? 0 : fail(c, "the recorder: %s", strerror(errno));
}

struct capture *capture_begin(const struct world *w, const char *pcapng_path, struct record *record, int cable)
{
	struct capture *c = calloc(1, sizeof *c);

	if (c == NULL)
		return NULL;
	c->socket = -1;
	c->counter = packet_counter_new(pcapng_path);
	if (c->counter != NULL && start(c, w, pcapng_path, record, cable) == 0)
		return c;
	release(c);
	return NULL;
}

int capture_wait(struct capture *c)
{
	return receive(c);
}

struct capture *capture_start(const struct world *w, const char *pcapng_path, struct record *record, int cable)
{
	struct capture *c = capture_begin(w, pcapng_path, record, cable);

	if (c == NULL || capture_wait(c) == 0)
		return c;
	release(c); /* the recorder ends by itself */
	return NULL;
}

int capture_flush(struct capture *c)
{
	return ask(c, RECORDER_FLUSH);
}

int capture_catch_up(struct capture *c)
{
	return ask(c, RECORDER_CATCH_UP);
}

void capture_watch(struct capture *c)
{
	struct pollfd polled = { .fd = c->socket, .events = 0 }; /* its end comes unasked */

	if (!c->failed && poll(&polled, 1, 0) > 0)
		fail_dead(c);
}

long capture_count(struct capture *c, const char *interface, const char *filter, uint64_t since_ns,
                   char error[CAPTURE_ERROR_SIZE])
{
	if (capture_flush(c) == 0)
		return packet_counter_count(c->counter, c->size, interface, filter, since_ns, error);
	snprintf(error, CAPTURE_ERROR_SIZE, "%s", c->message);
	return -1;
}

const char *capture_problem(const struct capture *c)
{
	return c->message;
}

/* A failed recorder, too, may have packets to save; one that died does not answer. */
int capture_stop(struct capture *c, uint64_t *size, char error[CAPTURE_ERROR_SIZE])
{
	int status = ask(c, RECORDER_STOP);
	if (c->failed)
		status = -1;
	if (size != NULL)
		*size = c->size;
	snprintf(error, CAPTURE_ERROR_SIZE, "%s", c->message);
	/* Not waited for: the kernel takes its time to take the rings apart. Whoever reaps the caller reaps it. */
	release(c);
	return status;
}
