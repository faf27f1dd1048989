#include "trace/explain.h"

#include "trace/explain_asked.h"
#include "trace/explain_help.h"
#include "trace/explain_link.h"
#include "trace/explain_loss.h"
#include "trace/explain_tcp.h"
#include "trace/explain_way.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

/* "alice - nat-a - nat-b - bob" */
static void say_path(FILE *f, const struct why *w, const struct flow *flow)
{
	for (unsigned i = 0; i < flow->path_len; i++)
		fprintf(f, "%s%s", i == 0 ? "" : " - ", scene_name(w->scene, flow->path[i]));
}

/* Of the losses of a direction, those that are to be told in one place. */
enum part {
	PART_ALL,
	PART_BEFORE, /* before the first arrival of all */
	PART_LATE,   /* of other ports, tried when the way was open */
	PART_AFTER,  /* after an arrival, on the very way that was open */
};

static enum part part_of(const struct direction *d, const struct flow_loss *l)
{
	if (l->after)
		return PART_AFTER;
	return d->opened_by != NULL && l->first.time_ns > d->opened_by->arrived_ns ? PART_LATE : PART_BEFORE;
}

static uint64_t count_part(const struct direction *d, enum part part)
{
	uint64_t count = part == PART_ALL || part == PART_AFTER ? d->other_losses : 0;

	for (unsigned i = 0; i < d->loss_count; i++)
		if (part == PART_ALL || part_of(d, &d->losses[i]) == part)
			count += d->losses[i].count;
	return count;
}

static void say_losses(FILE *f, const struct why *w, const struct direction *d, enum part part,
                       struct explain_told *told)
{
	for (unsigned i = 0; i < d->loss_count; i++)
		if (part == PART_ALL || part_of(d, &d->losses[i]) == part)
			explain_loss(f, w, d, &d->losses[i], told);
	if (d->other_losses > 0 && (part == PART_ALL || part == PART_AFTER)) {
		fprintf(f, " %llu more %s lost in other ways.", (unsigned long long)d->other_losses,
		        d->other_losses == 1 ? "was" : "were");
		told->losses += d->other_losses;
	}
}

/* A capture may end, or not see where they went. */
static uint64_t left_our_view(const struct direction *d)
{
	uint64_t known = d->delivered + d->lost;

	return d->sent > known ? d->sent - known : 0;
}

static void say_rest(FILE *f, const struct why *w, const struct direction *d)
{
	uint64_t left = left_our_view(d);

	if (left > 0)
		fprintf(f, " %llu left our view", (unsigned long long)left);
	if (left > 0 && d->vanished > 0)
		fprintf(f, ": %llu went into %s and %s not seen to come out", (unsigned long long)d->vanished,
		        scene_name(w->scene, d->vanished_at), d->vanished == 1 ? "was" : "were");
	if (left > 0)
		fputc('.', f);
}

/* Some did arrive, and were sent away. */
static bool were_refused(const struct direction *d)
{
	for (unsigned i = 0; i < d->loss_count; i++)
		if (d->losses[i].first.kind == CAUSE_REFUSED || cause_is_reset(d->losses[i].first.kind))
			return true;
	return false;
}

/* One direction that did not work: how many were sent, and what became of each kind. */
static void say_direction(FILE *f, const struct why *w, const struct direction *d, struct explain_told *told)
{
	const char *from = scene_name(w->scene, d->from), *to = d->to >= 0              ? scene_name(w->scene, d->to)
	                                                        : w->scene->from_record ? "anybody"
	                                                                                : "others";

	if (d->sent == 0) {
		fprintf(f, w->scene->from_record ? "%s sent nothing to %s.\n" : "Nothing from %s to %s is seen here.\n",
		        from, to);
		return;
	}
	if (d->delivered == d->sent)
		fprintf(f, "%s's %llu packet%s to %s arrived.", from, (unsigned long long)d->sent, plural(d->sent), to);
	else if (d->delivered == 0 && (d->lost == 0 || (!w->scene->from_record && left_our_view(d) > 0)))
		fprintf(f, "%s sent %llu packet%s to %s%c", from, (unsigned long long)d->sent, plural(d->sent), to,
		        d->lost == 0 ? ':' : '.');
	else if (d->delivered == 0)
		fprintf(f, "%s's %llu packet%s never %s %s.", from, (unsigned long long)d->sent, plural(d->sent),
		        were_refused(d) ? "got through to" : "reached", to);
	else
		fprintf(f, "Of %s's %llu packets %llu %s %s.", from, (unsigned long long)d->sent,
		        (unsigned long long)d->delivered, were_refused(d) ? "got through to" : "reached", to);
	explain_admission(f, w, d);
	say_losses(f, w, d, PART_ALL, told);
	say_rest(f, w, d);
	fputc('\n', f);
	explain_link(f, w, d);
}

/* What came first, and from where. That is all a capture shows: the host's own firewall may drop it yet. */
static void say_first(FILE *f, const struct why *w, const struct direction *d, uint64_t start_ns)
{
	char src[SCENE_ENDPOINT_SIZE], text[EXPLAIN_TIME_SIZE];
	const struct flow *flow = d->opened_by;

	fprintf(f, "%s's %s (journey %llu) arrived at %s's interface %s after the first try, from %s",
	        scene_name(w->scene, d->from), flow->arrived_what, (unsigned long long)flow->arrived_by,
	        scene_name(w->scene, d->to), explain_time(flow->arrived_ns - start_ns, text),
	        scene_format(w->scene, &flow->arrived_src, src));
}

static void say_part(FILE *f, const struct why *w, const struct direction *d, enum part part, struct explain_told *told)
{
	uint64_t lost = count_part(d, part);

	if (lost == 0)
		return;
	if (part == PART_AFTER)
		fprintf(f, "Of those that %s sent later were lost: %llu.", scene_name(w->scene, d->from),
		        (unsigned long long)lost);
	else
		fprintf(f, "Lost %s %s's first%s: %llu.", part == PART_LATE ? "after" : "before",
		        scene_name(w->scene, d->from), part == PART_LATE ? ", with other ports" : "",
		        (unsigned long long)lost);
	say_losses(f, w, d, part, told);
	fputc('\n', f);
}

static void say_parts(FILE *f, const struct why *w, const struct direction *first, const struct direction *second,
                      struct explain_told *told)
{
	for (enum part part = PART_BEFORE; part <= PART_AFTER; part++) {
		say_part(f, w, first, part, told);
		say_part(f, w, second, part, told);
	}
}

static void say_opened(FILE *f, const struct why *w, const struct pair_verdict *v, struct explain_told *told)
{
	bool ab_first = v->ab.opened_by->arrived_ns <= v->ba.opened_by->arrived_ns;
	const struct direction *first = ab_first ? &v->ab : &v->ba, *second = ab_first ? &v->ba : &v->ab;
	uint64_t start = v->ab.first_ns < v->ba.first_ns ? v->ab.first_ns : v->ba.first_ns;

	say_first(f, w, first, start);
	fprintf(f, "; ");
	say_first(f, w, second, start);
	fprintf(f, ". The path: ");
	say_path(f, w, v->ab.opened_by);
	fputc('.', f);
	explain_admission(f, w, first);
	explain_admission(f, w, second);
	fputc('\n', f);
	explain_tcp(f, w, v);
	say_parts(f, w, first, second, told);
	explain_link(f, w, first);
	explain_link(f, w, second);
}

static bool stands_outside(const struct why *w, int node)
{
	return w->scene->nodes[node].behind == SCENE_INTERNET;
}

/* Between a host and a server that answers at once there is not much to tell. */
static bool is_plain(const struct why *w, const struct pair_verdict *v)
{
	return v->outcome == PAIR_OPEN && v->ab.lost == 0 && v->ba.lost == 0 && v->said[0] == NULL &&
	       (stands_outside(w, v->a) || stands_outside(w, v->b));
}

/* What both programs say against what the interfaces show. */
static void say_complaints(FILE *f, const struct why *w, const struct pair_verdict *v)
{
	if (v->said[0] == NULL)
		return;
	fprintf(
	    f,
	    "But both programs said that they failed (%s: \"%s\"; %s: \"%s\"). Packets came to the hosts' interfaces: "
	    "a firewall of a host itself may have dropped them there, or the program that they were for never "
	    "answered them.\n",
	    scene_name(w->scene, v->a), v->said[0], scene_name(w->scene, v->b), v->said[1]);
}

/* Whose addresses they are only a world's record tells. */
static const char *others(const struct why *w)
{
	return w->scene->from_record ? "addresses that no host here has" : "others, who are not known here";
}

/* "alice and bob", "alice and bob, TCP", "alice and addresses that no host has". */
static void say_pair(FILE *f, const struct why *w, const struct pair_verdict *v)
{
	char text[16];

	fprintf(f, "%s and %s", scene_name(w->scene, v->a),
	        v->b == v->a ? "itself"
	        : v->b >= 0  ? scene_name(w->scene, v->b)
	                     : others(w));
	if (v->protocol == PACKET_TCP)
		fprintf(f, ", TCP");
	else if (v->protocol == PACKET_ICMP || v->protocol == PACKET_ICMPV6)
		fprintf(f, ", ICMP");
	else if (v->protocol != PACKET_UDP && v->protocol != 0)
		fprintf(f, ", %s", packet_protocol_name(v->protocol, text));
}

static const char *outcome_words(const struct pair_verdict *v, bool from_record)
{
	bool partly = left_our_view(&v->ab) + left_our_view(&v->ba) > 0;

	switch (v->outcome) {
	case PAIR_UNTRIED:
		if (!from_record)
			return v->relay >= 0 ? "nothing straight is seen here" : "nothing between them is seen here";
		return v->relay >= 0 ? "nothing was sent straight" : "nothing was sent between them";
	case PAIR_OPEN: return "open";
	case PAIR_BROKEN: return "was open, and broke";
	case PAIR_ONE_WAY: return partly && !from_record ? "only one way, as far as is seen here" : "only one way";
	case PAIR_UNANSWERED: return from_record ? "no answer" : "no answer is seen here";
	case PAIR_SHUT: return partly ? "shut, as far as is seen here" : "shut";
	case PAIR_ANSWERED: return "open, as what came in acknowledges what went out, which left our view";
	case PAIR_HALF_SEEN: return "what came in is seen here, what went out left our view";
	case PAIR_UNSEEN:
		return v->ab.sent == 0 || v->ba.sent == 0 ? "no answer is seen here"
		                                          : "both sent; what arrived is not seen here";
	}
	return "";
}

static void say_open(FILE *f, const struct why *w, const struct pair_verdict *v, struct explain_told *told)
{
	char text[EXPLAIN_TIME_SIZE];

	fprintf(f, ": open, %s after the first try%s.\n",
	        explain_time(v->opened_ns - (v->ab.first_ns < v->ba.first_ns ? v->ab.first_ns : v->ba.first_ns), text),
	        v->said[0] != NULL ? " as far as the interfaces show" : "");
	say_opened(f, w, v, told);
	say_complaints(f, w, v);
}

uint64_t explain_verdict(FILE *f, const struct why *w, const struct pair_verdict *v)
{
	struct explain_told told = { .losses = 0 };

	say_pair(f, w, v);
	if (is_plain(w, v)) {
		fprintf(f, ": open. %llu of %llu packets arrived one way, %llu of %llu the other.",
		        (unsigned long long)v->ab.delivered, (unsigned long long)v->ab.sent,
		        (unsigned long long)v->ba.delivered, (unsigned long long)v->ba.sent);
		explain_rule(f, w, &v->ab);
		explain_rule(f, w, &v->ba);
		fputc('\n', f);
		explain_asked(f, w, v);
		explain_relay(f, w, v);
		explain_link(f, w, &v->ab);
		explain_link(f, w, &v->ba);
		return 0;
	}
	if (v->outcome == PAIR_OPEN) {
		say_open(f, w, v, &told);
	} else {
		fprintf(f, ": %s.\n", outcome_words(v, w->scene->from_record));
		if (v->outcome != PAIR_UNTRIED)
			say_direction(f, w, &v->ab, &told);
		if (v->outcome != PAIR_UNTRIED && (v->b >= 0 || v->ba.sent > 0) && v->b != v->a)
			say_direction(f, w, &v->ba, &told);
	}
	explain_asked(f, w, v);
	explain_relay(f, w, v);
	explain_help(f, w, v);
	return told.losses;
}

int explain_host(const struct why *w, const char *host, char error[TRACE_ERROR_SIZE])
{
	int node = scene_find(w->scene, host);
	size_t len;

	if (node >= 0)
		return node;
	len = (size_t)snprintf(error, TRACE_ERROR_SIZE, "no host or box '%.40s' in this trace; there %s", host,
	                       w->scene->node_count == 1 ? "is" : "are");
	for (size_t i = 0; i < w->scene->node_count; i++)
		if (len < TRACE_ERROR_SIZE)
			len += (size_t)snprintf(error + len, TRACE_ERROR_SIZE - len, " %s", w->scene->nodes[i].name);
	return -1;
}

/* All protocols of a pair that are in trouble, or are not. Counts what it says. */
static void explain_both(FILE *f, const struct why *w, int a, int b, bool in_trouble, struct explain_tally *tally)
{
	uint8_t protocols[VERDICT_PROTOCOLS];
	unsigned count = verdict_protocols(w, a, b, protocols);
	struct pair_verdict v;

	for (unsigned i = 0; i < count; i++) {
		verdict_of_pair(w, a, b, protocols[i], &v);
		if (verdict_is_trouble(&v) != in_trouble)
			continue;
		if (tally->verdicts++ > 0)
			fputc('\n', f);
		tally->losses += explain_verdict(f, w, &v);
	}
}

/* Who else had trouble with a host that kept silent? That may be why it did. */
static void explain_silence(FILE *f, const struct why *w, int silent, int other, struct explain_tally *tally)
{
	for (int i = 0; i < (int)w->scene->node_count; i++)
		if (i != silent && i != other)
			explain_both(f, w, silent, i, true, tally);
}

static int explain_pair(FILE *f, const struct why *w, const char *a, const char *b, char error[TRACE_ERROR_SIZE])
{
	int from = explain_host(w, a, error), to = from >= 0 ? explain_host(w, b, error) : -1;
	struct explain_tally tally = { 0 };

	if (from < 0 || to < 0)
		return -1;
	explain_both(f, w, from, to, true, &tally);
	explain_both(f, w, from, to, false, &tally);
	if (tally.verdicts == 0)
		fprintf(f, "%s and %s: nothing %s.\n", scene_name(w->scene, from), scene_name(w->scene, to),
		        w->scene->from_record ? "was sent between them" : "between them is seen here");
	if (!w->spoke[from + 1][to + 1])
		explain_silence(f, w, from, to, &tally);
	if (!w->spoke[to + 1][from + 1])
		explain_silence(f, w, to, from, &tally);
	return 0;
}

/* Two behind boxes are what a punch is about; servers and strangers helped; boxes and nobody come last. */
static int rank_of(const struct scene *s, int a, int b)
{
	const struct scene_node *n = s->nodes;

	if (n[a].kind != NODE_HOST || n[b].kind != NODE_HOST)
		return 2;
	return n[a].behind >= 0 && n[b].behind >= 0 ? 0 : 1;
}

static void explain_those(FILE *f, const struct why *w, bool in_trouble, struct explain_tally *tally)
{
	int count = (int)w->scene->node_count;

	for (int rank = 0; rank < 3; rank++)
		for (int a = 0; a < count; a++)
			for (int b = a; b < count; b++)
				if (rank_of(w->scene, a, b) == rank)
					explain_both(f, w, a, b, in_trouble, tally);
	for (int a = -1; a < count; a++)
		explain_both(f, w, a, -1, in_trouble, tally);
}

/* What is known of NATs that nobody looked at. */
static void say_outside(FILE *f, const struct why *w, const struct explain_tally *tally)
{
	char *text = NULL;
	size_t len = 0;
	FILE *lines = w->scene->from_record ? NULL : open_memstream(&text, &len);

	if (lines == NULL)
		return;
	outside_explain(lines, &w->outside, &w->flows, w->scene);
	fclose(lines);
	fprintf(f, "%s%s", len > 0 && tally->verdicts > 0 ? "\n" : "", text);
	free(text);
}

static void say_left_out(FILE *f, const struct why *w, struct explain_tally *tally)
{
	if (w->flows.left_out == 0)
		return;
	fprintf(f, "%sMore than %d flows: %llu packets of further ones are not told of, of which %llu were lost.\n",
	        tally->verdicts > 0 ? "\n" : "", FLOWS_MAX, (unsigned long long)w->flows.left_out,
	        (unsigned long long)w->flows.left_out_lost);
	tally->losses += w->flows.left_out_lost;
}

struct explain_tally explain_all(FILE *f, const struct why *w)
{
	struct explain_tally tally = { 0 };

	explain_those(f, w, true, &tally);
	explain_those(f, w, false, &tally);
	say_left_out(f, w, &tally);
	say_outside(f, w, &tally);
	if (tally.verdicts == 0 && w->scene->node_count < 2)
		fprintf(
		    f,
		    "One interface alone does not tell between which hosts packets went: nothing can be explained.\n");
	else if (tally.verdicts == 0)
		fprintf(f, "No host sent another one a datagram in this trace.\n");
	return tally;
}

int explain(FILE *f, const struct why *w, const char *a, const char *b, char error[TRACE_ERROR_SIZE])
{
	if (a != NULL)
		return explain_pair(f, w, a, b, error);
	explain_all(f, w);
	return 0;
}
