#include "model/nat_show.h"

#include "model/nat_rules.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

#define HOSTS_MAX 8

/* --- in words ---------------------------------------------------------------------------------- */

static void add_translation(const struct nat *n, struct text *t)
{
	const struct nat_transport *udp = &n->transport[NAT_UDP];

	text_add(t, "mapping %s, filtering %s, ports %s", nat_word(n, NAT_KEY_MAPPING),
	         nat_behaviour_name(udp->filtering), nat_ports_name(udp->ports));
	if (n->port_high != 0)
		text_add(t, " of %u-%u", n->port_low, n->port_high);
	if (udp->parity)
		text_add(t, ", even stays even and odd stays odd");
	if (n->addresses != 0)
		text_add(t, ", %u addresses, %s", nat_addresses(n),
		         n->pooling == NAT_POOLING_PAIRED ? "each host always at the same" : "a host at any of them");
	if (udp->hairpin == NAT_HAIRPIN_EXTERNAL)
		text_add(t, ", hairpins");
	if (udp->hairpin == NAT_HAIRPIN_INTERNAL)
		text_add(t, ", hairpins with the inside address");
	if (udp->hairpin == NAT_HAIRPIN_MAPPED)
		text_add(t, ", hairpins for sockets that have a mapping");
	if (udp->limit != 0)
		text_add(t, ", at most %u mappings", udp->limit);
	if (udp->limit_per_host != 0)
		text_add(t, ", at most %u mappings of a host", udp->limit_per_host);
}

static void add_state(const struct nat *n, struct text *t)
{
	unsigned idle = nat_timeout_s(n), stream = nat_stream_timeout_s(n);

	if (n->transport[NAT_UDP].lifetime_s != 0)
		text_add(t, ", mappings end after %u s, traffic or not", n->transport[NAT_UDP].lifetime_s);
	else if (idle == stream)
		text_add(t, ", timeout %u s", idle);
	else
		text_add(t, ", timeout %u s and %u s", idle, stream);
	if (n->transport[NAT_UDP].refresh == NAT_REFRESH_OUTBOUND)
		text_add(t, ", refreshed by outbound traffic only");
	if (n->input != NAT_INPUT_DROP)
		text_add(t, ", unsolicited packets %sed", nat_input_name(n->input));
}

static void add_manners(const struct nat *n, struct text *t)
{
	static const char *const fragments[] = { "", ", drops fragments", ", drops fragments out of order" };

	text_add(t, "%s", fragments[n->fragments]);
	if (n->icmp_blocked)
		text_add(t, ", no ICMP");
	if (n->clobbers)
		text_add(t, ", clobbers its own address in payloads");
	if (nat_maps_ports(n))
		text_add(t, ", maps ports that hosts ask for");
	if (n->upnp > NAT_MAPPER_WORKS)
		text_add(t, " (%s)", nat_word(n, NAT_KEY_UPNP));
	if (n->wan_mtu != 0)
		text_add(t, ", packets of at most %u bytes on its wan side", n->wan_mtu);
}

/* What TCP has of its own: where nothing is said, it is as UDP. */
static void add_tcp(const struct nat *n, struct text *t)
{
	const struct nat_transport *udp = &n->transport[NAT_UDP], *tcp = &n->transport[NAT_TCP];
	bool translates = n->kind == NAT_TRANSLATE;
	char mapping[48];

	snprintf(mapping, sizeof mapping, "%s, ", nat_behaviour_name(tcp->mapping));
	if (tcp->blocked)
		text_add(t, "; TCP blocked");
	if (tcp->blocked || n->kind == NAT_OPEN)
		return;
	if (n->tcp == NAT_TCP_LINUX && udp->ports != NAT_PORTS_OVERLOAD)
		text_add(t, "; TCP as plain Linux");
	else if (tcp->filtering != udp->filtering || tcp->mapping != udp->mapping || tcp->ports != udp->ports ||
	         udp->blocked)
		text_add(t, "; TCP: %s%sfiltering %s%s%s", translates ? "mapping " : "", translates ? mapping : "",
		         nat_behaviour_name(tcp->filtering), translates ? ", ports " : "",
		         translates ? nat_ports_name(tcp->ports) : "");
	if (n->unsolicited == NAT_UNSOLICITED_ICMP)
		text_add(t, "; unsolicited SYNs refused by ICMP after 6 s");
	if (n->unsolicited == NAT_UNSOLICITED_RESET)
		text_add(t, "; unsolicited SYNs reset");
	if (n->simultaneous_broken)
		text_add(t, "; no simultaneous open");
	if (tcp->stream_timeout_s != 0 || tcp->timeout_s != 0)
		text_add(t, "; TCP timeouts %u s and %u s", nat_tcp_timeout_s(n), nat_tcp_transitory_s(n));
}

static const char *pref64_text(const struct nat *n, char text[SUBNET_TEXT_SIZE])
{
	const struct nat64_prefix by = nat_pref64(n);

	return subnet_format(&(struct subnet){ by.network, by.bits }, text);
}

static void add_prefix(const struct nat *n, enum nat_key key, const char *name, struct text *t)
{
	char text[SUBNET_TEXT_SIZE];

	if (nat_prefix(n, key)->prefix != 0)
		text_add(t, ", %s %s", name, subnet_format(nat_prefix(n, key), text));
}

static void add_ipv6(const struct nat *n, struct text *t)
{
	const struct nat own = nat_ipv6(n);
	char prefix[SUBNET_TEXT_SIZE];

	if (n->ipv6 == NAT_IPV6_OPEN)
		text_add(t, "; IPv6 routed, nothing filtered");
	if (n->ipv6 == NAT_IPV6_FIREWALL)
		text_add(t, "; IPv6 routed, filtering %s", nat_behaviour_name(n->ipv6_filtering));
	if (n->ipv6 == NAT_IPV6_NAT66)
		text_add(t, "; IPv6 translated, mapping %s, filtering %s", nat_behaviour_name(n->ipv6_mapping),
		         nat_behaviour_name(n->ipv6_filtering));
	if (n->ipv6_hairpin && !nat_maps_prefix(n))
		text_add(t, ", hairpinning");
	if (nat_maps_prefix(n))
		text_add(t, "; IPv6 translated by prefix, nothing filtered%s",
		         n->ipv6_hairpin ? "" : ", no hairpinning");
	if (n->ipv6_timeout_s != 0)
		text_add(t, ", timeout %u s", nat_timeout_s(&own));
	if (n->ipv6 == NAT_IPV6_NAT64)
		text_add(t, "; no IPv4 inside: %s is translated to it, other IPv6 routed, nothing filtered",
		         pref64_text(n, prefix));
	add_prefix(n, NAT_KEY_IPV6_PREFIX, "IPv6 prefix", t);
	add_prefix(n, NAT_KEY_IPV6_INSIDE, "inside", t);
	add_prefix(n, NAT_KEY_IPV6_OUTSIDE, "outside", t);
}

const char *nat_summary(const struct nat *nat, char text[NAT_SUMMARY_SIZE])
{
	const struct nat_transport *udp = &nat->transport[NAT_UDP];
	struct text t = text_in(text, NAT_SUMMARY_SIZE);

	if (udp->blocked) {
		text_add(&t, "UDP blocked in both directions");
		add_tcp(nat, &t);
		add_ipv6(nat, &t);
		return text;
	}
	switch (nat->kind) {
	case NAT_OPEN:
		text_add(&t, "no translation, nothing filtered");
		add_manners(nat, &t);
		add_ipv6(nat, &t);
		return text;
	case NAT_FIREWALL: text_add(&t, "no translation, filtering %s", nat_behaviour_name(udp->filtering)); break;
	case NAT_TRANSLATE: add_translation(nat, &t); break;
	}
	add_state(nat, &t);
	add_manners(nat, &t);
	add_tcp(nat, &t);
	add_ipv6(nat, &t);
	return text;
}

/* --- as a script ------------------------------------------------------------------------------- */

static const char *const host_names[HOSTS_MAX] = { "$host1", "$host2", "$host3", "$host4",
	                                           "$host5", "$host6", "$host7", "$host8" };

static const char *const ipv6_host_names[HOSTS_MAX] = { "$host1_6", "$host2_6", "$host3_6", "$host4_6",
	                                                "$host5_6", "$host6_6", "$host7_6", "$host8_6" };

static const char *const other_addresses[NAT_ADDRESSES_MAX - 1] = { "$wan_address2", "$wan_address3", "$wan_address4" };

/* What whoever runs it on a router of his own should know. */
static void add_warnings(const struct nat *nat, const struct nat_rules *rules, struct text *t)
{
	char prefix[SUBNET_TEXT_SIZE];

	text_add(t, "#\n"
	            "# For a router of its own: iptables-restore replaces the tables mangle, nat and filter, with all\n"
	            "# that is in them, and ip6tables-restore those of IPv6. It may be run again, and after another\n"
	            "# NAT's script, whose work goes first.\n");
	if (nat_maps_ports(nat))
		text_add(
		    t,
		    "# Ports that hosts ask for are mapped by a miniupnpd, which is none of these rules: they let in\n"
		    "# what it has marked.\n");
	if (nat->ipv6 == NAT_IPV6_NAT64)
		text_add(t,
		         "# What makes IPv4 of %s and back is none of these rules: a translator without a\n"
		         "# state (tayga, Jool's SIIT) that has that network and $lan_network on the interface $lan.\n",
		         pref64_text(nat, prefix));
	if (rules->names_hosts)
		text_add(t, "# Hosts not named below are served as if behind a port-restricted NAT:\n"
		            "# punchlab nat --hosts N names more.\n");
	text_add(t, "\n");
}

static const char *prefix_or(const struct nat *nat, enum nat_key key, const char *example, char text[SUBNET_TEXT_SIZE])
{
	return nat_prefix(nat, key)->prefix != 0 ? subnet_format(nat_prefix(nat, key), text) : example;
}

static void add_head(const struct nat *nat, const struct nat_rules *rules, size_t host_count, struct text *t)
{
	char inside[SUBNET_TEXT_SIZE], outside[SUBNET_TEXT_SIZE];
	char spec[NAT_TEXT_SIZE];
	char summary[NAT_SUMMARY_SIZE];

	text_add(t, "#!/bin/sh -e\n# %s: %s.\n", nat_format(nat, spec), nat_summary(nat, summary));
	add_warnings(nat, rules, t);
	if (nat_is_nothing(nat))
		return;
	text_add(t,
	         "# The router's interfaces and addresses, and the hosts behind it: put in your own.\n"
	         "wan=wan\nlan=%s\nwan_address=203.0.113.1\nlan_network=10.0.1.0/24\n",
	         nat->ipv6 == NAT_IPV6_NAT64 ? NAT_RULES_NAT64 : "lan");
	if (nat_filters_ipv6(nat))
		text_add(t, "wan_address6=2001:db8:3000::3\n");
	if (nat_maps_prefix(nat))
		text_add(t, "lan_network6=%s\noutside_network6=%s\n",
		         prefix_or(nat, NAT_KEY_IPV6_INSIDE, "fd44:0:3::/48", inside),
		         prefix_or(nat, NAT_KEY_IPV6_OUTSIDE, "2001:db8:4003::/48", outside));
	else if (nat_hides_ipv6(nat))
		text_add(t, "lan_network6=fd44:0:3:3::/64\n");
	for (size_t i = 0; nat_hides_ipv6(nat) && !nat_maps_prefix(nat) && i < host_count; i++)
		text_add(t, "host%zu_6=fd44:0:3:3::%zu\n", i + 1, i + 4);
	for (unsigned i = 1; i <= nat->addresses; i++)
		text_add(t, "wan_address%u=203.0.113.%u\n", i + 1, i + 1);
	for (size_t i = 0; i < host_count; i++)
		text_add(t, "host%zu=10.0.1.%zu\n", i + 1, i + 2);
	text_add(t, "\n");
}

#define LIFETIME_PID "/run/punchlab-lifetime.pid"

/* An earlier one's, though this one may have nothing to do with IPv6; a kernel without it has none. */
static void add_ipv6_removal(const struct nat *nat, struct text *t)
{
	text_add(t,
	         "if [ -d /proc/sys/net/ipv6 ] && command -v ip6tables-restore >/dev/null; then\n"
	         "ip6tables-restore <<EOF\n*mangle\nCOMMIT\n*filter\n:INPUT ACCEPT [0:0]\n"
	         ":FORWARD %s [0:0]\n%sCOMMIT\nEOF\nip6tables -t nat -F 2>/dev/null || :\nfi\n",
	         nat_filters_ipv6(nat) ? "DROP" : "ACCEPT",
	         nat_filters_ipv6(nat) ? "-A INPUT -i $wan -p udp -j DROP\n" : "");
	text_add(t, "if [ -d /proc/sys/net/ipv6 ] && command -v nft >/dev/null; then\n"
	            "nft -f - <<EOF\nadd table ip6 punchlab\ndelete table ip6 punchlab\nEOF\nfi\n");
}

/*
 * Removes what any script of this kind makes. The order matters: rules name sets, lists name their members. While it
 * runs a packet must not pass, nor be taken in by the box: conntrack would keep to it what it then saw.
 */
static void add_removal(const struct nat *nat, struct text *t)
{
	bool is_open = nat->kind == NAT_OPEN;

	text_add(t,
	         "# What an earlier script made goes first%s.\nif command -v iptables-restore >/dev/null; then\n"
	         "iptables-restore <<EOF\n*mangle\nCOMMIT\n*nat\nCOMMIT\n"
	         "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD %s [0:0]\n%sCOMMIT\nEOF\nfi\n",
	         is_open ? "" : "; nothing passes until the new rules are there", is_open ? "ACCEPT" : "DROP",
	         is_open ? "" : "-A INPUT -i $wan -p udp -j DROP\n");
	add_ipv6_removal(nat, t);
	text_add(t,
	         "if command -v nft >/dev/null; then\n"
	         "nft -f - <<EOF\nadd table ip punchlab\ndelete table ip punchlab\n"
	         "EOF\nfi\n"
	         "if command -v ipset >/dev/null; then\n"
	         "\tsets=$(ipset list -n | grep -xE "
	         "'(six-)?(tcp-)?(own-[0-9]+|mapped|moved|permit|open)(-idle|-stream)?') || :\n"
	         "\tfor set in $sets; do ipset flush $set; done\n"
	         "\tfor set in $sets; do\n"
	         "\t\t# The kernel lets go of a set a moment after the last rule that names it.\n"
	         "\t\tfor try in 1 2 3 4 5; do ipset -q destroy $set && break; sleep 1; done\n"
	         "\tdone\nfi\n"
	         "if [ -f " LIFETIME_PID " ]; then\n"
	         "\tkill $(cat " LIFETIME_PID ") || :\n"
	         "\trm " LIFETIME_PID "\nfi\n"
	         "conntrack -F\n%s",
	         nat_filters_ipv6(nat) ? "conntrack -F -f ipv6\n" : "");
}

static void add_input(struct text *t, const char *command, const char *input)
{
	if (input[0] != '\0')
		text_add(t, "\n%s <<EOF\n%sEOF\n", command, input);
}

/* Where nft does it all, iptables lets everything pass again. */
static void add_opening(const struct nat_rules *rules, const char *restore, struct text *t)
{
	if (rules->iptables[0] == '\0' && rules->nft[0] != '\0')
		text_add(t,
		         "\nif command -v %s >/dev/null; then\n"
		         "%s <<EOF\n*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\nCOMMIT\n"
		         "EOF\nfi\n",
		         restore, restore);
}

/* Behind the rules: there may be no conntrack, and no such settings, before a rule wants it. */
static void add_sysctls(const struct nat_rules *rules, struct text *t)
{
	text_add(t, "\n");
	for (size_t i = 0; i < rules->sysctl_count; i++)
		text_add(t, "sysctl -w %s=%u\n", rules->sysctls[i].name, rules->sysctls[i].value);
}

static void add_mtu(const struct nat *nat, struct text *t)
{
	if (nat->wan_mtu != 0)
		text_add(t, "ip link set $wan mtu %u\n", nat->wan_mtu);
}

/* Each flow is told its end when it begins: from then on no packet puts it off. */
static void add_lifetime(const struct nat *nat, struct text *t)
{
	unsigned seconds = nat->transport[NAT_UDP].lifetime_s;

	if (seconds != 0)
		text_add(t,
		         "\n# A flow ends %u s after it began, traffic or not, as long as this goes on.\n"
		         "conntrack -E -e NEW -p udp | while read -r _ _ _ _ source target sport dport _; do\n"
		         "\tconntrack -U -p udp -s ${source#src=} -d ${target#dst=} --sport ${sport#sport=} "
		         "--dport ${dport#dport=} \\\n"
		         "\t\t-t %u -u FIXED_TIMEOUT || :\ndone >/dev/null 2>&1 &\n"
		         "echo $! >" LIFETIME_PID "\n",
		         seconds, seconds);
}

static void add_rules(const struct nat_rules *rules, const char *restore, struct text *t)
{
	add_input(t, "ipset restore", rules->ipset);
	add_input(t, restore, rules->iptables);
	if (rules->why_nft != NULL)
		text_add(t, "\n# nft, %s.\n", rules->why_nft);
	add_input(t, "nft -f -", rules->nft);
	add_opening(rules, restore, t);
}

static int add_ipv6_rules(const struct nat *nat, size_t host_count, struct text *t)
{
	static struct nat_rules rules;
	struct nat_site site = { .wan = "$wan",
		                 .lan = "$lan",
		                 .wan_address = "$wan_address6",
		                 .lan_network = "$lan_network6",
		                 .outside_network = "$outside_network6",
		                 .is_ipv6 = true };

	for (; nat_hides_ipv6(nat) && site.host_count < host_count; site.host_count++)
		site.hosts[site.host_count] = ipv6_host_names[site.host_count];
	if (!nat_filters_ipv6(nat) && !nat_maps_prefix(nat))
		return 0;
	if (nat_rules_make(nat, &site, &rules) != 0)
		return -1;
	add_rules(&rules, "ip6tables-restore", t);
	return 0;
}

int nat_script(const struct nat *nat, size_t host_count, char text[NAT_SCRIPT_SIZE])
{
	static struct nat_rules rules; /* large; everything in it is made anew */
	struct nat_site site = {
		.wan = "$wan", .lan = "$lan", .wan_address = "$wan_address", .lan_network = "$lan_network"
	};
	struct text t = text_in(text, NAT_SCRIPT_SIZE);

	for (size_t i = 0; i < sizeof other_addresses / sizeof *other_addresses; i++)
		site.other_addresses[i] = other_addresses[i];
	for (; site.host_count < host_count && site.host_count < HOSTS_MAX; site.host_count++)
		site.hosts[site.host_count] = host_names[site.host_count];
	if (nat_rules_make(nat, &site, &rules) != 0)
		return -1;
	add_head(nat, &rules, site.host_count, &t);
	add_removal(nat, &t);
	add_rules(&rules, "iptables-restore", &t);
	if (add_ipv6_rules(nat, site.host_count, &t) != 0)
		return -1;
	add_sysctls(&rules, &t);
	add_mtu(nat, &t);
	add_lifetime(nat, &t);
	return t.cut ? -1 : 0;
}
