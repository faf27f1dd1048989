#include "flawless.h"

#include "suite.h"

#include <string.h>

struct nat flawless_nat(const char *spec)
{
	struct nat nat = { 0 };
	char error[NAT_ERROR_SIZE];

	CU_ASSERT_EQUAL(nat_parse(spec, &nat, error), 0);
	return nat;
}

/* What a box that keeps its word, or is faulty as it should be, does when it is asked for ports. */
static void add_mapper(const struct nat *n, struct observation *s)
{
	const bool speaks[] = { n->upnp != NAT_MAPPER_NONE, n->nat_pmp, n->pcp };

	s->mapper_seen = nat_maps_ports(n);
	for (size_t i = 0; i < 3; i++) {
		s->mapper_answers[i] = speaks[i] && n->upnp != NAT_MAPPER_SILENT;
		s->mapper_opens[i] = s->mapper_answers[i] && n->upnp != NAT_MAPPER_PRIVATE_ADDRESS;
	}
	s->mapper_is_public = n->upnp != NAT_MAPPER_PRIVATE_ADDRESS && n->upnp != NAT_MAPPER_SILENT;
	s->mapper_gives_usual = n->upnp != NAT_MAPPER_CONFLICT;
	s->mapper_outlives = n->upnp != NAT_MAPPER_SHORT_LEASE;
	s->mapper_survives_reboot = n->upnp != NAT_MAPPER_LOST_ON_REBOOT;
}

struct observation flawless(const struct nat *n)
{
	const struct nat_transport *udp = &n->transport[NAT_UDP];
	bool accepts = n->input == NAT_INPUT_ACCEPT;

	struct observation s = {
		.udp_passes = !udp->blocked,
		.udp_reaches_all = !udp->blocked,
		.udp_reaches_some = !udp->blocked,
		.udp_reaches_peers = !udp->blocked,
		.udp_comes_in = !udp->blocked,
		.translated = n->kind == NAT_TRANSLATE,
		.lets_in_unmapped = n->kind == NAT_OPEN,
		.mapping = udp->mapping,
		.mapping_seen = true,
		.filtering = udp->filtering,
		.filtering_seen = true,
		.mapping_to_peers = udp->mapping,
		.filtering_of_peers = udp->filtering,
		.hears_peers = true,
		.ports = udp->ports == NAT_PORTS_OVERLOAD ? NAT_PORTS_PRESERVE : udp->ports,
		.ports_seen = true,
		.step = 1,
		.port_low = n->port_low,
		.port_high = n->port_high,
		.port_count = 12,
		.one_address = n->pooling == NAT_POOLING_PAIRED,
		.address_count = n->pooling == NAT_POOLING_PAIRED && n->addresses > 1 ? 2 : nat_addresses(n),
		.parity_kept = udp->parity || udp->ports != NAT_PORTS_RANDOM,
		.clash_parity_kept = udp->parity,
		.two_hosts_seen = true,
		.port_shared = udp->ports == NAT_PORTS_OVERLOAD,
		.own_answers = true,
		.mapping_after_clash = true,
		.hairpin = udp->hairpin,
		.hairpin_seen = true,
		.hairpin_answers = udp->hairpin == NAT_HAIRPIN_EXTERNAL || udp->hairpin == NAT_HAIRPIN_MAPPED,
		.refuses = n->input != NAT_INPUT_DROP,
		.early = accepts ? EARLY_MOVES_PORT : EARLY_HARMLESS,
		.payload_kept = true,
		.icmp_arrives = !n->icmp_blocked,
		.survives_icmp = true,
		.fragments_pass = n->fragments != NAT_FRAGMENTS_DROP,
		.reordered_pass = n->fragments == NAT_FRAGMENTS_PASS,
		.wan_mtu = n->wan_mtu != 0 ? n->wan_mtu : 1500,
		.too_big_told = !n->icmp_blocked,
		.routers = 2,
		.ttl_lost_out = 2,
		.ttl_lost_in = 2,
		.lives_seen = true,
		.idle = { nat_timeout_s(n) * 1000 - 100, nat_timeout_s(n) * 1000 + 100 },
		.in_use = { nat_timeout_s(n) * 1000 - 100, nat_timeout_s(n) * 1000 + 100 },
		.stream = { nat_stream_timeout_s(n) * 1000 - 100, nat_stream_timeout_s(n) * 1000 + 100 },
		.refreshed_outbound = true,
		.refreshed_inbound = udp->refresh == NAT_REFRESH_BOTH,
		.refreshed_for_stranger = udp->refresh == NAT_REFRESH_BOTH,
	};

	add_mapper(n, &s);
	return s;
}

/* The same of TCP. */
struct observation flawless_tcp(const struct nat *n)
{
	const struct nat_transport *tcp = &n->transport[NAT_TCP];
	bool passes = !tcp->blocked;

	return (struct observation){
		.protocol = NAT_TCP,
		.udp_passes = passes,
		.udp_reaches_all = passes,
		.udp_reaches_some = passes,
		.udp_reaches_peers = passes,
		.udp_comes_in = passes,
		.translated = n->kind == NAT_TRANSLATE,
		.lets_in_unmapped = n->kind == NAT_OPEN,
		.mapping = tcp->mapping,
		.mapping_to_peers = tcp->mapping,
		.mapping_seen = true,
		.filtering = tcp->filtering,
		.filtering_of_peers = tcp->filtering,
		.filtering_seen = true,
		.hears_peers = true,
		.ports = tcp->ports == NAT_PORTS_OVERLOAD ? NAT_PORTS_PRESERVE : tcp->ports,
		.ports_seen = true,
		.step = 1,
		.port_low = n->port_low,
		.port_high = n->port_high,
		.port_count = 12,
		.one_address = n->pooling == NAT_POOLING_PAIRED,
		.address_count = n->pooling == NAT_POOLING_PAIRED && n->addresses > 1 ? 2 : nat_addresses(n),
		.two_hosts_seen = true,
		.port_shared = tcp->ports == NAT_PORTS_OVERLOAD,
		.own_answers = true,
		.mapping_after_clash = true,
		.hairpin = tcp->hairpin,
		.hairpin_seen = true,
		.hairpin_answers = tcp->hairpin == NAT_HAIRPIN_EXTERNAL || tcp->hairpin == NAT_HAIRPIN_MAPPED,
		.early = EARLY_HARMLESS,
		.resets = n->unsolicited == NAT_UNSOLICITED_RESET,
		.refuses_late = n->unsolicited == NAT_UNSOLICITED_ICMP,
		.late_seen = n->unsolicited == NAT_UNSOLICITED_ICMP,
		.simultaneous = !n->simultaneous_broken,
		.simultaneous_seen = true,
		.survives_icmp = true,
		.lives_seen = n->kind != NAT_OPEN,
		.idle = { nat_tcp_transitory_s(n) * 1000 - 100, nat_tcp_transitory_s(n) * 1000 + 100 },
		.stream = { nat_tcp_timeout_s(n) * 1000 - 100, nat_tcp_timeout_s(n) * 1000 + 100 },
		.closing_ends = true,
		.closing_seen = true,
	};
}
