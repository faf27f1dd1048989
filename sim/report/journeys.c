#include "report/journeys.h"

#include "report/compressed_json.h"
#include "report/mapping_timelines.h"
#include "report/number_columns.h"
#include "report/program_lines.h"

#include "trace/nat64.h"
#include "trace/describe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * J_: one row for each journey. Many journeys go the same way, as to nodes and addresses: W_ has a row for each way
 * there is, S_ one for each of a way's steps.
 */
enum column {
	J_ID,   /* a step from the one before */
	J_TIME, /* ns since the trace's start, a step */
	J_PROTOCOL,
	J_WHAT,
	J_FATE,
	J_AT,     /* where it ended */
	J_TOWARD, /* lost: where it should have come in */
	J_TO,     /* whom it was meant for */
	J_REASON,
	J_LENGTH,
	J_WAY,
	W_STEPS,
	S_NODE,
	S_INTERFACE,
	S_DIRECTION,
	S_SOURCE,
	S_DESTINATION,
	S_TTL,
	COLUMNS
};

/*
 * What the page tells of a journey that was chosen, and reads only then: C_ has a row for each journey, L_ one for each
 * of its legs, those of the first journey first.
 */
enum close_column {
	C_IP_ID,
	C_CAUSE,   /* the journey an ICMP error is about, 0: none */
	C_REPEATS, /* and other journeys, 0: none */
	C_REFUSED_BY,
	C_PART_OF,
	L_TIME,  /* ns since the journey's first leg */
	L_FRAME, /* a step; 0: not known */
	CLOSE_COLUMNS
};

static const char *const column_names[] = {
	[J_ID] = "id",
	[J_TIME] = "t",
	[J_PROTOCOL] = "proto",
	[J_WHAT] = "what",
	[J_FATE] = "fate",
	[J_AT] = "at",
	[J_TOWARD] = "toward",
	[J_TO] = "to",
	[J_REASON] = "reason",
	[J_LENGTH] = "length",
	[J_WAY] = "way",
	[W_STEPS] = "way_steps",
	[S_NODE] = "node",
	[S_INTERFACE] = "interface",
	[S_DIRECTION] = "direction",
	[S_SOURCE] = "source",
	[S_DESTINATION] = "destination",
	[S_TTL] = "ttl",
};

static const char *const close_names[] = {
	[C_IP_ID] = "ip_id",     [C_CAUSE] = "cause", [C_REPEATS] = "repeats", [C_REFUSED_BY] = "refused_by",
	[C_PART_OF] = "part_of", [L_TIME] = "leg_t",  [L_FRAME] = "leg_frame",
};

_Static_assert(COLUMNS <= NUMBER_COLUMNS && CLOSE_COLUMNS <= NUMBER_COLUMNS, "there is room for every column");

#define PAYLOADS_A_PIECE 2000 /* payloads are unpacked when one of them is looked at */

struct journeys {
	struct why *why;
	const struct journeys_choice *choice; /* NULL: all */
	struct number_columns columns, close;
	json_t *ways; /* which there are, by what they look like */
	size_t count, left_out, not_wanted, link_only;
	uint64_t until_ns;        /* when the last leg of any was seen */
	json_t *piece, *payloads; /* the payloads of late; those before, packed */
	struct mapping_timelines timelines;
	uint32_t frame;                              /* of the packet that came last, from 1 as Wireshark counts */
	uint32_t frames[JOURNEYS_MAX][JOURNEY_LEGS]; /* of each leg of the first journeys */
};

struct journeys *journeys_new(struct why *why, const struct journeys_choice *choice)
{
	struct journeys *j = calloc(1, sizeof *j);

	if (j == NULL)
		return NULL;
	j->why = why;
	j->choice = choice;
	number_columns_begin(&j->columns, column_names, COLUMNS);
	number_columns_begin(&j->close, close_names, CLOSE_COLUMNS);
	j->ways = json_object();
	j->piece = json_array();
	j->payloads = json_array();
	mapping_timelines_begin(&j->timelines, why);
	return j;
}

void journeys_free(struct journeys *j)
{
	if (j == NULL)
		return;
	mapping_timelines_free(&j->timelines);
	number_columns_free(&j->columns);
	number_columns_free(&j->close);
	json_decref(j->ways);
	json_decref(j->piece);
	json_decref(j->payloads);
	free(j);
}

static const char *name_of(const struct scene *s, int node)
{
	return node >= 0 ? s->nodes[node].name : NULL;
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

static void add_step(struct journeys *all, const struct leg *l)
{
	const struct scene *s = all->why->scene;
	const struct scene_interface *i = &s->interfaces[l->interface];
	const char *node = i->node >= 0 ? s->nodes[i->node].name : i->name;
	char src[ENDPOINT_TEXT_SIZE], dst[ENDPOINT_TEXT_SIZE];
	struct number_columns *c = &all->columns;
	const struct leg seen = nat64_as_seen(s, l);

	number_columns_text(c, S_NODE, node);
	number_columns_text(c, S_INTERFACE, side_of(i, node));
	number_columns_add(c, S_DIRECTION, l->direction);
	number_columns_text(c, S_SOURCE, format_end(&seen.src, &seen.dst, src));
	number_columns_text(c, S_DESTINATION, format_end(&seen.dst, &seen.src, dst));
	number_columns_add(c, S_TTL, l->ttl);
}

#define STEP_SIZE (2 * ENDPOINT_TEXT_SIZE + 32)

/* The place of the journey's way among the ways, where it is put if it is new. */
static json_int_t way_of(struct journeys *all, const struct journey *j)
{
	char key[JOURNEY_LEGS * STEP_SIZE + 1] = "", src[ENDPOINT_TEXT_SIZE], dst[ENDPOINT_TEXT_SIZE];
	json_int_t place = (json_int_t)json_object_size(all->ways);
	const json_t *known;
	size_t len = 0;

	for (const struct leg *l = j->legs; l < j->legs + j->leg_count; l++)
		len += (size_t)snprintf(key + len, sizeof key - len, "%u %u %u %s %s;", (unsigned)l->interface,
		                        (unsigned)l->direction, (unsigned)l->ttl, endpoint_format(&l->src, src),
		                        endpoint_format(&l->dst, dst));
	known = json_object_get(all->ways, key);
	if (known != NULL)
		return json_integer_value(known);
	json_object_set_new(all->ways, key, json_integer(place));
	number_columns_add(&all->columns, W_STEPS, j->leg_count);
	for (unsigned i = 0; i < j->leg_count; i++)
		add_step(all, &j->legs[i]);
	return place;
}

static void add_close(struct journeys *all, const struct journey *j)
{
	struct number_columns *c = &all->close;

	number_columns_add(c, C_IP_ID, j->ip_id);
	number_columns_add(c, C_CAUSE, (int64_t)j->caused_by);
	number_columns_add(c, C_REPEATS, (int64_t)j->repeats);
	number_columns_add(c, C_REFUSED_BY, (int64_t)j->refused_by);
	number_columns_add(c, C_PART_OF, (int64_t)j->part_of);
	for (unsigned i = 0; i < j->leg_count; i++) {
		number_columns_add(c, L_TIME, (int64_t)(j->legs[i].time_ns - journey_first(j)->time_ns));
		number_columns_step(c, L_FRAME, j->id <= JOURNEYS_MAX ? all->frames[j->id - 1][i] : 0);
	}
}

static json_t *payload_of(const struct journey *j)
{
	char hex[2 * JOURNEY_HEAD + 1] = "";

	for (unsigned i = 0; i < j->head_len && i < JOURNEY_HEAD; i++)
		snprintf(hex + (size_t)2 * i, 3, "%02x", j->head[i]);
	return json_string(hex);
}

/* Why it went no further, without the place, which stands beside it; NULL where nothing went wrong or nobody can tell.
 */
static const char *reason_of(const struct why *w, const struct journey *j, const struct cause *c,
                             char text[CAUSE_TEXT_SIZE])
{
	const char *at = j->end_node >= 0 ? w->scene->nodes[j->end_node].name : "";
	size_t len = strlen(at);

	if (c->kind == CAUSE_NONE)
		return NULL;
	cause_format(w->scene, &w->mappings, c, text);
	return strncmp(text, at, len) == 0 && strncmp(text + len, ": ", 2) == 0 ? text + len + 2 : text;
}

static void add_payload(struct journeys *all, const struct journey *j)
{
	json_array_append_new(all->piece, payload_of(j));
	if (json_array_size(all->piece) < PAYLOADS_A_PIECE)
		return;
	json_array_append_new(all->payloads, compressed_json(all->piece));
	json_array_clear(all->piece);
}

static void add_journey(struct journeys *all, const struct journey *j, const struct cause *c)
{
	const struct scene *s = all->why->scene;
	struct number_columns *n = &all->columns;
	uint64_t start = all->why->trace->start_ns, began = journey_first(j)->time_ns;
	char protocol[16], what[DESCRIBE_SIZE], reason[CAUSE_TEXT_SIZE];
	int target = flows_target(&all->why->flows, s, j);

	all->count++;
	number_columns_step(n, J_ID, (int64_t)j->id);
	number_columns_step(n, J_TIME, (int64_t)(began - start));
	number_columns_text(n, J_PROTOCOL, packet_protocol_name(j->protocol, protocol));
	number_columns_text(n, J_WHAT, describe_journey(s, j, what));
	number_columns_text(n, J_FATE, journey_fate_name(j->fate));
	number_columns_text(n, J_AT, name_of(s, j->end_node));
	number_columns_text(n, J_TOWARD, j->fate == FATE_LOST ? name_of(s, j->next_node) : NULL);
	number_columns_text(n, J_TO, name_of(s, target));
	number_columns_text(n, J_REASON, reason_of(all->why, j, c, reason));
	number_columns_add(n, J_LENGTH, j->length);
	number_columns_add(n, J_WAY, way_of(all, j));
	if (journey_last(j)->time_ns > all->until_ns)
		all->until_ns = journey_last(j)->time_ns;
	add_close(all, j);
	add_payload(all, j);
}

static void take_packet(void *context, const struct pcapng_packet *raw, const struct packet *p, struct journey *j)
{
	struct journeys *all = context;
	uint32_t *frames;

	if (all->choice != NULL && all->choice->packet != NULL)
		all->choice->packet(all->choice->context, raw, p, j);
	all->frame++;
	if (j->id == 0 || j->id > JOURNEYS_MAX || j->leg_count == 0)
		return;
	frames = all->frames[j->id - 1]; /* a leg that came late stands before others */
	memmove(frames + j->newest + 1, frames + j->newest, (j->leg_count - 1 - j->newest) * sizeof *frames);
	frames[j->newest] = all->frame;
}

static void take_touch(void *context, const struct mapping *m, const struct journey *j, uint64_t time_ns, bool born)
{
	struct journeys *all = context;

	timelines_touch(&all->timelines, m, j, time_ns, born);
}

static void take_journey(void *context, const struct journey *j, const struct cause *c)
{
	struct journeys *all = context;

	if (all->choice != NULL && !all->choice->wanted(all->choice->context, j))
		all->not_wanted++;
	else if (j->fate == FATE_LINK_ONLY || j->kind != PACKET_IP)
		all->link_only++;
	else if (all->count >= JOURNEYS_MAX)
		all->left_out++;
	else
		add_journey(all, j, c);
}

int journeys_read(struct journeys *j, char error[TRACE_ERROR_SIZE])
{
	const struct why_visitor visitor = { j, take_packet, take_touch, take_journey };

	return why_read_again(j->why, &visitor, error);
}

int journeys_put(struct journeys *j, json_t *scenario, json_t *detail)
{
	json_t *columns = number_columns_pack(&j->columns), *close = number_columns_pack(&j->close);

	if (columns == NULL || close == NULL || json_array_append_new(j->payloads, compressed_json(j->piece)) != 0) {
		json_decref(columns);
		json_decref(close);
		return -1;
	}
	json_object_set_new(scenario, "journeys", columns);
	json_object_set_new(scenario, "close", close);
	json_object_set(scenario, "payloads", j->payloads);
	mapping_timelines_put(&j->timelines, detail);
	json_object_set_new(detail, "payloads_a_piece", json_integer(PAYLOADS_A_PIECE));
	json_object_set_new(detail, "until", json_real(program_lines_time_us(j->why->trace->start_ns, j->until_ns)));
	json_object_set_new(detail, "left_out", json_integer((json_int_t)j->left_out));
	json_object_set_new(detail, "not_wanted", json_integer((json_int_t)j->not_wanted));
	json_object_set_new(detail, "link_only", json_integer((json_int_t)j->link_only));
	return 0;
}
