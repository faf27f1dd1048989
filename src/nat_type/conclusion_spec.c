#include "nat_type/conclusion_spec.h"

#include <stdio.h>

/* What a spec calls what was seen by IPv6. Its idle life has one word. */
static struct nat as_ipv6(const struct conclusion *v)
{
	const struct nat_transport *udp = &v->nat.transport[NAT_UDP];
	struct nat nat = { .kind = NAT_OPEN, .ipv6 = v->ipv6 };

	if (nat_filters_ipv6(&nat))
		nat.ipv6_filtering = udp->filtering;
	nat.ipv6_hairpin = nat_maps_prefix(&nat) && !conclusion_knows(v, NAT_KEY_HAIRPIN);
	if (nat_hides_ipv6(&nat) && conclusion_knows(v, NAT_KEY_HAIRPIN))
		nat.ipv6_hairpin = udp->hairpin == NAT_HAIRPIN_EXTERNAL;
	if (v->ipv6 != NAT_IPV6_NAT66)
		return nat;
	nat.ipv6_mapping = udp->mapping;
	if (conclusion_knows(v, NAT_KEY_TIMEOUT) && udp->timeout_s == udp->stream_timeout_s)
		nat.ipv6_timeout_s = udp->timeout_s;
	return nat;
}

/* Says which value of a key was seen, and which one such a box of the lab has. */
static void tell_difference(const struct nat *nat, const struct nat *seen, const struct nat *own, enum nat_key key,
                            char error[NAT_ERROR_SIZE])
{
	char is[32], has[32];

	if (nat_word(seen, key) == NULL) {
		snprintf(is, sizeof is, "%u", nat_value(seen, key));
		snprintf(has, sizeof has, "%u", nat_value(own, key));
	}
	snprintf(error, NAT_ERROR_SIZE, "ipv6=%s is nearest, and has %s %s, not %s", nat_word(nat, NAT_KEY_IPV6),
	         nat_key_name(key), nat_word(own, key) != NULL ? nat_word(own, key) : has,
	         nat_word(seen, key) != NULL ? nat_word(seen, key) : is);
}

/* True if such a box of the lab is what was seen, as far as that is known. */
static bool can_be_built(const struct conclusion *v, const struct nat *nat, char error[NAT_ERROR_SIZE])
{
	const struct nat *seen = &v->nat;
	const struct nat own = nat_ipv6(nat);

	if (seen->kind == NAT_TRANSLATE && seen->port_high != 0) {
		snprintf(error, NAT_ERROR_SIZE, "ipv6=%s has all ports, not a range of them",
		         nat_word(nat, NAT_KEY_IPV6));
		return false;
	}
	for (enum nat_key key = 0; key < NAT_KEY_IPV6; key++) {
		if (!conclusion_knows(v, key) || nat_value(&own, key) == nat_value(seen, key))
			continue;
		tell_difference(nat, seen, &own, key, error);
		return false;
	}
	return true;
}

/* Only what it does with IPv6: nobody asked the rest. */
static const char *ipv6_spec(const struct conclusion *v, char text[NAT_TEXT_SIZE], char error[NAT_ERROR_SIZE])
{
	struct nat nat = as_ipv6(v), parsed;

	if (v->nat.transport[NAT_UDP].blocked) {
		snprintf(error, NAT_ERROR_SIZE, "no ipv6= blocks UDP alone; with ipv6=none nothing passes by IPv6");
		return NULL;
	}
	if (!can_be_built(v, &nat, error))
		return NULL;
	nat_format_ipv6(&nat, text);
	return nat_parse(text, &parsed, error) == 0 ? text : NULL;
}

const char *conclusion_spec(const struct conclusion *v, char text[NAT_TEXT_SIZE], char error[NAT_ERROR_SIZE])
{
	const struct nat_transport *udp = &v->nat.transport[NAT_UDP];
	struct nat nat = v->nat;

	error[0] = '\0';
	if (!conclusion_suffices(v))
		return NULL;
	if (v->by_ipv6 && v->ipv6 != NAT_IPV6_NAT64)
		return ipv6_spec(v, text, error);
	if (udp->blocked) {
		snprintf(text, NAT_TEXT_SIZE, "udp=blocked"); /* nobody knows what else it would do */
		return text;
	}
	if (nat.kind != NAT_TRANSLATE)
		nat = (struct nat){ .kind = nat.kind, .transport[NAT_UDP].filtering = udp->filtering };
	nat_mirror_tcp(&nat); /* nobody asked it */
	nat.ipv6 = v->ipv6;
	nat_format(&nat, text);
	return nat_parse(text, &nat, error) == 0 ? text : NULL;
}

const char *conclusion_classic_name(const struct conclusion *v)
{
	bool known = conclusion_knows(v, NAT_KEY_MAPPING) && conclusion_knows(v, NAT_KEY_FILTERING);

	return known && v->nat.kind == NAT_TRANSLATE ? nat_classic_name(&v->nat) : NULL;
}

/*
 * A NAT whose mapping depends on the endpoint and that lets in strangers may answer them from the port they wrote to,
 * as netfilter does, or from a new one, as the oracle holds. Nobody asked it.
 */
static bool may_answer_from_where_it_heard(const struct nat *nat)
{
	const struct nat_transport *udp = &nat->transport[NAT_UDP];

	return nat->kind == NAT_TRANSLATE && !udp->blocked && udp->mapping != NAT_ENDPOINT_INDEPENDENT &&
	       udp->filtering != NAT_ADDRESS_AND_PORT_DEPENDENT;
}

enum oracle_verdict conclusion_punch(const struct conclusion *v, const struct nat *peer)
{
	struct nat nat = v->nat;
	struct nat_transport *udp = &nat.transport[NAT_UDP];
	unsigned verdicts = 0;

	for (unsigned i = 0; i < 9; i++) {
		enum oracle_verdict verdict;

		if (!conclusion_knows(v, NAT_KEY_MAPPING))
			udp->mapping = (enum nat_behaviour)(i / 3);
		if (!conclusion_knows(v, NAT_KEY_FILTERING))
			udp->filtering = (enum nat_behaviour)(i % 3);
		verdict = oracle_punch(&nat, peer, NAT_UDP).verdict;
		if (verdict == ORACLE_SHUT && !peer->transport[NAT_UDP].blocked && may_answer_from_where_it_heard(&nat))
			verdict = ORACLE_DEPENDS;
		verdicts |= 1u << verdict;
	}
	if (verdicts == 1u << ORACLE_OPEN)
		return ORACLE_OPEN;
	return verdicts == 1u << ORACLE_SHUT ? ORACLE_SHUT : ORACLE_DEPENDS;
}
