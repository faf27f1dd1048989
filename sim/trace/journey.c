#include "trace/journey.h"

#include "trace/packet.h"

#include <string.h>

/* What comes in somebody else has sent. */
bool journey_is_syn(const struct journey *j)
{
	return j->protocol == PACKET_TCP && j->fragment_offset == 0 &&
	       (j->tcp_flags & (PACKET_TCP_SYN | PACKET_TCP_ACK | PACKET_TCP_RST)) == PACKET_TCP_SYN;
}

bool journey_is_reset(const struct journey *j)
{
	return j->protocol == PACKET_TCP && j->fragment_offset == 0 && (j->tcp_flags & PACKET_TCP_RST) != 0;
}

void journey_begin(struct journey *j, const struct packet *p)
{
	size_t len = p->ip.payload_len < JOURNEY_HEAD ? p->ip.payload_len : JOURNEY_HEAD;

	j->key = p->key;
	j->bytes_key = p->bytes_key;
	j->kind = p->kind;
	j->to_many = p->to_many;
	if (p->kind != PACKET_IP)
		return;
	j->protocol = p->ip.protocol;
	j->ip_id = p->ip.id;
	j->fragment_offset = p->ip.fragment_offset;
	j->ip_len = (uint16_t)(p->ip.total_len - p->ip.header_len);
	j->more_fragments = p->ip.more_fragments;
	j->may_be_cut = p->ip.cut_id != 0 || packet_is_fragment(&p->ip);
	j->icmp_type = p->icmp_type;
	j->icmp_code = p->icmp_code;
	j->tcp_flags = p->tcp_flags;
	j->quotes = p->has_quote;
	j->length = p->ip.wire_len;
	j->head_len = (uint8_t)len;
	if (len > 0)
		memcpy(j->head, p->ip.payload, len);
}

void journey_note_bytes(struct journey *j, const struct scene *s, const struct packet *p)
{
	int node = s->interfaces[j->legs[j->newest].interface].node;

	if (p->bytes_key == j->bytes_key || j->newest == 0 || node < 0)
		return;
	j->clobbered = true;
	j->clobberer = s->nodes[node].kind == NODE_BOX ? node : s->nodes[node].behind;
	j->bytes_key = p->bytes_key;
}

bool journey_bore_addresses(const struct journey *j, const struct endpoint *src, const struct endpoint *dst)
{
	for (unsigned i = 0; i < j->leg_count; i++)
		if (endpoint_same_address(&j->legs[i].src, src) && endpoint_same_address(&j->legs[i].dst, dst))
			return true;
	return false;
}

int journey_origin(const struct scene *s, const struct journey *j)
{
	const struct leg *l = journey_first(j);
	int at = s->interfaces[l->interface].node, owner;

	if (j->cut_off)
		return j->cut_from;
	if (l->direction == PCAPNG_OUTBOUND)
		return at;
	owner = s->interfaces[l->interface].side == SCENE_LAN_SIDE ? scene_owner_at(s, at, &l->src)
	                                                           : scene_owner(s, &l->src);
	return owner >= 0 || l->direction == PCAPNG_INBOUND ? owner : at;
}

bool journey_source_changed(const struct journey *j, unsigned i)
{
	return !endpoint_equal(&j->legs[i].src, &j->legs[i - 1].src);
}

bool journey_target_changed(const struct journey *j, unsigned i)
{
	return !endpoint_equal(&j->legs[i].dst, &j->legs[i - 1].dst);
}

const char *journey_fate_name(enum journey_fate fate)
{
	static const char *const names[] = {
		[FATE_MOVING] = "moving",       [FATE_DELIVERED] = "delivered", [FATE_REFUSED] = "refused",
		[FATE_DROPPED] = "dropped",     [FATE_LOST] = "lost",           [FATE_FOR_BOX] = "for the box",
		[FATE_LINK_ONLY] = "link only", [FATE_UNKNOWN] = "unknown",
	};

	_Static_assert(sizeof names / sizeof names[0] == FATES, "every fate has a name");
	return names[fate];
}

/* An echo request is answered by the box; other datagrams to its lan address are its own business too. */
static bool is_for_box(const struct journey *j, const struct scene *s, int box)
{
	const struct leg *l = journey_last(j);

	if (scene_is_lan_address(s, box, &l->dst))
		return true;
	return scene_has_address(s, box, &l->dst) && j->protocol == PACKET_ICMP && !j->quotes;
}

bool journey_went_in_unseen(const struct scene *s, const struct journey *j)
{
	const struct leg *l = journey_last(j);
	int node = s->interfaces[l->interface].node;

	return l->direction == PCAPNG_INBOUND && node >= 0 && s->nodes[node].kind == NODE_BOX &&
	       !scene_is_watched(s, node, l->interface, l->time_ns);
}

/* Without a record: an inside address that nobody is known to have may be the box's own. */
static bool may_be_for_box(const struct journey *j, const struct scene *s)
{
	const struct leg *l = journey_last(j);
	int owner = scene_owner(s, &l->dst);

	return !s->from_record && s->interfaces[l->interface].side == SCENE_LAN_SIDE && j->refused_by == 0 &&
	       address_scope(&l->dst.address) == ADDRESS_PRIVATE &&
	       (owner < 0 || s->nodes[owner].behind == SCENE_UNKNOWN);
}

static enum journey_fate fate_inbound(const struct journey *j, const struct scene *s, int node)
{
	const struct scene_node *n = &s->nodes[node];

	if (n->kind == NODE_BOX && is_for_box(j, s, node))
		return FATE_FOR_BOX;
	if (n->kind == NODE_BOX && may_be_for_box(j, s))
		return FATE_UNKNOWN;
	if (n->kind == NODE_BOX)
		return j->refused_by == 0 && journey_went_in_unseen(s, j) ? FATE_UNKNOWN : FATE_DROPPED;
	if (scene_has_address(s, node, &journey_last(j)->dst))
		return FATE_DELIVERED;
	/* Without a record a host's addresses may not be known: what comes in there is taken to be for it. */
	if (n->address_count == 0 &&
	    (s->from_record || s->interfaces[journey_last(j)->interface].side == SCENE_HOST_SIDE))
		return FATE_DELIVERED;
	return s->from_record ? FATE_DROPPED : FATE_UNKNOWN;
}

/* Where nobody looked, or who has which address or stands where is not recorded, nothing is known to be lost. */
static bool left_our_view(const struct journey *j, const struct scene *s)
{
	if (j->refused_by != 0)
		return false;
	if (!s->from_record && (j->next_node < 0 || s->nodes[j->next_node].behind == SCENE_UNKNOWN))
		return true;
	return j->next_node >= 0 && !scene_is_watched(s, j->next_node, -1, journey_last(j)->time_ns);
}

void journey_conclude(struct journey *j, const struct scene *s, bool cut_short)
{
	const struct leg *last = journey_last(j);

	j->end_node = s->interfaces[last->interface].node;
	j->next_node = -1;
	if (j->kind != PACKET_IP || j->to_many)
		j->fate = FATE_LINK_ONLY;
	else if (j->end_node < 0 || last->direction == PCAPNG_DIRECTION_UNKNOWN)
		j->fate = FATE_UNKNOWN;
	else if (last->direction == PCAPNG_INBOUND)
		j->fate = fate_inbound(j, s, j->end_node);
	else
		j->fate = FATE_LOST;
	if (cut_short && j->refused_by == 0 && (j->fate == FATE_LOST || j->fate == FATE_DROPPED))
		j->fate = FATE_MOVING;
	if (j->fate == FATE_LOST) {
		const struct scene_interface *i = &s->interfaces[last->interface];

		j->next_node = i->side == SCENE_LAN_SIDE
		                   ? scene_owner(s, &last->dst)
		                   : scene_next_node(s, last->interface, &last->dst, last->time_ns);
		if (left_our_view(j, s))
			j->fate = FATE_UNKNOWN;
	}
}
