#include "trace/trace_prepare.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define AHEAD_TOLD_NS 1000000 /* clocks that differ by less are called equal */

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

/* Standard input passes once only: it is kept in a file without a name. */
static int keep_input(struct source *s, char error[TRACE_ERROR_SIZE])
{
	const char *folder = getenv("TMPDIR");

	if (strcmp(s->path, "-") != 0 || s->fd >= 0)
		return 0;
	s->fd = open(folder != NULL ? folder : "/var/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (s->fd < 0)
		s->fd = memfd_create("capture", MFD_CLOEXEC);
	if (s->fd >= 0 && copy(STDIN_FILENO, s->fd))
		return 0;
	snprintf(error, TRACE_ERROR_SIZE, "standard input cannot be kept: %s", strerror(errno));
	return -1;
}

void trace_place_interface(struct trace *t, int at, const struct source_interface *i)
{
	if (at < 0)
		return;
	t->interfaces[at].source = i->source;
	t->interfaces[at].in_file = i->in_file;
	t->interfaces[at].link_index = i->link_index;
}

static void keep_names(struct trace *t, const struct sources *s)
{
	const struct pcapng_name *n;

	for (t->name_count = 0; t->name_count < TRACE_NAMES && (n = sources_name(s, t->name_count)) != NULL;)
		t->names[t->name_count++] = *n;
}

/* Of several captures each is called by its file where it has no better name. */
static void label_by_file(const struct trace *t, struct sights *sights)
{
	for (size_t i = 0; t->source_count > 1 && i < sights->count; i++) {
		struct sighted *at = &sights->interfaces[i];
		const char *path = t->sources[at->source].path, *slash = strrchr(path, '/');
		const char *file = slash != NULL ? slash + 1 : path;

		if (at->unnamed && at->in_file == 0 && at->link_index == 0)
			snprintf(at->label, sizeof at->label, "%.*s", (int)strcspn(file, "."), file);
	}
}

/* A capturing program says at the end until when it looked, how many packets it got, and whether it had a filter. */
static void note_end(struct sighted *at, const struct pcapng_interface *said)
{
	if (said->counted_ns != 0 && said->counted_ns >= at->to_ns) {
		at->to_ns = said->counted_ns;
		at->to_end = true;
	}
	at->view->lossy = said->has_statistics && said->dropped > 0;
	at->view->open |= at->to_end && !said->has_filter && said->received == at->packets;
}

static void note_ends(struct sights *sights, const struct sources *s)
{
	struct source_interface i;

	for (size_t n = 0; n < sights->count && sources_interface(s, n, &i); n++)
		note_end(&sights->interfaces[n], i.said);
}

static int look_at_packets(struct trace *t, struct sources *s, struct sights *sights)
{
	struct pcapng_packet raw;
	int status;

	while ((status = sources_next(s, &raw)) > 0) {
		struct source_interface i;
		struct packet p;

		if (!sources_interface(s, raw.interface, &i))
			continue;
		packet_parse(i.said->link_type, raw.bytes, raw.captured, raw.length, &p);
		if (sights_add(sights, &i, raw.interface, &raw, doubles_is_one(&t->doubles, &raw, &p) ? NULL : &p) != 0)
			return -1;
	}
	return status;
}

static int look_through(struct trace *t, struct sights *sights, char error[TRACE_ERROR_SIZE])
{
	struct sources *s = sources_open(t->sources, t->source_count, error);

	if (s == NULL)
		return -1;
	if (look_at_packets(t, s, sights) != 0) {
		snprintf(error, TRACE_ERROR_SIZE, "out of memory");
		sources_close(s);
		return -1;
	}
	keep_names(t, s);
	note_ends(sights, s);
	for (size_t i = 0; i < t->source_count; i++)
		if (sources_disorder(s, i) >= SOURCES_NEAR_NS)
			t->sources[i].window_ns = sources_disorder(s, i) + 1;
	sources_close(s);
	return 0;
}

static void make_scene(struct trace *t, struct sights *sights)
{
	const struct infer_given given = { t->clocks,      t->sources, t->source_count, t->given,
		                           t->given_count, t->names,   t->name_count };
	int place[SCENE_INTERFACES];

	label_by_file(t, sights);
	clocks_find(sights, t->sources, t->source_count, t->clocks);
	for (size_t i = 0; i < t->source_count; i++)
		t->sources[i].shift_ns = llabs(t->clocks[i].ahead_ns) >= AHEAD_TOLD_NS ? -t->clocks[i].ahead_ns : 0;
	infer_scene(sights, &given, &t->scene, place, t->inferred);
	for (size_t i = 0; i < sights->count; i++) {
		const struct sighted *seen = &sights->interfaces[i];

		view_shift(seen->view, t->sources[seen->source].shift_ns);
		if (place[i] >= 0)
			t->scene.interfaces[place[i]].view = seen->view;
		trace_place_interface(t, place[i],
		                      &(struct source_interface){ .source = seen->source,
		                                                  .in_file = seen->in_file,
		                                                  .link_index = seen->link_index });
	}
}

/* Where no record tells of the world, the packets have to. */
int trace_prepare(struct trace *t, char error[TRACE_ERROR_SIZE])
{
	int status;

	for (size_t i = 0; i < t->source_count; i++)
		if (keep_input(&t->sources[i], error) != 0)
			return -1;
	if (t->prepared || t->has_record)
		return 0;
	if (t->sights == NULL)
		t->sights = calloc(1, sizeof *t->sights);
	snprintf(error, TRACE_ERROR_SIZE, "out of memory");
	status = t->sights != NULL ? look_through(t, t->sights, error) : -1;
	if (status == 0) {
		make_scene(t, t->sights);
		sights_forget(t->sights);
	} else if (t->sights != NULL) {
		sights_free(t->sights);
	}
	t->prepared = status == 0;
	return status;
}
