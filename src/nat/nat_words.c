#include "nat/nat_words.h"

const struct nat_words nat_words[NAT_KEY_COUNT] = {
	[NAT_KEY_MAPPING] = { "mapping",
	                      { "endpoint-independent", "address-dependent", "address-and-port-dependent" },
	                      { "ei", "ad", "apd" } },
	[NAT_KEY_FILTERING] = { "filtering",
	                        { "endpoint-independent", "address-dependent", "address-and-port-dependent" },
	                        { "ei", "ad", "apd" } },
	[NAT_KEY_PORTS] = { "ports", { "preserve", "random", "sequential", "overload" }, { NULL } },
	[NAT_KEY_RANGE] = { "range", { NULL }, { NULL } },
	[NAT_KEY_HAIRPIN] = { "hairpin", { "none", "external", "internal" }, { NULL } },
	[NAT_KEY_REFRESH] = { "refresh", { "both", "outbound" }, { NULL } },
	[NAT_KEY_INPUT] = { "input", { "drop", "reject", "accept" }, { NULL } },
	[NAT_KEY_TIMEOUT] = { "timeout", { NULL }, { NULL } },
	[NAT_KEY_STREAM_TIMEOUT] = { "stream-timeout", { NULL }, { NULL } },
	[NAT_KEY_UDP] = { "udp", { "allowed", "blocked" }, { NULL } },
};

unsigned nat_value(const struct nat *nat, enum nat_key key)
{
	const struct nat_transport *udp = &nat->transport[NAT_UDP];

	switch (key) {
	case NAT_KEY_MAPPING: return udp->mapping;
	case NAT_KEY_FILTERING: return udp->filtering;
	case NAT_KEY_PORTS: return udp->ports;
	case NAT_KEY_RANGE: return (unsigned)nat->port_low << 16 | nat->port_high;
	case NAT_KEY_HAIRPIN: return udp->hairpin;
	case NAT_KEY_REFRESH: return udp->refresh;
	case NAT_KEY_INPUT: return nat->input;
	case NAT_KEY_TIMEOUT: return nat_timeout_s(nat);
	case NAT_KEY_STREAM_TIMEOUT: return nat_stream_timeout_s(nat);
	case NAT_KEY_UDP: return udp->blocked;
	case NAT_KEY_COUNT: break;
	}
	return 0;
}

void nat_set_value(struct nat *nat, enum nat_key key, unsigned value)
{
	struct nat_transport *udp = &nat->transport[NAT_UDP];

	switch (key) {
	case NAT_KEY_MAPPING: udp->mapping = (enum nat_behaviour)value; break;
	case NAT_KEY_FILTERING: udp->filtering = (enum nat_behaviour)value; break;
	case NAT_KEY_PORTS: udp->ports = (enum nat_ports)value; break;
	case NAT_KEY_RANGE:
		nat->port_low = (uint16_t)(value >> 16);
		nat->port_high = (uint16_t)value;
		break;
	case NAT_KEY_HAIRPIN: udp->hairpin = (enum nat_hairpin)value; break;
	case NAT_KEY_REFRESH: udp->refresh = (enum nat_refresh)value; break;
	case NAT_KEY_INPUT: nat->input = (enum nat_input)value; break;
	case NAT_KEY_TIMEOUT: udp->timeout_s = value; break;
	case NAT_KEY_STREAM_TIMEOUT: udp->stream_timeout_s = value; break;
	case NAT_KEY_UDP: udp->blocked = value != 0; break;
	case NAT_KEY_COUNT: break;
	}
}
