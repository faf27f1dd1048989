#include "trace/join_pieces.h"

#include "trace/hash.h"

uint64_t *join_pieces_first(struct join_pieces *pieces, const struct packet_ip *ip)
{
	uint64_t key = hash_u64((uint64_t)ip->id << 8 | ip->protocol);

	key = hash_bytes(key, ip->src.address.bytes, sizeof ip->src.address.bytes);
	key = hash_bytes(key, ip->dst.address.bytes, sizeof ip->dst.address.bytes);
	return &pieces->firsts[key % JOIN_FIRSTS];
}

uint64_t *join_pieces_whole(struct join_pieces *pieces, uint8_t protocol, uint32_t id)
{
	return &pieces->wholes[hash_u64((uint64_t)id << 8 | protocol) % JOIN_WHOLES];
}

/* UDP says how long the whole is. */
bool join_pieces_begin(const struct journey *j, const struct packet_ip *first)
{
	return first->more_fragments && first->fragment_offset == 0 && j->protocol == first->protocol &&
	       !j->more_fragments && j->fragment_offset == 0 &&
	       (first->protocol == PACKET_UDP ? j->length == first->wire_len
	                                      : j->ip_len > (unsigned)first->total_len - first->header_len);
}

bool join_pieces_overlap(const struct journey *j, const struct packet_ip *ip)
{
	unsigned len = (unsigned)ip->total_len - ip->header_len;

	return ip->fragment_offset == 0 ||
	       (ip->fragment_offset < j->fragment_offset + j->ip_len && j->fragment_offset < ip->fragment_offset + len);
}
