#include "cli/trace_show.h"

#include "report/earlier_run.h"
#include "report/trace_page.h"
#include "trace/annotate.h"
#include "trace/explain_asked.h"
#include "trace/audit.h"
#include "trace/describe.h"
#include "trace/explain.h"
#include "trace/describe_json.h"
#include "trace/timeline.h"
#include "trace/explain_json.h"
#include "trace/wrap.h"

#include "io/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LABEL_SIZE (DESCRIBE_SIZE + 2 * SCENE_ENDPOINT_SIZE + 8)

static void mark_packet(void *context, const struct pcapng_packet *raw, const struct packet *p, struct journey *j)
{
	const struct trace_view *v = context;
	unsigned interface = j->legs[j->newest].interface;

	(void)p;
	select_packet(&v->options->selection, v->trace->scene.interfaces[interface].link_type, raw, j);
}

/* Whom a packet was meant for the whole trace tells: known from the second reading on. */
static bool is_wanted(const struct trace_view *v, const struct journey *j)
{
	int target = v->why != NULL ? flows_target(&v->why->flows, v->why->scene, j) : -1;

	return select_journey(&v->options->selection, v->trace, j, target);
}

/* Where columns do not tell who sends to whom, the addresses do. */
static void label(const struct scene *s, const struct journey *j, char *text, size_t room)
{
	char what[DESCRIBE_SIZE], src[SCENE_ENDPOINT_SIZE], dst[SCENE_ENDPOINT_SIZE];
	const struct leg *l = journey_first(j);

	describe_journey(s, j, what);
	if (j->fate == FATE_UNKNOWN && j->kind == PACKET_IP)
		snprintf(text, room, "%s > %s %s", scene_format(s, &l->src, src), scene_format(s, &l->dst, dst), what);
	else
		snprintf(text, room, "%s", what);
}

/* Who is seen, and how many of what. */
static void learn(void *context, const struct journey *j, const struct cause *c)
{
	struct trace_view *v = context;
	char what[LABEL_SIZE];

	(void)c;
	if (!is_wanted(v, j))
		return;
	v->shown++;
	v->fates[j->fate]++;
	if (j->fate == FATE_LINK_ONLY && !v->options->all)
		return;
	label(&v->trace->scene, j, what, sizeof what);
	v->what_width = strlen(what) > v->what_width ? strlen(what) : v->what_width;
	for (unsigned i = 0; i < j->leg_count; i++) {
		int node = v->trace->scene.interfaces[j->legs[i].interface].node;

		if (node >= 0)
			v->used[node] = true;
	}
	if (j->fate == FATE_LOST && j->next_node >= 0)
		v->used[j->next_node] = true;
}

static bool has_filter(const struct trace_view *v)
{
	return v->options->selection.filter != NULL;
}

static int unreadable(const char *error)
{
	log_error("%s", error);
	return CLI_USAGE;
}

static int out_of_memory(void)
{
	log_error("out of memory");
	return CLI_FAILED;
}

/* One run, all learned. */
static int learn_all(struct trace_view *v)
{
	const struct why_visitor visitor = { v, has_filter(v) ? mark_packet : NULL, NULL, learn };
	char error[TRACE_ERROR_SIZE];

	v->why = why_read(v->trace, v->options->selection.has_flow ? NULL : &visitor, error);
	if (v->why == NULL || (v->options->selection.has_flow && why_read_again(v->why, &visitor, error) != 0))
		return unreadable(error);
	return CLI_OK;
}

/* What the scenario did, and what programs said, each at its time. */
static void draw_rest_until(struct trace_view *v, uint64_t time_ns)
{
	const struct recorded_events *r = &v->trace->events;
	const struct spoken *s = &v->spoken;

	for (;;) {
		uint64_t step = v->step < r->step_count ? r->steps[v->step].time_ns : UINT64_MAX;
		uint64_t line = v->line < s->count ? s->lines[v->line].time_ns : UINT64_MAX;

		if (step <= line && v->step < r->step_count && step <= time_ns) {
			ladder_mark(&v->ladder, step, r->steps[v->step].text);
			v->step++;
		} else if (v->line < s->count && line <= time_ns) {
			ladder_say(&v->ladder, line, s->lines[v->line].node, s->lines[v->line].text);
			v->line++;
		} else {
			return;
		}
	}
}

static void draw_journey(void *context, const struct journey *j, const struct cause *c)
{
	struct trace_view *v = context;
	char what[LABEL_SIZE], note[CAUSE_TEXT_SIZE];

	if (!is_wanted(v, j) || (j->fate == FATE_LINK_ONLY && !v->options->all))
		return;
	draw_rest_until(v, journey_first(j)->time_ns);
	label(&v->trace->scene, j, what, sizeof what);
	cause_format(&v->trace->scene, &v->why->mappings, c, note);
	ladder_draw(&v->ladder, j, what, note[0] != '\0' ? note : NULL);
}

static void print_summary(const struct trace_view *v)
{
	const struct trace *t = v->trace;
	const char *between = ": ";

	if (t->packets == 0) {
		puts("no packets");
		return;
	}
	printf("%llu of %llu journeys", (unsigned long long)v->shown, (unsigned long long)t->journeys);
	for (unsigned i = 0; i < FATES; i++) {
		if (v->fates[i] == 0)
			continue;
		printf("%s%llu %s", between, (unsigned long long)v->fates[i], journey_fate_name((enum journey_fate)i));
		between = ", ";
	}
	printf("; %llu packets in %.3f s\n", (unsigned long long)t->packets, journey_seconds(t->start_ns, t->end_ns));
}

/* What times are counted from: the first packet; where there is none, the first step. */
static uint64_t start_of(const struct trace *t)
{
	return t->packets == 0 && t->events.step_count > 0 ? t->events.steps[0].time_ns : t->start_ns;
}

/* Columns and causes depend on the whole, so the trace is run through twice. */
int trace_show_ladder(struct trace_view *v)
{
	struct style style = style_of(stdout);
	struct columns columns;
	const struct why_visitor visitor = { v, has_filter(v) ? mark_packet : NULL, NULL, draw_journey };
	char error[TRACE_ERROR_SIZE];
	int status = learn_all(v);

	if (status != CLI_OK)
		return status;
	if (v->options->programs && spoken_read(v->trace, &v->spoken, error) != 0)
		return unreadable(error);
	for (size_t i = 0; i < v->spoken.count; i++)
		if (v->spoken.lines[i].node >= 0 && v->options->selection.host == NULL &&
		    !v->options->selection.has_flow)
			v->used[v->spoken.lines[i].node] = true;
	columns_lay_out(&v->trace->scene, v->used, &columns);
	ladder_begin(&v->ladder, stdout, &style, &v->trace->scene, &columns, v->what_width, v->trace->journeys,
	             start_of(v->trace));
	if (why_read_again(v->why, &visitor, error) != 0)
		return unreadable(error);
	draw_rest_until(v, UINT64_MAX);
	if (v->trace->packets > 0)
		ladder_legend(&v->ladder);
	print_summary(v);
	return CLI_OK;
}

static int print_object(json_t *object)
{
	int status = object != NULL ? json_dumpf(object, stdout, JSON_ENSURE_ASCII | JSON_REAL_PRECISION(12)) : -1;

	json_decref(object);
	putchar('\n');
	return status == 0 ? CLI_OK : out_of_memory();
}

static void print_journey(void *context, const struct journey *j)
{
	const struct trace_view *v = context;

	if (is_wanted(v, j))
		print_object(journey_to_json(&v->trace->scene, j, v->trace->start_ns));
}

static void print_known(void *context, const struct journey *j, const struct cause *c)
{
	(void)c;
	print_journey(context, j);
}

/* Without a record how one ended depends on others. */
static int print_without_record(struct trace_view *v, char error[TRACE_ERROR_SIZE])
{
	const struct why_visitor visitor = { v, has_filter(v) ? mark_packet : NULL, NULL, print_known };

	if (v->why == NULL)
		v->why = why_read(v->trace, &visitor, error);
	else if (why_read_again(v->why, &visitor, error) != 0)
		return -1;
	return v->why != NULL ? 0 : -1;
}

int trace_show_json(struct trace_view *v)
{
	const struct trace_visitor visitor = { v, has_filter(v) ? mark_packet : NULL, print_journey };
	char error[TRACE_ERROR_SIZE];

	if (v->options->selection.has_flow && learn_all(v) != CLI_OK)
		return CLI_USAGE;
	if (v->trace->has_record ? trace_run(v->trace, &visitor, error) != 0 : print_without_record(v, error) != 0)
		return unreadable(error);
	return CLI_OK;
}

int trace_show_mappings(struct trace_view *v)
{
	int status = learn_all(v);

	if (status == CLI_OK && !v->options->json)
		timeline_print(stdout, v->why);
	for (size_t i = 0; status == CLI_OK && v->options->json && i < v->why->mappings.count; i++)
		status = print_object(timeline_json(v->why, &v->why->mappings.list[i]));
	for (size_t i = 0; status == CLI_OK && v->options->json && i < v->why->mappings.events->lease_count; i++)
		status = print_object(explain_asked_json(v->why, &v->why->mappings.events->leases[i]));
	return status;
}

/* One object for each protocol that the two spoke. */
static int print_verdict(const struct trace_view *v, int a, int b)
{
	uint8_t protocols[VERDICT_PROTOCOLS];
	unsigned count = verdict_protocols(v->why, a, b, protocols);
	struct pair_verdict verdict;
	int status = CLI_OK;

	for (unsigned i = 0; i < count && status == CLI_OK; i++) {
		verdict_of_pair(v->why, a, b, protocols[i], &verdict);
		status = print_object(explain_to_json(v->why, &verdict));
	}
	return status;
}

/* Two that spoke no protocol at all are said to be untried. */
static int print_named(const struct trace_view *v, const char *const pair[2])
{
	char error[TRACE_ERROR_SIZE];
	int a = explain_host(v->why, pair[0], error), b = a >= 0 ? explain_host(v->why, pair[1], error) : -1;
	uint8_t protocols[VERDICT_PROTOCOLS];
	struct pair_verdict verdict;

	if (a < 0 || b < 0)
		return unreadable(error);
	if (verdict_protocols(v->why, a, b, protocols) > 0)
		return print_verdict(v, a, b);
	verdict_of_pair(v->why, a, b, PACKET_UDP, &verdict);
	return print_object(explain_to_json(v->why, &verdict));
}

static int print_verdicts(const struct trace_view *v)
{
	int count = (int)v->trace->scene.node_count, status = CLI_OK;

	if (v->options->pair[0] != NULL)
		return print_named(v, v->options->pair);
	for (int a = -1; a < count; a++)
		for (int b = a < 0 ? 0 : a; b < count && status == CLI_OK; b++)
			status = a < 0 ? print_verdict(v, b, -1) : print_verdict(v, a, b);
	return status;
}

static int print_explanation(const struct trace_view *v)
{
	struct style style = style_of(stdout);
	char error[TRACE_ERROR_SIZE], *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	int status;

	if (f == NULL)
		return out_of_memory();
	status = explain(f, v->why, v->options->pair[0], v->options->pair[1], error);
	fclose(f);
	if (status == 0)
		wrap_print(stdout, text, &style);
	else
		log_error("%s", error);
	free(text);
	return status == 0 ? CLI_OK : CLI_USAGE;
}

int trace_show_why(struct trace_view *v)
{
	int status = learn_all(v);

	if (status != CLI_OK)
		return status;
	return v->options->json ? print_verdicts(v) : print_explanation(v);
}

int trace_show_pcapng(struct trace_view *v)
{
	char error[TRACE_ERROR_SIZE];

	if (strcmp(v->options->output, "-") == 0 && isatty(STDOUT_FILENO) == 1) {
		log_error("a capture is nothing for a terminal; send it to a file or a program");
		return CLI_USAGE;
	}
	if (annotate(v->trace, v->options->output, error) == 0)
		return CLI_OK;
	log_error("%s", error);
	return CLI_USAGE;
}

static bool page_wants(void *context, const struct journey *j)
{
	return is_wanted(context, j);
}

int trace_show_html(struct trace_view *v)
{
	const struct journeys_choice choice = { v, has_filter(v) ? mark_packet : NULL, page_wants };
	int status = learn_all(v);

	json_t *against = json_null();
	char error[EARLIER_RUN_ERROR_SIZE];

	if (status == CLI_OK && v->options->against != NULL)
		against = earlier_run_read(v->options->against, error);
	if (against == NULL)
		return unreadable(error);
	if (status == CLI_OK &&
	    trace_page_write(v->options->output, v->why, &choice, v->options->command, against) != 0)
		status = CLI_FAILED;
	json_decref(against);
	return status;
}

int trace_show_audit(struct trace_view *v)
{
	char error[TRACE_ERROR_SIZE];
	bool agrees;

	if (audit_trace(v->trace, stdout, &agrees, error) == 0)
		return agrees ? CLI_OK : CLI_FAILED;
	log_error("%s", error);
	return CLI_USAGE;
}
