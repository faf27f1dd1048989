#include "trace/explain_asked.h"

#include "trace/describe_json.h"
#include "trace/explain_loss.h"

static const char *const names[] = { [MAPPER_UPNP] = "UPnP", [MAPPER_NAT_PMP] = "NAT-PMP", [MAPPER_PCP] = "PCP" };

const char *explain_asked_name(enum mapper_protocol by)
{
	return names[by];
}

static bool is_about(const struct why *w, const struct recorded_lease *l, uint8_t protocol, const struct endpoint *at)
{
	return l->lease.protocol == protocol && l->lease.outside == at->port && scene_has_address(w->scene, l->box, at);
}

static bool was_there(const struct recorded_lease *l, uint64_t time_ns)
{
	return l->time_ns <= time_ns && (l->ended_ns == 0 || l->ended_ns > time_ns);
}

const struct recorded_lease *explain_asked_opened(const struct why *w, const struct direction *d)
{
	const struct recorded_events *r = w->mappings.events;
	const struct flow *flow = d->opened_by;

	for (size_t i = 0; flow != NULL && i < r->lease_count; i++)
		if (is_about(w, &r->leases[i], flow->protocol, &flow->dst) &&
		    was_there(&r->leases[i], flow->arrived_ns))
			return &r->leases[i];
	return NULL;
}

/* "nat-a:4001", "alice" */
static void say_lease(const struct why *w, const struct recorded_lease *l, char port[SCENE_ENDPOINT_SIZE],
                      char host[SCENE_ENDPOINT_SIZE])
{
	const struct endpoint inside = { .address = l->lease.inside.address }; /* a host's name alone */

	snprintf(port, SCENE_ENDPOINT_SIZE, "%s:%u", w->scene->nodes[l->box].name, l->lease.outside);
	scene_format_at(w->scene, l->box, &inside, host);
}

static void explain_open(FILE *f, const struct why *w, const struct direction *d)
{
	const struct recorded_lease *l = explain_asked_opened(w, d);
	char port[SCENE_ENDPOINT_SIZE], host[SCENE_ENDPOINT_SIZE];

	if (l == NULL)
		return;
	say_lease(w, l, port, host);
	fprintf(f, "%s was open for everybody: %s had asked %s for it by %s.\n", port, host,
	        w->scene->nodes[l->box].name, explain_asked_name(l->lease.by));
}

/* The last one of that port that had ended by then. */
static const struct recorded_lease *ended_before(const struct why *w, const struct cause *c)
{
	const struct recorded_events *r = w->mappings.events;
	const struct recorded_lease *last = NULL;

	for (size_t i = 0; i < r->lease_count; i++) {
		const struct recorded_lease *l = &r->leases[i];

		if (is_about(w, l, c->protocol, &c->dst) && was_there(l, c->time_ns))
			return NULL;
		if (is_about(w, l, c->protocol, &c->dst) && l->ended_ns != 0 && l->ended_ns <= c->time_ns)
			last = l;
	}
	return last;
}

static void explain_ended(FILE *f, const struct why *w, const struct direction *d)
{
	for (unsigned i = 0; i < d->loss_count; i++) {
		const struct cause *c = &d->losses[i].first;
		const struct recorded_lease *l = ended_before(w, c);
		char port[SCENE_ENDPOINT_SIZE], host[SCENE_ENDPOINT_SIZE], time[EXPLAIN_TIME_SIZE];

		if (l == NULL || c->node != l->box)
			continue;
		say_lease(w, l, port, host);
		fprintf(f, "%s had been open for everybody, as %s had asked %s for it by %s, until %s before.\n", port,
		        host, w->scene->nodes[l->box].name, explain_asked_name(l->lease.by),
		        explain_time(c->time_ns - l->ended_ns, time));
		return;
	}
}

void explain_asked(FILE *f, const struct why *w, const struct pair_verdict *v)
{
	explain_open(f, w, &v->ab);
	explain_open(f, w, &v->ba);
	explain_ended(f, w, &v->ab);
	explain_ended(f, w, &v->ba);
}

size_t explain_asked_list(FILE *f, const struct why *w, int box)
{
	const struct recorded_events *r = w->mappings.events;
	char port[SCENE_ENDPOINT_SIZE], inside[SCENE_ENDPOINT_SIZE], protocol[16];
	size_t count = 0;

	for (size_t i = 0; i < r->lease_count; i++) {
		const struct recorded_lease *l = &r->leases[i];

		if (l->box != box)
			continue;
		count++;
		snprintf(port, sizeof port, "%s:%u", w->scene->nodes[box].name, l->lease.outside);
		scene_format_at(w->scene, box, &l->lease.inside, inside);
		fprintf(f, "  %-4s  %s open for everybody as %s  asked for by %s\n",
		        packet_protocol_name(l->lease.protocol, protocol), inside, port,
		        explain_asked_name(l->lease.by));
		fprintf(f, "         born %.3f", journey_seconds(w->trace->start_ns, l->time_ns));
		if (l->ended_ns != 0)
			fprintf(f, "  ended %.3f", journey_seconds(w->trace->start_ns, l->ended_ns));
		fputc('\n', f);
	}
	return count;
}

json_t *explain_asked_json(const struct why *w, const struct recorded_lease *l)
{
	char inside[ENDPOINT_TEXT_SIZE], protocol[16];

	return json_pack("{s:s,s:s,s:s,s:s,s:i,s:s,s:f,s:o}", "box", w->scene->nodes[l->box].name, "protocol",
	                 packet_protocol_name(l->lease.protocol, protocol), "kind", "asked", "inside",
	                 endpoint_format(&l->lease.inside, inside), "port", (int)l->lease.outside, "by",
	                 explain_asked_name(l->lease.by), "born", journey_seconds(w->trace->start_ns, l->time_ns),
	                 "ended",
	                 l->ended_ns != 0 ? json_real(journey_seconds(w->trace->start_ns, l->ended_ns)) : json_null());
}
