#include "trace/clobber.h"

#include "trace/manners.h"

#include <string.h>

#define WORD 4           /* bytes that are looked at at a time */
#define PAYLOAD_MAX 2048 /* no box rewrites what is longer, nor what is behind that */

bool clobber_is_about(const struct scene *s)
{
	for (size_t i = 0; i < s->node_count; i++)
		if (s->nodes[i].kind == NODE_BOX && manners_clobber(s, (int)i))
			return true;
	return false;
}

static bool is_own(const struct scene *s, const struct endpoint *e)
{
	for (size_t i = 0; i < s->node_count; i++) {
		const struct scene_node *n = &s->nodes[i];

		if (n->kind != NODE_BOX || !manners_clobber(s, (int)i))
			continue;
		if (scene_has_address(s, (int)i, e) || (n->lan.prefix != 0 && subnet_contains(&n->lan, &e->address)))
			return true;
	}
	return false;
}

static uint64_t unified_key(const struct scene *s, const struct packet *p, const struct packet_ip *as_seen,
                            uint64_t key)
{
	uint8_t payload[PAYLOAD_MAX];
	struct packet_ip ip = *as_seen;

	if (ip.protocol != PACKET_UDP || packet_is_fragment(&ip) || ip.payload_len > sizeof payload)
		return key;
	if (ip.payload_len > 0)
		memcpy(payload, ip.payload, ip.payload_len);
	for (size_t i = 0; i + WORD <= ip.payload_len; i += WORD) {
		struct endpoint word = { .address.family = ADDRESS_IPV4 };

		memcpy(word.address.bytes, payload + i, WORD);
		if (is_own(s, &word))
			memset(payload + i, 0, WORD);
	}
	ip.payload = payload;
	return packet_key(p, &ip);
}

void clobber_unify(const struct scene *s, struct packet *p)
{
	if (p->kind != PACKET_IP)
		return;
	p->key = unified_key(s, p, &p->ip, p->key);
	if (p->quote_key != 0)
		p->quote_key = unified_key(s, p, &p->quote, p->quote_key);
}
