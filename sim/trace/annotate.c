#include "trace/annotate.h"

#include "trace/manners.h"
#include "trace/why.h"
#include "base/array.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COMMENT_SIZE 1024
#define SNAP_LENGTH_DEFAULT 262144

/* How a journey died: a comment for its last packet. */
struct death {
	struct cause cause;
	unsigned legs;
};

struct writing {
	struct trace *trace;
	struct why *why;
	struct death *deaths; /* in the order of their journeys */
	size_t count;
	FILE *f;
	int error; /* errno of the first failure */
};

static void fail(struct writing *w, int error)
{
	if (w->error == 0)
		w->error = error;
}

/* Of all causes, once they are found: cause_settle() may yet change them. */
static void keep_death(void *context, const struct journey *j, const struct cause *c)
{
	struct writing *w = context;
	struct death *one;

	if (c->kind == CAUSE_NONE || c->kind == CAUSE_REFUSED)
		return;
	one = array_add(&w->deaths, &w->count, sizeof *one);
	if (one == NULL)
		fail(w, ENOMEM);
	else
		*one = (struct death){ *c, j->leg_count };
}

static int by_journey(const void *key, const void *element)
{
	uint64_t a = *(const uint64_t *)key, b = ((const struct death *)element)->cause.journey;

	return (a > b) - (a < b);
}

static const struct death *find_death(const struct writing *w, const struct journey *j)
{
	return w->count == 0 ? NULL : bsearch(&j->id, w->deaths, w->count, sizeof *w->deaths, by_journey);
}

/* "source 10.0.1.2:5000 -> 203.0.113.10:40000" */
static size_t write_change(char *text, size_t room, const char *what, const struct endpoint *before,
                           const struct endpoint *after)
{
	char a[ENDPOINT_TEXT_SIZE], b[ENDPOINT_TEXT_SIZE];
	int n;

	if (before->port == 0 && after->port == 0)
		n = snprintf(text, room, " %s %s -> %s", what, address_format(&before->address, a),
		             address_format(&after->address, b));
	else
		n = snprintf(text, room, " %s %s -> %s", what, endpoint_format(before, a), endpoint_format(after, b));
	return n < 0 || (size_t)n >= room ? 0 : (size_t)n;
}

/* What the box it just came through did to it. Returns the text's length; 0: nothing. */
static size_t write_translation(const struct writing *w, const struct journey *j, char *text)
{
	unsigned last = j->newest;
	const struct scene *s = &w->trace->scene;
	size_t len;

	if (last == 0 || (!journey_source_changed(j, last) && !journey_target_changed(j, last)))
		return 0;
	len = (size_t)snprintf(text, COMMENT_SIZE, "%s translated",
	                       s->nodes[s->interfaces[j->legs[last].interface].node].name);
	if (journey_source_changed(j, last))
		len +=
		    write_change(text + len, COMMENT_SIZE - len, "source", &j->legs[last - 1].src, &j->legs[last].src);
	if (journey_target_changed(j, last))
		len += write_change(text + len, COMMENT_SIZE - len,
		                    journey_source_changed(j, last) ? "and target" : "target", &j->legs[last - 1].dst,
		                    &j->legs[last].dst);
	return len;
}

/* What a box did to its payload. Returns the text's length; 0: nothing. */
static size_t write_clobbering(const struct writing *w, const struct journey *j, char *text, size_t room)
{
	const struct scene *s = &w->trace->scene;
	const struct leg *l = &j->legs[j->newest];

	if (!j->clobbered || s->interfaces[l->interface].node != j->clobberer || l->direction != PCAPNG_OUTBOUND)
		return 0;
	return (size_t)snprintf(text, room, ", and rewrote %s",
	                        manners_clobber(s, j->clobberer) ? "its own address in the payload" : "the payload");
}

/* It is a SYN that made a simultaneous open where it came to. Returns the text's length; 0: nothing. */
static size_t write_meeting(const struct journey *j, char *text, size_t room)
{
	if (j->meets == 0)
		return 0;
	return (size_t)snprintf(text, room, "meets journey %llu: a simultaneous open", (unsigned long long)j->meets);
}

static void write_packet(void *context, const struct pcapng_packet *raw, const struct packet *p, struct journey *j)
{
	struct writing *w = context;
	const struct leg *l = &j->legs[j->newest];
	const struct death *death = find_death(w, j);
	char comment[COMMENT_SIZE], why[CAUSE_TEXT_SIZE];
	size_t len =
	    l->interface < w->trace->scene.interface_count && w->trace->scene.interfaces[l->interface].node >= 0
		? write_translation(w, j, comment)
		: 0;
	struct pcapng_packet out = *raw;

	(void)p;
	if (len > 0)
		len += write_clobbering(w, j, comment + len, sizeof comment - len);
	else
		len = write_meeting(j, comment, sizeof comment);
	if (death != NULL && death->legs == j->newest + 1)
		len +=
		    (size_t)snprintf(comment + len, sizeof comment - len, "%sgoes no further. %s", len > 0 ? "; " : "",
		                     cause_format(w->why->scene, &w->why->mappings, &death->cause, why));
	out.direction = (enum pcapng_direction)l->direction;
	out.packet_id = j->id;
	out.comment = len > 0 ? comment : NULL;
	if (w->error == 0 && pcapng_write_packet(w->f, &out) != 0)
		fail(w, errno);
}

static int write_head(const struct writing *w)
{
	const struct trace *t = w->trace;

	if (pcapng_write_section(w->f, "punchlab " VERSION) != 0)
		return -1;
	for (size_t i = 0; i < t->scene.interface_count; i++) {
		uint32_t snap = t->interfaces[i].snap_length;

		if (pcapng_write_interface(w->f, t->scene.interfaces[i].name, t->interfaces[i].description,
		                           t->scene.interfaces[i].link_type,
		                           snap != 0 ? snap : SNAP_LENGTH_DEFAULT) != 0)
			return -1;
	}
	for (size_t i = 0; i < t->name_count; i++)
		if (pcapng_write_name(w->f, &t->names[i].address, t->names[i].name) != 0)
			return -1;
	return 0;
}

static int write_tail(const struct writing *w)
{
	const struct trace *t = w->trace;

	for (size_t i = 0; i < t->scene.interface_count; i++)
		if (t->interfaces[i].has_statistics &&
		    pcapng_write_statistics(w->f, (uint32_t)i, t->end_ns, t->interfaces[i].received,
		                            t->interfaces[i].dropped) != 0)
			return -1;
	return fflush(w->f);
}

static bool is_same_file(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* One reading to learn, one to write. */
static int write_all(struct writing *w, char error[TRACE_ERROR_SIZE])
{
	const struct why_visitor learner = { .context = w, .journey = keep_death };
	const struct trace_visitor writer = { w, write_packet, NULL };

	w->why = why_read(w->trace, &learner, error);
	if (w->why == NULL)
		return -1;
	for (size_t i = 0; i < w->count; i++)
		why_settle_cause(w->why, &w->deaths[i].cause);
	if (w->error == 0 && write_head(w) != 0)
		fail(w, errno);
	if (w->error == 0 && trace_run(w->trace, &writer, error) != 0)
		return -1;
	if (w->error == 0 && write_tail(w) != 0)
		fail(w, errno);
	return w->error == 0 ? 0 : -1;
}

/* Writes "path.part", then renames it, so that what stands at `path` is always whole. */
static int write_part(struct writing *w, const char *path, char error[TRACE_ERROR_SIZE])
{
	char part[PATH_MAX];
	int status;

	if (strcmp(path, "-") == 0) {
		w->f = stdout;
		return write_all(w, error);
	}
	if (snprintf(part, sizeof part, "%s.part", path) >= (int)sizeof part) {
		fail(w, ENAMETOOLONG);
		return -1;
	}
	w->f = fopen(part, "we");
	if (w->f == NULL) {
		fail(w, errno);
		return -1;
	}
	status = write_all(w, error);
	if (fclose(w->f) != 0)
		fail(w, errno);
	if (status == 0 && w->error == 0 && rename(part, path) != 0)
		fail(w, errno);
	if (status == 0 && w->error == 0)
		return 0;
	unlink(part);
	return -1;
}

static int write_to(struct trace *t, const char *path, char error[TRACE_ERROR_SIZE])
{
	struct writing w = { .trace = t };
	int status;

	error[0] = '\0';
	status = write_part(&w, path, error);
	if (status != 0 && error[0] == '\0')
		snprintf(error, TRACE_ERROR_SIZE, "%.400s: %s", path, strerror(w.error));
	why_free(w.why);
	free(w.deaths);
	return status;
}

int annotate(struct trace *t, const char *path, char error[TRACE_ERROR_SIZE])
{
	bool same = false;

	for (size_t i = 0; i < t->source_count; i++)
		same |= is_same_file(t->sources[i].path, path);
	if (!same)
		return write_to(t, path, error);
	snprintf(error, TRACE_ERROR_SIZE, "%.400s is the trace itself: name another file to write to", path);
	return -1;
}

int annotate_in_place(const char *path, char error[TRACE_ERROR_SIZE])
{
	struct stat st;
	struct trace *t;
	int status;

	if (stat(path, &st) == 0 && st.st_size > ANNOTATE_IN_PLACE_MAX)
		return 0;
	t = trace_open(path, error);
	if (t == NULL)
		return -1;
	status = write_to(t, path, error);
	trace_free(t);
	return status;
}
