#include "trace/why.h"

#include "trace/doubt.h"

#include <stdio.h>
#include <stdlib.h>

struct why *why_new(const struct scene *s, const struct recorded_events *events)
{
	struct why *w = calloc(1, sizeof *w);

	if (w == NULL)
		return NULL;
	w->scene = s;
	if (mappings_begin(&w->mappings, s, events) == 0 && flows_begin(&w->flows) == 0 &&
	    relays_begin(&w->relays) == 0)
		return w;
	why_free(w);
	return NULL;
}

void why_free(struct why *w)
{
	if (w == NULL)
		return;
	mappings_free(&w->mappings);
	flows_free(&w->flows);
	relays_free(&w->relays);
	free(w);
}

void why_settle_cause(const struct why *w, struct cause *c)
{
	cause_settle(c, &w->mappings, &w->passed);
}

void why_settle(struct why *w)
{
	flows_settle(&w->flows, w->scene, &w->mappings, &w->passed);
	for (size_t i = 0; i < w->flows.count; i++)
		w->spoke[w->flows.list[i].origin + 1][w->flows.list[i].target + 1] = true;
}

/* One reading: the first one learns, the second knows. */
struct reading {
	struct why *why;
	const struct why_visitor *visitor;
	bool again;
};

static void tell_packet(void *context, const struct pcapng_packet *raw, const struct packet *p, struct journey *j)
{
	const struct reading *r = context;

	r->visitor->packet(r->visitor->context, raw, p, j);
}

static void tell_journey(void *context, const struct journey *j)
{
	const struct reading *r = context;
	struct why *w = r->why;
	struct journey doubted;
	struct cause c;

	mappings_journey(&w->mappings, w->scene, j, r->visitor->touched, r->visitor->context);
	if (doubt_journey(w->scene, &w->mappings, j)) {
		doubted = *j;
		doubted.in_doubt = true;
		if (j->refused_by == 0)
			doubted.fate = FATE_UNKNOWN;
		j = &doubted;
	}
	if (!r->again) {
		passed_journey(&w->passed, w->scene, j);
		relays_journey(&w->relays, w->scene, j);
		if (!w->scene->from_record)
			outside_journey(&w->outside, j);
	}
	cause_find(w->scene, &w->mappings, j, &c);
	if (r->again)
		why_settle_cause(w, &c);
	else
		flows_journey(&w->flows, w->scene, &w->mappings, j, &c);
	if (r->visitor->journey != NULL)
		r->visitor->journey(r->visitor->context, j, &c);
}

static int run_through(struct reading *r, char error[TRACE_ERROR_SIZE])
{
	static const struct why_visitor nobody = { 0 };
	const struct trace_visitor visitor = { r, NULL, tell_journey }, both = { r, tell_packet, tell_journey };

	if (r->visitor == NULL)
		r->visitor = &nobody;
	return trace_run(r->why->trace, r->visitor->packet != NULL ? &both : &visitor, error);
}

static int out_of_memory(char error[TRACE_ERROR_SIZE])
{
	snprintf(error, TRACE_ERROR_SIZE, "out of memory");
	return -1;
}

struct why *why_read(struct trace *t, const struct why_visitor *v, char error[TRACE_ERROR_SIZE])
{
	struct reading r = { .why = why_new(&t->scene, &t->events), .visitor = v };

	if (r.why == NULL) {
		(void)out_of_memory(error);
		return NULL;
	}
	r.why->trace = t;
	if (run_through(&r, error) != 0) {
		why_free(r.why);
		return NULL;
	}
	why_settle(r.why);
	return r.why;
}

int why_read_again(struct why *w, const struct why_visitor *v, char error[TRACE_ERROR_SIZE])
{
	struct reading r = { .why = w, .visitor = v, .again = true };

	mappings_free(&w->mappings);
	if (mappings_begin(&w->mappings, w->scene, &w->trace->events) != 0)
		return out_of_memory(error);
	return run_through(&r, error);
}

void why_journey(struct why *w, const struct journey *j)
{
	static const struct why_visitor nobody = { 0 };
	struct reading r = { .why = w, .visitor = &nobody };

	tell_journey(&r, j);
}
