#include "trace/explain.h"

#include "trace/explain_help.h"
#include "trace/explain_loss.h"

#include <stdio.h>
#include <string.h>

static const char *name(const struct why *w, int node)
{
	return node >= 0 ? w->stage->nodes[node].name : "somebody";
}

static const char *plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

/* "alice - nat-a - nat-b - bob" */
static void say_path(FILE *f, const struct why *w, const struct flow *flow)
{
	for (unsigned i = 0; i < flow->path_len; i++)
		fprintf(f, "%s%s", i == 0 ? "" : " - ", name(w, flow->path[i]));
}

static void say_losses(FILE *f, const struct why *w, const struct direction *d, struct explain_told *told)
{
	for (unsigned i = 0; i < d->loss_count; i++)
		explain_loss(f, w, d, &d->losses[i], told);
}

/* One direction that did not work: how many were sent, and what became of each kind. */
static void say_direction(FILE *f, const struct why *w, const struct direction *d, struct explain_told *told)
{
	const char *from = name(w, d->from), *to = name(w, d->to);

	if (d->sent == 0)
		fprintf(f, "%s sent nothing to %s.\n", from, to);
	else if (d->delivered == d->sent)
		fprintf(f, "%s's %llu packet%s to %s arrived.\n", from, (unsigned long long)d->sent, plural(d->sent),
		        to);
	else {
		if (d->delivered == 0)
			fprintf(f, "%s's %llu packet%s never reached %s.", from, (unsigned long long)d->sent,
			        plural(d->sent), to);
		else
			fprintf(f, "Of %s's %llu packets %llu reached %s.", from, (unsigned long long)d->sent,
			        (unsigned long long)d->delivered, to);
		say_losses(f, w, d, told);
		fputc('\n', f);
	}
}

/* What came first, and from where. That is all a capture shows: the host's own firewall may drop it yet. */
static void say_first(FILE *f, const struct why *w, const struct direction *d, uint64_t start_ns)
{
	char src[SCENE_ENDPOINT_SIZE], text[EXPLAIN_TIME_SIZE];
	const struct flow *flow = d->opened_by;

	fprintf(f, "%s's %s (journey %llu) arrived at %s's interface %s after the first try, from %s", name(w, d->from),
	        flow->arrived_what, (unsigned long long)flow->arrived_by, name(w, d->to),
	        explain_time(flow->arrived_ns - start_ns, text), scene_format(w->stage, &flow->arrived_src, src));
}

/* Of the way's other ports, tried when it was open already. */
static bool is_late(const struct direction *d, const struct flow_loss *l)
{
	return l->first.time_ns > d->opened_by->arrived_ns;
}

static uint64_t lost_before(const struct direction *d, bool late)
{
	uint64_t count = 0;

	for (unsigned i = 0; i < d->loss_count; i++)
		if (is_late(d, &d->losses[i]) == late)
			count += d->losses[i].before_open;
	return count;
}

static void say_lost_before(FILE *f, const struct why *w, const struct direction *d, bool late,
                            struct explain_told *told)
{
	uint64_t lost = lost_before(d, late);

	if (lost == 0)
		return;
	fprintf(f, "Lost %s %s's first%s: %llu.", late ? "after" : "before", name(w, d->from),
	        late ? ", with other ports" : "", (unsigned long long)lost);
	for (unsigned i = 0; i < d->loss_count; i++)
		if (d->losses[i].before_open > 0 && is_late(d, &d->losses[i]) == late)
			explain_loss(f, w, d, &d->losses[i], told);
	fputc('\n', f);
}

static void say_opened(FILE *f, const struct why *w, const struct pair_verdict *v)
{
	bool ab_first = v->ab.opened_by->arrived_ns <= v->ba.opened_by->arrived_ns;
	const struct direction *first = ab_first ? &v->ab : &v->ba, *second = ab_first ? &v->ba : &v->ab;
	uint64_t start = v->ab.first_ns < v->ba.first_ns ? v->ab.first_ns : v->ba.first_ns;
	struct explain_told told = { { 0 } };

	say_first(f, w, first, start);
	fprintf(f, "; ");
	say_first(f, w, second, start);
	fprintf(f, ". The path: ");
	say_path(f, w, v->ab.opened_by);
	fprintf(f, ".\n");
	say_lost_before(f, w, first, false, &told);
	say_lost_before(f, w, second, false, &told);
	say_lost_before(f, w, first, true, &told);
	say_lost_before(f, w, second, true, &told);
}

static bool stands_outside(const struct why *w, int node)
{
	return w->stage->nodes[node].behind == SCENE_INTERNET;
}

/* Between a host and a server that answers at once there is not much to tell. */
static bool is_plain(const struct why *w, const struct pair_verdict *v)
{
	return v->outcome == PAIR_OPEN && lost_before(&v->ab, false) == 0 && lost_before(&v->ba, false) == 0 &&
	       lost_before(&v->ab, true) == 0 && lost_before(&v->ba, true) == 0 &&
	       (stands_outside(w, v->a) || stands_outside(w, v->b));
}

void explain_verdict(FILE *f, const struct why *w, const struct pair_verdict *v)
{
	const char *a = name(w, v->a), *b = name(w, v->b);
	struct explain_told told = { { 0 } };
	char text[EXPLAIN_TIME_SIZE];

	if (is_plain(w, v)) {
		fprintf(f, "%s and %s: open. %llu of %llu packets arrived one way, %llu of %llu the other.\n", a, b,
		        (unsigned long long)v->ab.delivered, (unsigned long long)v->ab.sent,
		        (unsigned long long)v->ba.delivered, (unsigned long long)v->ba.sent);
		return;
	}
	switch (v->outcome) {
	case PAIR_UNTRIED: fprintf(f, "%s and %s: nothing was sent between them.\n", a, b); return;
	case PAIR_OPEN:
		fprintf(f, "%s and %s: open, %s after the first try.\n", a, b,
		        explain_time(v->opened_ns - (v->ab.first_ns < v->ba.first_ns ? v->ab.first_ns : v->ba.first_ns),
		                     text));
		say_opened(f, w, v);
		return;
	case PAIR_BROKEN: fprintf(f, "%s and %s: was open, and broke.\n", a, b); break;
	case PAIR_ONE_WAY: fprintf(f, "%s and %s: only one way.\n", a, b); break;
	case PAIR_UNANSWERED: fprintf(f, "%s and %s: no answer.\n", a, b); break;
	case PAIR_SHUT: fprintf(f, "%s and %s: shut.\n", a, b); break;
	}
	say_direction(f, w, &v->ab, &told);
	say_direction(f, w, &v->ba, &told);
	explain_help(f, w, v);
}

int explain_host(const struct why *w, const char *host, char error[TRACE_ERROR_SIZE])
{
	int node = scene_find(w->stage, host);
	size_t len;

	if (node >= 0 && w->stage->nodes[node].kind == NODE_HOST)
		return node;
	len = (size_t)snprintf(error, TRACE_ERROR_SIZE, "no host '%.40s' in this trace; there %s", host,
	                       w->stage->node_count == 1 ? "is" : "are");
	for (size_t i = 0; i < w->stage->node_count; i++)
		if (w->stage->nodes[i].kind == NODE_HOST && len < TRACE_ERROR_SIZE)
			len += (size_t)snprintf(error + len, TRACE_ERROR_SIZE - len, " %s", w->stage->nodes[i].name);
	return -1;
}

/* Who else had trouble with a host that kept silent? That may be why it did. */
static void explain_silence(FILE *f, const struct why *w, int silent, int other)
{
	struct pair_verdict v;

	for (size_t i = 0; i < w->stage->node_count; i++) {
		if ((int)i == silent || (int)i == other || !verdict_has_traffic(w, silent, (int)i))
			continue;
		verdict_of_pair(w, silent, (int)i, &v);
		if (v.outcome == PAIR_OPEN)
			continue;
		fputc('\n', f);
		explain_verdict(f, w, &v);
	}
}

static int explain_pair(FILE *f, const struct why *w, const char *a, const char *b, char error[TRACE_ERROR_SIZE])
{
	int from = explain_host(w, a, error), to = from >= 0 ? explain_host(w, b, error) : -1;
	struct pair_verdict v;

	if (from < 0 || to < 0)
		return -1;
	verdict_of_pair(w, from, to, &v);
	explain_verdict(f, w, &v);
	if (v.ab.sent == 0)
		explain_silence(f, w, from, to);
	if (v.ba.sent == 0)
		explain_silence(f, w, to, from);
	return 0;
}

/* Those in trouble come first. */
static void explain_those(FILE *f, const struct why *w, bool in_trouble, uint64_t *said)
{
	struct pair_verdict v;

	for (int a = 0; a < (int)w->stage->node_count; a++)
		for (int b = a + 1; b < (int)w->stage->node_count; b++) {
			if (!verdict_has_traffic(w, a, b))
				continue;
			verdict_of_pair(w, a, b, &v);
			if ((v.outcome != PAIR_OPEN) != in_trouble)
				continue;
			if (++*said > 1)
				fputc('\n', f);
			explain_verdict(f, w, &v);
		}
}

int explain(FILE *f, const struct why *w, const char *a, const char *b, char error[TRACE_ERROR_SIZE])
{
	uint64_t said = 0;

	if (a != NULL && b != NULL)
		return explain_pair(f, w, a, b, error);
	explain_those(f, w, true, &said);
	explain_those(f, w, false, &said);
	if (said == 0 && w->stage->node_count < 2)
		fprintf(
		    f,
		    "One interface alone does not tell between which hosts packets went: nothing can be explained.\n");
	else if (said == 0)
		fprintf(f, "No host sent another one a datagram in this trace.\n");
	return 0;
}
