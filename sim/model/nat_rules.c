#include "model/nat_rules.h"

#include "model/nat_rules_parts.h"

struct lifetimes lifetimes_of(const struct nat *nat)
{
	unsigned idle = nat_timeout_s(nat), stream = nat_stream_timeout_s(nat);

	if (idle == stream)
		return (struct lifetimes){ .of = { { "idle", "", idle } }, .count = 1 };
	return (struct lifetimes){
		.of = { { "idle", " -m conntrack ! --ctstatus ASSURED", idle },
		        { "stream", " -m conntrack --ctstatus ASSURED", stream } },
		.count = 2,
	};
}

/* Why iptables cannot build it, or NULL. */
static const char *beyond_iptables(const struct nat *nat)
{
	const struct nat_transport *udp = &nat->transport[NAT_UDP];
	bool cone = udp->mapping == NAT_ENDPOINT_INDEPENDENT;

	if (nat->kind == NAT_OPEN || udp->blocked)
		return NULL;
	if (udp->refresh == NAT_REFRESH_OUTBOUND)
		return "iptables: conntrack refreshes a mapping by traffic of either direction";
	if (nat->kind == NAT_FIREWALL)
		return NULL;
	if (udp->lifetime_s != 0 && (cone ? udp->ports != NAT_PORTS_OVERLOAD : udp->hairpin != NAT_HAIRPIN_NONE))
		return "iptables: its sets forget what is not used, not what is old";
	if (udp->mapping == NAT_ADDRESS_DEPENDENT)
		return "iptables: conntrack knows mappings for endpoints, none for addresses";
	if (udp->parity)
		return "iptables: it picks ports without looking whether they are even or odd";
	if (nat->addresses != 0)
		return "iptables: its sets hold mapped ports, not at which of several addresses";
	if (udp->hairpin == NAT_HAIRPIN_MAPPED)
		return "iptables: which sockets have a mapping would take a rule for each two hosts";
	if (nat->port_high != 0)
		return "iptables: in a range it hands out ports that another socket still has";
	if (udp->ports == NAT_PORTS_SEQUENTIAL)
		return "iptables: nothing counts through ports and leaves out those in use";
	if (!cone && udp->filtering != NAT_ADDRESS_AND_PORT_DEPENDENT)
		return "iptables: it never learns the translated port that strangers are to be let in to";
	if (!cone && udp->hairpin != NAT_HAIRPIN_NONE)
		return "iptables: it never learns the translated port that hairpinned packets are sent to";
	if (cone && udp->ports == NAT_PORTS_RANDOM)
		return "iptables: random ports are new for every destination";
	if (!cone && udp->ports == NAT_PORTS_PRESERVE)
		return "iptables: once a port is kept it is kept for every destination";
	return NULL;
}

bool nat_rules_depend_on_hosts(const struct nat *nat)
{
	const struct nat_site several = { .host_count = 2 };

	return beyond_iptables(nat) == NULL && iptables_needs_nft_beside(nat, &several);
}

static void add_sysctl(struct nat_rules *r, const char *name, unsigned value)
{
	r->sysctls[r->sysctl_count].name = name;
	r->sysctls[r->sysctl_count++].value = value;
}

static void make_sysctls(const struct nat *nat, struct nat_rules *r)
{
	add_sysctl(r, "net.ipv4.ip_forward", 1);
	if (nat->kind == NAT_OPEN)
		return;
	add_sysctl(r, "net.netfilter.nf_conntrack_udp_timeout", nat_timeout_s(nat));
	add_sysctl(r, "net.netfilter.nf_conntrack_udp_timeout_stream", nat_stream_timeout_s(nat));
}

int nat_rules_make(const struct nat *nat, const struct nat_site *site, struct nat_rules *out)
{
	struct text ipset = text_in(out->ipset, sizeof out->ipset);
	struct text iptables = text_in(out->iptables, sizeof out->iptables);
	struct text nft = text_in(out->nft, sizeof out->nft);
	struct text reboot_ipset = text_in(out->reboot_ipset, sizeof out->reboot_ipset);
	struct text reboot_nft = text_in(out->reboot_nft, sizeof out->reboot_nft);

	out->sysctl_count = 0;
	out->iptables_tables = 0;
	out->names_hosts = false;
	make_sysctls(nat, out);
	out->why_nft = beyond_iptables(nat);
	if (out->why_nft != NULL) {
		nft_write(nat, site, false, &nft, &reboot_nft);
	} else if (nat->kind != NAT_OPEN) {
		out->iptables_tables = iptables_write(nat, site, &ipset, &iptables, &reboot_ipset);
		out->names_hosts = iptables_names_hosts(nat, site);
		if (iptables_needs_nft_beside(nat, site)) {
			out->why_nft = "beside iptables: it never learns which port a socket got whose own port "
				       "another host has";
			nft_write(nat, site, true, &nft, &reboot_nft);
		}
	}
	if (!manners_are_plain(nat)) {
		manners_write(nat, site, &nft, &reboot_nft);
		if (out->why_nft == NULL)
			out->why_nft = "beside iptables: what is neither translating nor filtering stands in one table";
	}
	return ipset.cut || iptables.cut || nft.cut || reboot_ipset.cut || reboot_nft.cut ? -1 : 0;
}
