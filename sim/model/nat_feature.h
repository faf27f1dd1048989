/*
 * What a kernel must have for the rules of a box, found in the very rules that the generator made: so nothing that they
 * use goes unsaid. doctor tries every one.
 */
#ifndef NAT_FEATURE_H
#define NAT_FEATURE_H

#include "model/nat_rules.h"

enum nat_feature {
	NAT_FEATURE_NAT,
	NAT_FEATURE_RANDOM_PORTS,
	NAT_FEATURE_CONNTRACK,
	NAT_FEATURE_MARK,
	NAT_FEATURE_CONNMARK,
	NAT_FEATURE_REJECT,
	NAT_FEATURE_SET,
	NAT_FEATURE_PORT_SETS,   /* bitmap:port */
	NAT_FEATURE_SOCKET_SETS, /* hash:ip,port */
	NAT_FEATURE_PAIR_SETS,   /* hash:ip,port,ip */
	NAT_FEATURE_LISTS,       /* list:set */
	NAT_FEATURE_NFT_MAPS,
	NAT_FEATURE_NFT_NAT,
	NAT_FEATURE_NFT_NUMBERS,
	NAT_FEATURE_NFT_ZONES,
	NAT_FEATURE_NFT_UNTRACKED,
	NAT_FEATURE_NFT_REJECT,
	NAT_FEATURE_NFT_CATCH_ALL,
	NAT_FEATURE_NFT_FRAGMENTS,
	NAT_FEATURE_IPV6,     /* ip6tables at all */
	NAT_FEATURE_IPV6_NAT, /* and nft's nat of IPv6 */
	NAT_FEATURE_IPV6_PREFIX,
	NAT_FEATURES
};

/* Those that the rules need, each the bit 1 << nat_feature. */
unsigned nat_features(const struct nat_rules *rules);

#endif
