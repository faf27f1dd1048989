/*
 * What a kernel must have for the rules of a box: each feature with a rule that needs it, to be tried, as the generator
 * writes such rules. The generator says which its rules need (nat_rules.features).
 */
#ifndef NAT_FEATURE_H
#define NAT_FEATURE_H

enum nat_feature {
	NAT_FEATURE_FILTER, /* of iptables: by interface, address, port, TCP's flags */
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
	NAT_FEATURE_NFT_FILTER,  /* chains, marks, and what iptables' has */
	NAT_FEATURE_NFT_CONNTRACK,
	NAT_FEATURE_NFT_MAPS,
	NAT_FEATURE_NFT_NAT,
	NAT_FEATURE_NFT_NUMBERS,
	NAT_FEATURE_NFT_HASHES,
	NAT_FEATURE_NFT_ZONES,
	NAT_FEATURE_NFT_TIMEOUTS,
	NAT_FEATURE_NFT_UNTRACKED,
	NAT_FEATURE_NFT_REJECT,
	NAT_FEATURE_NFT_CATCH_ALL,
	NAT_FEATURE_NFT_FRAGMENTS,
	NAT_FEATURE_NFT_COUNTERS,
	NAT_FEATURE_NFT_PAYLOADS, /* changed */
	NAT_FEATURE_IPV6,         /* ip6tables at all, and all that follow are IPv6's */
	NAT_FEATURE_IPV6_NAT,
	NAT_FEATURE_IPV6_PREFIX,
	NAT_FEATURE_IPV6_NFT,
	NAT_FEATURES
};

/* Adds it to a number in which each that is needed is the bit 1 << nat_feature. */
void nat_feature_add(unsigned *features, enum nat_feature feature);

/* What loads a rule. */
enum nat_feature_loader { NAT_FEATURE_IPTABLES, NAT_FEATURE_IP6TABLES, NAT_FEATURE_IPSET, NAT_FEATURE_NFTABLES };

struct nat_feature_trial {
	const char *name; /* for a person: "nft numgen" */
	enum nat_feature_loader loader;
	const char *rules;  /* text for it, whole */
	const char *module; /* to load if the kernel does not do it by itself */
};

/* The set of ports (bitmap:port) that must be there when the rule of NAT_FEATURE_SET is tried. */
#define NAT_FEATURE_TRIAL_SET "ports"

/* By enum nat_feature. A kernel that loads these loads every box. */
extern const struct nat_feature_trial nat_feature_trials[NAT_FEATURES];

#endif
