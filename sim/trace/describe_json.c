#include "trace/nat64.h"
#include "trace/describe_json.h"

#include "trace/describe.h"

double journey_seconds(uint64_t start_ns, uint64_t time_ns)
{
	return time_ns >= start_ns ? (double)(time_ns - start_ns) / 1e9 : -(double)(start_ns - time_ns) / 1e9;
}

static const char *name_or_null(const struct scene *s, int node)
{
	return node >= 0 ? s->nodes[node].name : NULL;
}

static json_t *number_or_null(uint64_t id)
{
	return id != 0 ? json_integer((json_int_t)id) : json_null();
}

static const char *direction_name(uint8_t direction)
{
	return direction == PCAPNG_INBOUND ? "in" : direction == PCAPNG_OUTBOUND ? "out" : NULL;
}

static json_t *leg_to_json(const struct scene *s, const struct leg *l, bool has_addresses, uint64_t start_ns)
{
	char src[ENDPOINT_TEXT_SIZE], dst[ENDPOINT_TEXT_SIZE];
	const struct leg seen = nat64_as_seen(s, l);
	const struct endpoint *a = &seen.src, *b = &seen.dst;
	json_t *leg = json_pack("{s:s,s:f,s:s?}", "interface", s->interfaces[l->interface].name, "t",
	                        journey_seconds(start_ns, l->time_ns), "direction", direction_name(l->direction));

	if (leg == NULL || !has_addresses)
		return leg;
	if (a->port == 0 && b->port == 0) {
		address_format(&a->address, src);
		address_format(&b->address, dst);
	} else {
		endpoint_format(a, src);
		endpoint_format(b, dst);
	}
	json_object_update_new(leg, json_pack("{s:s,s:s,s:i}", "src", src, "dst", dst, "ttl", (int)l->ttl));
	return leg;
}

static json_t *legs_to_json(const struct scene *s, const struct journey *j, uint64_t start_ns)
{
	json_t *legs = json_array();

	for (unsigned i = 0; i < j->leg_count; i++)
		json_array_append_new(legs, leg_to_json(s, &j->legs[i], j->kind == PACKET_IP, start_ns));
	return legs;
}

static const char *protocol_of(const struct journey *j, char text[16])
{
	switch (j->kind) {
	case PACKET_IP: return packet_protocol_name(j->protocol, text);
	case PACKET_ARP: return "arp";
	case PACKET_NEIGHBOURS: return "ndp";
	case PACKET_OTHER:
	case PACKET_CUT: break;
	}
	return "other";
}

json_t *journey_to_json(const struct scene *s, const struct journey *j, uint64_t start_ns)
{
	char what[DESCRIBE_SIZE], protocol[16];
	int origin = journey_origin(s, j);
	bool arrived = j->fate == FATE_DELIVERED || j->fate == FATE_FOR_BOX || j->fate == FATE_REFUSED;
	int to = arrived ? j->end_node : -1;
	json_t *json;

	json = json_pack("{s:I,s:f,s:s,s:s,s:I,s:s?,s:s?,s:s,s:s?,s:s?,s:o,s:o,s:o,s:o,s:o}", "journey",
	                 (json_int_t)j->id, "t", journey_seconds(start_ns, journey_first(j)->time_ns), "protocol",
	                 protocol_of(j, protocol), "what", describe_journey(s, j, what), "length",
	                 (json_int_t)j->length, "from", name_or_null(s, origin), "to", name_or_null(s, to), "fate",
	                 journey_fate_name(j->fate), "at", name_or_null(s, j->end_node), "toward",
	                 name_or_null(s, j->next_node), "caused_by", number_or_null(j->caused_by), "refused_by",
	                 number_or_null(j->refused_by), "part_of", number_or_null(j->part_of), "repeats",
	                 number_or_null(j->repeats), "legs", legs_to_json(s, j, start_ns));
	if (json != NULL && j->meets != 0)
		json_object_set_new(json, "meets", json_integer((json_int_t)j->meets));
	if (json != NULL && j->clobbered)
		json_object_set_new(json, "clobbered_by", json_string(s->nodes[j->clobberer].name));
	return json;
}
