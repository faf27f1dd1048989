#include "trace/sources.h"

#include "evidence/reorder_buffer.h"
#include "base/array.h"
#include "base/cursor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINK_COOKED2 276
#define INTERFACES_MAX 4096

/* What is held back at most while it is sorted: of what is nearly in order, and of what is not. */
#define NEAR_PACKETS 1024
#define FAR_PACKETS 65536
#define HELD_BYTES ((size_t)8 << 20)
#define FAR_QUEUES 16 /* each interface is nearly in order by itself */

/* One of them, while it is read. */
struct source_reading {
	struct pcapng_reader *reader;
	struct reorder_buffer *held;
	uint64_t window_ns;
	size_t most;
	bool ended, has_head;
	bool gave;  /* the oldest that is held is the head, or was until now */
	bool waits; /* `next` was read, and is from before a clock was set back: what is held goes first */
	struct pcapng_packet next;
	struct pcapng_packet head; /* its next packet, its interface counting over all */
	uint64_t newest_ns;        /* given out */
	uint64_t late, late_ns;
	uint64_t latest_ns, disorder_ns; /* as they stand in the file */
	size_t declared;                 /* interfaces of the file that are in the list, or are known to be parted */
	size_t names;                    /* taken over */
};

struct entry {
	size_t source;
	uint32_t in_file, link_index;
};

struct sources {
	const struct source *list;
	size_t count;
	struct source_reading readings[SOURCES_MAX];
	struct entry interfaces[INTERFACES_MAX];
	size_t interface_count;
	size_t newest; /* the interface that was looked up last */
	struct pcapng_name *names;
	size_t name_count;
};

/* A descriptor that was kept is opened anew each time, so that each reading has a place in the file of its own. */
static struct pcapng_reader *open_reader(const struct source *source, char error[SOURCES_ERROR_SIZE])
{
	char path[32];
	char text[PCAPNG_READER_ERROR_SIZE] = "";
	struct pcapng_reader *r;

	snprintf(path, sizeof path, "/proc/self/fd/%d", source->fd);
	r = pcapng_reader_open(source->fd >= 0 ? path : source->path, text);
	if (r == NULL)
		snprintf(error, SOURCES_ERROR_SIZE, "%s", text);
	return r;
}

struct sources *sources_open(const struct source *list, size_t count, char error[SOURCES_ERROR_SIZE])
{
	struct sources *s = calloc(1, sizeof *s);

	snprintf(error, SOURCES_ERROR_SIZE, "out of memory");
	for (size_t i = 0; s != NULL && i < count; i++) {
		struct source_reading *r = &s->readings[i];

		s->count++;
		r->window_ns = list[i].window_ns;
		r->most = r->window_ns > SOURCES_NEAR_NS ? FAR_PACKETS : NEAR_PACKETS;
		r->held = reorder_buffer_new(r->window_ns > SOURCES_NEAR_NS ? FAR_QUEUES : 1);
		r->reader = open_reader(&list[i], error);
		if (r->reader == NULL || r->held == NULL) {
			sources_close(s);
			return NULL;
		}
	}
	if (s != NULL)
		s->list = list;
	return s;
}

void sources_close(struct sources *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->count; i++) {
		pcapng_reader_close(s->readings[i].reader);
		reorder_buffer_free(s->readings[i].held);
	}
	free(s->names);
	free(s);
}

static bool is_entry(const struct entry *e, size_t source, uint32_t in_file, uint32_t link_index)
{
	return e->source == source && e->in_file == in_file && e->link_index == link_index;
}

static size_t find_or_add(struct sources *s, size_t source, uint32_t in_file, uint32_t link_index)
{
	size_t i = s->newest;

	if (i < s->interface_count && is_entry(&s->interfaces[i], source, in_file, link_index))
		return i;
	for (i = 0; i < s->interface_count && !is_entry(&s->interfaces[i], source, in_file, link_index); i++)
		;
	if (i == s->interface_count && i < INTERFACES_MAX)
		s->interfaces[s->interface_count++] = (struct entry){ source, in_file, link_index };
	s->newest = i;
	return i;
}

static uint16_t link_type_of(const struct sources *s, size_t source, uint32_t in_file)
{
	const struct pcapng_interface *i = pcapng_reader_interface(s->readings[source].reader, in_file);

	return i != NULL ? i->link_type : 0;
}

/* In the order of the file; what is parted by index shows with its packets only. */
static void take_declared(struct sources *s, size_t source)
{
	struct source_reading *r = &s->readings[source];

	for (; r->declared < pcapng_reader_interface_count(r->reader); r->declared++)
		if (link_type_of(s, source, (uint32_t)r->declared) != LINK_COOKED2)
			find_or_add(s, source, (uint32_t)r->declared, 0);
}

/* Protocol, reserved, then the index in four bytes. */
static uint32_t link_index_of(uint16_t link_type, const struct pcapng_packet *p)
{
	struct reader r = reader_of(p->bytes, p->captured);

	read_view(&r, 4);
	return link_type == LINK_COOKED2 ? read_u32(&r) : 0;
}

static int take_names(struct sources *s, struct source_reading *r)
{
	const struct pcapng_name *n;

	for (; (n = pcapng_reader_name(r->reader, r->names)) != NULL; r->names++) {
		struct pcapng_name *name = array_add(&s->names, &s->name_count, sizeof *name);

		if (name == NULL)
			return -1;
		*name = *n;
	}
	return 0;
}

static uint64_t shift(uint64_t time_ns, int64_t by_ns)
{
	uint64_t by = by_ns < 0 ? -(uint64_t)by_ns : (uint64_t)by_ns;

	if (by_ns < 0)
		return time_ns > by ? time_ns - by : 0;
	return time_ns + by;
}

/* What is far behind begins a time of its own. */
static void note_time(struct source_reading *r, uint64_t time_ns)
{
	uint64_t behind = time_ns < r->newest_ns ? r->newest_ns - time_ns : 0;

	r->late += behind > 0;
	r->late_ns = behind > r->late_ns ? behind : r->late_ns;
	if (behind == 0 || behind > SOURCES_FAR_NS)
		r->newest_ns = time_ns;
}

/* Returns true if the clock was set back: no capturing program is so far out of order. */
static bool note_order(struct source_reading *r, uint64_t time_ns)
{
	uint64_t behind = time_ns < r->latest_ns ? r->latest_ns - time_ns : 0;

	if (behind == 0 || behind > SOURCES_FAR_NS)
		r->latest_ns = time_ns;
	else if (behind > r->disorder_ns)
		r->disorder_ns = behind;
	return behind > SOURCES_FAR_NS;
}

/* Reads one more into the order. */
static int read_one(struct source_reading *r)
{
	int status = r->waits ? 1 : pcapng_reader_next(r->reader, &r->next);

	if (status <= 0) {
		r->ended = true;
		return 0;
	}
	r->waits = !r->waits && note_order(r, r->next.time_ns);
	return r->waits ? 0 : reorder_buffer_add(r->held, &r->next);
}

/* The oldest that is held, once it is old enough: nothing older will come. */
static const struct pcapng_packet *find_ripe(const struct source_reading *r)
{
	const struct pcapng_packet *p = reorder_buffer_first(r->held);
	bool full = reorder_buffer_count(r->held) >= r->most || reorder_buffer_bytes(r->held) > HELD_BYTES;

	return p != NULL && (r->ended || r->waits || full || p->time_ns + r->window_ns <= r->latest_ns) ? p : NULL;
}

/* Makes the next packet of one of them the head, if there is one. */
static int fetch(struct sources *s, size_t source)
{
	struct source_reading *r = &s->readings[source];
	struct pcapng_packet *p = &r->head;
	const struct pcapng_packet *ripe;

	if (r->gave)
		reorder_buffer_drop(r->held);
	r->gave = false;
	while ((ripe = find_ripe(r)) == NULL) {
		if (r->ended)
			return 0;
		if (read_one(r) != 0)
			return -1;
	}
	*p = *ripe;
	r->has_head = r->gave = true;
	if (p->interface >= r->declared)
		take_declared(s, source);
	note_time(r, p->time_ns);
	p->time_ns = shift(p->time_ns, s->list[source].shift_ns);
	p->interface =
	    (uint32_t)find_or_add(s, source, p->interface, link_index_of(link_type_of(s, source, p->interface), p));
	return pcapng_reader_name(r->reader, r->names) != NULL ? take_names(s, r) : 0;
}

static void take_rest(struct sources *s)
{
	for (size_t i = 0; i < s->count; i++)
		take_declared(s, i);
}

int sources_next(struct sources *s, struct pcapng_packet *p)
{
	struct source_reading *first = NULL;

	for (size_t i = 0; i < s->count; i++) {
		struct source_reading *r = &s->readings[i];

		if (!r->has_head && fetch(s, i) != 0)
			return -1;
		if (r->has_head && (first == NULL || r->head.time_ns < first->head.time_ns))
			first = r;
	}
	if (first == NULL) {
		take_rest(s);
		return 0;
	}
	*p = first->head;
	first->has_head = false;
	return 1;
}

bool sources_interface(const struct sources *s, size_t i, struct source_interface *out)
{
	if (i >= s->interface_count)
		return false;
	*out = (struct source_interface){
		.source = s->interfaces[i].source,
		.in_file = s->interfaces[i].in_file,
		.link_index = s->interfaces[i].link_index,
		.said = pcapng_reader_interface(s->readings[s->interfaces[i].source].reader, s->interfaces[i].in_file),
	};
	return true;
}

const struct pcapng_name *sources_name(const struct sources *s, size_t i)
{
	return i < s->name_count ? &s->names[i] : NULL;
}

const char *sources_error(const struct sources *s, const char **path)
{
	for (size_t i = 0; i < s->count; i++)
		if (pcapng_reader_error(s->readings[i].reader)[0] != '\0') {
			*path = s->list[i].path;
			return pcapng_reader_error(s->readings[i].reader);
		}
	return NULL;
}

bool sources_are_plain(const struct sources *s)
{
	for (size_t i = 0; i < s->count; i++)
		if (!pcapng_reader_is_plain(s->readings[i].reader))
			return false;
	return true;
}

uint64_t sources_disorder(const struct sources *s, size_t source)
{
	return s->readings[source].disorder_ns;
}

uint64_t sources_late(const struct sources *s, size_t source, uint64_t *by_ns)
{
	*by_ns = s->readings[source].late_ns;
	return s->readings[source].late;
}
