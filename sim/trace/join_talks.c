#include "trace/join_talks.h"

#include "trace/hash.h"

static uint64_t own_key(int node, uint8_t protocol, const struct endpoint *own, const struct endpoint *other)
{
	uint64_t key =
	    hash_u64((uint64_t)node << 40 | (uint64_t)protocol << 32 | (uint64_t)own->port << 16 | other->port);

	key = hash_bytes(key, own->address.bytes, sizeof own->address.bytes);
	return hash_bytes(key, other->address.bytes, sizeof other->address.bytes) | 1;
}

void join_talks_note_own(struct join_talks *talks, const struct scene *s, const struct journey *j)
{
	const struct leg *l = journey_first(j);
	int node = s->interfaces[l->interface].node;

	if (node >= 0 && s->nodes[node].kind == NODE_BOX && l->direction == PCAPNG_OUTBOUND &&
	    (scene_has_address(s, node, &l->src) || scene_is_lan_address(s, node, &l->src))) {
		uint64_t key = own_key(node, j->protocol, &l->src, &l->dst);

		talks->own[key % JOIN_OWN] = key;
	}
}

void join_talks_note_unseen(struct join_talks *talks, const struct scene *s, const struct journey *j)
{
	const struct leg *l = journey_first(j);
	int owner = l->direction == PCAPNG_INBOUND && j->protocol == PACKET_TCP ? scene_owner(s, &l->src) : -1;

	if (owner >= 0 && s->nodes[owner].kind == NODE_BOX) {
		uint64_t key = own_key(owner, j->protocol, &l->src, &l->dst);

		talks->unseen[key % JOIN_OWN] = key;
	}
}

bool join_talks_answered_unseen(const struct join_talks *talks, const struct journey *j)
{
	const struct leg *l = journey_last(j);
	uint64_t key = own_key(j->end_node, j->protocol, &l->dst, &l->src);

	return j->fate == FATE_DROPPED && j->protocol == PACKET_TCP && j->refused_by == 0 &&
	       talks->unseen[key % JOIN_OWN] == key;
}

bool join_talks_is_own(const struct join_talks *talks, int node, uint8_t protocol, const struct endpoint *own,
                       const struct endpoint *other)
{
	uint64_t key = own_key(node, protocol, own, other);

	return talks->own[key % JOIN_OWN] == key;
}

uint64_t *join_talks_dial(struct join_talks *talks, int node, const struct endpoint *own, const struct endpoint *other)
{
	return &talks->dials[own_key(node, PACKET_TCP, own, other) % JOIN_DIALS];
}

void join_talks_note_dial(struct join_talks *talks, const struct scene *s, const struct journey *j)
{
	const struct leg *l = journey_first(j);
	int node = s->interfaces[l->interface].node;

	if (journey_is_syn(j) && node >= 0 && l->direction == PCAPNG_OUTBOUND)
		*join_talks_dial(talks, node, &l->src, &l->dst) = j->id;
}
