#include "model/nat_feature.h"

#include <string.h>

/* A word of the rules by which a feature shows. */
struct sign {
	const char *word;
	enum nat_feature feature;
};

static const struct sign ipset_signs[] = {
	{ " bitmap:port ", NAT_FEATURE_PORT_SETS },
	{ " hash:ip,port ", NAT_FEATURE_SOCKET_SETS },
	{ " hash:ip,port,ip ", NAT_FEATURE_PAIR_SETS },
	{ " list:set", NAT_FEATURE_LISTS },
	{ NULL, NAT_FEATURES },
};

static const struct sign iptables_signs[] = {
	{ " -j SNAT ", NAT_FEATURE_NAT },
	{ " -j DNAT ", NAT_FEATURE_NAT },
	{ " --random-fully", NAT_FEATURE_RANDOM_PORTS },
	{ " -m conntrack ", NAT_FEATURE_CONNTRACK },
	{ " -m mark ", NAT_FEATURE_MARK },
	{ " -j MARK ", NAT_FEATURE_MARK },
	{ " -m connmark ", NAT_FEATURE_CONNMARK },
	{ " -j REJECT ", NAT_FEATURE_REJECT },
	{ " -m set ", NAT_FEATURE_SET },
	{ " -j SET ", NAT_FEATURE_SET },
	{ " -p ipv6-icmp ", NAT_FEATURE_IPV6 },
	{ " --to-source [", NAT_FEATURE_IPV6_NAT },
	{ " -j SNPT ", NAT_FEATURE_IPV6_PREFIX },
	{ " -j DNPT ", NAT_FEATURE_IPV6_PREFIX },
	{ NULL, NAT_FEATURES },
};

static const struct sign nft_signs[] = {
	{ "flags dynamic", NAT_FEATURE_NFT_MAPS },
	{ "type nat hook", NAT_FEATURE_NFT_NAT },
	{ " numgen ", NAT_FEATURE_NFT_NUMBERS },
	{ "ct zone ", NAT_FEATURE_NFT_ZONES },
	{ "ct mark ", NAT_FEATURE_NFT_ZONES },
	{ "ct timeout ", NAT_FEATURE_NFT_ZONES },
	{ " notrack ", NAT_FEATURE_NFT_UNTRACKED },
	{ " reject with ", NAT_FEATURE_NFT_REJECT },
	{ "{ * : ", NAT_FEATURE_NFT_CATCH_ALL },
	{ "jhash ", NAT_FEATURE_NFT_ZONES },
	{ "ip frag-off ", NAT_FEATURE_NFT_FRAGMENTS },
	{ "nat ip6 to ", NAT_FEATURE_IPV6_NAT },
	{ NULL, NAT_FEATURES },
};

static unsigned find(const struct sign *signs, const char *text)
{
	unsigned found = 0;

	for (const struct sign *s = signs; s->word != NULL; s++)
		if (strstr(text, s->word) != NULL)
			found |= 1U << s->feature;
	return found;
}

unsigned nat_features(const struct nat_rules *rules)
{
	return find(ipset_signs, rules->ipset) | find(iptables_signs, rules->iptables) | find(nft_signs, rules->nft);
}
