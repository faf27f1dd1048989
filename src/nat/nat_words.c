#include "nat/nat_words.h"

const struct nat_words nat_words[NAT_KEY_COUNT] = {
	[NAT_KEY_MAPPING] = { "mapping",
	                      { "endpoint-independent", "address-dependent", "address-and-port-dependent", "port" },
	                      .also = { "ei", "ad", "apd" } },
	[NAT_KEY_FILTERING] = { "filtering",
	                        { "endpoint-independent", "address-dependent", "address-and-port-dependent" },
	                        .also = { "ei", "ad", "apd" } },
	[NAT_KEY_PORTS] = { "ports", { "preserve", "random", "sequential", "overload" }, .also = { NULL } },
	[NAT_KEY_PARITY] = { "parity", { "ignored", "kept" }, { NULL }, .bare = true },
	[NAT_KEY_RANGE] = { "range", { NULL }, .also = { NULL } },
	[NAT_KEY_ADDRESSES] = { "addresses", { NULL }, { NULL }, .low = 1, .high = NAT_ADDRESSES_MAX },
	[NAT_KEY_POOLING] = { "pooling", { "paired", "arbitrary" }, .also = { NULL } },
	[NAT_KEY_HAIRPIN] = { "hairpin",
	                      { "none", "external", "internal", "mapped" },
	                      { NULL },
	                      .bare = NAT_HAIRPIN_EXTERNAL },
	[NAT_KEY_REFRESH] = { "refresh", { "both", "outbound" }, .also = { NULL } },
	[NAT_KEY_INPUT] = { "input", { "drop", "reject", "accept" }, .also = { NULL } },
	[NAT_KEY_TIMEOUT] = { "timeout", { NULL }, { NULL }, .low = 1, .high = 86400, .unit = " of seconds" },
	[NAT_KEY_STREAM_TIMEOUT] = { "stream-timeout",
	                             { NULL },
	                             { NULL },
	                             .low = 1,
	                             .high = 86400,
	                             .unit = " of seconds" },
	[NAT_KEY_LIFETIME] = { "lifetime", { NULL }, { NULL }, .low = 1, .high = 86400, .unit = " of seconds" },
	[NAT_KEY_LIMIT] = { "limit", { NULL }, { NULL }, .low = 1, .high = 65535, .unit = " of mappings" },
	[NAT_KEY_LIMIT_PER_HOST] = { "limit-per-host",
	                             { NULL },
	                             { NULL },
	                             .low = 1,
	                             .high = 65535,
	                             .unit = " of mappings" },
	[NAT_KEY_FRAGMENTS] = { "fragments", { "pass", "drop", "in-order" }, .also = { NULL } },
	[NAT_KEY_ICMP] = { "icmp", { "pass", "blocked" }, .also = { NULL } },
	[NAT_KEY_WAN_MTU] = { "mtu",
	                      { NULL },
	                      { NULL },
	                      .low = 576,
	                      .high = 1500,
	                      .unit = " of bytes",
	                      .earlier = "wan-mtu" },
	[NAT_KEY_CLOBBER] = { "clobber", { "nothing", "own-address" }, { NULL }, .bare = true },
	[NAT_KEY_UPNP] = { "upnp",
	                   { "none", "works", "conflict", "short-lease", "private-address", "silent",
	                     "lost-on-reboot" },
	                   { NULL },
	                   .bare = NAT_MAPPER_WORKS },
	[NAT_KEY_NAT_PMP] = { "nat-pmp", { "none", "works" }, { NULL }, .bare = true },
	[NAT_KEY_PCP] = { "pcp", { "none", "works" }, { NULL }, .bare = true },
	[NAT_KEY_IPV6] = { "ipv6", { "none", "open", "firewall", "nat64", "nat66", "nptv6" }, .also = { NULL } },
	[NAT_KEY_IPV6_MAPPING] = { "ipv6.mapping",
	                           { "endpoint-independent", "address-dependent", "address-and-port-dependent" },
	                           .also = { "ei", "ad", "apd" } },
	[NAT_KEY_IPV6_FILTERING] = { "ipv6.filtering",
	                             { "endpoint-independent", "address-dependent", "address-and-port-dependent" },
	                             .also = { "ei", "ad", "apd" } },
	[NAT_KEY_IPV6_HAIRPIN] = { "ipv6.hairpin", { "none", "external" }, { NULL }, .bare = true },
	[NAT_KEY_IPV6_TIMEOUT] = { "ipv6.timeout", { NULL }, { NULL }, .low = 1, .high = 86400, .unit = " of seconds" },
	[NAT_KEY_IPV6_PREFIX] = { "ipv6.prefix", { NULL }, .also = { NULL } },
	[NAT_KEY_IPV6_INSIDE] = { "ipv6.inside", { NULL }, .also = { NULL } },
	[NAT_KEY_IPV6_OUTSIDE] = { "ipv6.outside", { NULL }, .also = { NULL } },
	[NAT_KEY_IPV6_PREF64] = { "ipv6.pref64", { NULL }, .also = { NULL } },
	[NAT_KEY_UDP] = { "udp", { "allowed", "blocked" }, .also = { NULL } },
	[NAT_KEY_TCP] = { "tcp", { "allowed", "blocked", "linux" }, .also = { NULL } },
	[NAT_KEY_TCP_MAPPING] = { "tcp.mapping",
	                          { "endpoint-independent", "address-dependent", "address-and-port-dependent" },
	                          .also = { "ei", "ad", "apd" } },
	[NAT_KEY_TCP_FILTERING] = { "tcp.filtering",
	                            { "endpoint-independent", "address-dependent", "address-and-port-dependent" },
	                            .also = { "ei", "ad", "apd" } },
	[NAT_KEY_TCP_PORTS] = { "tcp.ports", { "preserve", "random", "sequential", "overload" }, .also = { NULL } },
	[NAT_KEY_TCP_UNSOLICITED] = { "tcp.unsolicited", { "drop", "icmp", "reset" }, .also = { NULL } },
	[NAT_KEY_TCP_SIMULTANEOUS] = { "tcp.simultaneous", { "yes", "no" }, .also = { NULL } },
	[NAT_KEY_TCP_TIMEOUT] = { "tcp.timeout", { NULL }, { NULL }, .low = 1, .high = 604800, .unit = " of seconds" },
	[NAT_KEY_TCP_TRANSITORY] = { "tcp.transitory",
	                             { NULL },
	                             { NULL },
	                             .low = 1,
	                             .high = 86400,
	                             .unit = " of seconds" },
};

unsigned nat_value(const struct nat *nat, enum nat_key key)
{
	const struct nat_transport *udp = &nat->transport[NAT_UDP];
	const struct nat_transport *tcp = &nat->transport[NAT_TCP];

	switch (key) {
	case NAT_KEY_MAPPING: return udp->by_port ? NAT_MAPPING_PORT : udp->mapping;
	case NAT_KEY_FILTERING: return udp->filtering;
	case NAT_KEY_PORTS: return udp->ports;
	case NAT_KEY_PARITY: return udp->parity;
	case NAT_KEY_ADDRESSES: return nat_addresses(nat);
	case NAT_KEY_POOLING: return nat->pooling;
	case NAT_KEY_LIMIT: return udp->limit;
	case NAT_KEY_LIMIT_PER_HOST: return udp->limit_per_host;
	case NAT_KEY_FRAGMENTS: return nat->fragments;
	case NAT_KEY_ICMP: return nat->icmp_blocked;
	case NAT_KEY_WAN_MTU: return nat->wan_mtu;
	case NAT_KEY_CLOBBER: return nat->clobbers;
	case NAT_KEY_RANGE: return (unsigned)nat->port_low << 16 | nat->port_high;
	case NAT_KEY_HAIRPIN: return udp->hairpin;
	case NAT_KEY_REFRESH: return udp->refresh;
	case NAT_KEY_INPUT: return nat->input;
	case NAT_KEY_TIMEOUT: return nat_timeout_s(nat);
	case NAT_KEY_STREAM_TIMEOUT: return nat_stream_timeout_s(nat);
	case NAT_KEY_LIFETIME: return udp->lifetime_s;
	case NAT_KEY_UPNP: return nat->upnp;
	case NAT_KEY_NAT_PMP: return nat->nat_pmp;
	case NAT_KEY_PCP: return nat->pcp;
	case NAT_KEY_IPV6: return nat->ipv6;
	case NAT_KEY_IPV6_MAPPING: return nat->ipv6_mapping;
	case NAT_KEY_IPV6_FILTERING: return nat->ipv6_filtering;
	case NAT_KEY_IPV6_HAIRPIN: return nat->ipv6_hairpin;
	case NAT_KEY_IPV6_TIMEOUT: return nat->ipv6_timeout_s;
	case NAT_KEY_IPV6_PREFIX:
	case NAT_KEY_IPV6_INSIDE:
	case NAT_KEY_IPV6_OUTSIDE:
	case NAT_KEY_IPV6_PREF64: return nat_prefix(nat, key)->prefix;
	case NAT_KEY_UDP: return udp->blocked;
	case NAT_KEY_TCP: return nat->tcp;
	case NAT_KEY_TCP_MAPPING: return tcp->mapping;
	case NAT_KEY_TCP_FILTERING: return tcp->filtering;
	case NAT_KEY_TCP_PORTS: return tcp->ports;
	case NAT_KEY_TCP_UNSOLICITED: return nat->unsolicited;
	case NAT_KEY_TCP_SIMULTANEOUS: return nat->simultaneous_broken;
	case NAT_KEY_TCP_TIMEOUT: return nat_tcp_timeout_s(nat);
	case NAT_KEY_TCP_TRANSITORY: return nat_tcp_transitory_s(nat);
	case NAT_KEY_COUNT: break;
	}
	return 0;
}

void nat_set_value(struct nat *nat, enum nat_key key, unsigned value)
{
	struct nat_transport *udp = &nat->transport[NAT_UDP];
	struct nat_transport *tcp = &nat->transport[NAT_TCP];

	switch (key) {
	case NAT_KEY_MAPPING:
		udp->by_port = value == NAT_MAPPING_PORT;
		udp->mapping = udp->by_port ? NAT_ENDPOINT_INDEPENDENT : (enum nat_behaviour)value;
		break;
	case NAT_KEY_FILTERING: udp->filtering = (enum nat_behaviour)value; break;
	case NAT_KEY_PORTS: udp->ports = (enum nat_ports)value; break;
	case NAT_KEY_RANGE:
		nat->port_low = (uint16_t)(value >> 16);
		nat->port_high = (uint16_t)value;
		break;
	case NAT_KEY_PARITY: udp->parity = value != 0; break;
	case NAT_KEY_ADDRESSES: nat->addresses = value - 1; break;
	case NAT_KEY_POOLING: nat->pooling = (enum nat_pooling)value; break;
	case NAT_KEY_LIMIT: udp->limit = value; break;
	case NAT_KEY_LIMIT_PER_HOST: udp->limit_per_host = value; break;
	case NAT_KEY_FRAGMENTS: nat->fragments = (enum nat_fragments)value; break;
	case NAT_KEY_ICMP: nat->icmp_blocked = value != 0; break;
	case NAT_KEY_WAN_MTU: nat->wan_mtu = value; break;
	case NAT_KEY_CLOBBER: nat->clobbers = value != 0; break;
	case NAT_KEY_HAIRPIN: udp->hairpin = (enum nat_hairpin)value; break;
	case NAT_KEY_REFRESH: udp->refresh = (enum nat_refresh)value; break;
	case NAT_KEY_INPUT: nat->input = (enum nat_input)value; break;
	case NAT_KEY_TIMEOUT: udp->timeout_s = value; break;
	case NAT_KEY_STREAM_TIMEOUT: udp->stream_timeout_s = value; break;
	case NAT_KEY_LIFETIME: udp->lifetime_s = value; break;
	case NAT_KEY_UPNP: nat->upnp = (enum nat_port_mapper)value; break;
	case NAT_KEY_NAT_PMP: nat->nat_pmp = value != 0; break;
	case NAT_KEY_PCP: nat->pcp = value != 0; break;
	case NAT_KEY_IPV6: nat->ipv6 = (enum nat_ipv6)value; break;
	case NAT_KEY_IPV6_MAPPING: nat->ipv6_mapping = (enum nat_behaviour)value; break;
	case NAT_KEY_IPV6_FILTERING: nat->ipv6_filtering = (enum nat_behaviour)value; break;
	case NAT_KEY_IPV6_HAIRPIN: nat->ipv6_hairpin = value != 0; break;
	case NAT_KEY_IPV6_TIMEOUT: nat->ipv6_timeout_s = value; break;
	case NAT_KEY_UDP: udp->blocked = value != 0; break;
	case NAT_KEY_TCP: nat_treat_tcp(nat, (enum nat_tcp_policy)value); break;
	case NAT_KEY_TCP_MAPPING: tcp->mapping = (enum nat_behaviour)value; break;
	case NAT_KEY_TCP_FILTERING: tcp->filtering = (enum nat_behaviour)value; break;
	case NAT_KEY_TCP_PORTS: tcp->ports = (enum nat_ports)value; break;
	case NAT_KEY_TCP_UNSOLICITED: nat->unsolicited = (enum nat_unsolicited)value; break;
	case NAT_KEY_TCP_SIMULTANEOUS: nat->simultaneous_broken = value != 0; break;
	case NAT_KEY_TCP_TIMEOUT: tcp->stream_timeout_s = value; break;
	case NAT_KEY_TCP_TRANSITORY: tcp->timeout_s = value; break;
	case NAT_KEY_IPV6_PREFIX:
	case NAT_KEY_IPV6_INSIDE:
	case NAT_KEY_IPV6_OUTSIDE:
	case NAT_KEY_IPV6_PREF64: /* nat_prefix_read() */
	case NAT_KEY_COUNT: break;
	}
}
