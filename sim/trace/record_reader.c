#include "trace/record_reader.h"

#include "trace/safe_text.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEP_TEXT_MAX 512
#define COMPLAINT_TEXT_MAX 120

/* Makes room for one more element; the sizes are powers of two, so that it asks seldom. */
static void *room_for_one(void *list, size_t count, size_t size)
{
	if (count != 0 && (count & (count - 1)) != 0)
		return list;
	return reallocarray(list, count == 0 ? 1 : count * 2, size);
}

/* A string member as escaped text; "" if it is not there. */
static const char *text_of(const json_t *object, const char *name, char *out, size_t room)
{
	const json_t *value = json_object_get(object, name);

	out[0] = '\0';
	if (json_is_string(value))
		text_escape((const uint8_t *)json_string_value(value), json_string_length(value), out, room);
	return out;
}

static bool number_of(const json_t *object, const char *name, uint64_t *out)
{
	const json_t *value = json_object_get(object, name);

	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return false;
	*out = (uint64_t)json_integer_value(value);
	return true;
}

/* "10.0.1.2:5000", or without the port where the protocol has none. */
static bool endpoint_of(const json_t *pair, const char *name, struct endpoint *out)
{
	const char *text = json_string_value(json_object_get(pair, name));

	return text != NULL && (endpoint_parse(text, out) == 0 || endpoint_parse_address(text, 0, out) == 0);
}

static void read_addresses(const json_t *list, struct scene *s, int node)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *text = json_string_value(json_array_get(list, i));
		struct endpoint e;

		if (text != NULL && endpoint_parse_address(text, 0, &e) == 0)
			scene_add_address(s, node, &e);
	}
}

/* A node's box may not be known yet by its name alone: it is added, and told of later. */
static int read_node(const json_t *line, struct scene *s)
{
	const char *name = json_string_value(json_object_get(line, "name"));
	const char *kind = json_string_value(json_object_get(line, "kind"));
	const char *behind = json_string_value(json_object_get(line, "behind"));
	const char *lan = json_string_value(json_object_get(line, "lan"));
	int box = SCENE_INTERNET, node;

	if (name == NULL || kind == NULL)
		return -1;
	if (strcmp(kind, "router") == 0)
		return 0; /* it shows in the TTL alone */
	if (behind != NULL && strcmp(behind, TOPOLOGY_ROUTER_NAME) != 0)
		box = scene_add_node(s, NODE_BOX, behind, SCENE_INTERNET);
	node = scene_add_node(s, strcmp(kind, "box") == 0 ? NODE_BOX : NODE_HOST, name, box);
	if (node < 0 || node == box)
		return -1;
	s->nodes[node].behind = box;
	s->nodes[node].kind = strcmp(kind, "box") == 0 ? NODE_BOX : NODE_HOST;
	read_addresses(json_object_get(line, "addresses"), s, node);
	if (lan != NULL && subnet_parse(lan, &s->nodes[node].lan) != 0)
		s->nodes[node].lan = (struct subnet){ 0 };
	text_of(line, "nat", s->nodes[node].nat, sizeof s->nodes[node].nat);
	s->from_record = true;
	return 0;
}

static int kind_of(const json_t *line, enum history_kind *kind)
{
	static const char *const names[] = { "new", "update", "destroy", "snapshot" };
	const char *name = json_string_value(json_object_get(line, "event"));

	for (size_t i = 0; name != NULL && i < sizeof names / sizeof names[0]; i++)
		if (strcmp(name, names[i]) == 0) {
			*kind = (enum history_kind)i;
			return 0;
		}
	return -1;
}

static uint8_t protocol_of(const json_t *value)
{
	static const struct {
		const char *name;
		uint8_t number;
	} names[] = { { "udp", PACKET_UDP }, { "tcp", PACKET_TCP }, { "icmp", PACKET_ICMP } };

	if (json_is_integer(value))
		return (uint8_t)json_integer_value(value);
	for (size_t i = 0; json_is_string(value) && i < sizeof names / sizeof names[0]; i++)
		if (strcmp(json_string_value(value), names[i].name) == 0)
			return names[i].number;
	return 0;
}

/* The node a line is about, or -1. */
static int node_of(const json_t *line, const struct scene *s, const char *member)
{
	char name[SCENE_NAME_SIZE];

	return scene_find(s, text_of(line, member, name, sizeof name));
}

static int read_mapping(const json_t *line, const struct scene *s, struct history *h)
{
	struct history_event e = { .box = node_of(line, s, "box") };
	const json_t *orig = json_object_get(line, "orig"), *reply = json_object_get(line, "reply");
	struct history_event *events;
	uint64_t timeout = 0;

	if (e.box < 0 || kind_of(line, &e.kind) != 0 || !number_of(line, "t", &e.time_ns) ||
	    !endpoint_of(orig, "src", &e.orig_src) || !endpoint_of(orig, "dst", &e.orig_dst) ||
	    !endpoint_of(reply, "src", &e.reply_src) || !endpoint_of(reply, "dst", &e.reply_dst))
		return -1;
	if (number_of(line, "timeout", &timeout) && timeout <= UINT32_MAX)
		e.timeout_s = (uint32_t)timeout;
	e.protocol = protocol_of(json_object_get(line, "proto"));
	e.replied = json_is_true(json_object_get(line, "replied"));
	e.assured = json_is_true(json_object_get(line, "assured"));
	events = room_for_one(h->events, h->event_count, sizeof e);
	if (events == NULL)
		return -1;
	h->events = events;
	h->events[h->event_count++] = e;
	return 0;
}

static int read_counter(const json_t *line, const struct scene *s, struct history *h)
{
	struct history_counter c = { .node = node_of(line, s, "box") };
	struct history_counter *counters;

	if (c.node < 0 || !number_of(line, "packets", &c.packets) || !number_of(line, "t", &c.time_ns))
		return -1;
	if (!number_of(line, "bytes", &c.bytes))
		c.bytes = 0;
	text_of(line, "name", c.name, sizeof c.name);
	counters = room_for_one(h->counters, h->counter_count, sizeof c);
	if (counters == NULL)
		return -1;
	h->counters = counters;
	h->counters[h->counter_count++] = c;
	return 0;
}

static int read_step(const json_t *line, struct history *h)
{
	char text[STEP_TEXT_MAX];
	struct history_step step, *steps;

	if (!number_of(line, "t", &step.time_ns))
		return -1;
	steps = room_for_one(h->steps, h->step_count, sizeof step);
	if (steps == NULL)
		return -1;
	h->steps = steps;
	step.text = strdup(text_of(line, "text", text, sizeof text));
	if (step.text == NULL)
		return -1;
	h->steps[h->step_count++] = step;
	return 0;
}

static bool speaks_of_failure(const char *text)
{
	static const char *const words[] = { "fail",    "timed out", "timeout",  "time-out", "unreachable", "refused",
		                             "gave up", "no answer", "no route", "cannot",   "could not",   "error" };

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strcasestr(text, words[i]) != NULL)
			return true;
	return false;
}

static int read_output(const json_t *line, const struct scene *s, struct history *h)
{
	char text[COMPLAINT_TEXT_MAX];
	struct history_complaint c = { .node = node_of(line, s, "host") }, *complaints;

	text_of(line, "text", text, sizeof text);
	if (c.node < 0 || !number_of(line, "t", &c.time_ns) || !speaks_of_failure(text))
		return 0;
	complaints = room_for_one(h->complaints, h->complaint_count, sizeof c);
	if (complaints == NULL)
		return -1;
	h->complaints = complaints;
	c.text = strdup(text);
	if (c.text == NULL)
		return -1;
	h->complaints[h->complaint_count++] = c;
	return 0;
}

static int read_object(const json_t *line, struct scene *s, struct history *h)
{
	const char *type = json_string_value(json_object_get(line, "type"));

	if (type == NULL)
		return -1;
	if (strcmp(type, "node") == 0)
		return read_node(line, s);
	if (strcmp(type, "mapping") == 0)
		return read_mapping(line, s, h);
	if (strcmp(type, "counter") == 0)
		return read_counter(line, s, h);
	if (strcmp(type, "step") == 0)
		return read_step(line, h);
	if (strcmp(type, "output") == 0)
		return read_output(line, s, h);
	if (strcmp(type, "world") == 0)
		text_of(line, "scenario", h->scenario, sizeof h->scenario);
	if (strcmp(type, "result") == 0) {
		h->has_result = true;
		h->passed = json_is_true(json_object_get(line, "passed"));
	}
	return 0; /* other kinds are for others */
}

int history_line(const char *line, size_t len, struct scene *s, struct history *out)
{
	json_t *object = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);
	int status = json_is_object(object) ? read_object(object, s, out) : -1;

	json_decref(object);
	return status;
}

static int by_time(const void *a, const void *b)
{
	uint64_t x, y;

	/* Every element of these lists begins with its time. */
	memcpy(&x, a, sizeof x);
	memcpy(&y, b, sizeof y);
	return (x > y) - (x < y);
}

void history_sort(struct history *h)
{
	if (h->event_count > 0)
		qsort(h->events, h->event_count, sizeof *h->events, by_time);
	if (h->counter_count > 0)
		qsort(h->counters, h->counter_count, sizeof *h->counters, by_time);
	if (h->step_count > 0)
		qsort(h->steps, h->step_count, sizeof *h->steps, by_time);
	if (h->complaint_count > 0)
		qsort(h->complaints, h->complaint_count, sizeof *h->complaints, by_time);
}

int history_read(const char *path, struct scene *s, struct history *out)
{
	FILE *f = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	unsigned number = 0;
	ssize_t len;
	int error;

	*out = (struct history){ 0 };
	if (f == NULL)
		return -1;
	while ((len = getline(&line, &room, f)) > 0) {
		number++;
		if (history_line(line, (size_t)len, s, out) == 0)
			continue;
		if (out->bad_lines++ == 0)
			out->bad_at = number;
	}
	error = ferror(f) ? EIO : 0;
	free(line);
	fclose(f);
	history_sort(out);
	if (error != 0) {
		history_free(out);
		errno = error;
	}
	return error != 0 ? -1 : 0;
}

void history_free(struct history *h)
{
	for (size_t i = 0; i < h->step_count; i++)
		free(h->steps[i].text);
	for (size_t i = 0; i < h->complaint_count; i++)
		free(h->complaints[i].text);
	free(h->complaints);
	free(h->steps);
	free(h->events);
	free(h->counters);
	*h = (struct history){ 0 };
}
