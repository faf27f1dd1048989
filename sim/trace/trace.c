#include "trace/trace.h"

#include "evidence/packet_batch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define RECORD_SUFFIX ".jsonl"
#define SOURCE_SIZE 32

/*
 * A capture of many interfaces, or one merged from several, may be a little out of order: what is younger than this is
 * held back, so many and so much at most.
 */
#define HELD_NS UINT64_C(5000000)
#define HELD_PACKETS 1024
#define HELD_BYTES ((size_t)8 << 20)

/* One run through the capture. */
struct run {
	struct trace *trace;
	const struct trace_visitor *visitor;
	struct pcapng_reader *reader;
	struct join *join;
	struct packet_batch *held;
	uint64_t newest_ns; /* of those held, and before */
	size_t interfaces;  /* taken over from the reader */
	size_t names;
	int map[PCAPNG_INTERFACES_MAX]; /* the reader's interfaces to the stage's; -1: no room */
};

static bool is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool trace_record_path(const struct trace *t, char out[PATH_MAX])
{
	const char *capture = t->path;
	const char *slash = strrchr(capture, '/');
	const char *dot = strrchr(capture, '.');
	size_t stem =
	    dot != NULL && dot > (slash != NULL ? slash : capture) ? (size_t)(dot - capture) : strlen(capture);

	return snprintf(out, PATH_MAX, "%.*s%s", (int)stem, capture, RECORD_SUFFIX) < PATH_MAX;
}

/* A record is a gift: without one the names in the capture have to do. */
static int open_record(struct trace *t, char error[TRACE_ERROR_SIZE])
{
	char path[PATH_MAX];

	if (strcmp(t->path, "-") == 0 || !trace_record_path(t, path))
		return 0;
	if (history_read(path, &t->stage, &t->history) == 0) {
		t->has_record = true;
		return 0;
	}
	if (errno == ENOENT)
		return 0;
	snprintf(error, TRACE_ERROR_SIZE, "%.400s: %s", path, strerror(errno));
	return -1;
}

struct trace *trace_open(const char *path, char error[TRACE_ERROR_SIZE])
{
	struct trace *t = calloc(1, sizeof *t);
	int len;

	if (t == NULL) {
		snprintf(error, TRACE_ERROR_SIZE, "out of memory");
		return NULL;
	}
	t->kept_fd = -1;
	len = snprintf(t->path, sizeof t->path, is_folder(path) ? "%s/trace.pcapng" : "%s", path);
	if (len < 0 || (size_t)len >= sizeof t->path) {
		snprintf(error, TRACE_ERROR_SIZE, "%.200s...: name too long", path);
	} else if (open_record(t, error) == 0) {
		return t;
	}
	trace_free(t);
	return NULL;
}

void trace_free(struct trace *t)
{
	if (t == NULL)
		return;
	history_free(&t->history);
	if (t->kept_fd >= 0)
		close(t->kept_fd);
	free(t);
}

static bool copy(int from, int to)
{
	uint8_t bytes[65536];
	ssize_t n;

	while ((n = read(from, bytes, sizeof bytes)) > 0)
		for (ssize_t done = 0, k; done < n; done += k)
			if ((k = write(to, bytes + done, (size_t)(n - done))) < 0)
				return false;
	return n == 0;
}

int trace_keep_input(struct trace *t, char error[TRACE_ERROR_SIZE])
{
	const char *folder = getenv("TMPDIR");

	if (strcmp(t->path, "-") != 0 || t->kept_fd >= 0)
		return 0;
	t->kept_fd = open(folder != NULL ? folder : "/var/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (t->kept_fd < 0)
		t->kept_fd = memfd_create("capture", MFD_CLOEXEC);
	if (t->kept_fd >= 0 && copy(STDIN_FILENO, t->kept_fd))
		return 0;
	snprintf(error, TRACE_ERROR_SIZE, "standard input cannot be kept: %s", strerror(errno));
	return -1;
}

/* Names tell who has which address where no record does. */
static void take_names(struct run *run)
{
	struct scene *s = &run->trace->stage;
	const struct pcapng_name *n;

	for (; (n = pcapng_reader_name(run->reader, run->names)) != NULL; run->names++) {
		struct endpoint e = { .address = n->address };
		int node = s->from_record ? -1 : scene_find(s, n->name);

		if (run->names >= run->trace->name_count && run->trace->name_count < TRACE_NAMES)
			run->trace->names[run->trace->name_count++] = *n;
		if (node >= 0)
			scene_add_address(s, node, &e);
	}
}

/* An interface that a run before has added is found again by its place: the order in the file. */
static void take_interfaces(struct run *run)
{
	const struct pcapng_interface *i;
	struct scene *s = &run->trace->stage;

	for (; (i = pcapng_reader_interface(run->reader, run->interfaces)) != NULL; run->interfaces++) {
		if (run->interfaces < s->interface_count)
			run->map[run->interfaces] = (int)run->interfaces;
		else
			run->map[run->interfaces] =
			    scene_add_interface(s, i->name[0] != '\0' ? i->name : NULL, i->link_type);
	}
	run->names = 0;
	take_names(run);
	scene_connect(s);
}

/* For packet_batch_give(). */
static int take_packet(void *context, const struct pcapng_packet *raw)
{
	struct run *run = context;
	struct trace *t = run->trace;
	struct packet p;
	struct journey *j;
	int interface;

	if (raw->interface >= run->interfaces)
		take_interfaces(run);
	interface = raw->interface < run->interfaces ? run->map[raw->interface] : -1;
	if (interface < 0) {
		t->without_interface++;
		return 0;
	}
	if (pcapng_reader_name(run->reader, run->names) != NULL)
		take_names(run);
	t->start_ns = t->packets == 0 ? raw->time_ns : t->start_ns;
	t->end_ns = raw->time_ns > t->end_ns ? raw->time_ns : t->end_ns;
	t->packets++;
	t->unread_link += !packet_knows_link_type(t->stage.interfaces[interface].link_type);
	packet_parse(t->stage.interfaces[interface].link_type, raw->bytes, raw->captured, raw->length, &p);
	j = join_packet(run->join, (unsigned)interface, raw->time_ns, raw->direction, &p);
	if (run->visitor->packet != NULL)
		run->visitor->packet(run->visitor->context, raw, &p, j);
	return 0;
}

static void tell_journey(void *context, const struct journey *j)
{
	const struct run *run = context;

	if (run->visitor->journey != NULL)
		run->visitor->journey(run->visitor->context, j);
}

static void take_statistics(struct run *run)
{
	struct trace *t = run->trace;
	const struct pcapng_interface *i;

	for (size_t n = 0; (i = pcapng_reader_interface(run->reader, n)) != NULL; n++) {
		t->dropped += i->has_statistics ? i->dropped : 0;
		if (run->map[n] < 0)
			continue;
		struct trace_interface *kept = &t->interfaces[run->map[n]];

		snprintf(kept->description, sizeof kept->description, "%s", i->description);
		kept->snap_length = i->snap_length;
		kept->has_statistics = i->has_statistics;
		kept->received = i->received;
		kept->dropped = i->dropped;
	}
}

/* Takes what is not younger than that. */
static void take_ripe(struct run *run, uint64_t until_ns)
{
	int given = packet_batch_give(run->held, until_ns, take_packet, run);

	(void)given; /* take_packet() refuses none */
}

/* Without memory the order has to do as it is. */
static void hold(struct run *run, const struct pcapng_packet *raw)
{
	run->newest_ns = raw->time_ns > run->newest_ns ? raw->time_ns : run->newest_ns;
	if (packet_batch_add(run->held, raw) != 0)
		take_packet(run, raw);
	while (packet_batch_count(run->held) >= HELD_PACKETS || packet_batch_bytes(run->held) > HELD_BYTES)
		take_ripe(run, packet_batch_oldest_ns(run->held));
	if (run->newest_ns >= HELD_NS)
		take_ripe(run, run->newest_ns - HELD_NS);
}

static void run_through(struct run *run, char error[TRACE_ERROR_SIZE])
{
	struct trace *t = run->trace;
	struct pcapng_packet raw;
	int status;

	while ((status = pcapng_reader_next(run->reader, &raw)) > 0)
		hold(run, &raw);
	take_ripe(run, UINT64_MAX);
	take_interfaces(run);
	/* The lab ends a capture only when nothing is under way any more. */
	join_finish(run->join, !t->has_record || status < 0);
	t->journeys = join_journeys(run->join);
	t->hurried = join_hurried(run->join);
	t->plain = pcapng_reader_is_plain(run->reader);
	take_statistics(run);
	if (status < 0)
		snprintf(t->damage, sizeof t->damage, "%s", pcapng_reader_error(run->reader));
	if (status < 0 && t->packets == 0)
		snprintf(error, TRACE_ERROR_SIZE, "%.200s: %.250s", t->path, pcapng_reader_error(run->reader));
}

/* Opened anew each time, so that each reading has a place in the file of its own. */
static const char *source_of(const struct trace *t, char source[SOURCE_SIZE])
{
	if (t->kept_fd < 0)
		return t->path;
	snprintf(source, SOURCE_SIZE, "/proc/self/fd/%d", t->kept_fd);
	return source;
}

int trace_run(struct trace *t, const struct trace_visitor *visitor, char error[TRACE_ERROR_SIZE])
{
	char source[SOURCE_SIZE];
	struct run *run = calloc(1, sizeof *run);

	error[0] = '\0';
	t->name_count = 0;
	t->packets = t->journeys = t->without_interface = t->unread_link = t->dropped = 0;
	t->start_ns = t->end_ns = 0;
	t->damage[0] = '\0';
	if (run == NULL) {
		snprintf(error, TRACE_ERROR_SIZE, "out of memory");
		return -1;
	}
	*run = (struct run){ .trace = t, .visitor = visitor };
	run->reader = pcapng_reader_open(source_of(t, source), error);
	run->join = join_new(&t->stage, tell_journey, run);
	run->held = packet_batch_new(1);
	if (run->join == NULL || run->held == NULL)
		snprintf(error, TRACE_ERROR_SIZE, "out of memory");
	else if (run->reader != NULL)
		run_through(run, error);
	pcapng_reader_close(run->reader);
	join_free(run->join);
	packet_batch_free(run->held);
	free(run);
	return error[0] == '\0' ? 0 : -1;
}

bool trace_lacks(const struct trace *t, char text[TRACE_ERROR_SIZE])
{
	if (t->has_record)
		return false;
	if (t->plain)
		snprintf(text, TRACE_ERROR_SIZE,
		         "a plain pcap has one interface without a name: packets cannot be followed from link to link");
	else
		snprintf(text, TRACE_ERROR_SIZE,
		         "no record (trace.jsonl) beside the capture: who stands behind whom is guessed from names");
	return true;
}
