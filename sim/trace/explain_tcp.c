#include "trace/explain_tcp.h"

#include "trace/explain_loss.h"

#include <stdio.h>

static const struct direction *first_of(const struct pair_verdict *v)
{
	return v->ab.opened_by->arrived_ns <= v->ba.opened_by->arrived_ns ? &v->ab : &v->ba;
}

static const struct direction *second_of(const struct pair_verdict *v)
{
	return first_of(v) == &v->ab ? &v->ba : &v->ab;
}

/* Who was sent the SYN had dialed its sender, from where it came to. */
static bool had_dialed(const struct flow *second, const struct flow *first)
{
	return second->first_ns < first->arrived_ns && endpoint_equal(&second->dst, &first->arrived_src);
}

enum tcp_meeting explain_tcp_meeting(const struct pair_verdict *v)
{
	const struct flow *ab = v->ab.opened_by, *ba = v->ba.opened_by;

	if (v->protocol != PACKET_TCP || ab == NULL || ba == NULL || !first_of(v)->opened_by->arrived_syn)
		return TCP_NO_MEETING;
	return had_dialed(second_of(v)->opened_by, first_of(v)->opened_by) ? TCP_SIMULTANEOUS : TCP_CALL;
}

void explain_tcp(FILE *f, const struct why *w, const struct pair_verdict *v)
{
	enum tcp_meeting meeting = explain_tcp_meeting(v);
	const struct scene_node *nodes = w->scene->nodes;
	const char *caller, *called;
	char text[EXPLAIN_TIME_SIZE];

	if (meeting == TCP_NO_MEETING || nodes[v->a].behind < 0 || nodes[v->b].behind < 0)
		return;
	caller = nodes[first_of(v)->from].name;
	called = nodes[first_of(v)->to].name;
	if (meeting == TCP_CALL)
		fprintf(f, "%s's listener took it: %s had not dialed where it came from.\n", called, called);
	else
		fprintf(f, "A simultaneous open: %s had dialed %s %s before, and its SYN was met by %s's.\n", called,
		        caller,
		        explain_time(first_of(v)->opened_by->arrived_ns - second_of(v)->opened_by->first_ns, text),
		        caller);
}
