/* A box's external addresses, of which it may have several: which one a mapping gets. */
#include "model/nat_rules_nft.h"

#define ADDRESS_SEED "0x706f6f6c" /* one for all rules, which are to find the same address */

void nft_write_own(const struct nft_rules *r, struct text *t)
{
	text_add(t, r->nat->addresses != 0 ? "{ %s" : "%s", r->site->wan_address);
	for (unsigned i = 0; i < r->nat->addresses; i++)
		text_add(t, ", %s", r->site->other_addresses[i]);
	text_add(t, "%s", r->nat->addresses != 0 ? " }" : "");
}

static const char *nth_address(const struct nft_rules *r, size_t n)
{
	return n == 0 ? r->site->wan_address : r->site->other_addresses[n - 1];
}

void nft_write_pairs(const struct nft_rules *r)
{
	nat_feature_add(r->features, NAT_FEATURE_NFT_CATCH_ALL);
	text_add(r->t, "\tmap paired { type ipv4_addr : ipv4_addr; elements = { * : %s", r->site->wan_address);
	for (size_t i = 0; i < r->site->host_count; i++)
		text_add(r->t, ", %s : %s", r->site->hosts[i], nth_address(r, i % (1 + r->nat->addresses)));
	text_add(r->t, " }; }\n");
}

/* The same for all packets of a mapping, whatever that depends on. */
static void write_any_address(const struct nft_rules *r, struct text *t)
{
	nat_feature_add(r->features, NAT_FEATURE_NFT_HASHES);
	text_add(t, "jhash ct original ip saddr . ct original proto-src");
	if (r->how->mapping != NAT_ENDPOINT_INDEPENDENT)
		text_add(t, " . ct original ip daddr");
	if (r->how->mapping == NAT_ADDRESS_AND_PORT_DEPENDENT)
		text_add(t, " . ct original proto-dst");
	text_add(t, " mod %u seed " ADDRESS_SEED " map {", 1 + r->nat->addresses);
	for (size_t i = 0; i <= r->nat->addresses; i++)
		text_add(t, "%s %zu : %s", i > 0 ? "," : "", i, nth_address(r, i));
	text_add(t, " }");
}

void nft_write_to(const struct nft_rules *r, struct text *t)
{
	if (r->nat->addresses == 0)
		text_add(t, "%s", r->site->wan_address);
	else if (r->nat->pooling == NAT_POOLING_PAIRED)
		text_add(t, "ip saddr map @paired");
	else
		write_any_address(r, t);
}
