#include "trace/timeline.h"

#include "trace/explain_asked.h"
#include "trace/describe_json.h"
#include "trace/mapping_words.h"

#include <stdio.h>
#include <stdlib.h>

/* Places in the list of mappings, which is the context. */
static int by_box_and_birth(const void *a, const void *b, void *list)
{
	const struct mapping *mappings = list;
	const struct mapping *x = &mappings[*(const size_t *)a], *y = &mappings[*(const size_t *)b];

	return x->box != y->box ? x->box - y->box : mapping_by_birth(a, b, list);
}

static void print_time(FILE *f, const struct why *w, const char *what, uint64_t time_ns, uint64_t journey)
{
	if (time_ns == 0)
		return;
	fprintf(f, "  %s %.3f", what, journey_seconds(w->trace->start_ns, time_ns));
	if (journey != 0)
		fprintf(f, " #%llu", (unsigned long long)journey);
}

static void print_ends(FILE *f, const struct why *w, const struct mapping *m)
{
	char inside[SCENE_ENDPOINT_SIZE], external[SCENE_ENDPOINT_SIZE], remote[SCENE_ENDPOINT_SIZE];

	scene_format_at(w->scene, m->box, &m->inside, inside);
	scene_format(w->scene, &m->external, external);
	scene_format(w->scene, &m->remote, remote);
	if (m->kind == MAPPING_LOCAL)
		fprintf(f, "  the box itself, %s  with %s", external, remote);
	else if (m->kind == MAPPING_IN)
		fprintf(f, "  %s let in as %s  by %s", inside, external, remote);
	else
		fprintf(f, "  %s -> %s  for %s", inside, external, remote);
}

static void print_mapping(FILE *f, const struct why *w, const struct mapping *m)
{
	char protocol[16];

	fprintf(f, "  %-4s", packet_protocol_name(m->protocol, protocol));
	print_ends(f, w, m);
	fputs("\n       ", f);
	print_time(f, w, "born", m->born_ns, m->born_by);
	print_time(f, w, "answered", m->replied_ns, m->replied_by);
	if (m->refreshes > 0) {
		fprintf(f, "  refreshed %llu times", (unsigned long long)m->refreshes);
		print_time(f, w, "last", m->last_ns, m->last_by);
	}
	if (m->ended_ns != 0)
		print_time(f, w, mapping_ends[m->end].word, m->ended_ns, 0);
	if (m->timeout_s != 0)
		fprintf(f, "  (idle life %u s)", (unsigned)m->timeout_s);
	fputs(m->recorded ? "\n" : "  (seen in packets only)\n", f);
}

static void print_box(FILE *f, const struct why *w, int box, bool is_first)
{
	const struct scene_node *n = &w->scene->nodes[box];

	fprintf(f, "%s%s%s%s\n", is_first ? "" : "\n", n->name, n->nat[0] != '\0' ? ": " : "", n->nat);
	explain_asked_list(f, w, box);
}

void timeline_print(FILE *f, const struct why *w)
{
	size_t count = w->mappings.count;
	size_t *order = calloc(count + 1, sizeof *order);
	int box = -1;

	if (order == NULL)
		return;
	for (size_t i = 0; i < count; i++)
		order[i] = i;
	qsort_r(order, count, sizeof *order, by_box_and_birth, w->mappings.list);
	for (size_t i = 0; i < count; i++) {
		const struct mapping *m = &w->mappings.list[order[i]];

		if (m->box != box)
			print_box(f, w, m->box, box < 0);
		box = m->box;
		print_mapping(f, w, m);
	}
	if (count == 0)
		fputs("No box made a mapping in this trace.\n", f);
	free(order);
}

static json_t *time_or_null(const struct why *w, uint64_t time_ns)
{
	return time_ns != 0 ? json_real(journey_seconds(w->trace->start_ns, time_ns)) : json_null();
}

static json_t *number_or_null(uint64_t n)
{
	return n != 0 ? json_integer((json_int_t)n) : json_null();
}

json_t *timeline_json(const struct why *w, const struct mapping *m)
{
	char inside[ENDPOINT_TEXT_SIZE], external[ENDPOINT_TEXT_SIZE], remote[ENDPOINT_TEXT_SIZE], protocol[16];

	return json_pack(
	    "{s:s,s:s,s:s,s:s,s:s,s:s,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:I,s:s,s:o,s:b}", "box",
	    w->scene->nodes[m->box].name, "protocol", packet_protocol_name(m->protocol, protocol), "kind",
	    mapping_kinds[m->kind].word, "inside", endpoint_format(&m->inside, inside), "external",
	    endpoint_format(&m->external, external), "remote", endpoint_format(&m->remote, remote), "born",
	    time_or_null(w, m->born_ns), "replied", time_or_null(w, m->replied_ns), "last", time_or_null(w, m->last_ns),
	    "ended", time_or_null(w, m->ended_ns), "born_by", number_or_null(m->born_by), "replied_by",
	    number_or_null(m->replied_by), "last_by", number_or_null(m->last_by), "refreshes", (json_int_t)m->refreshes,
	    "end", mapping_ends[m->end].word, "timeout", number_or_null(m->timeout_s), "recorded", (int)m->recorded);
}
