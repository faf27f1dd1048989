#include "nat_type/conclusion_spec.h"

#include <stdio.h>

const char *conclusion_spec(const struct conclusion *v, char text[NAT_TEXT_SIZE], char error[NAT_ERROR_SIZE])
{
	const struct nat_transport *udp = &v->nat.transport[NAT_UDP];
	struct nat nat = v->nat;

	error[0] = '\0';
	if (!conclusion_suffices(v))
		return NULL;
	if (udp->blocked) {
		snprintf(text, NAT_TEXT_SIZE, "udp=blocked"); /* nobody knows what else it would do */
		return text;
	}
	if (nat.kind != NAT_TRANSLATE)
		nat = (struct nat){ .kind = nat.kind, .transport[NAT_UDP].filtering = udp->filtering };
	nat_mirror_tcp(&nat); /* nobody asked it */
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
