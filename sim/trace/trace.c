#include "trace/trace.h"

#include "trace/clobber.h"
#include "trace/nat64.h"

#include "trace/trace_prepare.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RECORD_SUFFIX ".jsonl"

/* One run through the captures. */
struct run {
	struct trace *trace;
	const struct trace_visitor *visitor;
	struct sources *sources;
	struct join *join;
	size_t interfaces; /* taken over from the sources */
	size_t names;
	bool clobbers;                  /* boxes rewrite payloads */
	bool translates;                /* boxes make IPv4 of IPv6 */
	int map[PCAPNG_INTERFACES_MAX]; /* the sources' interfaces to the scene's; -1: no room */
};

static bool is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool trace_record_path(const struct trace *t, char out[PATH_MAX])
{
	const char *capture = t->sources[0].path;
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

	if (strcmp(t->sources[0].path, "-") == 0 || !trace_record_path(t, path))
		return 0;
	if (recorded_events_read(path, &t->scene, &t->events) == 0) {
		t->has_record = true;
		return 0;
	}
	if (errno == ENOENT)
		return 0;
	snprintf(error, TRACE_ERROR_SIZE, "%.400s: %s", path, strerror(errno));
	return -1;
}

static struct trace *trace_new(char error[TRACE_ERROR_SIZE])
{
	struct trace *t = calloc(1, sizeof *t);

	if (t == NULL)
		snprintf(error, TRACE_ERROR_SIZE, "out of memory");
	return t;
}

static int add_source(struct trace *t, const char *path, const char *name, char error[TRACE_ERROR_SIZE])
{
	struct source *s = &t->sources[t->source_count];
	int len = snprintf(s->path, sizeof s->path, is_folder(path) ? "%s/trace.pcapng" : "%s", path);

	if (t->source_count == SOURCES_MAX || len < 0 || (size_t)len >= sizeof s->path) {
		snprintf(error, TRACE_ERROR_SIZE,
		         t->source_count == SOURCES_MAX ? "%.200s: too many captures" : "%.200s...: name too long",
		         path);
		return -1;
	}
	snprintf(s->name, sizeof s->name, "%.63s", name);
	s->fd = -1;
	s->window_ns = SOURCES_NEAR_NS;
	t->source_count++;
	return 0;
}

struct trace *trace_open(const char *path, char error[TRACE_ERROR_SIZE])
{
	struct trace *t = trace_new(error);

	if (t == NULL || (add_source(t, path, "", error) == 0 && open_record(t, error) == 0))
		return t;
	trace_free(t);
	return NULL;
}

struct trace *trace_open_captures(const struct source *list, size_t count, const struct infer_name *given,
                                  size_t given_count, char error[TRACE_ERROR_SIZE])
{
	struct trace *t = trace_new(error);

	for (size_t i = 0; t != NULL && i < count; i++)
		if (add_source(t, list[i].path, list[i].name, error) != 0) {
			trace_free(t);
			return NULL;
		}
	if (t == NULL)
		return NULL;
	t->given_count = given_count < TRACE_GIVEN ? given_count : TRACE_GIVEN;
	if (t->given_count > 0)
		memcpy(t->given, given, t->given_count * sizeof *given);
	return t;
}

void trace_free(struct trace *t)
{
	if (t == NULL)
		return;
	recorded_events_free(&t->events);
	if (t->sights != NULL)
		sights_free(t->sights);
	free(t->sights);
	for (size_t i = 0; i < t->source_count; i++)
		if (t->sources[i].fd >= 0)
			close(t->sources[i].fd);
	free(t);
}

/* Names tell who has which address where no record does. */
static void take_names(struct run *run)
{
	struct scene *s = &run->trace->scene;
	const struct pcapng_name *n;

	for (; (n = sources_name(run->sources, run->names)) != NULL; run->names++) {
		struct endpoint e = { .address = n->address };
		char name[2 * SCENE_NAME_SIZE];
		int node = s->from_record ? -1 : scene_find(s, scene_escape_name(n->name, name));

		if (run->names >= run->trace->name_count && run->trace->name_count < TRACE_NAMES)
			run->trace->names[run->trace->name_count++] = *n;
		if (node >= 0)
			scene_add_address(s, node, &e);
	}
}

/* The scene's interface that stands for one of the sources, or -1: it is met for the first time. */
static int find_interface(const struct trace *t, const struct source_interface *i)
{
	for (size_t k = 0; k < t->scene.interface_count; k++)
		if (t->interfaces[k].source == i->source && t->interfaces[k].in_file == i->in_file &&
		    t->interfaces[k].link_index == i->link_index)
			return (int)k;
	return -1;
}

static void take_interfaces(struct run *run)
{
	struct source_interface i;
	struct trace *t = run->trace;

	for (; sources_interface(run->sources, run->interfaces, &i); run->interfaces++) {
		int at = find_interface(t, &i);

		if (at < 0) {
			const char *name =
			    t->sources[i.source].name[0] != '\0' ? t->sources[i.source].name : i.said->name;

			at = scene_add_interface(&t->scene, name[0] != '\0' ? name : NULL, i.said->link_type);
			trace_place_interface(t, at, &i);
		}
		run->map[run->interfaces] = at;
	}
	run->names = 0;
	take_names(run);
	scene_connect(&t->scene);
}

static void take_packet(struct run *run, const struct pcapng_packet *raw)
{
	struct trace *t = run->trace;
	struct packet p;
	struct journey *j;
	uint16_t link_type;
	int interface;

	if (raw->interface >= run->interfaces)
		take_interfaces(run);
	interface = raw->interface < run->interfaces ? run->map[raw->interface] : -1;
	if (interface < 0) {
		t->without_interface++;
		return;
	}
	if (sources_name(run->sources, run->names) != NULL)
		take_names(run);
	t->start_ns = t->packets == 0 ? raw->time_ns : t->start_ns;
	t->end_ns = raw->time_ns > t->end_ns ? raw->time_ns : t->end_ns;
	t->packets++;
	link_type = t->scene.interfaces[interface].link_type;
	if (!packet_knows_link_type(link_type)) {
		t->unread_link++;
		t->unread_type = link_type;
	}
	packet_parse(link_type, raw->bytes, raw->captured, raw->length, &p);
	if (run->translates)
		nat64_unify(&t->scene, (unsigned)interface, raw->time_ns, &p);
	if (run->clobbers)
		clobber_unify(&t->scene, &p);
	j = !t->has_record && doubles_is_one(&t->doubles, raw, &p) ? join_again(run->join, (unsigned)interface, &p)
	                                                           : NULL;
	t->doubled += j != NULL;
	if (j == NULL)
		j = join_packet(run->join, (unsigned)interface, raw->time_ns,
		                raw->direction != PCAPNG_DIRECTION_UNKNOWN ? raw->direction : p.direction, &p);
	if (run->visitor->packet != NULL)
		run->visitor->packet(run->visitor->context, raw, &p, j);
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
	struct source_interface i;

	for (size_t n = 0; sources_interface(run->sources, n, &i); n++) {
		t->dropped += i.said->has_statistics ? i.said->dropped : 0;
		if (run->map[n] < 0)
			continue;
		struct trace_interface *kept = &t->interfaces[run->map[n]];

		snprintf(kept->description, sizeof kept->description, "%s", i.said->description);
		kept->snap_length = i.said->snap_length;
		kept->has_statistics = i.said->has_statistics;
		kept->received = i.said->received;
		kept->dropped = i.said->dropped;
	}
	for (size_t n = 0; n < t->source_count; n++) {
		uint64_t by;

		t->late += sources_late(run->sources, n, &by);
		t->late_ns = by > t->late_ns ? by : t->late_ns;
	}
}

static void take_damage(struct trace *t, const struct sources *s, char error[TRACE_ERROR_SIZE])
{
	const char *path = "", *why = sources_error(s, &path);

	if (why != NULL)
		snprintf(t->damage, sizeof t->damage, "%.200s: %.250s", path, why);
	if (why != NULL && t->packets == 0)
		snprintf(error, TRACE_ERROR_SIZE, "%s", t->damage);
}

static void run_through(struct run *run, char error[TRACE_ERROR_SIZE])
{
	struct trace *t = run->trace;
	struct pcapng_packet raw;
	int status;

	while ((status = sources_next(run->sources, &raw)) > 0)
		take_packet(run, &raw);
	if (status < 0)
		snprintf(error, TRACE_ERROR_SIZE, "out of memory");
	take_interfaces(run);
	take_damage(t, run->sources, error);
	/* The lab ends a capture only when nothing is under way any more. */
	join_finish(run->join, !t->has_record || t->damage[0] != '\0');
	t->journeys = join_journeys(run->join);
	t->hurried = join_hurried(run->join);
	t->plain = sources_are_plain(run->sources);
	take_statistics(run);
}

static void forget_counts(struct trace *t)
{
	t->name_count = 0;
	t->packets = t->journeys = t->without_interface = t->unread_link = t->dropped = t->late = t->late_ns =
	    t->doubled = 0;
	t->start_ns = t->end_ns = 0;
	t->damage[0] = '\0';
}

int trace_run(struct trace *t, const struct trace_visitor *visitor, char error[TRACE_ERROR_SIZE])
{
	struct run *run;

	if (trace_prepare(t, error) != 0)
		return -1;
	snprintf(error, TRACE_ERROR_SIZE, "out of memory");
	run = calloc(1, sizeof *run);
	if (run == NULL)
		return -1;
	forget_counts(t);
	*run = (struct run){ .trace = t, .visitor = visitor };
	doubles_judge(&t->doubles);
	run->join = join_new(&t->scene, tell_journey, run);
	run->sources = run->join != NULL ? sources_open(t->sources, t->source_count, error) : NULL;
	run->clobbers = clobber_is_about(&t->scene);
	run->translates = nat64_is_about(&t->scene);
	if (run->sources != NULL) {
		error[0] = '\0';
		run_through(run, error);
	}
	sources_close(run->sources);
	join_free(run->join);
	free(run);
	return error[0] == '\0' ? 0 : -1;
}

bool trace_lacks(const struct trace *t, char text[TRACE_ERROR_SIZE])
{
	if (t->has_record)
		return false;
	if (t->inferred[0] != '\0')
		snprintf(text, TRACE_ERROR_SIZE, "no record beside the capture; inferred from the packets: %s",
		         t->inferred);
	else if (t->plain && t->source_count == 1)
		snprintf(text, TRACE_ERROR_SIZE,
		         "a plain pcap has one interface without a name: packets cannot be followed from link to link");
	else
		snprintf(text, TRACE_ERROR_SIZE,
		         "no record (trace.jsonl) beside the capture: who stands behind whom is guessed from names");
	return true;
}

bool trace_clock(const struct trace *t, size_t source, char text[TRACE_ERROR_SIZE])
{
	const struct clock_found *c = &t->clocks[source];
	double ahead = (double)c->ahead_ns / 1e9;

	if (t->source_count < 2 || source == 0 || (c->aligned && t->sources[source].shift_ns == 0))
		return false;
	if (c->common && !c->aligned)
		snprintf(text, TRACE_ERROR_SIZE,
		         "%.200s: its clock runs at another speed than the others': what it lacks is not called lost",
		         t->sources[source].path);
	else if (!c->aligned)
		snprintf(text, TRACE_ERROR_SIZE,
		         "%.200s: no packet in common with the other captures: its clock is taken as it is",
		         t->sources[source].path);
	else
		snprintf(text, TRACE_ERROR_SIZE, "%.200s: its clock is %.6f s %s that of %.200s: put right",
		         t->sources[source].path, ahead < 0 ? -ahead : ahead, ahead < 0 ? "behind" : "ahead of",
		         t->sources[0].path);
	return true;
}
