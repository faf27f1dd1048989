#include "nat/nat_words.h"

#include "base/text.h"

#include <string.h>

#define BEHAVIOURS "endpoint-independent", "address-dependent", "address-and-port-dependent"
#define SHORT_BEHAVIOURS "ei", "ad", "apd"
#define NUMBER(least, most, what) { NULL }, { NULL }, .low = (least), .high = (most), .unit = (what)

const struct nat_words nat_words[NAT_KEY_COUNT] = {
	[NAT_KEY_MAPPING] = { "mapping", { BEHAVIOURS, "port" }, { SHORT_BEHAVIOURS } },
	[NAT_KEY_FILTERING] = { "filtering", { BEHAVIOURS }, { SHORT_BEHAVIOURS } },
	[NAT_KEY_PORTS] = { "ports", { "preserve", "random", "sequential", "overload" }, { NULL } },
	[NAT_KEY_PARITY] = { "parity", { "ignored", "kept" }, { NULL }, .bare = true },
	[NAT_KEY_RANGE] = { "range", { NULL }, { NULL } },
	[NAT_KEY_ADDRESSES] = { "addresses", NUMBER(1, NAT_ADDRESSES_MAX, NULL) },
	[NAT_KEY_POOLING] = { "pooling", { "paired", "arbitrary" }, { NULL } },
	[NAT_KEY_HAIRPIN] = { "hairpin",
	                      { "none", "external", "internal", "mapped" },
	                      { NULL },
	                      .bare = NAT_HAIRPIN_EXTERNAL },
	[NAT_KEY_REFRESH] = { "refresh", { "both", "outbound" }, { NULL } },
	[NAT_KEY_INPUT] = { "input", { "drop", "reject", "accept" }, { NULL } },
	[NAT_KEY_TIMEOUT] = { "timeout", NUMBER(1, 86400, " of seconds") },
	[NAT_KEY_STREAM_TIMEOUT] = { "stream-timeout", NUMBER(1, 86400, " of seconds") },
	[NAT_KEY_LIFETIME] = { "lifetime", NUMBER(1, 86400, " of seconds") },
	[NAT_KEY_LIMIT] = { "limit", NUMBER(1, 65535, " of mappings") },
	[NAT_KEY_LIMIT_PER_HOST] = { "limit-per-host", NUMBER(1, 65535, " of mappings") },
	[NAT_KEY_FRAGMENTS] = { "fragments", { "pass", "drop", "in-order" }, { NULL } },
	[NAT_KEY_ICMP] = { "icmp", { "pass", "blocked" }, { NULL } },
	[NAT_KEY_WAN_MTU] = { "mtu", NUMBER(576, 1500, " of bytes"), .earlier = "wan-mtu" },
	[NAT_KEY_CLOBBER] = { "clobber", { "nothing", "own-address" }, { NULL }, .bare = true },
	[NAT_KEY_UPNP] = { "upnp",
	                   { "none", "works", "conflict", "short-lease", "private-address", "silent",
	                     "lost-on-reboot" },
	                   { NULL },
	                   .bare = NAT_MAPPER_WORKS },
	[NAT_KEY_NAT_PMP] = { "nat-pmp", { "none", "works" }, { NULL }, .bare = true },
	[NAT_KEY_PCP] = { "pcp", { "none", "works" }, { NULL }, .bare = true },
	[NAT_KEY_IPV6] = { "ipv6", { "none", "open", "firewall", "nat64", "nat66", "nptv6" }, { NULL } },
	[NAT_KEY_IPV6_MAPPING] = { "ipv6.mapping", { BEHAVIOURS }, { SHORT_BEHAVIOURS } },
	[NAT_KEY_IPV6_FILTERING] = { "ipv6.filtering", { BEHAVIOURS }, { SHORT_BEHAVIOURS } },
	[NAT_KEY_IPV6_HAIRPIN] = { "ipv6.hairpin", { "none", "external" }, { NULL }, .bare = true },
	[NAT_KEY_IPV6_TIMEOUT] = { "ipv6.timeout", NUMBER(1, 86400, " of seconds") },
	[NAT_KEY_IPV6_PREFIX] = { "ipv6.prefix", { NULL }, { NULL } },
	[NAT_KEY_IPV6_INSIDE] = { "ipv6.inside", { NULL }, { NULL } },
	[NAT_KEY_IPV6_OUTSIDE] = { "ipv6.outside", { NULL }, { NULL } },
	[NAT_KEY_IPV6_PREF64] = { "ipv6.pref64", { NULL }, { NULL } },
	[NAT_KEY_UDP] = { "udp", { "allowed", "blocked" }, { NULL } },
	[NAT_KEY_TCP] = { "tcp", { "allowed", "blocked", "linux" }, { NULL } },
	[NAT_KEY_TCP_MAPPING] = { "tcp.mapping", { BEHAVIOURS }, { SHORT_BEHAVIOURS } },
	[NAT_KEY_TCP_FILTERING] = { "tcp.filtering", { BEHAVIOURS }, { SHORT_BEHAVIOURS } },
	[NAT_KEY_TCP_PORTS] = { "tcp.ports", { "preserve", "random", "sequential", "overload" }, { NULL } },
	[NAT_KEY_TCP_UNSOLICITED] = { "tcp.unsolicited", { "drop", "icmp", "reset" }, { NULL } },
	[NAT_KEY_TCP_SIMULTANEOUS] = { "tcp.simultaneous", { "yes", "no" }, { NULL } },
	[NAT_KEY_TCP_TIMEOUT] = { "tcp.timeout", NUMBER(1, 604800, " of seconds") },
	[NAT_KEY_TCP_TRANSITORY] = { "tcp.transitory", NUMBER(1, 86400, " of seconds") },
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

/* The short form of a word of `len` bytes that a key has, or NULL. */
static const char *short_word(const struct nat_words *key, const char *word, size_t len)
{
	for (size_t i = 0; key->words[i] != NULL; i++)
		if (strlen(key->words[i]) == len && memcmp(key->words[i], word, len) == 0)
			return key->also[i];
	return NULL;
}

/* Of a part "key=word" of a spec. */
static const char *short_word_of(const char *part, size_t name, size_t len)
{
	for (enum nat_key key = 0; key < NAT_KEY_COUNT && name < len; key++)
		if (strlen(nat_words[key].name) == name && memcmp(nat_words[key].name, part, name) == 0)
			return short_word(&nat_words[key], part + name + 1, len - name - 1);
	return NULL;
}

const char *nat_shorten(const char *spec, char *text, size_t size)
{
	struct text t = text_in(text, size);

	while (*spec != '\0') {
		size_t len = strcspn(spec, ","), name = strcspn(spec, "=,");
		const char *word = short_word_of(spec, name, len);

		if (word != NULL)
			text_add(&t, "%.*s=%s", (int)name, spec, word);
		else
			text_add(&t, "%.*s", (int)len, spec);
		spec += len;
		if (*spec == ',') {
			text_add(&t, ",");
			spec++;
		}
	}
	return text;
}
