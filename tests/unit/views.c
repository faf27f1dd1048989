#include "views.h"

#include "beyond.h"
#include "suite.h"
#include "trace/annotate.h"
#include "trace/audit.h"
#include "trace/describe.h"
#include "trace/describe_json.h"
#include "trace/explain.h"
#include "trace/explain_json.h"
#include "trace/ladder.h"
#include "trace/timeline.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define JOURNEYS_MAX 16 /* told one by one */

struct telling {
	FILE *f;
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
		if (t->trace->scene.interfaces[j->legs[i].interface].node >= 0)
			t->used[t->trace->scene.interfaces[j->legs[i].interface].node] = true;
}

static void draw(void *context, const struct journey *j, const struct cause *c)
{
	struct telling *t = context;
	char what[DESCRIBE_SIZE], note[CAUSE_TEXT_SIZE];

	cause_format(&t->trace->scene, &t->why->mappings, c, note);
	ladder_draw(&t->ladder, j, describe_journey(&t->trace->scene, j, what), note[0] != '\0' ? note : NULL);
}

static void print(void *context, const struct journey *j, const struct cause *c)
{
	struct telling *t = context;

	(void)c;
	dump(t->f, journey_to_json(&t->trace->scene, j, t->trace->start_ns));
}

static void tell_ladder(struct telling *t, unsigned width)
{
	const struct why_visitor visitor = { .context = t, .journey = draw };
	const struct style style = { .width = width };
	char error[TRACE_ERROR_SIZE];
	struct columns columns;

	columns_lay_out(&t->trace->scene, t->used, &columns);
	ladder_begin(&t->ladder, t->f, &style, &t->trace->scene, &columns, 24, t->trace->journeys, t->trace->start_ns);
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
		dump(t->f, told);
	}
}

/* Also what was sent to addresses that no host has. */
static void tell_pairs(struct telling *t)
{
	int count = (int)t->trace->scene.node_count;

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
		fprintf(t->f, "%u %u %llu %.*s\n", p.interface, (unsigned)p.direction, (unsigned long long)p.packet_id,
		        p.comment != NULL ? (int)strlen(p.comment) : 0, p.comment != NULL ? p.comment : "");
	pcapng_reader_close(r);
	close(fd);
	unlink(path);
}

/* What the commands tell beside their view. */
static void tell_counts(struct telling *t)
{
	const struct trace *c = t->trace;
	char text[TRACE_ERROR_SIZE];

	fprintf(t->f, "%llu packets, %llu journeys, %llu hurried, in %.6f s\n", (unsigned long long)c->packets,
	        (unsigned long long)c->journeys, (unsigned long long)c->hurried,
	        (double)(c->end_ns - c->start_ns) / 1e9);
	fprintf(t->f,
	        "without interface %llu, of an unread link %llu (%u), twice %llu, late %llu (%llu ns), dropped %llu\n",
	        (unsigned long long)c->without_interface, (unsigned long long)c->unread_link, (unsigned)c->unread_type,
	        (unsigned long long)c->doubled, (unsigned long long)c->late, (unsigned long long)c->late_ns,
	        (unsigned long long)c->dropped);
	for (size_t i = 0; i < c->name_count; i++)
		fprintf(t->f, "%s ", c->names[i].name);
	fprintf(t->f, "are its names\n%s%s", c->damage[0] != '\0' ? strchr(c->damage, ':') : "",
	        c->damage[0] != '\0' ? "\n" : "");
	if (trace_lacks(c, text))
		fprintf(t->f, "%s\n", text);
}

/* The files have other names each time. */
static void tell_clocks(struct telling *t)
{
	char text[TRACE_ERROR_SIZE];

	for (size_t i = 0; i < t->trace->source_count; i++)
		if (trace_clock(t->trace, i, text))
			fprintf(t->f, "%zu%.*s\n", i, (int)strcspn(strchr(text, ':'), "/"), strchr(text, ':'));
}

static void tell_journeys(struct telling *t)
{
	const struct why_visitor printer = { .context = t, .journey = print };
	char error[TRACE_ERROR_SIZE];

	if (t->trace->journeys <= JOURNEYS_MAX)
		CU_ASSERT_EQUAL(why_read_again(t->why, &printer, error), 0);
}

static void tell_audit(struct telling *t)
{
	char error[TRACE_ERROR_SIZE];
	bool agrees = false;

	CU_ASSERT_EQUAL(audit_trace(t->trace, t->f, &agrees, error), 0);
	CU_ASSERT_TRUE(agrees);
}

static void tell_mappings(struct telling *t)
{
	timeline_print(t->f, t->why);
	for (size_t i = 0; i < t->why->mappings.count; i++)
		dump(t->f, timeline_json(t->why, &t->why->mappings.list[i]));
}

static void title(struct telling *t, const char *text)
{
	fprintf(t->f, "\n== %s\n", text);
}

void views_tell(FILE *f, struct trace *trace, bool with_comments)
{
	static struct telling t; /* too large for a stack */
	const struct why_visitor learner = { .context = &t, .journey = note_nodes };
	char error[TRACE_ERROR_SIZE];

	beyond_scene(&trace->scene);
	t = (struct telling){ .f = f, .trace = trace };
	t.why = why_read(trace, &learner, error);
	CU_ASSERT_PTR_NOT_NULL_FATAL(t.why);
	explain_all(f, t.why);
	title(&t, "ladder, 80 and 150 columns");
	tell_ladder(&t, 80);
	tell_ladder(&t, 150);
	title(&t, "mappings");
	tell_mappings(&t);
	title(&t, "audit");
	tell_audit(&t);
	title(&t, "pairs");
	tell_pairs(&t);
	if (with_comments) {
		title(&t, "comments");
		tell_comments(&t);
	}
	title(&t, "journeys");
	tell_journeys(&t);
	title(&t, "counts");
	tell_counts(&t);
	tell_clocks(&t);
	why_free(t.why);
}
