/*
 * What is still told of a trace of which a part is missing (said.h): tests/unit/traces/NAME/partly has each journey and
 * each sentence where nobody noted which way a packet went, where only hosts were captured, or only boxes.
 */
#include "evidence/pcapng.h"
#include "said.h"
#include "suite.h"
#include "trace/describe.h"
#include "trace/explain.h"
#include "trace/ladder.h"
#include "trace/timeline.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FOLDER "tests/unit/traces"
#define PATH_SIZE 512
#define INTERFACES 64

enum part { WITHOUT_DIRECTIONS, HOSTS_ALONE, BOXES_ALONE, PARTS };

static const char *const titles[] = { "without directions and record", "hosts alone", "boxes alone" };

struct telling {
	struct said said;
	struct trace *trace;
	struct why *why;
	struct ladder ladder;
	bool used[SCENE_NODES];
};

static bool is_wanted(enum part part, const char *interface)
{
	bool host = strstr(interface, " eth0") != NULL;

	return part == WITHOUT_DIRECTIONS || host == (part == HOSTS_ALONE);
}

/* Writes the wanted part of a capture. */
static void write_part(const char *from, const char *to, enum part part)
{
	char error[TRACE_ERROR_SIZE];
	struct pcapng_reader *r = pcapng_reader_open(from, error);
	const struct pcapng_interface *n;
	const struct pcapng_name *name;
	struct pcapng_packet p;
	size_t names = 0;
	uint64_t end_ns = 0;
	uint32_t counts[INTERFACES] = { 0 }, number[INTERFACES], seen = 0, written = 0;
	FILE *f = fopen(to, "w");

	CU_ASSERT_TRUE_FATAL(r != NULL && f != NULL);
	CU_ASSERT_EQUAL(pcapng_write_section(f, "a test"), 0);
	while (pcapng_reader_next(r, &p) == 1) {
		for (; (n = pcapng_reader_interface(r, seen)) != NULL && seen < INTERFACES; seen++) {
			number[seen] = is_wanted(part, n->name) ? written++ : UINT32_MAX;
			if (number[seen] != UINT32_MAX)
				CU_ASSERT_EQUAL(pcapng_write_interface(f, n->name, "", n->link_type, 65535), 0);
		}
		for (; (name = pcapng_reader_name(r, names)) != NULL; names++)
			CU_ASSERT_EQUAL(pcapng_write_name(f, &name->address, name->name), 0);
		if (p.interface >= seen || number[p.interface] == UINT32_MAX)
			continue;
		p.interface = number[p.interface];
		end_ns = p.time_ns + 50000000;
		counts[p.interface]++;
		p.comment = NULL;
		p.packet_id = 0;
		p.direction = part == WITHOUT_DIRECTIONS ? PCAPNG_DIRECTION_UNKNOWN : p.direction;
		CU_ASSERT_EQUAL(pcapng_write_packet(f, &p), 0);
	}
	for (uint32_t i = 0; i < written; i++)
		CU_ASSERT_EQUAL(pcapng_write_statistics(f, i, end_ns, counts[i], 0), 0);
	pcapng_reader_close(r);
	fclose(f);
}

/* "#3 dropped alice nat-a  TCP SYN" and what it is tied to; and its line in the ladder. */
static void tell_journey(void *context, const struct journey *j, const struct cause *c)
{
	struct telling *t = context;
	char what[DESCRIBE_SIZE], note[CAUSE_TEXT_SIZE];

	fprintf(t->said.f, "#%llu %s", (unsigned long long)j->id, journey_fate_name(j->fate));
	for (unsigned i = 0; i < j->leg_count; i++)
		fprintf(t->said.f, " %c%s", "?<>"[j->legs[i].direction % 3],
		        t -> trace -> scene.interfaces[j->legs[i].interface].name);
	if (j->caused_by != 0 || j->refused_by != 0 || j->part_of != 0 || j->repeats != 0)
		fprintf(t->said.f, "; of %llu, refused by %llu, part of %llu, repeats %llu",
		        (unsigned long long)j->caused_by, (unsigned long long)j->refused_by,
		        (unsigned long long)j->part_of, (unsigned long long)j->repeats);
	fputc('\n', t->said.f);
	cause_format(&t->trace->scene, &t->why->mappings, c, note);
	ladder_draw(&t->ladder, j, describe_journey(&t->trace->scene, j, what), note[0] != '\0' ? note : NULL);
}

static void note_nodes(void *context, const struct journey *j, const struct cause *c)
{
	struct telling *t = context;

	(void)c;
	for (unsigned i = 0; i < j->leg_count; i++)
		if (t->trace->scene.interfaces[j->legs[i].interface].node >= 0)
			t->used[t->trace->scene.interfaces[j->legs[i].interface].node] = true;
}

static void tell_all(struct telling *t, const char *path)
{
	const struct style style = { .width = 120 };
	const struct why_visitor noting = { .context = t, .journey = note_nodes },
				 telling = { .context = t, .journey = tell_journey };
	char error[TRACE_ERROR_SIZE];
	struct columns columns;

	memset(t->used, 0, sizeof t->used);
	t->trace = trace_open(path, error);
	CU_ASSERT_PTR_NOT_NULL_FATAL(t->trace);
	t->why = why_read(t->trace, &noting, error);
	CU_ASSERT_PTR_NOT_NULL_FATAL(t->why);
	columns_lay_out(&t->trace->scene, t->used, &columns);
	ladder_begin(&t->ladder, t->said.f, &style, &t->trace->scene, &columns, 24, t->trace->journeys,
	             t->trace->start_ns);
	CU_ASSERT_EQUAL_FATAL(why_read_again(t->why, &telling, error), 0);
	ladder_mark(&t->ladder, t->trace->start_ns - 1500000, "before it began");
	explain_all(t->said.f, t->why);
	timeline_print(t->said.f, t->why);
	why_free(t->why);
	trace_free(t->trace);
}

static void tell_parts(const char *name)
{
	static struct telling t; /* too large for a stack */
	char folder[] = "/tmp/partly.XXXXXX", from[PATH_SIZE], file[PATH_SIZE], record[PATH_SIZE], said[PATH_SIZE];
	char target[2 * PATH_SIZE], *top = getcwd(NULL, 0);

	CU_ASSERT_PTR_NOT_NULL_FATAL(top);
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
	snprintf(from, sizeof from, FOLDER "/%s/trace.pcapng", name);
	snprintf(said, sizeof said, FOLDER "/%s/partly", name);
	snprintf(target, sizeof target, "%s/" FOLDER "/%s/trace.jsonl", top, name);
	snprintf(file, sizeof file, "%s/trace.pcapng", folder);
	snprintf(record, sizeof record, "%s/trace.jsonl", folder);
	said_begin(&t.said);
	for (enum part part = 0; part < PARTS; part++) {
		if (part != WITHOUT_DIRECTIONS && access(record, F_OK) != 0)
			CU_ASSERT_EQUAL_FATAL(symlink(target, record), 0);
		write_part(from, file, part);
		said_title(&t.said, titles[part]);
		tell_all(&t, folder);
	}
	said_end(&t.said, said);
	unlink(record);
	unlink(file);
	rmdir(folder);
	free(top);
}

static void every_part_of_every_trace(void)
{
	struct dirent **entries;
	int count = scandir(FOLDER, &entries, NULL, alphasort), traces = 0;

	for (int i = 0; i < count; i++) {
		if (entries[i]->d_name[0] != '.') {
			tell_parts(entries[i]->d_name);
			traces++;
		}
		free(entries[i]);
	}
	CU_ASSERT_TRUE(traces > 10);
	if (count >= 0)
		free(entries);
}

SUITE(trace_partly, TEST(every_part_of_every_trace))
