/* Which external port a mapping gets: the chain "assign", through which the first packet of a flow goes. */
#include "model/nat_rules_nft.h"

#define DIRECT_POOL 1024 /* pools up to this size are handed out port by port; larger ones by the kernel */
/* To find a free port in a pool: the 17th of 16 taken is a lost packet; a narrow one is gone through. */
#define TRIES 16
#define RANDOM_LOW 1024
#define SEQUENTIAL_LOW 49152 /* the start of the dynamic ports (RFC 6335 §6) */

void nft_choose_pool(struct nft_rules *r)
{
	if (r->beside) {
		r->ports = NAT_PORTS_RANDOM;
		r->low = MOVED_LOW;
		r->high = MOVED_HIGH;
	} else if (r->nat->port_high != 0) {
		r->low = r->nat->port_low;
		r->high = r->nat->port_high;
	} else if (r->ports == NAT_PORTS_SEQUENTIAL || r->how->parity) {
		r->low = SEQUENTIAL_LOW;
		r->high = SEQUENTIAL_LOW + DIRECT_POOL - 1;
	} else {
		r->low = RANDOM_LOW;
		r->high = UINT16_MAX;
	}
}

/* "udp sport != @owner_address_idle udp sport != @owner_address_stream " */
static void write_if_free(const struct nft_rules *r)
{
	for (size_t i = 0; i < r->lives.count; i++)
		text_add(r->t, "%s sport != @%sowner_address_%s ", r->l4, r->own, r->lives.of[i].name);
}

bool nft_is_direct(const struct nft_rules *r)
{
	return r->ports == NAT_PORTS_SEQUENTIAL || r->how->parity || r->high - r->low < DIRECT_POOL;
}

/*
 * The next port of the pool, into the packet. One rule, so one counter for all who jump here. nft corrects the
 * checksum, also of a datagram that has none (0, RFC 768): write_leave() sees to it that it has none again.
 */
static void write_pick(const struct nft_rules *r, const char *name, bool in_turn, unsigned low, unsigned step)
{
	struct text *t = r->t;
	unsigned size = (r->high - low) / step + 1;

	nat_feature_add(r->features, NAT_FEATURE_NFT_NUMBERS);
	if (!nft_is_tcp(r))
		nat_feature_add(r->features, NAT_FEATURE_NFT_PAYLOADS);
	text_add(t, "\tchain %s%s {\n", r->own, name);
	if (!nft_is_tcp(r))
		text_add(t, "\t\tudp checksum 0 meta mark set " NFT_BARE_MARK "\n");
	text_add(t, "\t\t%s sport set numgen %s mod %u map {", r->l4, in_turn ? "inc" : "random", size);
	for (unsigned i = 0; i < size; i++)
		text_add(t, "%s %u : %u", i > 0 ? "," : "", i, low + i * step);
	text_add(t, " }\n\t}\n");
}

static void write_picks(const struct nft_rules *r)
{
	bool in_turn = r->ports == NAT_PORTS_SEQUENTIAL;

	if (nat_narrow_range(r->nat) != 0 && !in_turn)
		write_pick(r, "pick_any", true, r->low, 1);
	if (!r->how->parity) {
		write_pick(r, "pick", in_turn, r->low, 1);
		return;
	}
	write_pick(r, "pick_even", in_turn, r->low + r->low % 2, 2);
	write_pick(r, "pick_odd", in_turn, r->low + 1 - r->low % 2, 2);
}

static void write_fresh_port(const struct nft_rules *r)
{
	struct text *t = r->t;

	if (!nft_is_direct(r)) {
		text_add(t,
		         "\t\tmeta l4proto %s meta mark set " NFT_FRESH_MARK " snat ip to %s%s%s:%u-%u fully-random\n",
		         r->l4, r->site->is_ipv6 ? "[" : "", r->to, r->site->is_ipv6 ? "]" : "", r->low, r->high);
		return;
	}
	for (unsigned i = 0; i < TRIES + nat_narrow_range(r->nat); i++) {
		if (i >= TRIES && r->ports != NAT_PORTS_SEQUENTIAL)
			text_add(t, "\t\tjump %spick_any\n\t\t", r->own);
		else if (r->how->parity)
			text_add(t,
			         "\t\tudp sport & 1 == 0 jump pick_even\n\t\tudp sport & 1 == 1 jump pick_odd\n\t\t");
		else
			text_add(t, "\t\tjump %spick\n\t\t", r->own);
		write_if_free(r);
		text_add(t, "snat ip to %s : %s sport\n", r->to, r->l4);
	}
	text_add(t, "\t\tdrop\n");
}

void nft_write_assign(const struct nft_rules *r)
{
	struct text *t = r->t;

	if (nft_is_direct(r))
		write_picks(r);
	text_add(t, "\tchain %sassign {\n", r->own);
	nft_write_mapping_mark(r, "original");
	for (size_t i = r->lives.count; nft_has_mapping(r) && i-- > 0;) {
		text_add(t, "\t\tmeta l4proto %s snat ip to %s : ", r->l4, r->to);
		nft_write_mapping_key(r, "original");
		text_add(t, " map @%smapping_%s\n", r->own, r->lives.of[i].name);
	}
	/* Beside iptables a port of the pool itself is kept as well, if it is free. */
	if (r->ports == NAT_PORTS_PRESERVE || r->beside) {
		text_add(t, "\t\t");
		if (r->nat->port_high != 0 || r->beside)
			text_add(t, "%s sport %u-%u ", r->l4, r->low, r->high);
		write_if_free(r);
		text_add(t, "snat ip to %s : %s sport\n", r->to, r->l4);
	}
	write_fresh_port(r);
	text_add(t, "\t}\n");
}
