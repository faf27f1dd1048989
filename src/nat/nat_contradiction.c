#include "nat/nat_contradiction.h"

#include "nat/nat_prefix.h"

#include <stdio.h>

struct described {
	struct nat nat;
	uint64_t given;
	char *error;
};

static int contradiction(const struct described *p, const char *what, const char *why)
{
	snprintf(p->error, NAT_ERROR_SIZE, "%s: %s", what, why);
	return -1;
}

static uint64_t all_of_tcp(void)
{
	uint64_t keys = 0;

	for (enum nat_key key = NAT_KEY_TCP_FIRST; key <= NAT_KEY_TCP_LAST; key++)
		keys |= NAT_KEY_BIT(key);
	return keys;
}

static int check_untranslated(const struct described *p)
{
	const uint64_t translation =
	    NAT_KEY_BIT(NAT_KEY_MAPPING) | NAT_KEY_BIT(NAT_KEY_PORTS) | NAT_KEY_BIT(NAT_KEY_PARITY) |
	    NAT_KEY_BIT(NAT_KEY_RANGE) | NAT_KEY_BIT(NAT_KEY_ADDRESSES) | NAT_KEY_BIT(NAT_KEY_POOLING) |
	    NAT_KEY_BIT(NAT_KEY_HAIRPIN) | NAT_KEY_BIT(NAT_KEY_LIFETIME) | NAT_KEY_BIT(NAT_KEY_LIMIT) |
	    NAT_KEY_BIT(NAT_KEY_LIMIT_PER_HOST) | NAT_KEY_BIT(NAT_KEY_CLOBBER) | NAT_KEY_BIT(NAT_KEY_UPNP) |
	    NAT_KEY_BIT(NAT_KEY_NAT_PMP) | NAT_KEY_BIT(NAT_KEY_PCP) | NAT_KEY_BIT(NAT_KEY_TCP_MAPPING) |
	    NAT_KEY_BIT(NAT_KEY_TCP_PORTS);
	const uint64_t state = translation | NAT_KEY_BIT(NAT_KEY_FILTERING) | NAT_KEY_BIT(NAT_KEY_REFRESH) |
	                       NAT_KEY_BIT(NAT_KEY_INPUT) | NAT_KEY_BIT(NAT_KEY_TIMEOUT) |
	                       NAT_KEY_BIT(NAT_KEY_STREAM_TIMEOUT) | NAT_KEY_BIT(NAT_KEY_UDP) | all_of_tcp();
	/* Timeouts of TCP are IPv6's, too. */
	const uint64_t of_ipv6 = NAT_KEY_BIT(NAT_KEY_TCP_TIMEOUT) | NAT_KEY_BIT(NAT_KEY_TCP_TRANSITORY);
	const uint64_t allowed = nat_filters_ipv6(&p->nat) ? of_ipv6 : 0;
	bool open = p->nat.kind == NAT_OPEN;

	for (enum nat_key key = 0; key < NAT_KEY_COUNT; key++) {
		if ((p->given & NAT_KEY_BIT(key) & (open ? state & ~allowed : translation)) == 0)
			continue;
		snprintf(p->error, NAT_ERROR_SIZE, "'%s' contradicts '%s', which %s", nat_words[key].name,
		         open ? "open" : "firewall", open ? "translates and filters nothing" : "translates nothing");
		return -1;
	}
	if (!open && p->nat.input == NAT_INPUT_ACCEPT)
		return contradiction(p, "'input=accept' contradicts 'firewall'", "a firewall that accepts is 'open'");
	return 0;
}

static int check_overload(const struct described *p)
{
	const struct nat_transport *udp = &p->nat.transport[NAT_UDP];

	if (udp->mapping != NAT_ENDPOINT_INDEPENDENT || udp->filtering != NAT_ADDRESS_AND_PORT_DEPENDENT)
		return contradiction(p, "'ports=overload'",
		                     "a port shared by two hosts needs mapping=endpoint-independent and "
		                     "filtering=address-and-port-dependent to tell whose a packet is");
	if (udp->hairpin != NAT_HAIRPIN_NONE)
		return contradiction(p, "'ports=overload' contradicts 'hairpin'",
		                     "a port shared by two hosts has no one owner");
	if (p->nat.port_high != 0 || udp->refresh == NAT_REFRESH_OUTBOUND || udp->parity || p->nat.addresses != 0)
		return contradiction(p, "'ports=overload'",
		                     "is plain Linux, which has no range=, parity, addresses= nor refresh=outbound");
	return 0;
}

/* Where a spec says what becomes of all TCP, its other keys have nothing left to say. */
static int check_treated_tcp(const struct described *p)
{
	const enum nat_tcp_policy policy = p->nat.tcp;
	enum nat_key key = NAT_KEY_TCP + 1;

	while (key <= NAT_KEY_TCP_LAST && (p->given & NAT_KEY_BIT(key)) == 0)
		key++;
	if ((p->given & NAT_KEY_BIT(NAT_KEY_TCP)) == 0 || policy == NAT_TCP_ALLOWED || key > NAT_KEY_TCP_LAST)
		return 0;
	snprintf(p->error, NAT_ERROR_SIZE, "'%s' contradicts 'tcp=%s', %s: leave out one of the two",
	         nat_words[key].name, nat_word(&p->nat, NAT_KEY_TCP),
	         policy == NAT_TCP_BLOCKED ? "by which no TCP passes" : "which is all that plain Linux does with TCP");
	return -1;
}

/* Of what is said of TCP, or follows from it together with what is said of UDP. */
static int check_tcp(const struct described *p)
{
	const struct nat *n = &p->nat;
	const struct nat_transport *tcp = &n->transport[NAT_TCP];
	bool shares = tcp->ports == NAT_PORTS_OVERLOAD;

	if (check_treated_tcp(p) != 0)
		return -1;
	if (nat_tcp_transitory_s(n) > nat_tcp_timeout_s(n))
		return contradiction(p, "'tcp.transitory' contradicts 'tcp.timeout'",
		                     "a connection that is opened or closed is not kept longer than one that stands");
	if (n->icmp_blocked && n->unsolicited == NAT_UNSOLICITED_ICMP)
		return contradiction(p, "'icmp=blocked' contradicts 'tcp.unsolicited=icmp'", "which answers by ICMP");
	if (shares && (tcp->mapping != NAT_ENDPOINT_INDEPENDENT || tcp->filtering != NAT_ADDRESS_AND_PORT_DEPENDENT))
		return contradiction(p, "'tcp.ports=overload'",
		                     "a port shared by two hosts needs tcp.mapping=endpoint-independent and "
		                     "tcp.filtering=address-and-port-dependent to tell whose a packet is");
	if (shares && n->tcp != NAT_TCP_LINUX &&
	    (tcp->hairpin != NAT_HAIRPIN_NONE || n->port_high != 0 || n->addresses != 0))
		return contradiction(p, "'tcp.ports=overload'",
		                     "is plain Linux, which has no hairpin, range= nor addresses=");
	return 0;
}

/* Conntrack keeps each host's flows apart; what it does not do has nobody to belong to where a port goes round. */
static int check_by_port(const struct described *p)
{
	const struct nat *n = &p->nat;
	const struct nat_transport *udp = &n->transport[NAT_UDP];

	if (udp->filtering != NAT_ADDRESS_AND_PORT_DEPENDENT)
		return contradiction(p, "'mapping=port' needs filtering=address-and-port-dependent",
		                     "who has taken a port over hears whom it has sent to itself");
	if (udp->hairpin != NAT_HAIRPIN_NONE)
		return contradiction(p, "'mapping=port' contradicts 'hairpin'",
		                     "a port that goes from host to host has no one owner");
	if (udp->ports == NAT_PORTS_OVERLOAD || udp->parity || n->addresses != 0 || udp->lifetime_s != 0 ||
	    udp->limit != 0 || udp->limit_per_host != 0 || udp->refresh == NAT_REFRESH_OUTBOUND ||
	    n->input == NAT_INPUT_ACCEPT || nat_maps_ports(n))
		return contradiction(p, "'mapping=port'",
		                     "is built without ports=overload, parity, addresses=, lifetime=, limit=, "
		                     "limit-per-host=, refresh=outbound, input=accept, upnp, nat-pmp and pcp");
	return 0;
}

/* Ports are picked out of a table, even ones and odd ones. */
static int check_parity(const struct described *p)
{
	if (p->nat.transport[NAT_UDP].ports == NAT_PORTS_SEQUENTIAL)
		return contradiction(p, "'parity' contradicts 'ports=sequential'", "which takes even and odd in turn");
	if (p->nat.port_high != 0 && p->nat.port_high - p->nat.port_low + 1 < 2 * NAT_RANGE_MIN)
		return contradiction(p, "'parity'", "needs a range of 128 ports or more, 64 of each");
	if (p->nat.port_high - p->nat.port_low < NAT_SEQUENTIAL_MAX)
		return 0;
	snprintf(p->error, NAT_ERROR_SIZE, "'range=%u-%u': with parity ports are picked out of a table of at most %d",
	         p->nat.port_low, p->nat.port_high, NAT_SEQUENTIAL_MAX);
	return -1;
}

/* What a box cannot be whose hosts have no IPv4. */
static int check_nat64(const struct described *p)
{
	const struct nat *n = &p->nat;
	bool internal = false;

	for (int i = 0; i < NAT_PROTOCOLS; i++)
		internal |= n->transport[i].hairpin == NAT_HAIRPIN_INTERNAL;
	if (n->kind != NAT_TRANSLATE)
		return contradiction(p, "'ipv6=nat64'",
		                     "the box translates nothing: say mapping=, or a preset that does");
	if (n->transport[NAT_UDP].by_port)
		return contradiction(p, "'mapping=port' contradicts 'ipv6=nat64'",
		                     "whose box reports errors by an address that is no host's");
	if (n->clobbers)
		return contradiction(p, "'clobber' contradicts 'ipv6=nat64'",
		                     "whose hosts have no IPv4 address inside");
	if (internal)
		return contradiction(p, "'hairpin=internal' contradicts 'ipv6=nat64'",
		                     "whose hosts have no IPv4 address inside: RFC 6146 shows the outside one");
	if (nat_maps_ports(n))
		return contradiction(p, "'upnp', 'nat-pmp', 'pcp' contradict 'ipv6=nat64'",
		                     "whose hosts have no IPv4 to ask by");
	return 0;
}

/* An age is an age: no traffic makes it more, nor the want of it less. */
static int check_lifetime(const struct described *p)
{
	if ((p->given & (NAT_KEY_BIT(NAT_KEY_TIMEOUT) | NAT_KEY_BIT(NAT_KEY_STREAM_TIMEOUT))) != 0)
		return contradiction(p, "'lifetime' contradicts 'timeout' and 'stream-timeout'",
		                     "a mapping ends at its age, idle or not");
	if (p->nat.transport[NAT_UDP].refresh == NAT_REFRESH_OUTBOUND)
		return contradiction(p, "'lifetime' contradicts 'refresh=outbound'",
		                     "nothing refreshes a mapping that ends at its age");
	return 0;
}

static const char *why_not_ipv6(const struct nat *n, bool is_mapping)
{
	if (n->ipv6 == NAT_IPV6_NONE)
		return is_mapping ? "passes no IPv6: say ipv6=nat66" : "passes no IPv6: say ipv6=firewall or nat66";
	if (nat_maps_prefix(n))
		return "has no mappings";
	return is_mapping ? "translates none" : "filters nothing";
}

/* Each prefix is of some kinds, and those of NPTv6 are of equal length (RFC 6296 allows another, and gains nothing). */
static int check_prefixes(const struct described *p)
{
	const struct nat *n = &p->nat;
	const struct subnet *in = nat_prefix(n, NAT_KEY_IPV6_INSIDE), *out = nat_prefix(n, NAT_KEY_IPV6_OUTSIDE);
	char a[SUBNET_TEXT_SIZE], b[SUBNET_TEXT_SIZE];

	for (enum nat_key key = NAT_KEY_PREFIX_FIRST; key <= NAT_KEY_PREFIX_LAST; key++) {
		if (nat_prefix(n, key)->prefix == 0 || nat_prefix_is_of(key, n->ipv6))
			continue;
		snprintf(p->error, NAT_ERROR_SIZE, "'%s' contradicts 'ipv6=%s': it is of %s", nat_words[key].name,
		         nat_word(n, NAT_KEY_IPV6), nat_prefix_owners(key));
		return -1;
	}
	if (in->prefix == out->prefix)
		return 0;
	if (in->prefix == 0 || out->prefix == 0)
		return contradiction(p, "'ipv6.inside' and 'ipv6.outside'", "who chooses one of them says both");
	snprintf(p->error, NAT_ERROR_SIZE,
	         "'ipv6.inside=%s' contradicts 'ipv6.outside=%s': both prefixes are of equal length",
	         subnet_format(in, a), subnet_format(out, b));
	return -1;
}

/* Of what is said of IPv6: whether there is a filter at all, a mapping, or any of it. */
static int check_ipv6(const struct described *p)
{
	const struct nat *n = &p->nat;
	const struct nat own = nat_ipv6(n);

	for (enum nat_key key = NAT_KEY_IPV6_MAPPING; key <= NAT_KEY_IPV6_TIMEOUT; key++) {
		bool is_mapping = key == NAT_KEY_IPV6_MAPPING || key == NAT_KEY_IPV6_HAIRPIN;

		if ((p->given & NAT_KEY_BIT(key)) == 0 ||
		    (is_mapping ? own.kind == NAT_TRANSLATE : nat_filters_ipv6(n)) ||
		    (key == NAT_KEY_IPV6_HAIRPIN && nat_maps_prefix(n)))
			continue;
		snprintf(p->error, NAT_ERROR_SIZE, "'%s' contradicts 'ipv6=%s', which %s", nat_words[key].name,
		         nat_word(n, NAT_KEY_IPV6), why_not_ipv6(n, is_mapping));
		return -1;
	}
	if (n->ipv6 != NAT_IPV6_NONE && n->wan_mtu != 0 && n->wan_mtu < NAT_IPV6_MTU_MIN)
		return contradiction(p, "'mtu' contradicts 'ipv6'", "whose links take packets of 1280 bytes");
	return 0;
}

static int check_built(const struct described *p)
{
	const struct nat *n = &p->nat;
	const struct nat_transport *udp = &n->transport[NAT_UDP];

	if (n->kind != NAT_TRANSLATE && check_untranslated(p) != 0)
		return -1;
	if (udp->by_port && check_by_port(p) != 0)
		return -1;
	if (udp->ports == NAT_PORTS_OVERLOAD && check_overload(p) != 0)
		return -1;
	if (check_tcp(p) != 0)
		return -1;
	if ((udp->ports == NAT_PORTS_SEQUENTIAL || n->transport[NAT_TCP].ports == NAT_PORTS_SEQUENTIAL) &&
	    n->port_high - n->port_low >= NAT_SEQUENTIAL_MAX) {
		snprintf(p->error, NAT_ERROR_SIZE,
		         "'range=%u-%u': sequential ports are counted through a table of at most %d", n->port_low,
		         n->port_high, NAT_SEQUENTIAL_MAX);
		return -1;
	}
	if (n->pooling == NAT_POOLING_ARBITRARY && n->addresses == 0)
		return contradiction(p, "'pooling=arbitrary'", "there is one address: addresses= says how many");
	if (n->icmp_blocked && n->input == NAT_INPUT_REJECT)
		return contradiction(p, "'icmp=blocked' contradicts 'input=reject'", "which answers by ICMP");
	if (udp->lifetime_s != 0 && check_lifetime(p) != 0)
		return -1;
	if (check_ipv6(p) != 0 || check_prefixes(p) != 0 || (n->ipv6 == NAT_IPV6_NAT64 && check_nat64(p) != 0))
		return -1;
	if (nat_maps_ports(n) && udp->blocked)
		return contradiction(p, "'upnp', 'nat-pmp', 'pcp' contradict 'udp=blocked'",
		                     "a port that nothing may come to is none");
	if (udp->parity && check_parity(p) != 0)
		return -1;
	if (udp->refresh == NAT_REFRESH_OUTBOUND && udp->stream_timeout_s != 0 &&
	    udp->stream_timeout_s != nat_timeout_s(n))
		return contradiction(p, "'stream-timeout' contradicts 'refresh=outbound'",
		                     "where answers do not refresh a "
		                     "mapping, they do not lengthen it either: there is only timeout=");
	return 0;
}

int nat_refuse_contradiction(const struct nat *nat, uint64_t given, char error[NAT_ERROR_SIZE])
{
	return check_built(&(struct described){ *nat, given, error });
}
