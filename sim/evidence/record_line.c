#include "evidence/record_line.h"

#include "evidence/record.h"
#include "evidence/record_words.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

static json_t *protocol_name(uint8_t protocol)
{
	for (size_t i = 0; i < RECORD_WORDS_COUNT(record_protocols); i++)
		if (record_protocols[i].number == protocol)
			return json_string(record_protocols[i].name);
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

/* NULL where there is none. */
static const char *subnet_text(const struct subnet *s, char text[SUBNET_TEXT_SIZE])
{
	return s->prefix != 0 ? subnet_format(s, text) : NULL;
}

static json_t *node_object(const struct record_line *l)
{
	char text[SUBNET_TEXT_SIZE], ipv6_text[SUBNET_TEXT_SIZE], outside_text[SUBNET_TEXT_SIZE];

	return json_pack("{s:s,s:s,s:s?,s:o,s:s*,s:s*,s:s*,s:s*,s:o*}", "name", l->node.name, "kind",
	                 l->node.kind == NODE_BOX ? "box" : "host", "behind", l->node.behind, "addresses",
	                 address_list(l->node.addresses, l->node.address_count), "nat", l->node.nat, "lan",
	                 subnet_text(&l->node.lan, text), "ipv6_lan", subnet_text(&l->node.ipv6_lan, ipv6_text),
	                 "ipv6_outside", subnet_text(&l->node.ipv6_outside, outside_text), "interfaces",
	                 l->node.interface_count > 0 ? interface_list(l) : NULL);
}

static json_t *network_object(const struct record_line *l)
{
	char lan[SUBNET_TEXT_SIZE], outside[SUBNET_TEXT_SIZE];

	return json_pack("{s:s,s:s*,s:s*}", "box", l->network.box, "ipv6_lan", subnet_text(&l->network.ipv6_lan, lan),
	                 "ipv6_outside", subnet_text(&l->network.ipv6_outside, outside));
}

static json_t *moved_object(const struct record_line *l)
{
	json_t *object = interface_object(&l->interface.now);

	json_object_set_new(object, "node", json_string(l->interface.node));
	return object;
}

static json_t *mapping_object(const struct record_line *l)
{
	return json_pack("{s:s,s:s,s:o,s:o,s:o,s:I,s:b,s:b}", "box", l->mapping.box, "event",
	                 record_events[l->mapping.event], "proto", protocol_name(l->mapping.protocol), "orig",
	                 flow_object(&l->mapping.orig), "reply", flow_object(&l->mapping.reply), "timeout",
	                 (json_int_t)l->mapping.timeout_s, "replied", l->mapping.replied, "assured",
	                 l->mapping.assured);
}

static json_t *lease_object(const struct record_line *l)
{
	const struct lease *lease = &l->lease.lease;

	return json_pack("{s:s,s:s,s:o,s:i,s:o,s:s}", "box", l->lease.box, "event", record_events[l->lease.event],
	                 "proto", protocol_name(lease->protocol), "port", (int)lease->outside, "inside",
	                 end_text(&lease->inside), "by", record_askers[lease->by]);
}

const char *record_fate_name(enum record_fate fate)
{
	return record_fates[fate];
}

uint16_t record_line_ipv6_id(uint8_t protocol, struct reader body)
{
	switch (protocol) {
	case IPPROTO_UDP: read_view(&body, 6); break;
	case IPPROTO_TCP: read_view(&body, 16); break;
	case IPPROTO_ICMPV6: read_view(&body, 2); break;
	default: return 0;
	}
	return read_u16(&body);
}

static json_t *link_object(const struct record_line *l)
{
	bool is_ip = l->link.protocol != 0;

	return json_pack("{s:s,s:s,s:I,s:s,s:o*,s:o*,s:o*,s:o*}", "link", l->link.link, "direction",
	                 record_directions[l->link.direction], "n", (json_int_t)l->link.n, "fate",
	                 record_fates[l->link.fate], "proto", is_ip ? protocol_name(l->link.protocol) : NULL, "id",
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
	         record_counted_words[l->counter.counted]);
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
	case RECORD_NETWORK: return network_object(l);
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
	case RECORD_STOP: return json_pack("{s:s,s:i}", "host", l->stop.host, "id", (int)l->stop.id);
	case RECORD_EXIT:
		return json_pack("{s:s,s:i,s:i}", "host", l->exit.host, "id", (int)l->exit.id, "status",
		                 l->exit.status);
	case RECORD_STEP: return json_pack("{s:o}", "text", record_string(l->step.text));
	case RECORD_RULES: return json_pack("{s:s,s:o}", "box", l->rules.box, "by", record_string(l->rules.by));
	case RECORD_REBOOT:
		return json_pack("{s:s,s:I}", "box", l->reboot.box, "since", (json_int_t)l->reboot.since_ns);
	case RECORD_CHANGE:
		return json_pack("{s:s,s:s}", "node", l->change.node, "what", record_changes[l->change.what]);
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
	json_t *line = object != NULL ? json_pack("{s:s}", "type", record_types[l->type]) : NULL;

	if (line != NULL && l->time_ns != 0)
		json_object_set_new(line, "t", json_integer((json_int_t)l->time_ns));
	if (line != NULL && json_object_update(line, object) != 0) {
		json_decref(line);
		line = NULL;
	}
	json_decref(object);
	return line;
}

void record_line_free(struct record_line *l)
{
	json_decref(l->object);
	free(l->words);
	*l = (struct record_line){ .type = RECORD_OTHER };
}
