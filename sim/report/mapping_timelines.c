#include "report/mapping_timelines.h"

#include "report/program_lines.h"
#include "trace/explain_asked.h"
#include "trace/mapping_words.h"

#include <stdio.h>

void mapping_timelines_begin(struct mapping_timelines *t, struct why *why)
{
	*t = (struct mapping_timelines){ .why = why, .events = json_object() };
}

void mapping_timelines_free(struct mapping_timelines *t)
{
	json_decref(t->events);
}

/* The events of the mapping at that place in the list. */
static json_t *events_of(const struct mapping_timelines *t, size_t place)
{
	char key[32];
	json_t *events;

	snprintf(key, sizeof key, "%zu", place);
	events = json_object_get(t->events, key);
	if (events == NULL) {
		events = json_array();
		json_object_set_new(t->events, key, events);
	}
	return events;
}

void timelines_touch(struct mapping_timelines *t, const struct mapping *m, const struct journey *j, uint64_t time_ns,
                     bool born)
{
	json_t *events = events_of(t, (size_t)(m - t->why->mappings.list));
	const char *word = born ? "new" : m->replied_by == j->id ? "reply" : "refresh";

	if (json_array_size(events) < MAPPING_TIMELINES_EVENTS)
		json_array_append_new(events,
		                      json_pack("[f,s,I,s]", program_lines_time_us(t->why->trace->start_ns, time_ns),
		                                word, (json_int_t)j->id, ""));
}

static json_t *died(const struct mapping_timelines *t, const struct mapping *m)
{
	if (m->end == MAPPING_ALIVE || m->ended_ns == 0)
		return json_null();
	return json_real(program_lines_time_us(t->why->trace->start_ns, m->ended_ns));
}

static json_t *mapping_of(const struct mapping_timelines *t, const struct mapping *m, size_t place)
{
	char inside[ENDPOINT_TEXT_SIZE], outside[ENDPOINT_TEXT_SIZE], peer[SCENE_ENDPOINT_SIZE], protocol[16];
	const struct scene *s = t->why->scene;

	return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:b,s:I,s:f,s:o,s:s?,s:O}", "box", s->nodes[m->box].name, "proto",
	                 packet_protocol_name(m->protocol, protocol), "kind", mapping_kinds[m->kind].phrase, "inside",
	                 endpoint_format(&m->inside, inside), "outside", endpoint_format(&m->external, outside), "peer",
	                 scene_format(s, &m->remote, peer), "recorded", m->recorded, "timeout",
	                 (json_int_t)m->timeout_s, "born", program_lines_time_us(t->why->trace->start_ns, m->born_ns),
	                 "died", died(t, m), "reason", mapping_ends[m->end].phrase, "events", events_of(t, place));
}

/* A port that a host asked for: it is open for everybody, and no packet keeps it so. */
static json_t *lease_of(const struct mapping_timelines *t, const struct recorded_lease *l)
{
	char inside[ENDPOINT_TEXT_SIZE], outside[SCENE_ENDPOINT_SIZE], protocol[16];
	const char *box = t->why->scene->nodes[l->box].name;
	uint64_t start_ns = t->why->trace->start_ns;

	snprintf(outside, sizeof outside, "%s:%u", box, l->lease.outside);
	return json_pack("{s:s,s:s,s:o,s:s,s:s,s:s,s:b,s:i,s:f,s:o,s:s?,s:[]}", "box", box, "proto",
	                 packet_protocol_name(l->lease.protocol, protocol), "kind",
	                 json_sprintf("asked for by %s", explain_asked_name(l->lease.by)), "inside",
	                 endpoint_format(&l->lease.inside, inside), "outside", outside, "peer", "everybody", "recorded",
	                 1, "timeout", 0, "born", program_lines_time_us(start_ns, l->time_ns), "died",
	                 l->ended_ns == 0 ? json_null() : json_real(program_lines_time_us(start_ns, l->ended_ns)),
	                 "reason", l->ended_ns == 0 ? NULL : "given back or ended", "events");
}

void mapping_timelines_put(const struct mapping_timelines *t, json_t *detail)
{
	const struct recorded_events *r = t->why->mappings.events;
	json_t *mappings = json_array();

	for (size_t i = 0; i < r->lease_count; i++)
		json_array_append_new(mappings, lease_of(t, &r->leases[i]));
	for (size_t i = 0; i < t->why->mappings.count; i++)
		json_array_append_new(mappings, mapping_of(t, &t->why->mappings.list[i], i));
	json_object_set_new(detail, "mappings", mappings);
}
