#include "trace/nat64.h"

#include "base/nat64.h"
#include "model/siit_icmp.h"
#include "trace/manners.h"

bool nat64_is_about(const struct scene *s)
{
	for (size_t i = 0; i < s->node_count; i++)
		if (s->nodes[i].kind == NODE_BOX && manners_nat64(s, (int)i))
			return true;
	return false;
}

/* A NAT64, and the prefix by which it has IPv4. */
struct nat64 {
	int box;
	struct nat64_prefix prefix;
};

/* In whose lan the interface was; box -1: in none. */
static struct nat64 at(const struct scene *s, unsigned interface, uint64_t time_ns)
{
	const struct scene_interface *i = &s->interfaces[interface];
	int box = i->side == SCENE_LAN_SIDE ? i->node : i->node >= 0 ? scene_wire(s, i->node, i->link, time_ns) : -1;

	return box >= 0 && manners_nat64(s, box) ? (struct nat64){ box, manners_pref64(s, box) }
	                                         : (struct nat64){ .box = -1 };
}

static size_t count_before(const struct scene_node *n, size_t at, uint8_t family)
{
	size_t count = 0;

	for (size_t i = 0; i < at; i++)
		count += n->addresses[i].address.family == family;
	return count;
}

/* The node's n-th address of that family, or NULL. */
static const struct address *address_of(const struct scene_node *n, size_t number, uint8_t family)
{
	for (size_t i = 0; i < n->address_count; i++)
		if (n->addresses[i].address.family == family && count_before(n, i, family) == number)
			return &n->addresses[i].address;
	return NULL;
}

/* A host behind the box has as many addresses of each family, in the same order. */
static bool swap_host(const struct scene *s, int box, struct address *a)
{
	uint8_t other = a->family == ADDRESS_IPV6 ? ADDRESS_IPV4 : ADDRESS_IPV6;
	const struct endpoint e = { .address = *a };

	for (int i = 0; i < (int)s->node_count; i++) {
		const struct scene_node *n = &s->nodes[i];
		const struct address *found = NULL;

		for (size_t k = 0; k < n->address_count && n->behind == box && found == NULL; k++)
			if (endpoint_same_address(&n->addresses[k], &e))
				found = address_of(n, count_before(n, k, a->family), other);
		if (found != NULL) {
			*a = *found;
			return true;
		}
	}
	return false;
}

/* The box itself reports errors by whichever family. */
static void to_ipv4(const struct scene *s, const struct nat64 *of, struct address *a)
{
	struct address ipv4;

	if (nat64_extract(&of->prefix, a, &ipv4))
		*a = ipv4;
	else if (!swap_host(s, of->box, a))
		*a = subnet_host(&s->nodes[of->box].lan, 1);
}

static void to_ipv6(const struct scene *s, const struct nat64 *of, struct address *a)
{
	const struct address own = subnet_host(&s->nodes[of->box].lan, 1);
	const struct subnet ipv6_lan = scene_ipv6_lan(s, of->box); /* it has no other */

	if (address_equal(a, &own))
		*a = subnet_host(&ipv6_lan, 1);
	else if (!swap_host(s, of->box, a))
		*a = nat64_embed(&of->prefix, a);
}

static bool is_embedded(const struct nat64_prefix *prefix, const struct endpoint *e)
{
	struct address unused;

	return nat64_extract(prefix, &e->address, &unused);
}

static bool crosses(const struct nat64_prefix *prefix, const struct packet_ip *ip)
{
	return is_embedded(prefix, &ip->src) || is_embedded(prefix, &ip->dst);
}

static void translate_ip(const struct scene *s, const struct nat64 *of, struct packet_ip *ip)
{
	to_ipv4(s, of, &ip->src.address);
	to_ipv4(s, of, &ip->dst.address);
	if (ip->protocol == PACKET_ICMPV6)
		ip->protocol = PACKET_ICMP;
}

static void translate(const struct scene *s, const struct nat64 *of, struct packet *p)
{
	struct siit_icmp m = { .type = p->icmp_type, .code = p->icmp_code, .rest = p->icmp_mtu };

	if (p->ip.protocol == PACKET_ICMPV6 && p->ip.fragment_offset == 0 && siit_icmp_translate(true, &m)) {
		p->icmp_type = m.type;
		p->icmp_code = m.code;
		p->icmp_mtu = p->icmp_mtu != 0 ? m.rest : 0;
	}
	translate_ip(s, of, &p->ip);
	if (p->has_quote)
		translate_ip(s, of, &p->quote);
	p->is_nat64 = true;
}

/* Of a fragment 16 bits are the same. */
static uint32_t common_id(const struct packet_ip *ip)
{
	return packet_is_fragment(ip) ? ip->id & UINT16_MAX : 0;
}

static void rekey(struct packet *p)
{
	struct packet common = *p;

	p->ip.id = common.ip.id = common_id(&p->ip);
	p->quote.id = common.quote.id = common_id(&p->quote);
	packet_make_keys(&common);
	p->key = common.key;
	p->bytes_key = common.bytes_key;
	p->quote_key = common.quote_key;
}

void nat64_unify(const struct scene *s, unsigned interface, uint64_t time_ns, struct packet *p)
{
	const struct nat64 of = p->kind == PACKET_IP ? at(s, interface, time_ns) : (struct nat64){ .box = -1 };

	if (p->kind != PACKET_IP)
		return;
	/* An error of the box itself is between two that have IPv6, about a packet that is IPv4's outside. */
	if (of.box >= 0 && (crosses(&of.prefix, &p->ip) || (p->has_quote && crosses(&of.prefix, &p->quote))))
		translate(s, &of, p);
	rekey(p);
}

struct leg nat64_as_seen(const struct scene *s, const struct leg *l)
{
	struct leg seen = *l;
	const struct nat64 of = l->is_nat64 ? at(s, l->interface, l->time_ns) : (struct nat64){ .box = -1 };

	if (of.box >= 0) {
		to_ipv6(s, &of, &seen.src.address);
		to_ipv6(s, &of, &seen.dst.address);
	}
	return seen;
}
