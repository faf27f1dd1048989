/*
 * What is said of whole traces, word for word (said.h): tests/unit/traces/NAME has a small world's capture and record,
 * and in `said` every view of it.
 */
#include "said.h"
#include "suite.h"
#include "trace/annotate.h"
#include "trace/audit.h"
#include "trace/describe.h"
#include "trace/describe_json.h"
#include "trace/explain.h"
#include "trace/explain_json.h"
#include "trace/ladder.h"
#include "trace/timeline.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FOLDER "tests/unit/traces"

struct telling {
	struct said said;
	struct trace *trace;
	struct why *why;
	struct ladder ladder;
	bool used[SCENE_NODES];
};

static void dump(FILE *f, json_t *object)
{
	CU_ASSERT_PTR_NOT_NULL_FATAL(object);
	json_dumpf(object, f, JSON_ENSURE_ASCII | JSON_REAL_PRECISION(12));
	json_decref(object);
	fputc('\n', f);
}

static void note_nodes(void *context, const struct journey *j, const struct cause *c)
{
	struct telling *t = context;

	(void)c;
	for (unsigned i = 0; i < j->leg_count; i++)
		if (t->trace->stage.interfaces[j->legs[i].interface].node >= 0)
			t->used[t->trace->stage.interfaces[j->legs[i].interface].node] = true;
}

static void draw(void *context, const struct journey *j, const struct cause *c)
{
	struct telling *t = context;
	char what[DESCRIBE_SIZE], note[CAUSE_TEXT_SIZE];

	cause_format(&t->trace->stage, &t->why->mappings, c, note);
	ladder_draw(&t->ladder, j, describe_journey(&t->trace->stage, j, what), note[0] != '\0' ? note : NULL);
}

static void print(void *context, const struct journey *j, const struct cause *c)
{
	struct telling *t = context;

	(void)c;
	dump(t->said.f, journey_to_json(&t->trace->stage, j, t->trace->start_ns));
}

static void tell_ladder(struct telling *t, unsigned width)
{
	const struct why_visitor visitor = { .context = t, .journey = draw };
	const struct style style = { .width = width };
	char error[TRACE_ERROR_SIZE];
	struct columns columns;

	columns_lay_out(&t->trace->stage, t->used, &columns);
	ladder_begin(&t->ladder, t->said.f, &style, &t->trace->stage, &columns, 24, t->trace->journeys,
	             t->trace->start_ns);
	CU_ASSERT_EQUAL_FATAL(why_read_again(t->why, &visitor, error), 0);
	ladder_legend(&t->ladder);
}

static void tell_pair(struct telling *t, int a, int b)
{
	uint8_t protocols[VERDICT_PROTOCOLS];
	struct pair_verdict v;

	for (unsigned i = 0, n = verdict_protocols(t->why, a, b, protocols); i < n; i++) {
		json_t *told;

		verdict_of_pair(t->why, a, b, protocols[i], &v);
		told = explain_to_json(t->why, &v);
		CU_ASSERT_PTR_NOT_NULL_FATAL(told);
		dump(t->said.f, told);
	}
}

/* Also what was sent to addresses that no host has. */
static void tell_pairs(struct telling *t)
{
	int count = (int)t->trace->stage.node_count;

	for (int a = 0; a < count; a++) {
		for (int b = a; b < count; b++)
			tell_pair(t, a, b);
		tell_pair(t, a, -1);
	}
}

static void tell_comments(struct telling *t)
{
	char path[] = "/tmp/comments.XXXXXX", error[TRACE_ERROR_SIZE];
	struct pcapng_reader *r;
	struct pcapng_packet p;
	int fd = mkstemp(path);

	CU_ASSERT_EQUAL_FATAL(annotate(t->trace, path, error), 0);
	r = pcapng_reader_open(path, error);
	CU_ASSERT_PTR_NOT_NULL_FATAL(r);
	while (pcapng_reader_next(r, &p) == 1)
		fprintf(t->said.f, "%u %u %llu %.*s\n", p.interface, (unsigned)p.direction,
		        (unsigned long long)p.packet_id, p.comment != NULL ? (int)strlen(p.comment) : 0,
		        p.comment != NULL ? p.comment : "");
	pcapng_reader_close(r);
	close(fd);
	unlink(path);
}

static void tell(struct telling *t, const char *path)
{
	const struct why_visitor learner = { .context = t, .journey = note_nodes },
				 printer = { .context = t, .journey = print };
	char error[TRACE_ERROR_SIZE];
	bool agrees = false;

	t->trace = trace_open(path, error);
	CU_ASSERT_PTR_NOT_NULL_FATAL(t->trace);
	t->why = why_read(t->trace, &learner, error);
	CU_ASSERT_PTR_NOT_NULL_FATAL(t->why);
	explain_all(t->said.f, t->why);
	said_title(&t->said, "ladder, 80 and 150 columns");
	tell_ladder(t, 80);
	tell_ladder(t, 150);
	said_title(&t->said, "mappings");
	timeline_print(t->said.f, t->why);
	for (size_t i = 0; i < t->why->mappings.count; i++)
		dump(t->said.f, timeline_json(t->why, &t->why->mappings.list[i]));
	said_title(&t->said, "audit");
	CU_ASSERT_EQUAL(audit_trace(t->trace, t->said.f, &agrees, error), 0);
	CU_ASSERT_TRUE(agrees);
	said_title(&t->said, "pairs");
	tell_pairs(t);
	said_title(&t->said, "comments");
	tell_comments(t);
	said_title(&t->said, "journeys");
	if (t->trace->journeys <= 16)
		CU_ASSERT_EQUAL(why_read_again(t->why, &printer, error), 0);
	why_free(t->why);
	trace_free(t->trace);
}

static void compare(const char *name)
{
	static struct telling t; /* too large for a stack */
	char path[512], said_path[512];

	memset(&t, 0, sizeof t);
	snprintf(path, sizeof path, FOLDER "/%s", name);
	snprintf(said_path, sizeof said_path, FOLDER "/%s/said", name);
	said_begin(&t.said);
	tell(&t, path);
	said_end(&t.said, said_path);
}

static void every_view_of_every_trace(void)
{
	struct dirent **entries;
	int count = scandir(FOLDER, &entries, NULL, alphasort), traces = 0;

	for (int i = 0; i < count; i++) {
		if (entries[i]->d_name[0] != '.') {
			compare(entries[i]->d_name);
			traces++;
		}
		free(entries[i]);
	}
	CU_ASSERT_TRUE(traces > 10); /* none of p2pchat: its messages change */
	if (count >= 0)
		free(entries);
}

SUITE(traces, TEST(every_view_of_every_trace))
