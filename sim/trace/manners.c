#include "trace/manners.h"

#define IP_HEADER 20 /* IPv4's; IPv6's is longer: what is too long with this is so with that */

static struct nat spec_of(const struct scene *s, int box)
{
	char error[NAT_ERROR_SIZE];
	struct nat nat = { 0 };

	return nat_parse(s->nodes[box].nat, &nat, error) == 0 ? nat : (struct nat){ 0 };
}

bool manners_block_icmp(const struct scene *s, int box)
{
	return spec_of(s, box).icmp_blocked;
}

enum nat_fragments manners_fragments(const struct scene *s, int box)
{
	return spec_of(s, box).fragments;
}

unsigned manners_wan_mtu(const struct scene *s, int box)
{
	return spec_of(s, box).wan_mtu;
}

bool manners_is_too_long(const struct scene *s, int box, unsigned ip_len)
{
	unsigned mtu = manners_wan_mtu(s, box);

	return mtu != 0 && IP_HEADER + ip_len > mtu;
}

bool manners_too_long_to_pass(const struct scene *s, int box, const struct journey *j)
{
	return !j->may_be_cut && manners_is_too_long(s, box, j->ip_len);
}

unsigned manners_lifetime_s(const struct scene *s, int box)
{
	return spec_of(s, box).transport[NAT_UDP].lifetime_s;
}

struct manners_lives manners_lives_s(const struct scene *s, int box)
{
	char error[NAT_ERROR_SIZE];
	struct nat nat;

	if (nat_parse(s->nodes[box].nat, &nat, error) != 0)
		return (struct manners_lives){ 0 };
	return (struct manners_lives){ .udp = nat_timeout_s(&nat),
		                       .udp_stream = nat_stream_timeout_s(&nat),
		                       .tcp = nat_tcp_timeout_s(&nat),
		                       .tcp_transitory = nat_tcp_transitory_s(&nat) };
}

bool manners_clobber(const struct scene *s, int box)
{
	return spec_of(s, box).clobbers;
}

bool manners_nat64(const struct scene *s, int box)
{
	return spec_of(s, box).ipv6 == NAT_IPV6_NAT64;
}

struct nat64_prefix manners_pref64(const struct scene *s, int box)
{
	const struct nat nat = spec_of(s, box);

	return nat_pref64(&nat);
}

bool manners_hairpin_mapped(const struct scene *s, int box)
{
	return spec_of(s, box).transport[NAT_UDP].hairpin == NAT_HAIRPIN_MAPPED;
}

bool manners_break_simultaneous(const struct scene *s, int box)
{
	return spec_of(s, box).simultaneous_broken;
}

unsigned manners_addresses(const struct scene *s, int box)
{
	const struct nat nat = spec_of(s, box);

	return nat_addresses(&nat);
}

bool manners_any_address(const struct scene *s, int box)
{
	const struct nat nat = spec_of(s, box);

	return nat_addresses(&nat) > 1 && nat.pooling == NAT_POOLING_ARBITRARY;
}

bool manners_keep_parity(const struct scene *s, int box)
{
	return spec_of(s, box).transport[NAT_UDP].parity;
}
