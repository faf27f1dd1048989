#include "report/journeys.h"

#include "report/program_lines.h"
#include "report/mapping_timelines.h"

#include "trace/describe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct journeys {
	struct why *why;
	json_t *list;
	struct mapping_timelines timelines;
	size_t left_out, link_only;
	uint32_t frame;                              /* of the packet that came last, from 1 as Wireshark counts */
	uint32_t frames[JOURNEYS_MAX][JOURNEY_LEGS]; /* of each leg of the first journeys */
};

struct journeys *journeys_new(struct why *why)
{
	struct journeys *j = calloc(1, sizeof *j);

	if (j == NULL)
		return NULL;
	j->why = why;
	j->list = json_array();
	mapping_timelines_begin(&j->timelines, why);
	return j;
}

void journeys_free(struct journeys *j)
{
	if (j == NULL)
		return;
	mapping_timelines_free(&j->timelines);
	json_decref(j->list);
	free(j);
}

/* How it ended, in the words of the page. */
static const char *fate_word(enum journey_fate fate)
{
	switch (fate) {
	case FATE_DELIVERED:
	case FATE_FOR_BOX: return "delivered";
	case FATE_DROPPED:
	case FATE_LOST: return "dropped";
	case FATE_MOVING:
	case FATE_LINK_ONLY:
	case FATE_UNKNOWN:
	case FATES: break;
	}
	return "unknown";
}

static const char *name_of(const struct scene *s, int node)
{
	return node >= 0 ? s->nodes[node].name : NULL;
}

static const char *direction_word(uint8_t direction)
{
	return direction == PCAPNG_INBOUND ? "in" : direction == PCAPNG_OUTBOUND ? "out" : "";
}

static const char *format_end(const struct endpoint *e, const struct endpoint *other, char text[ENDPOINT_TEXT_SIZE])
{
	return e->port == 0 && other->port == 0 ? address_format(&e->address, text) : endpoint_format(e, text);
}

/* The word after the node's name: "eth0", "lan", "wan". */
static const char *side_of(const struct scene_interface *i, const char *node)
{
	size_t len = strlen(node);

	return strncmp(i->name, node, len) == 0 && i->name[len] == ' ' ? i->name + len + 1 : i->name;
}

static json_t *leg_of(const struct journeys *all, const struct journey *j, unsigned n)
{
	const struct scene *s = all->why->stage;
	const struct leg *l = &j->legs[n];
	const struct scene_interface *i = &s->interfaces[l->interface];
	const char *node = i->node >= 0 ? s->nodes[i->node].name : i->name;
	char src[ENDPOINT_TEXT_SIZE], dst[ENDPOINT_TEXT_SIZE];
	uint32_t frame = j->id <= JOURNEYS_MAX ? all->frames[j->id - 1][n] : 0;

	return json_pack("[f,s,s,s,s,s,i,I,o]", program_lines_time_us(all->why->trace->start_ns, l->time_ns), node,
	                 side_of(i, node), direction_word(l->direction), format_end(&l->src, &l->dst, src),
	                 format_end(&l->dst, &l->src, dst), (int)l->ttl, (json_int_t)j->ip_id,
	                 frame != 0 ? json_integer(frame) : json_null());
}

static json_t *legs_of(const struct journeys *all, const struct journey *j)
{
	json_t *legs = json_array();

	for (unsigned n = 0; n < j->leg_count; n++)
		json_array_append_new(legs, leg_of(all, j, n));
	return legs;
}

static void add_link(json_t *fields, const char *name, uint64_t id)
{
	if (id != 0)
		json_array_append_new(fields, json_pack("[s,o]", name, json_sprintf("#%llu", (unsigned long long)id)));
}

static json_t *fields_of(const struct journey *j)
{
	json_t *fields = json_array();

	add_link(fields, "same bytes as", j->repeats);
	add_link(fields, "refused by", j->refused_by);
	add_link(fields, "fragment of", j->part_of);
	if (j->more_fragments || j->fragment_offset != 0)
		json_array_append_new(fields,
		                      json_pack("[s,o]", "fragment",
		                                json_sprintf("at byte %u%s", j->fragment_offset,
		                                             j->more_fragments ? ", more follow" : ", the last")));
	return fields;
}

static json_t *payload_of(const struct journey *j)
{
	char hex[2 * JOURNEY_HEAD + 1] = "";

	for (unsigned i = 0; i < j->head_len && i < JOURNEY_HEAD; i++)
		snprintf(hex + (size_t)2 * i, 3, "%02x", j->head[i]);
	return json_string(hex);
}

/* Why it went no further, without the place, which stands beside it; null where nothing went wrong or nobody can tell.
 */
static json_t *reason_of(const struct why *w, const struct journey *j, const struct cause *c)
{
	char text[CAUSE_TEXT_SIZE];
	const char *at = j->end_node >= 0 ? w->stage->nodes[j->end_node].name : "";
	size_t len = strlen(at);

	if (c->kind == CAUSE_NONE)
		return json_null();
	cause_format(w->stage, &w->mappings, c, text);
	return json_string(strncmp(text, at, len) == 0 && strncmp(text + len, ": ", 2) == 0 ? text + len + 2 : text);
}

static json_t *journey_of(const struct journeys *all, const struct journey *j, const struct cause *c)
{
	const struct scene *s = all->why->stage;
	char what[DESCRIBE_SIZE], protocol[16];

	return json_pack("{s:I,s:s,s:s,s:s,s:s?,s:o,s:I,s:o,s:o,s:o,s:o}", "id", (json_int_t)j->id, "proto",
	                 packet_protocol_name(j->protocol, protocol), "what", describe_journey(s, j, what), "fate",
	                 fate_word(j->fate), "at", name_of(s, j->end_node), "reason", reason_of(all->why, j, c),
	                 "length", (json_int_t)j->length, "payload", payload_of(j), "cause",
	                 j->caused_by != 0 ? json_integer((json_int_t)j->caused_by) : json_null(), "fields",
	                 fields_of(j), "legs", legs_of(all, j));
}

static void take_packet(void *context, const struct pcapng_packet *raw, const struct packet *p, struct journey *j)
{
	struct journeys *all = context;

	(void)raw;
	(void)p;
	all->frame++;
	if (j->id != 0 && j->id <= JOURNEYS_MAX && j->leg_count > 0)
		all->frames[j->id - 1][j->leg_count - 1] = all->frame;
}

static void take_touch(void *context, const struct mapping *m, const struct journey *j, uint64_t time_ns, bool born)
{
	struct journeys *all = context;

	timelines_touch(&all->timelines, m, j, time_ns, born);
}

static void take_journey(void *context, const struct journey *j, const struct cause *c)
{
	struct journeys *all = context;

	if (j->fate == FATE_LINK_ONLY || j->kind != PACKET_IP) {
		all->link_only++;
	} else if (json_array_size(all->list) >= JOURNEYS_MAX) {
		all->left_out++;
	} else {
		json_array_append_new(all->list, journey_of(all, j, c));
	}
}

int journeys_read(struct journeys *j, char error[TRACE_ERROR_SIZE])
{
	const struct why_visitor visitor = { j, take_packet, take_touch, take_journey };

	return why_read_again(j->why, &visitor, error);
}

void journeys_put(const struct journeys *j, json_t *detail)
{
	json_object_set(detail, "journeys", j->list);
	mapping_timelines_put(&j->timelines, detail);
	json_object_set_new(detail, "left_out", json_integer((json_int_t)j->left_out));
	json_object_set_new(detail, "link_only", json_integer((json_int_t)j->link_only));
}
