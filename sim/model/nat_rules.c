#include "model/nat_rules.h"

#include "model/nat_rules_parts.h"

#include <stdio.h>
#include <string.h>

static struct lifetimes udp_lifetimes(const struct nat *nat)
{
	return (struct lifetimes){
		.of = { { "idle", " -m conntrack ! --ctstatus ASSURED", "", nat_timeout_s(nat) },
		        { "stream", " -m conntrack --ctstatus ASSURED", "ct status assured ",
		          nat_stream_timeout_s(nat) } },
		.count = 2,
	};
}

static struct lifetimes tcp_lifetimes(const struct nat *nat)
{
	unsigned transitory = nat_tcp_transitory_s(nat);
	struct lifetimes lives = {
		.of = { { "idle", " -m conntrack ! --ctstatus ASSURED", "", transitory },
		        { .name = "stream", .seconds = nat_tcp_timeout_s(nat) } },
		.count = 2,
	};

	snprintf(lives.of[1].iptables, sizeof lives.of[1].iptables, " -m conntrack --ctstatus ASSURED --ctexpire %u:%u",
	         transitory + 1, UINT32_MAX);
	snprintf(lives.of[1].nft, sizeof lives.of[1].nft, "ct status assured ct expiration > %us ", transitory);
	return lives;
}

struct lifetimes lifetimes_of(const struct nat *nat, enum nat_protocol protocol)
{
	struct lifetimes lives = protocol == NAT_TCP ? tcp_lifetimes(nat) : udp_lifetimes(nat);

	if (lives.of[0].seconds == lives.of[1].seconds) {
		lives.count = 1;
		lives.of[0].iptables[0] = '\0';
	}
	return lives;
}

/* Why iptables cannot build what is said of that protocol, or NULL. */
static const char *protocol_beyond_iptables(const struct nat *nat, const struct nat_transport *how)
{
	bool cone = how->mapping == NAT_ENDPOINT_INDEPENDENT;

	if (how->refresh == NAT_REFRESH_OUTBOUND)
		return "iptables: conntrack refreshes a mapping by traffic of either direction";
	if (nat->kind == NAT_FIREWALL || how->ports == NAT_PORTS_OVERLOAD)
		return NULL;
	if (how->by_port)
		return "iptables: conntrack gives no mapping to another host";
	if (how->lifetime_s != 0 && (cone || how->hairpin != NAT_HAIRPIN_NONE))
		return "iptables: its sets forget what is not used, not what is old";
	if (how->mapping == NAT_ADDRESS_DEPENDENT)
		return "iptables: conntrack knows mappings for endpoints, none for addresses";
	if (how->parity)
		return "iptables: it picks ports without looking whether they are even or odd";
	if (nat->addresses != 0)
		return "iptables: its sets hold mapped ports, not at which of several addresses";
	if (how->hairpin == NAT_HAIRPIN_MAPPED)
		return "iptables: which sockets have a mapping would take a rule for each two hosts";
	if (nat->port_high != 0)
		return "iptables: in a range it hands out ports that another socket still has";
	if (how->ports == NAT_PORTS_SEQUENTIAL)
		return "iptables: nothing counts through ports and leaves out those in use";
	if (!cone && how->filtering != NAT_ADDRESS_AND_PORT_DEPENDENT)
		return "iptables: it never learns the translated port that strangers are to be let in to";
	if (!cone && how->hairpin != NAT_HAIRPIN_NONE)
		return "iptables: it never learns the translated port that hairpinned packets are sent to";
	if (cone && how->ports == NAT_PORTS_RANDOM)
		return "iptables: random ports are new for every destination";
	if (!cone && how->ports == NAT_PORTS_PRESERVE)
		return "iptables: once a port is kept it is kept for every destination";
	return NULL;
}

/* Why iptables cannot build it, or NULL. */
static const char *beyond_iptables(const struct nat *nat)
{
	const char *why = NULL;

	if (nat->kind == NAT_OPEN)
		return NULL;
	for (int i = 0; i < NAT_PROTOCOLS && why == NULL; i++)
		if (!nat->transport[i].blocked)
			why = protocol_beyond_iptables(nat, &nat->transport[i]);
	if (why == NULL && nat->unsolicited == NAT_UNSOLICITED_ICMP)
		why = "iptables: no set of its holds an address and both ports, to know who asked before";
	return why;
}

static bool needs_nft_beside(const struct nat *nat, const struct nat_site *site)
{
	return iptables_needs_nft_beside(nat, NAT_UDP, site) || iptables_needs_nft_beside(nat, NAT_TCP, site);
}

static bool depend_on_hosts(const struct nat *nat)
{
	const struct nat_site several = { .host_count = 2 };

	return beyond_iptables(nat) == NULL && needs_nft_beside(nat, &several);
}

bool nat_rules_depend_on_hosts(const struct nat *nat)
{
	const struct nat own = nat_ipv6(nat);

	return depend_on_hosts(nat) || depend_on_hosts(&own);
}

static void add_sysctl(struct nat_rules *r, const char *name, unsigned value)
{
	r->sysctls[r->sysctl_count].name = name;
	r->sysctls[r->sysctl_count++].value = value;
}

#define KERNEL_CLOSE_S                                                                                                 \
	10 /* after a RST; longer than it is opened or closed a connection must not be kept then, either */

/* The kernel's own stay where TCP is plain Linux's. */
static void make_tcp_sysctls(const struct nat *nat, struct nat_rules *r)
{
	static const char *const transitory[] = {
		"net.netfilter.nf_conntrack_tcp_timeout_syn_sent", "net.netfilter.nf_conntrack_tcp_timeout_syn_recv",
		"net.netfilter.nf_conntrack_tcp_timeout_fin_wait", "net.netfilter.nf_conntrack_tcp_timeout_close_wait",
		"net.netfilter.nf_conntrack_tcp_timeout_last_ack", "net.netfilter.nf_conntrack_tcp_timeout_time_wait",
	};
	const struct nat_transport *tcp = &nat->transport[NAT_TCP];

	if (nat->tcp != NAT_TCP_LINUX || tcp->stream_timeout_s != 0)
		add_sysctl(r, "net.netfilter.nf_conntrack_tcp_timeout_established", nat_tcp_timeout_s(nat));
	for (size_t i = 0; i < sizeof transitory / sizeof *transitory; i++)
		if (nat->tcp != NAT_TCP_LINUX || tcp->timeout_s != 0)
			add_sysctl(r, transitory[i], nat_tcp_transitory_s(nat));
	if (nat_tcp_transitory_s(nat) < KERNEL_CLOSE_S)
		add_sysctl(r, "net.netfilter.nf_conntrack_tcp_timeout_close", nat_tcp_transitory_s(nat));
}

static void make_sysctls(const struct nat *nat, struct nat_rules *r)
{
	add_sysctl(r, "net.ipv4.ip_forward", 1);
	if (nat->ipv6 != NAT_IPV6_NONE)
		add_sysctl(r, "net.ipv6.conf.all.forwarding", 1);
	if (nat->kind == NAT_OPEN && !nat_filters_ipv6(nat))
		return;
	add_sysctl(r, "net.netfilter.nf_conntrack_udp_timeout", nat_timeout_s(nat));
	add_sysctl(r, "net.netfilter.nf_conntrack_udp_timeout_stream", nat_stream_timeout_s(nat));
	make_tcp_sysctls(nat, r);
}

/* Conntrack has one timeout for both families; one that is IPv6's alone each of its flows is given. */
static bool has_own_timeout(const struct nat *nat)
{
	const struct nat own = nat_ipv6(nat);

	return nat_filters_ipv6(nat) &&
	       (nat_timeout_s(&own) != nat_timeout_s(nat) || nat_stream_timeout_s(&own) != nat_stream_timeout_s(nat));
}

static void write_own_timeout(const struct nat *nat, struct text *nft, unsigned *features)
{
	nat_feature_add(features, NAT_FEATURE_NFT_FILTER);
	nat_feature_add(features, NAT_FEATURE_NFT_CONNTRACK);
	nat_feature_add(features, NAT_FEATURE_NFT_TIMEOUTS);
	text_add(nft,
	         "table ip6 " NFT_TABLE " {\n"
	         "\tct timeout own { protocol udp; l3proto ip6; policy = { unreplied : %u, replied : %u }; }\n"
	         "\tchain lives {\n\t\ttype filter hook prerouting priority mangle; policy accept;\n"
	         "\t\tmeta l4proto udp ct state new ct timeout set \"own\"\n\t}\n}\n",
	         nat->ipv6_timeout_s, nat->ipv6_timeout_s);
}

static int make(const struct nat *nat, const struct nat_site *site, struct nat_rules *out)
{
	struct text ipset = text_in(out->ipset, sizeof out->ipset);
	struct text iptables = text_in(out->iptables, sizeof out->iptables);
	struct text nft = text_in(out->nft, sizeof out->nft);
	struct text reboot_ipset = text_in(out->reboot_ipset, sizeof out->reboot_ipset);
	struct text reboot_nft = text_in(out->reboot_nft, sizeof out->reboot_nft);

	out->sysctl_count = 0;
	out->names_hosts = false;
	out->features = 0;
	if (!site->is_ipv6)
		make_sysctls(nat, out);
	out->why_nft = beyond_iptables(nat);
	if (out->why_nft != NULL) {
		nft_write(nat, site, false, &nft, &reboot_nft, &out->features);
	} else if (nat->kind != NAT_OPEN) {
		iptables_write(nat, site, &ipset, &iptables, &reboot_ipset, &out->features);
		out->names_hosts = iptables_names_hosts(nat, site);
		if (needs_nft_beside(nat, site)) {
			out->why_nft = "beside iptables: it never learns which port a socket got whose own port "
				       "another host has";
			nft_write(nat, site, true, &nft, &reboot_nft, &out->features);
		}
	}
	if (!manners_are_plain(nat)) {
		manners_write(nat, site, &nft, &reboot_nft, &out->features);
		if (out->why_nft == NULL)
			out->why_nft = "beside iptables: what is neither translating nor filtering stands in one table";
	}
	return ipset.cut || iptables.cut || nft.cut || reboot_ipset.cut || reboot_nft.cut ? -1 : 0;
}

/* What make() has written for nft, in IPv6's words; it replaces what is there. */
static int finish_ipv6(const struct nat *nat, struct nat_rules *out)
{
	static char nft_ipv4[sizeof out->nft], reboot_ipv4[sizeof out->reboot_nft];
	struct text nft, reboot;

	memcpy(nft_ipv4, out->nft, sizeof nft_ipv4);
	memcpy(reboot_ipv4, out->reboot_nft, sizeof reboot_ipv4);
	nft = text_in(out->nft, sizeof out->nft);
	reboot = text_in(out->reboot_nft, sizeof out->reboot_nft);
	if (nft_ipv4[0] == '\0' && !has_own_timeout(nat))
		return 0;
	nat_feature_add(&out->features, NAT_FEATURE_IPV6_NFT);
	text_add(&nft, "add table ip6 " NFT_TABLE "\ndelete table ip6 " NFT_TABLE "\n");
	nft_write_ipv6(nft_ipv4, &nft);
	nft_write_ipv6(reboot_ipv4, &reboot);
	if (has_own_timeout(nat))
		write_own_timeout(nat, &nft, &out->features);
	if (out->why_nft == NULL)
		out->why_nft = "beside ip6tables: conntrack has one timeout for both families";
	return nft.cut || reboot.cut ? -1 : 0;
}

int nat_rules_make(const struct nat *nat, const struct nat_site *site, struct nat_rules *out)
{
	const struct nat own = nat_ipv6(nat);

	if (!site->is_ipv6)
		return make(nat, site, out);
	if (make(&own, site, out) != 0)
		return -1;
	if (nat_maps_prefix(nat)) {
		struct text iptables = text_in(out->iptables, sizeof out->iptables);

		iptables_write_nptv6(site, nat->ipv6_hairpin, &iptables, &out->features);
	}
	return finish_ipv6(nat, out);
}
