/*
 * How a NAT is built: a struct nat and the facts of a site -> ipset, iptables and nft rules. Pure text.
 *
 * iptables and ipset wherever they can express it. The last hook of iptables runs before source NAT, so it never
 * learns which port a mapping got; what needs that (letting packets in to a port that is not the inside port, handing
 * out ports no other socket has) is done by an nft table, beside or instead: nat_rules.why_nft says why.
 */
#ifndef NAT_RULES_H
#define NAT_RULES_H

#include "nat/nat.h"

#define NAT_RULES_HOSTS 64

/* What a NAT64's box has in the place of its lan, as far as IPv4 goes. */
#define NAT_RULES_NAT64 "nat64"

/*
 * Conntrack zones from this one on hold what is tracked for the sake of ICMP alone (nat_rules_nft_arrive.c), smaller
 * ones the mappings of a host each (mapping=port), zone 0 those of all others.
 */
#define NAT_RULES_ZONE_OF_STRANGERS 32768
#define NAT_RULES_SYSCTLS 12

/*
 * Where the box stands. The words are put in the rules as they are, so they may be shell variables ("$wan").
 * `hosts` are the addresses directly behind the box.
 */
struct nat_site {
	const char *wan, *lan; /* interfaces */
	const char *wan_address;
	const char *other_addresses[NAT_ADDRESSES_MAX - 1]; /* on the wan side, as many as the NAT has */
	const char *lan_network;                            /* "10.0.1.0/24" */
	const char *hosts[NAT_RULES_HOSTS];
	size_t host_count;
	const char *outside_network; /* of IPv6, where the NAT maps a prefix: that, and lan_network the one inside */
	bool is_ipv6;                /* its addresses are; what is built is what the NAT does with IPv6 */
	bool serves_names;           /* a program on the box asks a name server outside: its packets are no mapping's */
};

struct nat_rules {
	char ipset[65536];     /* for `ipset restore`, first; "" where there are no sets */
	char iptables[262144]; /* for `iptables-restore`, of IPv6 for `ip6tables-restore`; "" where there is nothing */
	bool names_hosts;      /* one by one: hosts beyond those of the site are served otherwise */
	char nft[262144];      /* for `nft -f -`; "" where iptables does it all */
	char reboot_ipset[32768]; /* for `ipset restore`: forgets every mapping, as a box does that restarts; may be ""
	                           */
	char reboot_nft[4096];    /* for `nft -f -`: the same; may be "" */
	struct {
		const char *name; /* as sysctl(8) takes it */
		unsigned value;
	} sysctls[NAT_RULES_SYSCTLS];
	size_t sysctl_count;
	const char *why_nft; /* one line, or NULL */
	unsigned features;   /* that the kernel must have for them: nat_feature_add() */
};

/* True if a box with one host behind it has rules of another kind than one with several: both are to be measured then.
 */
bool nat_rules_depend_on_hosts(const struct nat *nat);

/* Fills *out. What the kernel has for both families (sysctls) is IPv4's. Returns 0, or -1 if it does not fit (too many
 * hosts). */
int nat_rules_make(const struct nat *nat, const struct nat_site *site, struct nat_rules *out)
    __attribute__((warn_unused_result));

#endif
