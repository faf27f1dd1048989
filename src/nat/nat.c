#include "nat/nat.h"

#include "nat/nat_prefix.h"
#include "nat/nat_words.h"

#include <stdio.h>
#include <string.h>

/* The kernel's own (net/netfilter/nf_conntrack_proto_udp.c). */
#define DEFAULT_TIMEOUT_S 30
#define DEFAULT_STREAM_TIMEOUT_S 120

const char *nat_word(const struct nat *nat, enum nat_key key)
{
	return nat_words[key].words[0] != NULL ? nat_words[key].words[nat_value(nat, key)] : NULL;
}

const char *nat_key_name(enum nat_key key)
{
	return nat_words[key].name;
}

const char *nat_behaviour_name(enum nat_behaviour b)
{
	return nat_words[NAT_KEY_MAPPING].words[b];
}

const char *nat_ports_name(enum nat_ports p)
{
	return nat_words[NAT_KEY_PORTS].words[p];
}

const char *nat_hairpin_name(enum nat_hairpin h)
{
	return nat_words[NAT_KEY_HAIRPIN].words[h];
}

const char *nat_refresh_name(enum nat_refresh r)
{
	return nat_words[NAT_KEY_REFRESH].words[r];
}

const char *nat_input_name(enum nat_input i)
{
	return nat_words[NAT_KEY_INPUT].words[i];
}

unsigned nat_narrow_range(const struct nat *nat)
{
	unsigned count = nat->port_high != 0 ? (unsigned)(nat->port_high - nat->port_low) + 1 : 0;

	return count < NAT_RANGE_MIN ? count : 0;
}

unsigned nat_addresses(const struct nat *nat)
{
	return 1 + nat->addresses;
}

const struct subnet *nat_prefix(const struct nat *nat, enum nat_key key)
{
	return &nat->ipv6_prefixes[key - NAT_KEY_PREFIX_FIRST];
}

struct nat nat_elsewhere(const struct nat *nat)
{
	struct nat n = *nat;

	for (enum nat_key key = NAT_KEY_IPV6_PREFIX; key <= NAT_KEY_IPV6_OUTSIDE; key++)
		n.ipv6_prefixes[key - NAT_KEY_PREFIX_FIRST] = (struct subnet){ 0 };
	return n;
}

struct nat64_prefix nat_pref64(const struct nat *nat)
{
	const struct subnet *chosen = nat_prefix(nat, NAT_KEY_IPV6_PREF64);

	return chosen->prefix != 0 ? (struct nat64_prefix){ chosen->network, chosen->prefix } : nat64_well_known();
}

struct nat nat_ipv6(const struct nat *nat)
{
	struct nat own = { .kind = NAT_OPEN };

	memcpy(own.ipv6_prefixes, nat->ipv6_prefixes, sizeof own.ipv6_prefixes);
	if (nat_maps_prefix(nat)) {
		own.ipv6 = nat->ipv6;
		own.ipv6_hairpin = nat->ipv6_hairpin;
		for (int i = 0; nat->ipv6_hairpin && i < NAT_PROTOCOLS; i++)
			own.transport[i].hairpin = NAT_HAIRPIN_EXTERNAL;
	}
	if (!nat_filters_ipv6(nat))
		return own;
	own.kind = nat->ipv6 == NAT_IPV6_NAT66 ? NAT_TRANSLATE : NAT_FIREWALL;
	own.transport[NAT_UDP] = (struct nat_transport){
		.mapping = nat->ipv6_mapping,
		.filtering = nat->ipv6_filtering,
		.hairpin = nat->ipv6_hairpin ? NAT_HAIRPIN_EXTERNAL : NAT_HAIRPIN_NONE,
		.ports = nat->ipv6_mapping == NAT_ENDPOINT_INDEPENDENT ? NAT_PORTS_PRESERVE : NAT_PORTS_RANDOM,
		.timeout_s = nat->ipv6_timeout_s != 0 ? nat->ipv6_timeout_s : nat_timeout_s(nat),
		.stream_timeout_s = nat->ipv6_timeout_s != 0 ? nat->ipv6_timeout_s : nat_stream_timeout_s(nat),
	};
	nat_mirror_tcp(&own);
	own.transport[NAT_TCP].timeout_s = nat_tcp_transitory_s(nat);
	own.transport[NAT_TCP].stream_timeout_s = nat_tcp_timeout_s(nat);
	return own;
}

bool nat_filters_ipv6(const struct nat *nat)
{
	return nat->ipv6 == NAT_IPV6_FIREWALL || nat->ipv6 == NAT_IPV6_NAT66;
}

bool nat_hides_ipv6(const struct nat *nat)
{
	return nat->ipv6 == NAT_IPV6_NAT66 || nat_maps_prefix(nat);
}

bool nat_maps_prefix(const struct nat *nat)
{
	return nat->ipv6 == NAT_IPV6_NPTV6;
}

bool nat_maps_ports(const struct nat *nat)
{
	return nat->upnp != NAT_MAPPER_NONE || nat->nat_pmp || nat->pcp;
}

bool nat_is_nothing(const struct nat *nat)
{
	const struct nat nothing = { .kind = NAT_OPEN };

	return nat_equal(nat, &nothing);
}

unsigned nat_timeout_s(const struct nat *nat)
{
	const struct nat_transport *udp = &nat->transport[NAT_UDP];

	if (udp->lifetime_s != 0)
		return udp->lifetime_s;
	return udp->timeout_s != 0 ? udp->timeout_s : DEFAULT_TIMEOUT_S;
}

unsigned nat_stream_timeout_s(const struct nat *nat)
{
	const struct nat_transport *udp = &nat->transport[NAT_UDP];

	if (udp->refresh == NAT_REFRESH_OUTBOUND || udp->lifetime_s != 0)
		return nat_timeout_s(nat);
	return udp->stream_timeout_s != 0 ? udp->stream_timeout_s : DEFAULT_STREAM_TIMEOUT_S;
}

bool nat_equal(const struct nat *a, const struct nat *b)
{
	bool equal = a->kind == b->kind;

	for (enum nat_key key = 0; equal && key < NAT_KEY_COUNT; key++)
		equal = nat_value(a, key) == nat_value(b, key) &&
		        (!nat_key_is_prefix(key) || subnet_equal(nat_prefix(a, key), nat_prefix(b, key)));
	return equal;
}

/* --- presets ----------------------------------------------------------------------------------- */

struct nat nat_of_preset(size_t i)
{
	char error[NAT_ERROR_SIZE];
	struct nat nat = { 0 };

	return nat_parse(nat_presets[i].name, &nat, error) == 0 ? nat : (struct nat){ 0 };
}

const char *nat_classic_name(const struct nat *nat)
{
	const struct nat_transport *udp = &nat->transport[NAT_UDP];

	for (size_t i = 0; i < NAT_CLASSIC_PRESETS; i++) {
		struct nat type = nat_of_preset(i);

		if (type.kind == nat->kind && type.transport[NAT_UDP].mapping == udp->mapping &&
		    type.transport[NAT_UDP].filtering == udp->filtering)
			return nat_presets[i].name;
	}
	return NULL;
}

/* --- writing ----------------------------------------------------------------------------------- */

static size_t format_word(const struct nat *nat, enum nat_key key, char *text, size_t room)
{
	unsigned value = nat_value(nat, key);
	const char *name = nat_words[key].name;
	char prefix[SUBNET_TEXT_SIZE];

	if (key == NAT_KEY_RANGE)
		return (size_t)snprintf(text, room, ",%s=%u-%u", name, value >> 16, value & 0xffff);
	if (nat_key_is_prefix(key))
		return (size_t)snprintf(text, room, ",%s=%s", name, subnet_format(nat_prefix(nat, key), prefix));
	if (value != 0 && value == nat_words[key].bare)
		return (size_t)snprintf(text, room, ",%s", name);
	if (nat_words[key].words[0] == NULL)
		return (size_t)snprintf(text, room, ",%s=%u", name, value);
	return (size_t)snprintf(text, room, ",%s=%s", name, nat_words[key].words[value]);
}

/* True if the value is another key's, and goes without saying. */
static bool follows(const struct nat *nat, enum nat_key key)
{
	const struct nat_transport *udp = &nat->transport[NAT_UDP];

	if (key == NAT_KEY_TIMEOUT)
		return udp->lifetime_s != 0;
	return key == NAT_KEY_STREAM_TIMEOUT && (udp->lifetime_s != 0 || udp->refresh == NAT_REFRESH_OUTBOUND);
}

/*
 * What a key is without being said: of IPv6's what its kind has; of TCP's what UDP's are, or what the treatment of all
 * TCP makes of them; of all else the preset's.
 */
static unsigned unsaid_value(const struct nat *nat, const struct nat *preset, enum nat_key key)
{
	struct nat mirrored = *nat;

	if (key == NAT_KEY_IPV6_MAPPING)
		return NAT_ENDPOINT_INDEPENDENT;
	if (key == NAT_KEY_IPV6_HAIRPIN)
		return nat_maps_prefix(nat);
	if (key == NAT_KEY_IPV6_FILTERING)
		return nat_unsaid_ipv6_filtering(nat);
	if (key < NAT_KEY_TCP_FIRST)
		return nat_value(preset, key);
	nat_mirror_tcp(&mirrored);
	if (key > NAT_KEY_TCP && mirrored.tcp != nat->tcp)
		nat_set_value(&mirrored, NAT_KEY_TCP, nat->tcp);
	if (key == NAT_KEY_TCP_PORTS)
		return nat_unsaid_tcp_ports(nat, &mirrored);
	/* It is never longer than the other. */
	if (key == NAT_KEY_TCP_TRANSITORY)
		mirrored.transport[NAT_TCP].stream_timeout_s = nat_tcp_timeout_s(nat);
	return nat_value(&mirrored, key);
}

/* Writes nat as the i-th preset and what differs. Returns the length. */
static size_t format_from(const struct nat *nat, size_t i, char text[NAT_TEXT_SIZE])
{
	struct nat base = nat_of_preset(i);
	size_t len = (size_t)snprintf(text, NAT_TEXT_SIZE, "%s", nat_presets[i].name);

	if (base.kind != nat->kind)
		return SIZE_MAX;
	for (enum nat_key key = 0; key < NAT_KEY_COUNT && len < NAT_TEXT_SIZE; key++)
		if (nat_value(nat, key) != unsaid_value(nat, &base, key) && !follows(nat, key))
			len += format_word(nat, key, text + len, NAT_TEXT_SIZE - len);
	return len;
}

const char *nat_format(const struct nat *nat, char text[NAT_TEXT_SIZE])
{
	size_t best = SIZE_MAX;

	snprintf(text, NAT_TEXT_SIZE, "?");
	for (size_t i = 0; i < NAT_BASE_PRESETS; i++) {
		char candidate[NAT_TEXT_SIZE];
		size_t len = format_from(nat, i, candidate);

		if (len < best && len < NAT_TEXT_SIZE) {
			best = len;
			memcpy(text, candidate, len + 1);
		}
	}
	return text;
}

const char *nat_format_ipv6(const struct nat *nat, char text[NAT_TEXT_SIZE])
{
	const struct nat none = { .kind = NAT_OPEN };
	size_t len =
	    (size_t)snprintf(text, NAT_TEXT_SIZE, "%s=%s", nat_words[NAT_KEY_IPV6].name, nat_word(nat, NAT_KEY_IPV6));

	for (enum nat_key key = NAT_KEY_IPV6 + 1; key <= NAT_KEY_IPV6_TIMEOUT; key++)
		if (nat_value(nat, key) != unsaid_value(nat, &none, key))
			len += format_word(nat, key, text + len, NAT_TEXT_SIZE - len);
	return text;
}
