#include "evidence/record_line.h"

#include "evidence/record_words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *text_of(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

static bool number_of(const json_t *object, const char *name, uint64_t *out)
{
	const json_t *value = json_object_get(object, name);

	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return false;
	*out = (uint64_t)json_integer_value(value);
	return true;
}

static bool id_of(const json_t *object, unsigned *out)
{
	uint64_t id;

	if (!number_of(object, "id", &id) || id > UINT32_MAX)
		return false;
	*out = (unsigned)id;
	return true;
}

/* Which of the names a member is, or -1. */
static int index_of(const json_t *object, const char *member, const char *const *names, size_t count)
{
	const char *name = text_of(object, member);

	for (size_t i = 0; name != NULL && i < count; i++)
		if (strcmp(name, names[i]) == 0)
			return (int)i;
	return -1;
}

/* "10.0.1.2:5000", or without the port where the protocol has none. */
static bool read_end(const json_t *flow, const char *name, struct endpoint *out)
{
	const char *text = text_of(flow, name);

	return text != NULL && (endpoint_parse(text, out) == 0 || endpoint_parse_address(text, 0, out) == 0);
}

static bool read_flow(const json_t *object, const char *name, struct record_flow *out)
{
	const json_t *flow = json_object_get(object, name);

	return read_end(flow, "src", &out->src) && read_end(flow, "dst", &out->dst);
}

/* Returns how many there are, at most `room`. */
static size_t read_addresses(const json_t *object, struct address *out, size_t room)
{
	const json_t *addresses = json_object_get(object, "addresses");
	size_t count = 0;

	for (size_t i = 0; i < json_array_size(addresses) && count < room; i++) {
		const char *text = json_string_value(json_array_get(addresses, i));

		count += text != NULL && address_parse(text, &out[count]) == 0;
	}
	return count;
}

static bool read_interface(const json_t *object, struct record_interface *out)
{
	out->name = text_of(object, "interface");
	out->behind = text_of(object, "behind");
	out->address_count = read_addresses(object, out->addresses, RECORD_LINK_ADDRESSES);
	out->is_unplugged = json_is_true(json_object_get(object, "unplugged"));
	return out->name != NULL;
}

/* Prefix 0: there is none. */
static void read_subnet(const json_t *object, const char *key, struct subnet *out)
{
	const char *text = text_of(object, key);

	if (text == NULL || subnet_parse(text, out) != 0)
		*out = (struct subnet){ 0 };
}

static bool read_node(const json_t *object, struct record_line *l)
{
	static const char *const kinds[] = { [NODE_HOST] = "host", [NODE_BOX] = "box" };
	const json_t *interfaces = json_object_get(object, "interfaces");
	int kind = index_of(object, "kind", kinds, RECORD_WORDS_COUNT(kinds));

	l->node.address_count = read_addresses(object, l->node.addresses, RECORD_ADDRESSES);
	for (size_t i = 0; i < json_array_size(interfaces) && l->node.interface_count < TOPOLOGY_LINKS; i++)
		l->node.interface_count +=
		    read_interface(json_array_get(interfaces, i), &l->node.interfaces[l->node.interface_count]);
	read_subnet(object, "lan", &l->node.lan);
	read_subnet(object, "ipv6_lan", &l->node.ipv6_lan);
	read_subnet(object, "ipv6_outside", &l->node.ipv6_outside);
	l->node.kind = kind == NODE_BOX ? NODE_BOX : NODE_HOST;
	l->node.name = text_of(object, "name");
	l->node.behind = text_of(object, "behind");
	l->node.nat = text_of(object, "nat");
	return kind >= 0 && l->node.name != NULL;
}

static bool read_network(const json_t *object, struct record_line *l)
{
	read_subnet(object, "ipv6_lan", &l->network.ipv6_lan);
	read_subnet(object, "ipv6_outside", &l->network.ipv6_outside);
	l->network.box = text_of(object, "box");
	return l->network.box != NULL;
}

static uint8_t protocol_number(const char *name)
{
	for (size_t i = 0; name != NULL && i < RECORD_WORDS_COUNT(record_protocols); i++)
		if (strcmp(name, record_protocols[i].name) == 0)
			return record_protocols[i].number;
	return name != NULL ? (uint8_t)strtoul(name, NULL, 10) : 0;
}

static bool read_mapping(const json_t *object, struct record_line *l)
{
	int event = index_of(object, "event", record_events, RECORD_WORDS_COUNT(record_events));
	uint64_t timeout = 0;

	if (number_of(object, "timeout", &timeout) && timeout <= UINT32_MAX)
		l->mapping.timeout_s = (uint32_t)timeout;
	l->mapping.box = text_of(object, "box");
	l->mapping.event = event >= 0 ? (enum record_event)event : RECORD_NEW;
	l->mapping.protocol = protocol_number(text_of(object, "proto"));
	l->mapping.replied = json_is_true(json_object_get(object, "replied"));
	l->mapping.assured = json_is_true(json_object_get(object, "assured"));
	return l->mapping.box != NULL && event >= 0 && read_flow(object, "orig", &l->mapping.orig) &&
	       read_flow(object, "reply", &l->mapping.reply);
}

static bool read_counted(const json_t *object, struct record_line *l)
{
	const char *name = text_of(object, "name");
	size_t len =
	    name != NULL && strcmp(name, record_counted_words[RECORD_RULES_DROPPED]) != 0 ? strcspn(name, " ") : 0;

	l->counter.counted = RECORD_COUNTED_OTHER;
	if (name == NULL)
		return false;
	snprintf(l->counter.interface, sizeof l->counter.interface, "%.*s", (int)len, name);
	name += len + (len > 0 && name[len] == ' ');
	for (unsigned i = 0; i < RECORD_WORDS_COUNT(record_counted_words); i++)
		if (strcmp(name, record_counted_words[i]) == 0)
			l->counter.counted = (enum record_counted)i;
	return true;
}

static bool read_counter(const json_t *object, struct record_line *l)
{
	l->counter.box = text_of(object, "box");
	if (!number_of(object, "bytes", &l->counter.bytes))
		l->counter.bytes = 0;
	return l->counter.box != NULL && read_counted(object, l) && number_of(object, "packets", &l->counter.packets);
}

static bool read_weather(const json_t *object, struct record_line *l)
{
	l->weather.link = text_of(object, "link");
	l->weather.weather = text_of(object, "weather");
	return l->weather.link != NULL && l->weather.weather != NULL && number_of(object, "seed", &l->weather.seed);
}

static bool read_link(const json_t *object, struct record_line *l)
{
	int direction = index_of(object, "direction", record_directions, RECORD_WORDS_COUNT(record_directions));
	int fate = index_of(object, "fate", record_fates, RECORD_WORDS_COUNT(record_fates));
	double later = json_number_value(json_object_get(object, "later"));
	uint64_t id = 0;

	l->link.link = text_of(object, "link");
	l->link.direction = direction == WEATHER_DOWN ? WEATHER_DOWN : WEATHER_UP;
	l->link.fate = fate >= 0 ? (enum record_fate)fate : RECORD_LOST;
	if (later > 0 && later < 3600)
		l->link.delay_us = (uint32_t)(later * 1e6 + 0.5);
	if (number_of(object, "id", &id) && id <= UINT16_MAX && read_flow(object, "packet", &l->link.packet)) {
		l->link.id = (uint16_t)id;
		l->link.protocol = protocol_number(text_of(object, "proto"));
	}
	return l->link.link != NULL && direction >= 0 && fate >= 0 && number_of(object, "n", &l->link.n);
}

static bool read_start(const json_t *object, struct record_line *l)
{
	const json_t *argv = json_object_get(object, "argv");
	size_t count = json_array_size(argv);

	l->words = calloc(count + 1, sizeof *l->words);
	if (l->words == NULL)
		return false;
	for (size_t i = 0, n = 0; i < count; i++)
		if (json_is_string(json_array_get(argv, i)))
			l->words[n++] = json_string_value(json_array_get(argv, i));
	l->start.argv = l->words;
	l->start.host = text_of(object, "host");
	l->start.program = text_of(object, "program");
	return l->start.host != NULL && l->start.program != NULL && id_of(object, &l->start.id);
}

static bool read_said(const json_t *object, struct record_line *l)
{
	static const char *const streams[] = { "stdout", "stderr" };

	l->said.host = text_of(object, "host");
	l->said.text = text_of(object, "text");
	l->said.is_stderr = index_of(object, "stream", streams, RECORD_WORDS_COUNT(streams)) == 1;
	l->said.continues = json_is_true(json_object_get(object, "continues"));
	return l->said.host != NULL && l->said.text != NULL && id_of(object, &l->said.id);
}

static bool read_stop(const json_t *object, struct record_line *l)
{
	l->stop.host = text_of(object, "host");
	return l->stop.host != NULL && id_of(object, &l->stop.id);
}

static bool read_exit(const json_t *object, struct record_line *l)
{
	l->exit.host = text_of(object, "host");
	l->exit.status = (int)json_integer_value(json_object_get(object, "status"));
	return l->exit.host != NULL && id_of(object, &l->exit.id);
}

static bool read_rules(const json_t *object, struct record_line *l)
{
	l->rules.box = text_of(object, "box");
	l->rules.by = text_of(object, "by");
	return l->rules.box != NULL && l->rules.by != NULL;
}

static bool read_reboot(const json_t *object, struct record_line *l)
{
	l->reboot.box = text_of(object, "box");
	return l->reboot.box != NULL && number_of(object, "since", &l->reboot.since_ns);
}

static bool read_change(const json_t *object, struct record_line *l)
{
	int what = index_of(object, "what", record_changes, RECORD_WORDS_COUNT(record_changes));

	l->change.node = text_of(object, "node");
	l->change.what = what >= 0 ? (enum record_change)what : RECORD_REBOUND;
	return l->change.node != NULL && what >= 0;
}

static bool read_result(const json_t *object, struct record_line *l)
{
	const json_t *passed = json_object_get(object, "passed");

	l->result.passed = json_is_true(passed);
	l->result.message = text_of(object, "message");
	l->result.at = text_of(object, "at");
	l->result.seconds = json_number_value(json_object_get(object, "seconds"));
	return json_is_boolean(passed);
}

static bool read_world(const json_t *object, struct record_line *l)
{
	l->world.scenario = text_of(object, "scenario");
	l->world.file = text_of(object, "file");
	return l->world.scenario != NULL && l->world.file != NULL;
}

static bool read_lease(const json_t *object, struct record_line *l)
{
	int event = index_of(object, "event", record_events, RECORD_WORDS_COUNT(record_events)),
	    by = index_of(object, "by", record_askers, RECORD_WORDS_COUNT(record_askers));
	const char *inside = text_of(object, "inside");
	uint64_t port = 0;
	struct lease *lease = &l->lease.lease;

	l->lease.box = text_of(object, "box");
	if (l->lease.box == NULL || (event != RECORD_NEW && event != RECORD_DESTROY) || by < 0 || inside == NULL ||
	    endpoint_parse(inside, &lease->inside) != 0 || !number_of(object, "port", &port) || port == 0 ||
	    port > UINT16_MAX)
		return false;
	l->lease.event = (enum record_event)event;
	lease->by = (enum mapper_protocol)by;
	lease->outside = (uint16_t)port;
	lease->protocol = protocol_number(text_of(object, "proto"));
	return lease->protocol != 0;
}

static bool read_members(const json_t *object, struct record_line *l)
{
	bool has_time = number_of(object, "t", &l->time_ns);

	switch (l->type) {
	case RECORD_WORLD: return read_world(object, l);
	case RECORD_NODE: return read_node(object, l);
	case RECORD_INTERFACE:
		return has_time && (l->interface.node = text_of(object, "node")) != NULL &&
		       read_interface(object, &l->interface.now);
	case RECORD_NETWORK: return has_time && read_network(object, l);
	case RECORD_MAPPING: return has_time && read_mapping(object, l);
	case RECORD_LEASE: return has_time && read_lease(object, l);
	case RECORD_GAP: return has_time && (l->gap.box = text_of(object, "box")) != NULL;
	case RECORD_COUNTER: return has_time && read_counter(object, l);
	case RECORD_WEATHER: return has_time && read_weather(object, l);
	case RECORD_LINK: return has_time && read_link(object, l);
	case RECORD_START: return has_time && read_start(object, l);
	case RECORD_INPUT:
	case RECORD_OUTPUT: return has_time && read_said(object, l);
	case RECORD_STOP: return has_time && read_stop(object, l);
	case RECORD_EXIT: return has_time && read_exit(object, l);
	case RECORD_REBOOT: return has_time && read_reboot(object, l);
	case RECORD_CHANGE: return has_time && read_change(object, l);
	case RECORD_RULES: return has_time && read_rules(object, l);
	case RECORD_STEP: return has_time && (l->step.text = text_of(object, "text")) != NULL;
	case RECORD_RESULT: return read_result(object, l);
	case RECORD_OTHER: break;
	}
	return true;
}

int record_line_read(const char *text, size_t len, struct record_line *out)
{
	json_t *object = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	int type = index_of(object, "type", record_types, RECORD_WORDS_COUNT(record_types));

	*out = (struct record_line){ .type = type >= 0 ? (enum record_type)type : RECORD_OTHER, .object = object };
	if (text_of(object, "type") != NULL && read_members(object, out))
		return 0;
	record_line_free(out);
	return -1;
}
