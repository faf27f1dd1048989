#include "observe/recorder.h"

#include "io/clock.h"
#include "evidence/reorder_buffer.h"
#include "observe/recorder_file.h"
#include "cable/cable.h"
#include "evidence/capture_sort.h"
#include "observe/conntrack_log.h"
#include "observe/counters.h"
#include "observe/lease_log.h"
#include "world/fence.h"
#include "evidence/record.h"
#include "observe/link_captures.h"
#include "world/sandbox.h"

#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * How long a packet is held back, so that one that was seen earlier on another link, but is read later, comes before
 * it. The kernel puts a packet into its ring within microseconds of its time stamp, but a virtual machine may be
 * stopped in between.
 */
#define HOLD_NS UINT64_C(20000000)

/* Beyond so many bytes held (a clock set back could make it so) nothing is held back any more. */
#define HELD_MAX ((size_t)64 * 1024 * 1024)

/* Before the programs it watches: it must keep up with them. */
#define PRIORITY (-10)

struct recorder {
	const struct world *world;
	int socket;
	int cable; /* its fence; -1: none */
	struct link_captures captures;
	struct conntrack_log *logs[TOPOLOGY_NODES]; /* NULL for hosts */
	struct lease_log *leases;
	struct record *record;
	struct recorder_file file;
	bool file_open;
	struct reorder_buffer *buffer;
	struct fence fence;
	unsigned links; /* that a packet can cross */
	bool failed;
	char message[RECORDER_MESSAGE_SIZE]; /* the first failure: later ones follow from it */
};

static int __attribute__((format(printf, 2, 3))) fail(struct recorder *r, const char *format, ...)
{
	va_list args;

	if (r->failed)
		return -1;
	r->failed = true;
	va_start(args, format);
	vsnprintf(r->message, sizeof r->message, format, args);
	va_end(args);
	return -1;
}

static const char *node_name(const struct recorder *r, int node)
{
	return topology_name(&r->world->topology, node);
}

static int fail_captures(struct recorder *r)
{
	return fail(r, "%s", r->captures.error);
}

static int fail_file(struct recorder *r)
{
	return fail(r, "%.180s: %s", r->file.path, strerror(r->file.error));
}

/* --- opening --------------------------------------------------------------------------------- */

static int open_logs(struct recorder *r)
{
	for (size_t i = 0; i < r->world->topology.count; i++) {
		const struct node *n = &r->world->topology.nodes[i];

		if (n->kind != NODE_BOX)
			continue;
		if (sandbox_enter_netns(r->world->netns_fds[i]) == 0)
			r->logs[i] = conntrack_log_open(n->name, r->record);
		if (r->logs[i] == NULL)
			return fail(r, "conntrack events of %s: %s", n->name, strerror(errno));
	}
	return 0;
}

static int go_home(struct recorder *r)
{
	if (sandbox_enter_netns(r->world->home_netns_fd) == 0)
		return 0;
	return fail(r, "cannot return to the router's network namespace: %s", strerror(errno));
}

static int open_all(struct recorder *r, const char *pcapng_path, unsigned worlds)
{
	link_captures_prepare(&r->captures, r->world, worlds);
	r->links = topology_longest_way(&r->world->topology);
	r->buffer = reorder_buffer_new(r->captures.count);
	if (r->buffer == NULL)
		return fail(r, "%s", strerror(ENOMEM));
	if (recorder_file_open(&r->file, pcapng_path, &r->world->topology, r->captures.interfaces, r->captures.count) !=
	    0)
		return fail(r, "%.180s: %s", pcapng_path, strerror(errno));
	r->file_open = true;
	if (link_captures_open(&r->captures) != 0)
		return fail_captures(r);
	if (open_logs(r) != 0 || go_home(r) != 0)
		return -1;
	r->leases = lease_log_open(r->world, r->record);
	if (r->leases == NULL)
		return fail(r, "ports that are asked for: %s", strerror(errno));
	return fence_open(&r->fence) == 0 ? 0 : fail(r, "loopback: %s", strerror(errno));
}

/* --- packets --------------------------------------------------------------------------------- */

static int write_until(struct recorder *r, uint64_t until_ns)
{
	if (reorder_buffer_give(r->buffer, until_ns, recorder_file_write, &r->file) != 0 ||
	    recorder_file_flush(&r->file) != 0)
		return fail_file(r);
	return 0;
}

/* Writes what was held back for long enough. All rings have been drained after `now`. */
static int write_due(struct recorder *r, uint64_t now)
{
	if (reorder_buffer_bytes(r->buffer) > HELD_MAX)
		return write_until(r, UINT64_MAX);
	if (reorder_buffer_oldest_ns(r->buffer) > now - HOLD_NS)
		return 0;
	return write_until(r, now - HOLD_NS);
}

static int read_logs(struct recorder *r)
{
	for (size_t i = 0; i < r->world->topology.count; i++)
		if (r->logs[i] != NULL && conntrack_log_read(r->logs[i]) != 0)
			return fail(r, "conntrack events of %s: %s", node_name(r, (int)i), strerror(errno));
	lease_log_read(r->leases);
	if (record_error(r->record) != 0)
		return fail(r, "the world's record: %s", strerror(record_error(r->record)));
	return 0;
}

/*
 * Behind every packet under way: those in queues of the kernel's, and those that links delay. A packet that comes off
 * one delayed link may go on to the next, so it ends when none came to the cable since it was last asked, at the latest
 * when each link has been crossed: each round brings a packet past one of them.
 */
static int fence(struct recorder *r)
{
	int translator = r->world->translator[TRANSLATOR_WATCHER];
	char error[CABLE_ERROR_SIZE], untranslated[TRANSLATOR_ERROR_SIZE];
	long news = 1;

	for (unsigned i = 0; i < r->links && (r->cable >= 0 || translator >= 0) && news > 0; i++) {
		long translated = 0;

		if (fence_wait(&r->fence, r->links) != 0)
			return fail(r, "loopback: %s", strerror(errno));
		if (translator >= 0 && (translated = translator_fence(translator, untranslated)) < 0)
			return fail(r, "%s", untranslated);
		news = r->cable >= 0 ? cable_fence(r->cable, error) : 0;
		if (news < 0)
			return fail(r, "%s", error);
		news += translated;
	}
	return fence_wait(&r->fence, r->links) == 0 ? 0 : fail(r, "loopback: %s", strerror(errno));
}

/*
 * After the first fence every packet that was on a wire is in a ring. After the second one so is every packet with a
 * time stamp up to `now`: whoever was between stamping one and storing it has gone on. So all of these can be written,
 * sorted.
 */
static int flush(struct recorder *r)
{
	uint64_t now;

	if (fence(r) != 0)
		return -1;
	now = clock_wall_ns();
	if (fence_wait(&r->fence, 1) != 0)
		return fail(r, "loopback: %s", strerror(errno));
	if (link_captures_drain(&r->captures, r->buffer) != 0)
		return fail_captures(r);
	if (write_until(r, now) != 0 || read_logs(r) != 0)
		return -1;
	/* a lost packet fails everything that follows: a verdict that rests on the capture would be a guess */
	return link_captures_check_losses(&r->captures) == 0 ? 0 : fail_captures(r);
}

/* All rings, not only those that poll() found filled: another may have got an older packet since. */
static void take_packets(struct recorder *r)
{
	uint64_t now = clock_wall_ns();

	if (link_captures_drain(&r->captures, r->buffer) != 0)
		fail_captures(r);
	else
		write_due(r, now);
}

/* What the kernel has under way is in the rings, and out of them; what the cable delays comes at its own pace. */
static void catch_up(struct recorder *r)
{
	if (fence_wait(&r->fence, r->links) != 0)
		fail(r, "loopback: %s", strerror(errno));
	else
		take_packets(r);
	read_logs(r);
}

/* --- the end --------------------------------------------------------------------------------- */

static int snapshot(struct recorder *r, int node)
{
	if (read_logs(r) != 0)
		return -1;
	if (conntrack_log_snapshot(r->logs[node]) != 0)
		return fail(r, "conntrack table of %s: %s", node_name(r, node), strerror(errno));
	return 0;
}

/* The kernel's count of what it saw, and ours of what we wrote, must agree: nothing got lost on the way through here.
 */
static void write_statistics(struct recorder *r)
{
	uint64_t seen = 0;
	uint64_t written = 0;

	for (size_t i = 0; i < r->captures.count; i++) {
		uint64_t received = 0;
		uint64_t dropped = 0;

		if (link_captures_statistics(&r->captures, i, &received, &dropped) != 0)
			fail_captures(r);
		else if (recorder_file_write_statistics(&r->file, (uint32_t)i, dropped) != 0)
			fail_file(r);
		seen += received;
		written += r->file.written[i] + dropped;
	}
	if (seen != written)
		fail(r, "the kernel saw %llu packets, the capture holds %llu", (unsigned long long)seen,
		     (unsigned long long)written);
}

/* What can still be saved is saved, whatever failed before. */
static void finish(struct recorder *r)
{
	flush(r);
	for (size_t i = 0; i < r->world->topology.count; i++)
		if (r->logs[i] != NULL)
			snapshot(r, (int)i);
	if (counters_record_interfaces(r->world, r->record) != 0)
		fail(r, "interface counters: %s", strerror(errno));
	if (link_captures_mute(&r->captures) != 0 || link_captures_drain(&r->captures, r->buffer) != 0)
		fail_captures(r);
	write_until(r, UINT64_MAX);
	write_statistics(r);
	if (recorder_file_close(&r->file) != 0)
		fail_file(r);
	else if (r->file.late > 0 && capture_sort(r->file.path) != 0)
		fail(r, "%.180s cannot be sorted: %s", r->file.path, strerror(errno));
	r->file_open = false;
}

/* --- the loop -------------------------------------------------------------------------------- */

static void answer(struct recorder *r)
{
	struct recorder_answer a = { .status = r->failed ? -1 : 0, .size = r->file.size };

	memcpy(a.message, r->message, sizeof a.message);
	/* whoever asked may be gone: the next read from the socket tells */
	send(r->socket, &a, sizeof a, MSG_NOSIGNAL);
}

/* Returns false when it is time to end. */
static bool serve(struct recorder *r)
{
	struct recorder_request q;
	ssize_t n = recv(r->socket, &q, sizeof q, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n != sizeof q || q.order == RECORDER_STOP) {
		finish(r);
		answer(r);
		return false;
	}
	if (q.order == RECORDER_CATCH_UP)
		catch_up(r);
	else
		flush(r);
	answer(r);
	return true;
}

/* The socket, the captures, the boxes' events. Returns how many. */
static nfds_t fill(const struct recorder *r, struct pollfd *polled)
{
	nfds_t n = 0;

	polled[n++] = (struct pollfd){ .fd = r->socket, .events = POLLIN };
	if (r->failed)
		return n;
	for (size_t i = 0; i < r->captures.count; i++)
		polled[n++] = (struct pollfd){ .fd = link_capture_fd(&r->captures.list[i]), .events = POLLIN };
	for (size_t i = 0; i < r->world->topology.count; i++)
		if (r->logs[i] != NULL)
			polled[n++] = (struct pollfd){ .fd = conntrack_log_fd(r->logs[i]), .events = POLLIN };
	polled[n++] = (struct pollfd){ .fd = lease_log_fd(r->leases), .events = POLLIN };
	return n;
}

/* Until the oldest packet may be written, in whole milliseconds and one more. */
static int poll_timeout(const struct recorder *r)
{
	uint64_t due = reorder_buffer_oldest_ns(r->buffer) + HOLD_NS;
	uint64_t now = clock_wall_ns();

	if (r->failed)
		return -1;
	if (reorder_buffer_count(r->buffer) == 0)
		return -1;
	return due > now ? (int)((due - now) / 1000000u) + 1 : 0;
}

static void run(struct recorder *r)
{
	struct pollfd polled[2 + TOPOLOGY_INTERFACES + TOPOLOGY_NODES];

	for (;;) {
		nfds_t count = fill(r, polled);

		if (poll(polled, count, poll_timeout(r)) < 0 && errno != EINTR)
			fail(r, "poll: %s", strerror(errno));
		if (!r->failed)
			take_packets(r);
		for (nfds_t i = 1 + r->captures.count; i < count; i++)
			if (polled[i].revents != 0)
				read_logs(r);
		if (polled[0].revents != 0 && !serve(r))
			return;
	}
}

int recorder_run(const struct world *w, const char *pcapng_path, struct record *record, unsigned worlds, int cable,
                 int socket)
{
	static struct recorder recorder; /* not on the stack: some 20 kB */
	struct recorder *r = &recorder;

	r->world = w;
	r->record = record;
	r->socket = socket;
	r->cable = cable;
	setpriority(PRIO_PROCESS, 0, PRIORITY); /* allowed to root alone */
	mallopt(M_ARENA_MAX,
	        1); /* those who open the rings live for a moment: an arena for each costs more than waiting */
	open_all(r, pcapng_path, worlds);
	answer(r);
	if (!r->failed)
		run(r);
	else if (r->file_open)
		finish(r);
	/* The kernel closes the rest with the process, all at once; one by one each ring costs a wait. */
	return r->failed ? 1 : 0;
}
