#include "cable/cable.h"

#include "cable/cable_carriage.h"
#include "io/log.h"
#include "world/background.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ANSWER_MS 60000
/* The longest a packet may be under way: its delay and its turn; far beyond both something is broken. */
#define FENCE_MS 180000
#define FRAME_MAX 65535

struct cable {
	pid_t pid;
	int control, fence;
};

/* --- the process ----------------------------------------------------------------------------- */

static void __attribute__((noreturn))
be_cable(const struct world *w, struct record *record, uint64_t seed, int control, int fence)
{
	int keep[] = { control, fence, w->home_netns_fd, w->cable_netns_fd, record_descriptor(record) };

	background_become(keep, sizeof keep / sizeof *keep);
	_exit(carriage_run(w, record, seed, control, fence));
}

static int receive(int socket, int patience_ms, struct carriage_answer *a)
{
	struct pollfd p = { .fd = socket, .events = POLLIN };
	int ready;

	do
		ready = poll(&p, 1, patience_ms);
	while (ready < 0 && errno == EINTR);
	if (ready == 1 && recv(socket, a, sizeof *a, 0) == sizeof *a)
		return a->status;
	snprintf(a->message, sizeof a->message, "%s",
	         ready == 0 ? "the cable process does not answer" : "the cable process died");
	return a->status = -1;
}

static int fork_cable(struct cable *c, const struct world *w, struct record *record, uint64_t seed, int control[2],
                      int fence[2])
{
	struct carriage_answer a = { 0 };

	c->pid = fork();
	if (c->pid == 0)
		be_cable(w, record, seed, control[1], fence[1]);
	c->control = control[0];
	c->fence = fence[0];
	close(control[1]);
	close(fence[1]);
	if (c->pid > 0 && receive(c->control, ANSWER_MS, &a) == 0)
		return 0;
	log_error("the cable: %s", c->pid > 0 ? a.message : strerror(errno));
	return -1;
}

struct cable *cable_start(const struct world *w, struct record *record, uint64_t seed)
{
	struct cable *c = calloc(1, sizeof *c);
	int control[2], fence[2];

	if (c == NULL || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control) != 0) {
		log_error("the cable: %s", strerror(errno));
		free(c);
		return NULL;
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fence) != 0) {
		log_error("the cable: %s", strerror(errno));
		close(control[0]);
		close(control[1]);
		free(c);
		return NULL;
	}
	if (fork_cable(c, w, record, seed, control, fence) == 0)
		return c;
	cable_stop(c);
	return NULL;
}

/* It ends when its sockets are closed. Whoever reaps the caller reaps it. */
void cable_stop(struct cable *c)
{
	if (c == NULL)
		return;
	close(c->control);
	close(c->fence);
	free(c);
}

/* --- talking to it --------------------------------------------------------------------------- */

static int ask(int socket, int patience_ms, const struct carriage_request *q, char error[CABLE_ERROR_SIZE], long *news)
{
	struct carriage_answer a = { .status = -1, .message = "the cable process died" };

	if (send(socket, q, sizeof *q, MSG_NOSIGNAL) == sizeof *q)
		receive(socket, patience_ms, &a);
	snprintf(error, CABLE_ERROR_SIZE, "%.*s", (int)sizeof a.message - 1, a.message);
	*news = a.news;
	return a.status;
}

pid_t cable_pid(const struct cable *c)
{
	return c->pid;
}

int cable_fence_socket(const struct cable *c)
{
	return c->fence;
}

long cable_fence(int socket, char error[CABLE_ERROR_SIZE])
{
	static const struct carriage_request q = { .order = CARRIAGE_FENCE };
	long news;

	return ask(socket, FENCE_MS, &q, error, &news) == 0 ? news : -1;
}

static int tell(struct cable *c, const struct carriage_request *q, char error[CABLE_ERROR_SIZE])
{
	long news;

	return ask(c->control, ANSWER_MS, q, error, &news);
}

int cable_set_weather(struct cable *c, struct cable_link l, const struct weather *w, char error[CABLE_ERROR_SIZE])
{
	return tell(c, &(struct carriage_request){ .order = CARRIAGE_WEATHER, .link = l, .weather = *w }, error);
}

int cable_blackhole(struct cable *c, struct cable_link l, bool on, char error[CABLE_ERROR_SIZE])
{
	return tell(c, &(struct carriage_request){ .order = CARRIAGE_BLACKHOLE, .link = l, .on = on }, error);
}

int cable_unplug(struct cable *c, struct cable_link l, bool off, char error[CABLE_ERROR_SIZE])
{
	return tell(c, &(struct carriage_request){ .order = CARRIAGE_UNPLUG, .link = l, .on = off }, error);
}

int cable_disable(struct cable *c, struct cable_link l, bool on, char error[CABLE_ERROR_SIZE])
{
	return tell(c, &(struct carriage_request){ .order = CARRIAGE_DISABLE, .link = l, .on = on }, error);
}

int cable_clear_rules(struct cable *c, struct cable_link l, char error[CABLE_ERROR_SIZE])
{
	return tell(c, &(struct carriage_request){ .order = CARRIAGE_CLEAR, .link = l }, error);
}

static int compile(struct carriage_rule *r, char error[CABLE_ERROR_SIZE])
{
	pcap_t *ethernet = pcap_open_dead(DLT_EN10MB, FRAME_MAX);
	struct bpf_program program = { 0 };
	int status = -1;

	if (ethernet == NULL)
		snprintf(error, CABLE_ERROR_SIZE, "%s", strerror(ENOMEM));
	else if (pcap_compile(ethernet, &program, r->rule.filter, 1, PCAP_NETMASK_UNKNOWN) != 0)
		snprintf(error, CABLE_ERROR_SIZE, "bad filter \"%.60s\": %.100s", r->rule.filter,
		         pcap_geterr(ethernet));
	else if (program.bf_len > CABLE_FILTER_MAX)
		snprintf(error, CABLE_ERROR_SIZE, "the filter \"%.60s\" is too long", r->rule.filter);
	else
		status = 0;
	if (status == 0)
		memcpy(r->instructions, program.bf_insns, program.bf_len * sizeof *program.bf_insns);
	pcap_freecode(&program);
	if (ethernet != NULL)
		pcap_close(ethernet);
	return status;
}

int cable_add_rule(struct cable *c, struct cable_link l, const struct cable_rule *rule, char error[CABLE_ERROR_SIZE])
{
	struct carriage_request q = { .order = CARRIAGE_RULE, .link = l, .rule.rule = *rule };

	return compile(&q.rule, error) == 0 ? tell(c, &q, error) : -1;
}
