#include "model/nat_feature.h"
#include "model/nat_rules.h"
#include "model/nat_show.h"
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct nat_rules rules;

static const struct nat_site home = {
	.wan = "wan",
	.lan = "lan",
	.wan_address = "203.0.113.7",
	.other_addresses = { "203.0.113.8", "203.0.113.9", "203.0.113.10" },
	.lan_network = "10.0.1.0/24",
	.hosts = { "10.0.1.2", "10.0.1.3" },
};

static const struct nat_site home6 = {
	.wan = "wan",
	.lan = "lan",
	.wan_address = "2333::3",
	.lan_network = "fd44:0:3:3::/64",
	.outside_network = "2444:0:3::/64",
	.hosts = { "fd44:0:3:3::4", "fd44:0:3:3::5" },
	.is_ipv6 = true,
};

static const struct nat_rules *made_at(struct nat_site site, const char *spec, size_t host_count)
{
	struct nat nat;
	char error[NAT_ERROR_SIZE];

	site.host_count = host_count;
	CU_ASSERT_EQUAL_FATAL(nat_parse(spec, &nat, error), 0);
	CU_ASSERT_EQUAL_FATAL(nat_rules_make(&nat, &site, &rules), 0);
	CU_ASSERT_EQUAL(rules.names_hosts, strstr(rules.iptables, site.hosts[0]) != NULL);
	return &rules;
}

/* The rules of that spec with so many hosts behind the box; and what they are of IPv6. */
static const struct nat_rules *made(const char *spec, size_t host_count)
{
	return made_at(home, spec, host_count);
}

static const struct nat_rules *made_of_ipv6(const char *spec, size_t host_count)
{
	return made_at(home6, spec, host_count);
}

static void assert_has(const char *text, const char *part)
{
	bool there = text != NULL && strstr(text, part) != NULL;

	CU_ASSERT_TRUE(there);
	if (!there)
		fprintf(stderr, "no '%s' in:\n%s\n", part, text);
}

static void assert_has_not(const char *text, const char *part)
{
	bool there = strstr(text, part) != NULL;

	CU_ASSERT_FALSE(there);
	if (there)
		fprintf(stderr, "'%s' in:\n%s\n", part, text);
}

static void port_restricted_is_plain_snat(void)
{
	const char *expected = "*nat\n"
			       "-A POSTROUTING -o wan -j SNAT --to-source 203.0.113.7\n"
			       "COMMIT\n"
			       "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n"
			       "-A INPUT -i wan -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT\n"
			       "-A INPUT -d 203.0.113.7 -p udp -j DROP\n"
			       "-A INPUT -d 203.0.113.7 -p tcp -j DROP\n"
			       "-A INPUT -i wan -j DROP\n"
			       "-A FORWARD -i lan -o wan -m conntrack --ctstate INVALID,UNTRACKED -j DROP\n"
			       "-A FORWARD -i lan -o wan -j ACCEPT\n"
			       "-A FORWARD -m conntrack --ctstate RELATED -j ACCEPT\n"
			       "-A FORWARD -i wan -m conntrack --ctstate ESTABLISHED --ctdir REPLY -j ACCEPT\n"
			       "COMMIT\n";
	const struct nat_rules *r = made("port-restricted", 1);

	CU_ASSERT_STRING_EQUAL(r->iptables, expected);
	CU_ASSERT_STRING_EQUAL(r->ipset, "");
	CU_ASSERT_STRING_EQUAL(r->nft, "");
	CU_ASSERT_PTR_NULL(r->why_nft);
}

/*
 * Issue: the classic types, and hairpinning on a cone, are iptables and ipset alone where one host is behind the box.
 */
static void classic_types_need_no_nft(void)
{
	static const char *const specs[] = {
		"full-cone",         "restricted",         "port-restricted",         "symmetric",
		"full-cone,hairpin", "restricted,hairpin", "port-restricted,hairpin", "full-cone,hairpin=internal"
	};

	for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
		const struct nat_rules *r = made(specs[i], 1);

		CU_ASSERT_STRING_EQUAL(r->nft, "");
		CU_ASSERT_PTR_NULL(r->why_nft);
		assert_has(r->iptables, "*filter");
	}
}

static void several_hosts_get_nft_beside_iptables(void)
{
	const struct nat_rules *r = made("full-cone", 2);

	assert_has(r->iptables, "--match-set own-1 dst -j DNAT --to-destination 10.0.1.2");
	assert_has(r->iptables, "--match-set own-2 dst -j DNAT --to-destination 10.0.1.3");
	assert_has(r->ipset, "create moved-idle hash:ip,port timeout 30");
	assert_has(r->nft, "udp dport != 61000-65095 accept");
	assert_has(r->why_nft, "beside iptables");
	/* nft lets strangers in to those ports; iptables has to know. */
	assert_has(r->nft, "meta mark set 0x696e accept");
	assert_has(r->iptables, "-A FORWARD -i wan -p udp -m mark --mark 0x696e -j ACCEPT");
	/* Nobody is let in: then nft only gives out the ports of sockets that cannot have their own. */
	r = made("port-restricted", 2);
	assert_has(r->nft, "meta mark 0x1 goto assign");
	assert_has_not(r->nft, "chain deliver");
	/* A plain Linux router shares them. */
	r = made("linux-router", 2);
	CU_ASSERT_STRING_EQUAL(r->nft, "");
	CU_ASSERT_STRING_EQUAL(r->ipset, "");
}

static void what_iptables_cannot_do_is_nft_with_the_reason(void)
{
	static const char *const specs[] = { "symmetric,hairpin",
		                             "symmetric,ports=sequential",
		                             "mapping=ad",
		                             "full-cone,ports=random",
		                             "mapping=apd,filtering=ei",
		                             "port-restricted,range=20000-20511",
		                             "port-restricted,refresh=outbound",
		                             "symmetric-preserving" };

	for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
		const struct nat_rules *r = made(specs[i], 1);

		CU_ASSERT_STRING_EQUAL(r->iptables, "");
		assert_has(r->nft, "table ip punchlab {");
		CU_ASSERT_PTR_NOT_NULL(r->why_nft);
	}
}

static void sets_live_as_long_as_mappings(void)
{
	const struct nat_rules *r = made("full-cone,timeout=5,stream-timeout=9", 1);

	assert_has(r->ipset, "create own-1-idle bitmap:port range 0-65535 timeout 5\n");
	assert_has(r->ipset, "create own-1-stream bitmap:port range 0-65535 timeout 9\n");
	CU_ASSERT_EQUAL(r->sysctls[1].value, 5);
	CU_ASSERT_EQUAL(r->sysctls[2].value, 9);
	r = made("full-cone,timeout=5,stream-timeout=5,tcp.timeout=7,tcp.transitory=7", 1);
	assert_has_not(r->ipset, "stream");
	assert_has_not(r->iptables, "ASSURED");
	assert_has(r->ipset, "create tcp-own-1-idle bitmap:port range 0-65535 timeout 7\n");
}

/* The value of a setting that the rules make, or 0. */
static unsigned setting(const struct nat_rules *r, const char *name)
{
	for (size_t i = 0; i < r->sysctl_count; i++)
		if (strcmp(r->sysctls[i].name, name) == 0)
			return r->sysctls[i].value;
	return 0;
}

static void tcp_has_rules_like_udps(void)
{
	const struct nat_rules *r = made("full-cone,tcp.timeout=9,tcp.transitory=5", 1);

	assert_has(r->ipset, "create tcp-own-1-idle bitmap:port range 0-65535 timeout 5\n");
	assert_has(r->ipset, "create tcp-own-1-stream bitmap:port range 0-65535 timeout 9\n");
	assert_has(r->iptables, "-i wan -d 203.0.113.7 -p tcp --syn -m set --match-set tcp-own-1 dst -j DNAT");
	assert_has(r->iptables, "-A tcp-own-1 -p tcp ! --tcp-flags FIN,RST NONE -j SET --del-set tcp-own-1-stream src");
	assert_has(r->iptables, "--ctexpire 6:4294967295 -j SET --add-set tcp-own-1-stream src");
	CU_ASSERT_EQUAL(setting(r, "net.netfilter.nf_conntrack_tcp_timeout_established"), 9);
	CU_ASSERT_EQUAL(setting(r, "net.netfilter.nf_conntrack_tcp_timeout_syn_sent"), 5);
	r = made("symmetric", 1);
	assert_has(r->iptables, "-p tcp -j SNAT --to-source 203.0.113.7:1024-65535 --random-fully");
	/* One that nobody asked for. */
	r = made("symmetric,tcp.unsolicited=reset", 1);
	assert_has(r->iptables, "-A INPUT -d 203.0.113.7 -p tcp -j REJECT --reject-with tcp-reset\n");
	r = made("symmetric,tcp.unsolicited=icmp", 1);
	assert_has(r->why_nft, "who asked before");
	assert_has(r->nft, "@tcp_young drop");
	r = made("port-restricted,tcp.simultaneous=no,tcp.filtering=ei", 1);
	assert_has(r->iptables, "-A FORWARD -i wan -p tcp --syn -m conntrack --ctdir REPLY -j DROP\n");
	CU_ASSERT_STRING_EQUAL(r->nft, "");
	/* No TCP at all. */
	r = made("full-cone,tcp=blocked", 1);
	assert_has(r->iptables, "-A FORWARD -p tcp -j DROP\n");
	assert_has_not(r->ipset, "tcp-");
	/* Plain Linux's is one SNAT for all, and the kernel's own timeouts. */
	r = made("full-cone,tcp=linux", 2);
	assert_has_not(r->ipset, "tcp-");
	assert_has_not(r->nft, "tcp_");
	CU_ASSERT_EQUAL(setting(r, "net.netfilter.nf_conntrack_tcp_timeout_established"), 0);
	/* Where nft does it, strangers' connections are conntrack's own. */
	r = made("mapping=ad,filtering=ad,tcp.mapping=apd", 1);
	assert_has(r->nft, "ip saddr . tcp dport @tcp_permit_idle goto tcp_admit");
	assert_has(r->nft, "map mapping_idle");
	assert_has_not(r->nft, "map tcp_mapping_idle");
	assert_has(r->nft, "meta l4proto tcp ct status dnat accept");
}

static void input_is_as_asked(void)
{
	assert_has(made("symmetric,input=reject", 1)->iptables, "-A INPUT -d 203.0.113.7 -p udp -j REJECT");
	assert_has_not(made("symmetric,input=accept", 1)->iptables, "-A INPUT");
	assert_has(made("mapping=ad,input=reject", 1)->nft, "reject with icmp type port-unreachable");
	assert_has_not(made("mapping=ad,input=accept", 1)->nft, "chain input");
}

static void blocked_udp_leaves_the_rest_alone(void)
{
	const struct nat_rules *r = made("udp-blocked", 1);

	assert_has(r->iptables, "-A FORWARD -p udp -j DROP\n-A FORWARD -i lan -o wan -m conntrack ");
	assert_has(r->iptables, "-A FORWARD -i lan -o wan -j ACCEPT\n");
	assert_has(r->iptables, "-A POSTROUTING -o wan -j SNAT");
}

static void a_firewall_translates_nothing(void)
{
	assert_has_not(made("firewall", 1)->iptables, "SNAT");
	assert_has(made("firewall,filtering=ad", 1)->ipset, "create open-idle hash:ip,port,ip timeout 30");
	assert_has_not(made("firewall,refresh=outbound", 1)->nft, "snat");
}

/* What conntrack does not know it does not translate. */
static void no_inside_address_leaves_untranslated(void)
{
	assert_has(made("mapping=ad", 1)->nft, "iifname \"lan\" oifname \"wan\" ct state invalid,untracked "
	                                       "drop\n\t\tiifname \"lan\" oifname \"wan\" accept");
	assert_has_not(made("firewall", 1)->iptables, "INVALID");
	assert_has_not(made("firewall,refresh=outbound", 1)->nft, "invalid");
}

/* ICMP errors about them are translated by conntrack, which must know them, but not beside the sessions from inside. */
static void whoever_nft_lets_in_is_tracked_in_a_zone_of_his_own(void)
{
	const struct nat_rules *r = made("carrier", 1);

	assert_has(r->nft, "ct zone set jhash udp dport mod 32767 offset 32768 accept");
	assert_has(r->nft, "iifname \"lan\" icmp type { destination-unreachable, time-exceeded, parameter-problem } "
	                   "@th,64,8 0x45 ct zone set @th,160,96 map @delivered");
	assert_has(r->nft, "iifname \"wan\" meta l4proto udp ct zone != 0 accept");
	assert_has_not(r->nft, "notrack");
	assert_has(r->reboot_nft, "flush map ip punchlab delivered\n");
	assert_has_not(made("mapping=ad", 1)->nft, "ct zone set");
}

static void sequential_ports_count_through_the_range(void)
{
	const struct nat_rules *r = made("symmetric,ports=sequential,range=20000-20063", 1);

	assert_has(r->nft, "numgen inc mod 64 map { 0 : 20000, 1 : 20001,");
	assert_has(r->nft, " 63 : 20063 }");
	assert_has_not(r->nft, "64 : ");
}

/* RFC 768: 0 is none. nft's rewriting of a port makes another number of it. */
static void a_checksum_that_is_not_there_is_not_made_up(void)
{
	const struct nat_rules *r = made("symmetric,ports=sequential", 1);

	assert_has(r->nft, "chain pick {\n\t\tudp checksum 0 meta mark set 0x62617265\n");
	assert_has(r->nft, "priority 110; policy accept;\n\t\tmeta mark 0x62617265 udp checksum set 0\n");
	assert_has_not(made("symmetric,hairpin", 1)->nft, "udp checksum"); /* the kernel gives those out */
}

static void a_reboot_forgets_every_set(void)
{
	const struct nat_rules *r = made("restricted", 1);

	assert_has(r->reboot_ipset, "flush own-1-idle\n");
	assert_has(r->reboot_ipset, "flush permit-stream\n");
	assert_has_not(r->reboot_ipset, "flush own-1\n"); /* a list, whose members must stay */
	r = made("mapping=ad,filtering=ad", 1);
	assert_has(r->reboot_nft, "flush map ip punchlab owner_address_idle\n");
	assert_has(r->reboot_nft, "flush set ip punchlab permit_stream\n");
}

static void everything_that_can_be_asked_fits(void)
{
	static const char *const more[] = { "", ",hairpin", ",hairpin=internal,refresh=outbound", ",range=20000-24095",
		                            ",input=reject,timeout=1" };
	struct nat_site site = home;
	char hosts[NAT_RULES_HOSTS][16];

	for (site.host_count = 0; site.host_count < NAT_RULES_HOSTS; site.host_count++) {
		snprintf(hosts[site.host_count], sizeof *hosts, "10.0.1.%zu", site.host_count + 2);
		site.hosts[site.host_count] = hosts[site.host_count];
	}
	for (int i = 0; i < 27; i++)
		for (size_t k = 0; k < sizeof more / sizeof *more; k++) {
			struct nat nat;
			char spec[NAT_TEXT_SIZE], error[NAT_ERROR_SIZE];

			snprintf(spec, sizeof spec, "mapping=%s,filtering=%s,ports=%s%s",
			         nat_behaviour_name((enum nat_behaviour)(i % 3)),
			         nat_behaviour_name((enum nat_behaviour)(i / 3 % 3)),
			         nat_ports_name((enum nat_ports)(i / 9)), more[k]);
			CU_ASSERT_EQUAL_FATAL(nat_parse(spec, &nat, error), 0);
			CU_ASSERT_EQUAL(nat_rules_make(&nat, &site, &rules), 0);
		}
}

static void ipv6_is_translated_by_the_same_rules(void)
{
	const struct nat_rules *r = made_of_ipv6("open,ipv6=nat66", 1);

	assert_has(r->iptables, "*nat\n-A POSTROUTING -o wan -j SNAT --to-source [2333::3]\nCOMMIT\n");
	assert_has(r->iptables, "-A INPUT -i wan -p ipv6-icmp -j ACCEPT\n");
	assert_has_not(r->iptables, "echo-request");
	CU_ASSERT_STRING_EQUAL(r->nft, "");
	r = made_of_ipv6("open,ipv6=nat66,ipv6.mapping=apd", 1);
	assert_has(r->iptables, " -p tcp -j SNAT --to-source [2333::3]:1024-65535 --random-fully\n");
	r = made_of_ipv6("open,ipv6=nat66,ipv6.filtering=ad", 2);
	assert_has(r->ipset, "create six-own-2-idle bitmap:port range 0-65535 timeout 30\n");
	assert_has(r->ipset, "create six-permit-idle hash:ip,port family inet6 timeout 30\n");
	assert_has(r->iptables,
	           "-A FORWARD -i wan -d fd44:0:3:3::5 -p udp -m set --match-set six-permit src,dst -m set "
	           "--match-set six-own-2 dst -j ACCEPT\n");
	assert_has(r->nft, "add table ip6 punchlab\ndelete table ip6 punchlab\ntable ip6 punchlab {\n");
	assert_has(r->nft, "snat ip6 to [2333::3]:61000-65095 fully-random\n");
	assert_has(r->reboot_nft, "flush map ip6 punchlab delivered\n");
}

static void a_prefix_is_mapped_both_ways(void)
{
	const struct nat_rules *r = made_of_ipv6("symmetric,ipv6=nptv6", 0);

	CU_ASSERT_STRING_EQUAL(
	    r->iptables, "*mangle\n"
			 "-A PREROUTING -i lan -d 2444:0:3::/64 -j MARK --set-mark 0x7475\n"
			 "-A PREROUTING -d 2444:0:3::/64 -j DNPT --src-pfx 2444:0:3::/64 --dst-pfx fd44:0:3:3::/64\n"
			 "-A POSTROUTING -o wan -s fd44:0:3:3::/64 -j SNPT --src-pfx fd44:0:3:3::/64 --dst-pfx "
			 "2444:0:3::/64\n"
			 "-A POSTROUTING -o lan -s fd44:0:3:3::/64 -m mark --mark 0x7475 -j SNPT --src-pfx "
			 "fd44:0:3:3::/64 --dst-pfx 2444:0:3::/64\n"
			 "COMMIT\n");
	CU_ASSERT_STRING_EQUAL(r->nft, "");
}

/* Nothing of IPv4's words is left, but in names. */
static void nft_says_of_ipv6_the_same_in_other_words(void)
{
	struct nat_site site = home6;
	const struct nat_rules *r;

	site.wan = "ip icmp";
	r = made_at(site, "open,ipv6=nat66,ipv6.mapping=ad,ipv6.filtering=ei,ipv6.timeout=9", 1);
	CU_ASSERT_STRING_EQUAL(r->iptables, "");
	assert_has(r->nft, "iifname \"ip icmp\" meta l4proto ipv6-icmp accept\n");
	assert_has(r->nft, "icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem } "
	                   "@th,64,4 6 @th,112,8 17 ct zone set jhash @th,128,128 . @th,256,128 . @th,384,32 mod "
	                   "4294967295 seed 0x77617973 map @delivered\n");
	assert_has(r->nft, "meta mark set jhash ct original ip6 daddr mod 4294967295 seed 0x6d617070\n");
	assert_has(r->nft, " : jhash ct original ip6 saddr . ct original proto-src . meta mark mod 4294967295 seed");
	assert_has(r->nft, "policy = { unreplied : 9, replied : 9 }");
	assert_has_not(r->nft, " ip saddr");
	assert_has_not(r->nft, "ipv4_addr");
	assert_has_not(r->nft, " ip to");
	assert_has_not(r->nft, "icmp type");
}

/* One host's rules are iptables' alone where several hosts' are not: check measures both then. */
static void rules_say_whether_hosts_matter(void)
{
	for (const struct nat_preset *p = nat_presets; p->name != NULL; p++) {
		char error[NAT_ERROR_SIZE];
		bool alone = made(p->name, 1)->why_nft != NULL, several = made(p->name, 2)->why_nft != NULL;
		struct nat nat;

		CU_ASSERT_EQUAL_FATAL(nat_parse(p->name, &nat, error), 0);
		CU_ASSERT_EQUAL(nat_rules_depend_on_hosts(&nat), alone != several);
	}
}

static void rules_say_what_they_need(void)
{
	CU_ASSERT_EQUAL(made("open", 1)->features, 0);
	const unsigned filters = 1 << NAT_FEATURE_FILTER | 1 << NAT_FEATURE_CONNTRACK;

	CU_ASSERT_EQUAL(made("port-restricted", 1)->features, filters | 1 << NAT_FEATURE_NAT);
	CU_ASSERT_EQUAL(made("symmetric", 1)->features, filters | 1 << NAT_FEATURE_NAT | 1 << NAT_FEATURE_RANDOM_PORTS);
	CU_ASSERT_EQUAL(made("firewall,filtering=ad", 1)->features,
	                filters | 1 << NAT_FEATURE_PAIR_SETS | 1 << NAT_FEATURE_LISTS | 1 << NAT_FEATURE_SET);
	CU_ASSERT_EQUAL(made_of_ipv6("open,ipv6=firewall", 0)->features, filters | 1 << NAT_FEATURE_IPV6);
	CU_ASSERT_EQUAL(made("open,ipv6=firewall", 1)->features, 0);
	CU_ASSERT_EQUAL(made("firewall,refresh=outbound,input=reject", 1)->features,
	                1 << NAT_FEATURE_NFT_FILTER | 1 << NAT_FEATURE_NFT_CONNTRACK | 1 << NAT_FEATURE_NFT_MAPS |
	                    1 << NAT_FEATURE_NFT_UNTRACKED | 1 << NAT_FEATURE_NFT_REJECT);
	CU_ASSERT_EQUAL(made("port-restricted,clobber", 1)->features,
	                filters | 1 << NAT_FEATURE_NAT | 1 << NAT_FEATURE_NFT_FILTER | 1 << NAT_FEATURE_NFT_COUNTERS |
	                    1 << NAT_FEATURE_NFT_PAYLOADS);
}

/* None is tried in vain. */
static void every_feature_is_needed_by_some_rules(void)
{
	char spec[NAT_TEXT_SIZE];
	unsigned all = 0;

	for (int i = 0; i < 9 * 4 * 2; i++) {
		snprintf(spec, sizeof spec, "mapping=%s,filtering=%s,%s",
		         nat_behaviour_name((enum nat_behaviour)(i % 3)),
		         nat_behaviour_name((enum nat_behaviour)(i / 3 % 3)),
		         (const char *const[]){ "hairpin", "input=reject", "refresh=outbound",
		                                "ports=sequential" }[i / 9 % 4]);
		all |= made(spec, (size_t)i / 36 + 1)->features;
	}
	for (int i = 0; i < 3; i++) {
		snprintf(spec, sizeof spec, "firewall,filtering=%s", nat_behaviour_name((enum nat_behaviour)i));
		all |= made(spec, 1)->features;
	}
	all |=
	    made("port-restricted,clobber", 1)->features | made_of_ipv6("open,ipv6=nat66,ipv6.mapping=ad", 1)->features;
	all |= made("symmetric,addresses=2,fragments=drop", 1)->features | made("upnp", 1)->features;
	all |= made("symmetric", 1)->features | made("firewall,refresh=outbound,input=reject", 1)->features;
	all |= made_of_ipv6("open,ipv6=nat66", 1)->features | made_of_ipv6("open,ipv6=nptv6", 1)->features;
	CU_ASSERT_EQUAL(all, (1U << NAT_FEATURES) - 1);
}

/* What a box does beside translating: rules beside iptables' where those do the rest, and none where nothing is asked.
 */
static void manners_stand_beside(void)
{
	const struct nat_rules *r = made("port-restricted,limit=3,fragments=drop,icmp=blocked", 1);

	assert_has(r->iptables, "SNAT --to-source 203.0.113.7");
	assert_has(r->nft, "set bound { type ipv4_addr . inet_service; flags dynamic,timeout; timeout 30s; size 3; }");
	assert_has(r->nft, "ip frag-off & 0x3fff != 0 drop");
	assert_has(r->nft, "hook output priority -5");
	assert_has(r->reboot_nft, "flush set ip punchlab bound\n");
	CU_ASSERT_PTR_NOT_NULL(r->why_nft);
	CU_ASSERT_STRING_EQUAL(made("port-restricted,mtu=1400", 1)->nft, "");
	assert_has(made("symmetric,limit-per-host=3", 2)->nft, "ct original ip saddr 10.0.1.3 goto in_bound_2");
	assert_has(made("open,icmp=blocked", 1)->nft, "meta l4proto icmp drop");
	assert_has(made("fragments=in-order", 1)->nft, "!= @begun drop");
}

/* What goes by age is learned once, and bears the number of its mapping; what goes by conntrack alone needs no rule. */
static void mortal_mappings_are_learned_once(void)
{
	const struct nat_rules *r = made("full-cone,ports=random,lifetime=60", 2);

	CU_ASSERT_STRING_EQUAL(r->iptables, "");
	assert_has(r->nft, "timeout 60s");
	assert_has(r->nft, "ct status & confirmed != 0 accept");
	assert_has(r->nft, "add @mapping_idle");
	assert_has(r->nft,
	           "update @session_idle { ct original ip daddr . ct original proto-dst . udp sport . meta mark }");
	assert_has(r->nft, "ip saddr . udp sport . udp dport . meta mark @session_idle accept");
	CU_ASSERT_PTR_NULL(strstr(r->nft, "chain refresh"));
	CU_ASSERT_STRING_EQUAL(made("symmetric,lifetime=60", 2)->nft, "");
	assert_has(made("symmetric,lifetime=60,limit=3", 1)->nft, "add @bound {");
}

static void several_addresses_are_told_apart(void)
{
	const struct nat_rules *r = made("full-cone,addresses=2", 2);

	CU_ASSERT_STRING_EQUAL(r->iptables, "");
	assert_has(r->nft, "elements = { * : 203.0.113.7, 10.0.1.2 : 203.0.113.7, 10.0.1.3 : 203.0.113.8 }");
	assert_has(r->nft, "snat ip to ip saddr map @paired : udp sport");
	assert_has(r->nft, "ip daddr != { 203.0.113.7, 203.0.113.8 } accept");
	assert_has(r->nft, "ip daddr . udp dport != @outside_idle");
	assert_has(made("symmetric,addresses=2,pooling=arbitrary", 1)->nft,
	           "ct original proto-dst mod 2 seed 0x706f6f6c map { 0 : 203.0.113.7, 1 : 203.0.113.8 }");
}

static void the_script_has_the_rules_and_its_own_names(void)
{
	char *text = malloc(NAT_SCRIPT_SIZE);
	struct nat nat;
	char error[NAT_ERROR_SIZE];

	CU_ASSERT_PTR_NOT_NULL(text);
	if (text == NULL)
		return;
	for (const struct nat_preset *p = nat_presets; p->name != NULL; p++) {
		CU_ASSERT_EQUAL_FATAL(nat_parse(p->name, &nat, error), 0);
		CU_ASSERT_EQUAL(nat_script(&nat, 2, text), 0);
		CU_ASSERT_EQUAL(strncmp(text, "#!/bin/sh -e\n", 13), 0);
	}
	CU_ASSERT_EQUAL_FATAL(nat_parse("full-cone,hairpin", &nat, error), 0);
	CU_ASSERT_EQUAL(nat_script(&nat, 1, text), 0);
	assert_has(text, "wan=wan\n");
	assert_has(text, "host1=10.0.1.2\n");
	assert_has(text, "ipset restore <<EOF\ncreate own-1 list:set\n");
	assert_has(text, "-A POSTROUTING -o $wan -j SNAT --to-source $wan_address\n");
	assert_has(text, "-j DNAT --to-destination $host1\n");
	free(text);
}

/* Both there, the one before the other. */
static void assert_order(const char *text, const char *first, const char *second)
{
	const char *at = strstr(text, first);

	assert_has(text, first);
	assert_has(at != NULL ? at : "", second);
}

static void the_script_begins_by_removing_what_one_made_before(void)
{
	char *text = malloc(NAT_SCRIPT_SIZE);
	struct nat nat;
	char error[NAT_ERROR_SIZE];

	CU_ASSERT_PTR_NOT_NULL(text);
	if (text == NULL)
		return;
	CU_ASSERT_EQUAL_FATAL(nat_parse("full-cone", &nat, error), 0);
	CU_ASSERT_EQUAL(nat_script(&nat, 2, text), 0);
	assert_order(text, "*mangle\nCOMMIT\n*nat\nCOMMIT\n", "ipset -q destroy $set");
	assert_order(text, "delete table ip punchlab\n", "table ip punchlab {");
	assert_order(text, "conntrack -F\n", "ipset restore <<EOF\n");
	assert_order(text, "ipset restore <<EOF\n", "--match-set own-1");
	assert_order(text, "table ip punchlab {", "sysctl -w net.ipv4.ip_forward=1\n");
	assert_has(text, "--hosts N names more");
	/* Also what one made for IPv6, which this one leaves alone. */
	assert_order(text, "\nip6tables-restore <<EOF\n*mangle\nCOMMIT\n", ":FORWARD ACCEPT [0:0]\n");
	assert_order(text, "delete table ip6 punchlab\n", "grep -xE '(six-)?");
	/* What iptables shut meanwhile is opened where nft does it all. */
	CU_ASSERT_EQUAL_FATAL(nat_parse("mapping=ad", &nat, error), 0);
	CU_ASSERT_EQUAL(nat_script(&nat, 1, text), 0);
	assert_order(text, ":FORWARD DROP [0:0]\n", "table ip punchlab {");
	assert_order(text, "table ip punchlab {", ":FORWARD ACCEPT [0:0]\n");
	assert_has_not(text, "--hosts N");
	free(text);
}

static void a_summary_says_what_matters(void)
{
	char text[NAT_SUMMARY_SIZE], error[NAT_ERROR_SIZE];
	struct nat nat;

	CU_ASSERT_EQUAL_FATAL(nat_parse("carrier,refresh=outbound,input=reject", &nat, error), 0);
	nat_summary(&nat, text);
	assert_has(text, "mapping endpoint-independent");
	assert_has(text, "random of 20480-20991");
	assert_has(text, "hairpins");
	assert_has(text, "timeout 35 s");
	assert_has(text, "outbound traffic only");
	assert_has(text, "rejected");
	CU_ASSERT_EQUAL_FATAL(nat_parse("open", &nat, error), 0);
	CU_ASSERT_STRING_EQUAL(nat_summary(&nat, text), "no translation, nothing filtered");
}

SUITE(nat_rules, TEST(manners_stand_beside), TEST(several_addresses_are_told_apart),
      TEST(mortal_mappings_are_learned_once), TEST(port_restricted_is_plain_snat), TEST(classic_types_need_no_nft),
      TEST(several_hosts_get_nft_beside_iptables), TEST(what_iptables_cannot_do_is_nft_with_the_reason),
      TEST(sets_live_as_long_as_mappings), TEST(tcp_has_rules_like_udps), TEST(input_is_as_asked),
      TEST(blocked_udp_leaves_the_rest_alone), TEST(a_firewall_translates_nothing),
      TEST(no_inside_address_leaves_untranslated), TEST(whoever_nft_lets_in_is_tracked_in_a_zone_of_his_own),
      TEST(a_checksum_that_is_not_there_is_not_made_up), TEST(sequential_ports_count_through_the_range),
      TEST(a_reboot_forgets_every_set), TEST(everything_that_can_be_asked_fits), TEST(rules_say_what_they_need),
      TEST(ipv6_is_translated_by_the_same_rules), TEST(nft_says_of_ipv6_the_same_in_other_words),
      TEST(a_prefix_is_mapped_both_ways), TEST(rules_say_whether_hosts_matter),
      TEST(every_feature_is_needed_by_some_rules), TEST(the_script_has_the_rules_and_its_own_names),
      TEST(the_script_begins_by_removing_what_one_made_before), TEST(a_summary_says_what_matters))
