/*
 * What is told of captures of one's own never contradicts what the record says: the small worlds of tests/unit/traces
 * are taken apart, as somebody with tcpdump would have them, and what is then said of each packet is compared.
 */
#include "said.h"
#include "suite.h"

#include "evidence/pcapng.h"
#include "trace/explain.h"
#include "trace/timeline.h"
#include "trace/why.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FOLDER "tests/unit/traces"
#define PATH_SIZE 512
#define INTERFACES 16
#define PACKETS 2048 /* of an interface */
#define FILES_MAX 12
#define ALL_INTERFACES 0xffffu
#define HELD_NS UINT64_C(1000000000) /* no capturing program holds a packet back for longer */

/* What became of each packet that an interface saw, as its journey ended. */
struct fates {
	uint8_t fate[INTERFACES][PACKETS], cause[INTERFACES][PACKETS];
	uint64_t journey[INTERFACES][PACKETS];
	uint32_t count[INTERFACES];
	uint8_t fate_of[PACKETS * 4], cause_of[PACKETS * 4]; /* by journey */
};

static FILE *told_to; /* what is said of a copy goes there, if anywhere */

/* What of one interface's packets is left. */
enum part {
	PART_ALL,
	PART_PORT, /* those of the port that its middle packet came from, as a filter has it */
	PART_HOST, /* of its address */
	PART_FROM, /* from the middle one on */
	PART_UNTIL,
	PARTS,
};

/* How a world is taken apart. */
struct way {
	const char *name;
	bool names, directions; /* are kept */
	bool apart;             /* a file for each interface */
	unsigned ahead_ms;      /* each file's clock before the one before it */
	unsigned cut;           /* of a hundred packets so many are left, at the first interface; 0: all */
	bool partly;            /* equal packets may be taken for each other: no arrival is held against it */
	unsigned swapped;       /* so many packets are written in the opposite order */
	enum part part;         /* of the interface `parted` */
	unsigned parted;
};

#define NAMELESS 2

static const struct way ways[] = {
	{ .name = "names, no directions", .names = true },
	{ .name = "names and directions", .names = true, .directions = true },
	[NAMELESS] = { .name = "nothing but interfaces", .directions = true },
	{ .name = "nothing at all" },
	{ .name = "several files", .names = true, .apart = true },
	{ .name = "several files without names", .apart = true },
	{ .name = "several files, clocks apart", .names = true, .apart = true, .ahead_ms = 1700 },
	{ .name = "one ends early", .names = true, .apart = true, .cut = 50, .partly = true },
	{ .name = "out of order", .names = true, .swapped = 5 },
};

struct copy {
	struct source files[FILES_MAX];
	FILE *f[FILES_MAX];
	size_t file_count;
	int place[INTERFACES]; /* the original interface's file, or its number in the only one; -1: left out */
	int from[INTERFACES];  /* the copy's interfaces, as the trace counts them: which they are originally */
	uint32_t kept[INTERFACES], met[INTERFACES];
	uint16_t which[INTERFACES][PACKETS]; /* of those kept: which they are originally */
	struct packet_ip middle;             /* of the parted interface */
	char folder[32];
};

static void note_packet(void *context, const struct pcapng_packet *raw, const struct packet *p, struct journey *j)
{
	struct fates *f = context;

	(void)p;
	if (raw->interface < INTERFACES && f->count[raw->interface] < PACKETS)
		f->journey[raw->interface][f->count[raw->interface]++] = j->id;
}

static void note_journey(void *context, const struct journey *j, const struct cause *c)
{
	struct fates *f = context;

	if (j->id < sizeof f->fate_of) {
		f->fate_of[j->id] = (uint8_t)j->fate;
		f->cause_of[j->id] = (uint8_t)c->kind;
	}
}

static void read_fates(struct trace *t, struct fates *out)
{
	const struct why_visitor v = { .context = out, .packet = note_packet, .journey = note_journey };
	char error[TRACE_ERROR_SIZE];
	struct why *w;

	memset(out, 0, sizeof *out);
	w = why_read(t, NULL, error);
	CU_ASSERT_PTR_NOT_NULL_FATAL(w);
	CU_ASSERT_EQUAL_FATAL(why_read_again(w, &v, error), 0);
	for (size_t i = 0; i < INTERFACES; i++)
		for (uint32_t k = 0; k < out->count[i]; k++) {
			out->fate[i][k] = out->fate_of[out->journey[i][k]];
			out->cause[i][k] = out->cause_of[out->journey[i][k]];
		}
	why_free(w);
}

/* --- a copy ------------------------------------------------------------------------------------- */

static FILE *make_file(struct copy *c, const char *name)
{
	struct source *s = &c->files[c->file_count];
	int fd;

	CU_ASSERT_FATAL(c->file_count < FILES_MAX);
	snprintf(s->path, sizeof s->path, "%s/file%zu.pcapng", c->folder, c->file_count);
	snprintf(s->name, sizeof s->name, "%s", name);
	s->fd = -1;
	fd = open(s->path, O_CREAT | O_RDWR | O_EXCL | O_CLOEXEC, 0600);
	CU_ASSERT_FATAL(fd >= 0);
	c->f[c->file_count] = fdopen(fd, "w");
	CU_ASSERT_EQUAL(pcapng_write_section(c->f[c->file_count], "a test"), 0);
	return c->f[c->file_count++];
}

static void place_interface(struct copy *c, const struct way *way, uint32_t at, const struct pcapng_interface *n)
{
	FILE *f = way->apart ? make_file(c, way->names ? n->name : "") : c->f[0];

	c->place[at] = way->apart ? (int)c->file_count - 1 : c->place[at];
	CU_ASSERT_EQUAL(pcapng_write_interface(f, way->names && !way->apart ? n->name : "", "", n->link_type, 65535),
	                0);
}

static void write_packet(struct copy *c, const struct way *way, struct pcapng_packet p)
{
	int place = c->place[p.interface];
	FILE *f = way->apart ? c->f[place] : c->f[0];

	p.time_ns += way->apart ? (uint64_t)way->ahead_ms * 1000000 * (uint64_t)place : 0;
	p.interface = way->apart ? 0 : (uint32_t)place;
	p.comment = NULL;
	p.packet_id = 0;
	p.direction = way->directions ? p.direction : PCAPNG_DIRECTION_UNKNOWN;
	CU_ASSERT_EQUAL(pcapng_write_packet(f, &p), 0);
}

/* The capture's packets, kept: a batch of them is written in the opposite order. */
struct kept {
	struct pcapng_packet p;
	uint8_t bytes[2048];
};

static void write_batch(struct copy *c, const struct way *way, struct kept *batch, unsigned count)
{
	while (count-- > 0) {
		batch[count].p.bytes = batch[count].bytes;
		write_packet(c, way, batch[count].p);
	}
}

static void find_middle(struct copy *c, const char *from, unsigned interface, uint32_t middle)
{
	char error[TRACE_ERROR_SIZE];
	struct pcapng_reader *r = pcapng_reader_open(from, error);
	struct pcapng_packet raw;
	uint32_t met = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(r);
	while (pcapng_reader_next(r, &raw) == 1 && met <= middle) {
		struct packet p;

		if (raw.interface != interface)
			continue;
		packet_parse(pcapng_reader_interface(r, interface)->link_type, raw.bytes, raw.captured, raw.length, &p);
		if (p.kind == PACKET_IP)
			c->middle = p.ip;
		met++;
	}
	pcapng_reader_close(r);
}

static bool has_port(const struct packet *p, uint16_t port)
{
	return p->kind == PACKET_IP && port != 0 && (p->ip.src.port == port || p->ip.dst.port == port);
}

static bool has_host(const struct packet *p, const struct endpoint *host)
{
	return p->kind == PACKET_IP &&
	       (endpoint_same_address(&p->ip.src, host) || endpoint_same_address(&p->ip.dst, host));
}

static bool is_kept(const struct copy *c, const struct way *way, const struct fates *truth,
                    const struct pcapng_packet *raw, uint16_t link_type)
{
	uint32_t at = c->met[raw->interface], middle = truth->count[raw->interface] / 2;
	struct packet p;

	if (way->cut > 0 && c->place[raw->interface] == 0)
		return c->kept[raw->interface] < (truth->count[raw->interface] * way->cut + 99) / 100;
	if (raw->interface != way->parted)
		return true;
	packet_parse(link_type, raw->bytes, raw->captured, raw->length, &p);
	switch (way->part) {
	case PART_PORT: return has_port(&p, c->middle.src.port);
	case PART_HOST: return has_host(&p, &c->middle.src);
	case PART_FROM: return at >= middle;
	case PART_UNTIL: return at < middle;
	case PART_ALL:
	case PARTS: break;
	}
	return true;
}

static void write_all(struct copy *c, const struct way *way, const char *from, const struct fates *truth,
                      unsigned wanted)
{
	static struct kept batch[8];
	char error[TRACE_ERROR_SIZE];
	struct pcapng_reader *r = pcapng_reader_open(from, error);
	const struct pcapng_interface *n;
	struct pcapng_packet p;
	unsigned held = 0, most = way->swapped > 0 ? way->swapped : 1;
	uint32_t seen = 0;
	int count = 0;
	bool keeps;

	CU_ASSERT_PTR_NOT_NULL_FATAL(r);
	if (!way->apart)
		make_file(c, "");
	while (pcapng_reader_next(r, &p) == 1) {
		for (; (n = pcapng_reader_interface(r, seen)) != NULL && seen < INTERFACES; seen++) {
			bool used = (wanted >> seen & 1) != 0 && truth->count[seen] > 0;

			c->place[seen] = used ? count : -1;
			if (!used)
				continue;
			c->from[count++] = (int)seen;
			place_interface(c, way, seen, n);
		}
		if (p.interface >= seen || c->place[p.interface] < 0 || p.captured > sizeof batch[0].bytes)
			continue;
		keeps = is_kept(c, way, truth, &p, pcapng_reader_interface(r, p.interface)->link_type);
		c->which[p.interface][c->kept[p.interface] % PACKETS] = (uint16_t)c->met[p.interface]++;
		if (!keeps)
			continue;
		c->kept[p.interface]++;
		if (held > 0 && p.time_ns - batch[0].p.time_ns > HELD_NS) {
			write_batch(c, way, batch, held);
			held = 0;
		}
		batch[held].p = p;
		memcpy(batch[held].bytes, p.bytes, p.captured);
		if (++held == most) {
			write_batch(c, way, batch, held);
			held = 0;
		}
	}
	write_batch(c, way, batch, held);
	pcapng_reader_close(r);
	for (size_t i = 0; i < c->file_count; i++)
		fclose(c->f[i]);
}

/* --- the comparison ----------------------------------------------------------------------------- */

/* Where nothing is named, nobody knows of an address that a box has it: what came there did arrive. */
static bool went_wrong(uint8_t fate)
{
	return fate == FATE_DROPPED || fate == FATE_LOST;
}

/* A refusal is a kind of arrival: who sends it got the packet, or one on the way did. */
static bool is_refusal(uint8_t cause)
{
	return cause == CAUSE_REFUSED || cause == CAUSE_NO_ROUTE;
}

static bool contradicts(uint8_t true_fate, uint8_t true_cause, uint8_t fate, uint8_t cause, bool partly)
{
	if (true_fate == FATE_REFUSED || true_fate == FATE_FOR_BOX)
		return went_wrong(fate) && !is_refusal(cause);
	if (true_fate == FATE_DELIVERED)
		return went_wrong(fate);
	if (went_wrong(true_fate))
		return fate == FATE_DELIVERED && !partly && true_cause != CAUSE_NOT_FOR_HOST;
	return false;
}

static unsigned compare(const struct copy *c, const struct fates *truth, const struct fates *told, bool partly,
                        const char *what)
{
	unsigned wrong = 0;

	for (size_t i = 0; i < INTERFACES && c->from[i] >= 0; i++) {
		int from = c->from[i];

		if (told->count[i] != c->kept[from])
			printf("%s: interface %d: %u packets of %u\n", what, from, (unsigned)told->count[i],
			       (unsigned)c->kept[from]);
		CU_ASSERT_EQUAL(told->count[i], c->kept[from]);
		for (uint32_t k = 0; k < told->count[i] && k < truth->count[from]; k++) {
			uint16_t was = c->which[from][k];

			if (!contradicts(truth->fate[from][was], truth->cause[from][was], told->fate[i][k],
			                 told->cause[i][k], partly))
				continue;
			if (wrong++ < 3)
				printf("%s: packet %u of interface %d: %s (%s), with its record %s (%s)\n", what,
				       (unsigned)was, from, journey_fate_name(told->fate[i][k]),
				       cause_table[told->cause[i][k]].name, journey_fate_name(truth->fate[from][was]),
				       cause_table[truth->cause[from][was]].name);
		}
	}
	return wrong;
}

/* What is said of it: of each world without names, and taken apart in one of the other ways. */
static void tell(FILE *f, struct trace *t, const char *what)
{
	char error[TRACE_ERROR_SIZE], text[TRACE_ERROR_SIZE];
	struct why *w = why_read(t, NULL, error);

	CU_ASSERT_PTR_NOT_NULL_FATAL(w);
	fprintf(f, "\n== %s\n", what);
	explain_all(f, w);
	timeline_print(f, w);
	fprintf(f, "inferred: %s\n", t->inferred);
	for (size_t i = 0; i < t->source_count; i++)
		if (trace_clock(t, i, text)) /* the files' names aside */
			fprintf(f, "%zu%.*s\n", i, (int)strcspn(strchr(text, ':'), "/"), strchr(text, ':'));
	why_free(w);
}

static unsigned try_way(const char *from, const struct fates *truth, const struct way *way, unsigned wanted,
                        const char *what)
{
	static struct copy c; /* too large for a stack */
	static struct fates told;
	char error[TRACE_ERROR_SIZE];
	struct trace *t;
	unsigned wrong;

	memset(&c, 0, sizeof c);
	memset(c.from, 0xff, sizeof c.from);
	find_middle(&c, from, way->parted, truth->count[way->parted] / 2);
	if (way->part != PART_ALL && (c.middle.src.port == 0 || truth->count[way->parted] < 2))
		return 0; /* nothing would be left of it */
	snprintf(c.folder, sizeof c.folder, "/tmp/own.XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(c.folder));
	write_all(&c, way, from, truth, wanted);
	t = trace_open_captures(c.files, c.file_count, NULL, 0, error);
	CU_ASSERT_PTR_NOT_NULL_FATAL(t);
	read_fates(t, &told);
	wrong = compare(&c, truth, &told, way->partly || !way->names || wanted != ALL_INTERFACES, what);
	if (told_to != NULL)
		tell(told_to, t, what);
	trace_free(t);
	for (size_t i = 0; i < c.file_count; i++)
		unlink(c.files[i].path);
	rmdir(c.folder);
	return wrong;
}

static void for_each_world(void (*visit)(const char *name, const char *capture, const struct fates *truth))
{
	static struct fates truth;
	struct dirent **entries;
	int count = scandir(FOLDER, &entries, NULL, alphasort), worlds = 0;

	for (int i = 0; i < count; i++) {
		char path[PATH_SIZE], error[TRACE_ERROR_SIZE];

		if (entries[i]->d_name[0] != '.') {
			struct trace *t;

			snprintf(path, sizeof path, FOLDER "/%.200s/trace.pcapng", entries[i]->d_name);
			t = trace_open(path, error);
			CU_ASSERT_PTR_NOT_NULL_FATAL(t);
			read_fates(t, &truth);
			trace_free(t);
			visit(entries[i]->d_name, path, &truth);
			worlds++;
		}
		free(entries[i]);
	}
	CU_ASSERT(worlds > 10);
	if (count >= 0)
		free(entries);
}

static void try_all_ways(const char *name, const char *capture, const struct fates *truth)
{
	static size_t turn;
	FILE *f = told_to;

	turn++;
	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		char what[PATH_SIZE];

		told_to = i == NAMELESS || turn % (sizeof ways / sizeof ways[0]) == i ? f : NULL;
		snprintf(what, sizeof what, "%s, %s", name, ways[i].name);
		CU_ASSERT_EQUAL(try_way(capture, truth, &ways[i], ALL_INTERFACES, what), 0);
	}
	told_to = f;
}

static void a_world_taken_apart_is_told_alike(void)
{
	struct said said;

	said_begin(&said);
	told_to = said.f;
	for_each_world(try_all_ways);
	told_to = NULL;
	said_end(&said, "tests/unit/sentences/own");
}

/* One place alone never says that a packet was lost which arrived. */
static void try_each_interface(const char *name, const char *capture, const struct fates *truth)
{
	for (unsigned a = 0; a < INTERFACES && truth->count[a] > 0; a++) {
		char what[PATH_SIZE];

		snprintf(what, sizeof what, "%s, interface %u alone", name, a);
		CU_ASSERT_EQUAL(try_way(capture, truth, &ways[3], 1u << a, what), 0);
	}
}

static void one_place_never_contradicts_the_whole(void)
{
	for_each_world(try_each_interface);
}

/* Nor do all places but one; nor where a part of one is missing. Each world has its turn of each kind of part. */
static void try_without_each_interface(const char *name, const char *capture, const struct fates *truth)
{
	static unsigned turn;

	for (unsigned a = 0; a < INTERFACES && truth->count[a] > 0; a++, turn++) {
		struct way way = { .names = true,
			           .apart = turn % 2 == 0,
			           .directions = turn % 3 == 0,
			           .partly = true,
			           .part = (enum part)(turn % PARTS),
			           .parted = a };
		char what[PATH_SIZE];

		snprintf(what, sizeof what, "%s, part %d of interface %u", name, (int)way.part, a);
		CU_ASSERT_EQUAL(try_way(capture, truth, &way, way.part == PART_ALL ? ~(1u << a) : ALL_INTERFACES, what),
		                0);
	}
}

static void what_is_missing_is_not_said_to_be_lost(void)
{
	for_each_world(try_without_each_interface);
}

SUITE(trace_own, TEST(a_world_taken_apart_is_told_alike), TEST(one_place_never_contradicts_the_whole),
      TEST(what_is_missing_is_not_said_to_be_lost))
