#include "evidence/record_line.h"

#include "evidence/record.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const types[] = {
	[RECORD_WORLD] = "world",     [RECORD_NODE] = "node",
	[RECORD_MAPPING] = "mapping", [RECORD_GAP] = "gap",
	[RECORD_COUNTER] = "counter", [RECORD_START] = "start",
	[RECORD_INPUT] = "input",     [RECORD_OUTPUT] = "output",
	[RECORD_EXIT] = "exit",       [RECORD_STEP] = "step",
	[RECORD_RULES] = "rules",     [RECORD_REBOOT] = "reboot",
	[RECORD_RESULT] = "result",   [RECORD_WEATHER] = "weather",
	[RECORD_LINK] = "link",       [RECORD_INTERFACE] = "interface",
	[RECORD_CHANGE] = "change",   [RECORD_LEASE] = "lease",
};
static const char *const askers[] = { [MAPPER_UPNP] = "upnp", [MAPPER_NAT_PMP] = "nat-pmp", [MAPPER_PCP] = "pcp" };
static const char *const events[] = { "new", "update", "destroy", "snapshot" };
static const char *const directions[] = { [WEATHER_UP] = "up", [WEATHER_DOWN] = "down" };
static const char *const changes[] = {
	[RECORD_REBOUND] = "rebound",
	[RECORD_RENUMBERED] = "renumbered",
	[RECORD_FORGOT_ANSWERS] = "forgot-answers",
	[RECORD_LINK_DOWN] = "link-down",
	[RECORD_LINK_UP] = "link-up",
	[RECORD_SLEEPS] = "sleeps",
	[RECORD_WAKES] = "wakes",
};
static const char *const fates[] = {
	[RECORD_LOST] = "lost",           [RECORD_FULL] = "full",
	[RECORD_DROPPED] = "dropped",     [RECORD_DELAYED] = "delayed",
	[RECORD_SWALLOWED] = "swallowed", [RECORD_CUT] = "cut",
	[RECORD_DISABLED] = "disabled",   [RECORD_DUPLICATED] = "duplicated",
	[RECORD_OVERTOOK] = "overtook",
};
static const char *const counted_words[] = {
	[RECORD_RX] = "rx",
	[RECORD_TX] = "tx",
	[RECORD_RX_DROPPED] = "rx dropped",
	[RECORD_TX_DROPPED] = "tx dropped",
	[RECORD_RULES_DROPPED] = "rules dropped",
	[RECORD_COUNTED_OTHER] = "other",
};
static const struct {
	const char *name;
	uint8_t number;
} protocols[] = { { "udp", IPPROTO_UDP }, { "tcp", IPPROTO_TCP }, { "icmp", IPPROTO_ICMP } };

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* --- written ----------------------------------------------------------------------------------- */

static json_t *protocol_name(uint8_t protocol)
{
	for (size_t i = 0; i < COUNT(protocols); i++)
		if (protocols[i].number == protocol)
			return json_string(protocols[i].name);
	return json_sprintf("%u", protocol);
}

static json_t *end_text(const struct endpoint *e)
{
	char text[ENDPOINT_TEXT_SIZE];

	return json_string(e->port != 0 ? endpoint_format(e, text) : address_format(&e->address, text));
}

static json_t *flow_object(const struct record_flow *f)
{
	return json_pack("{s:o,s:o}", "src", end_text(&f->src), "dst", end_text(&f->dst));
}

static json_t *address_list(const struct address *addresses, size_t count)
{
	char text[ADDRESS_TEXT_SIZE];
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_string(address_format(&addresses[i], text)));
	return list;
}

static json_t *interface_object(const struct record_interface *i)
{
	return json_pack("{s:s,s:s?,s:o,s:o*}", "interface", i->name, "behind", i->behind, "addresses",
	                 address_list(i->addresses, i->address_count), "unplugged",
	                 i->is_unplugged ? json_true() : NULL);
}

static json_t *interface_list(const struct record_line *l)
{
	json_t *list = json_array();

	for (size_t i = 0; i < l->node.interface_count; i++)
		json_array_append_new(list, interface_object(&l->node.interfaces[i]));
	return list;
}

static json_t *node_object(const struct record_line *l)
{
	char text[SUBNET_TEXT_SIZE], ipv6_text[SUBNET_TEXT_SIZE], outside_text[SUBNET_TEXT_SIZE];

	return json_pack("{s:s,s:s,s:s?,s:o,s:s*,s:s*,s:s*,s:s*,s:o*}", "name", l->node.name, "kind",
	                 l->node.kind == NODE_BOX ? "box" : "host", "behind", l->node.behind, "addresses",
	                 address_list(l->node.addresses, l->node.address_count), "nat", l->node.nat, "lan",
	                 l->node.lan.prefix != 0 ? subnet_format(&l->node.lan, text) : NULL, "ipv6_lan",
	                 l->node.ipv6_lan.prefix != 0 ? subnet_format(&l->node.ipv6_lan, ipv6_text) : NULL,
	                 "ipv6_outside",
	                 l->node.ipv6_outside.prefix != 0 ? subnet_format(&l->node.ipv6_outside, outside_text) : NULL,
	                 "interfaces", l->node.interface_count > 0 ? interface_list(l) : NULL);
}

static json_t *moved_object(const struct record_line *l)
{
	json_t *object = interface_object(&l->interface.now);

	json_object_set_new(object, "node", json_string(l->interface.node));
	return object;
}

static json_t *mapping_object(const struct record_line *l)
{
	return json_pack("{s:s,s:s,s:o,s:o,s:o,s:I,s:b,s:b}", "box", l->mapping.box, "event", events[l->mapping.event],
	                 "proto", protocol_name(l->mapping.protocol), "orig", flow_object(&l->mapping.orig), "reply",
	                 flow_object(&l->mapping.reply), "timeout", (json_int_t)l->mapping.timeout_s, "replied",
	                 l->mapping.replied, "assured", l->mapping.assured);
}

static json_t *lease_object(const struct record_line *l)
{
	const struct lease *lease = &l->lease.lease;

	return json_pack("{s:s,s:s,s:o,s:i,s:o,s:s}", "box", l->lease.box, "event", events[l->lease.event], "proto",
	                 protocol_name(lease->protocol), "port", (int)lease->outside, "inside",
	                 end_text(&lease->inside), "by", askers[lease->by]);
}

const char *record_fate_name(enum record_fate fate)
{
	return fates[fate];
}

static json_t *link_object(const struct record_line *l)
{
	bool is_ip = l->link.protocol != 0;

	return json_pack("{s:s,s:s,s:I,s:s,s:o*,s:o*,s:o*,s:o*}", "link", l->link.link, "direction",
	                 directions[l->link.direction], "n", (json_int_t)l->link.n, "fate", fates[l->link.fate],
	                 "proto", is_ip ? protocol_name(l->link.protocol) : NULL, "id",
	                 is_ip ? json_integer(l->link.id) : NULL, "packet", is_ip ? flow_object(&l->link.packet) : NULL,
	                 "later", l->link.delay_us != 0 ? json_real((double)l->link.delay_us / 1e6) : NULL);
}

static json_t *start_object(const struct record_line *l)
{
	json_t *argv = json_array();

	for (const char *const *word = l->start.argv; *word != NULL; word++)
		json_array_append_new(argv, record_string(*word));
	return json_pack("{s:s,s:i,s:o,s:o}", "host", l->start.host, "id", (int)l->start.id, "program",
	                 record_string(l->start.program), "argv", argv);
}

const char *record_counter_name(const struct record_line *l, char text[RECORD_COUNTER_NAME_SIZE])
{
	const char *interface = l->counter.interface;

	snprintf(text, RECORD_COUNTER_NAME_SIZE, "%s%s%s", interface, interface[0] != '\0' ? " " : "",
	         counted_words[l->counter.counted]);
	return text;
}

static json_t *counted_name(const struct record_line *l)
{
	char text[RECORD_COUNTER_NAME_SIZE];

	return json_string(record_counter_name(l, text));
}

/* All but "type" and "t". */
static json_t *object_of(const struct record_line *l)
{
	switch (l->type) {
	case RECORD_WORLD:
		return json_pack("{s:i,s:o,s:o,s:s}", "version", 1, "scenario", record_string(l->world.scenario),
		                 "file", record_string(l->world.file), "punchlab", VERSION);
	case RECORD_NODE: return node_object(l);
	case RECORD_INTERFACE: return moved_object(l);
	case RECORD_MAPPING: return mapping_object(l);
	case RECORD_LEASE: return lease_object(l);
	case RECORD_GAP: return json_pack("{s:s}", "box", l->gap.box);
	case RECORD_COUNTER:
		return json_pack("{s:s,s:o,s:I,s:I}", "box", l->counter.box, "name", counted_name(l), "packets",
		                 (json_int_t)l->counter.packets, "bytes", (json_int_t)l->counter.bytes);
	case RECORD_WEATHER:
		return json_pack("{s:s,s:s,s:I}", "link", l->weather.link, "weather", l->weather.weather, "seed",
		                 (json_int_t)l->weather.seed);
	case RECORD_LINK: return link_object(l);
	case RECORD_START: return start_object(l);
	case RECORD_INPUT:
		return json_pack("{s:s,s:i,s:o}", "host", l->said.host, "id", (int)l->said.id, "text",
		                 record_string(l->said.text));
	case RECORD_OUTPUT:
		return json_pack("{s:s,s:i,s:s,s:o,s:o*}", "host", l->said.host, "id", (int)l->said.id, "stream",
		                 l->said.is_stderr ? "stderr" : "stdout", "text", record_string(l->said.text),
		                 "continues", l->said.continues ? json_true() : NULL);
	case RECORD_EXIT:
		return json_pack("{s:s,s:i,s:i}", "host", l->exit.host, "id", (int)l->exit.id, "status",
		                 l->exit.status);
	case RECORD_STEP: return json_pack("{s:o}", "text", record_string(l->step.text));
	case RECORD_RULES: return json_pack("{s:s,s:o}", "box", l->rules.box, "by", record_string(l->rules.by));
	case RECORD_REBOOT:
		return json_pack("{s:s,s:I}", "box", l->reboot.box, "since", (json_int_t)l->reboot.since_ns);
	case RECORD_CHANGE: return json_pack("{s:s,s:s}", "node", l->change.node, "what", changes[l->change.what]);
	case RECORD_RESULT:
		return json_pack("{s:b,s:o?,s:o?,s:f}", "passed", l->result.passed, "message",
		                 record_string(l->result.message), "at", record_string(l->result.at), "seconds",
		                 l->result.seconds);
	case RECORD_OTHER: break;
	}
	return NULL;
}

/* "type" and "t" come first, for the eye. */
json_t *record_line_to_json(const struct record_line *l)
{
	json_t *object = object_of(l);
	json_t *line = object != NULL ? json_pack("{s:s}", "type", types[l->type]) : NULL;

	if (line != NULL && l->time_ns != 0)
		json_object_set_new(line, "t", json_integer((json_int_t)l->time_ns));
	if (line != NULL && json_object_update(line, object) != 0) {
		json_decref(line);
		line = NULL;
	}
	json_decref(object);
	return line;
}

/* --- read -------------------------------------------------------------------------------------- */

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
	int kind = index_of(object, "kind", kinds, COUNT(kinds));

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

static uint8_t protocol_number(const char *name)
{
	for (size_t i = 0; name != NULL && i < COUNT(protocols); i++)
		if (strcmp(name, protocols[i].name) == 0)
			return protocols[i].number;
	return name != NULL ? (uint8_t)strtoul(name, NULL, 10) : 0;
}

static bool read_mapping(const json_t *object, struct record_line *l)
{
	int event = index_of(object, "event", events, COUNT(events));
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
	size_t len = name != NULL && strcmp(name, counted_words[RECORD_RULES_DROPPED]) != 0 ? strcspn(name, " ") : 0;

	l->counter.counted = RECORD_COUNTED_OTHER;
	if (name == NULL)
		return false;
	snprintf(l->counter.interface, sizeof l->counter.interface, "%.*s", (int)len, name);
	name += len + (len > 0 && name[len] == ' ');
	for (unsigned i = 0; i < COUNT(counted_words); i++)
		if (strcmp(name, counted_words[i]) == 0)
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
	int direction = index_of(object, "direction", directions, COUNT(directions));
	int fate = index_of(object, "fate", fates, COUNT(fates));
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
	l->said.is_stderr = index_of(object, "stream", streams, COUNT(streams)) == 1;
	l->said.continues = json_is_true(json_object_get(object, "continues"));
	return l->said.host != NULL && l->said.text != NULL && id_of(object, &l->said.id);
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
	int what = index_of(object, "what", changes, COUNT(changes));

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
	int event = index_of(object, "event", events, COUNT(events)),
	    by = index_of(object, "by", askers, COUNT(askers));
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
	case RECORD_MAPPING: return has_time && read_mapping(object, l);
	case RECORD_LEASE: return has_time && read_lease(object, l);
	case RECORD_GAP: return has_time && (l->gap.box = text_of(object, "box")) != NULL;
	case RECORD_COUNTER: return has_time && read_counter(object, l);
	case RECORD_WEATHER: return has_time && read_weather(object, l);
	case RECORD_LINK: return has_time && read_link(object, l);
	case RECORD_START: return has_time && read_start(object, l);
	case RECORD_INPUT:
	case RECORD_OUTPUT: return has_time && read_said(object, l);
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
	int type = index_of(object, "type", types, COUNT(types));

	*out = (struct record_line){ .type = type >= 0 ? (enum record_type)type : RECORD_OTHER, .object = object };
	if (text_of(object, "type") != NULL && read_members(object, out))
		return 0;
	record_line_free(out);
	return -1;
}

void record_line_free(struct record_line *l)
{
	json_decref(l->object);
	free(l->words);
	*l = (struct record_line){ .type = RECORD_OTHER };
}
