#include "nat/measurement_rows.h"

#include <stdio.h>

#define USUAL_MTU 1500 /* of Ethernet, which all links have that were asked nothing else */
#define HEADERS 28     /* of IP and UDP, before a datagram's payload */

/* Of datagrams that one packet carries. */
static void add_sizes(const struct nat *asked, const struct observation *seen, struct measurement *m)
{
	unsigned mtu = asked->wan_mtu != 0 ? asked->wan_mtu : USUAL_MTU;
	bool differs = seen->size_lost != 0 && seen->size_lost + HEADERS <= mtu;
	char measured[MEASUREMENT_TEXT_SIZE] = "all pass";

	if (differs)
		snprintf(measured, sizeof measured, "%u bytes lost", seen->size_lost);
	measurement_add_row(m, seen, MEASURED_SIZES, "all pass", measured, differs);
}

static void add_ttl(const struct observation *seen, struct measurement *m)
{
	char asked[MEASUREMENT_TEXT_SIZE], measured[MEASUREMENT_TEXT_SIZE];

	snprintf(asked, sizeof asked, "%d less", seen->routers);
	if (seen->ttl_lost_out == seen->ttl_lost_in)
		snprintf(measured, sizeof measured, "%d less", seen->ttl_lost_out);
	else
		snprintf(measured, sizeof measured, "%d less out, %d in", seen->ttl_lost_out, seen->ttl_lost_in);
	/* What was lost is told of in another row. */
	if (seen->ttl_lost_out >= 0 && seen->ttl_lost_in >= 0)
		measurement_add_row(m, seen, MEASURED_TTL, asked, measured,
		                    seen->ttl_lost_out != seen->routers || seen->ttl_lost_in != seen->routers);
}

static enum nat_fragments fragments_of(const struct observation *seen)
{
	if (!seen->fragments_pass)
		return NAT_FRAGMENTS_DROP;
	return seen->reordered_pass ? NAT_FRAGMENTS_PASS : NAT_FRAGMENTS_IN_ORDER;
}

static void add_fragments(const struct nat *asked, const struct observation *seen, struct measurement *m)
{
	m->measured.fragments = fragments_of(seen);
	measurement_add_row(m, seen, MEASURED_FRAGMENTS, nat_word(asked, NAT_KEY_FRAGMENTS),
	                    nat_word(&m->measured, NAT_KEY_FRAGMENTS), m->measured.fragments != asked->fragments)
	    ->requirement_met = m->measured.fragments == NAT_FRAGMENTS_PASS;
}

static void add_mtu(const struct nat *asked, const struct observation *seen, struct measurement *m)
{
	unsigned wanted = asked->wan_mtu != 0 ? asked->wan_mtu : USUAL_MTU;
	char asked_text[MEASUREMENT_TEXT_SIZE], measured[MEASUREMENT_TEXT_SIZE];

	m->measured.wan_mtu = seen->wan_mtu != USUAL_MTU || asked->wan_mtu == USUAL_MTU ? seen->wan_mtu : 0;
	snprintf(asked_text, sizeof asked_text, "%u bytes", wanted);
	snprintf(measured, sizeof measured, "%u bytes", seen->wan_mtu);
	measurement_add_row(m, seen, MEASURED_WAN_MTU, asked_text, measured, seen->wan_mtu != wanted);
	if (seen->wan_mtu >= USUAL_MTU)
		return;
	measurement_add_row(m, seen, MEASURED_LONGER_PACKETS, asked->icmp_blocked ? "lost silently" : "an ICMP error",
	                    seen->too_big_told ? "an ICMP error" : "lost silently",
	                    seen->too_big_told == asked->icmp_blocked);
}

static void add_icmp(const struct nat *asked, const struct observation *seen, struct measurement *m)
{
	char wanted[MEASUREMENT_TEXT_SIZE], measured[MEASUREMENT_TEXT_SIZE];

	m->measured.icmp_blocked = !seen->icmp_arrives;
	snprintf(wanted, sizeof wanted, "%s, mapping stays", asked->icmp_blocked ? "lost" : "arrives");
	snprintf(measured, sizeof measured, "%s, mapping %s", seen->icmp_arrives ? "arrives" : "lost",
	         seen->survives_icmp ? "stays" : "ends");
	measurement_add_row(m, seen, MEASURED_ICMP_ERROR, wanted, measured,
	                    seen->icmp_arrives == asked->icmp_blocked || !seen->survives_icmp)
	    ->requirement_met = seen->survives_icmp;
}

static void add_nat64(const struct nat *asked, const struct observation *seen, struct measurement *m)
{
	const struct nat64_prefix by = nat_pref64(asked);
	const struct subnet prefix = { by.network, by.bits };
	char text[SUBNET_TEXT_SIZE];

	subnet_format(&prefix, text);
	measurement_add_row(m, seen, MEASURED_NAT64, text, seen->nat64 ? text : "none", !seen->nat64);
	/* Who has met a smaller link outside sends nothing that is too big. */
	if (asked->wan_mtu == 0 || asked->wan_mtu >= USUAL_MTU)
		measurement_add_row(m, seen, MEASURED_NAT64_TOO_BIG,
		                    asked->icmp_blocked ? "lost silently" : "an ICMP error",
		                    seen->nat64_too_big_told ? "an ICMP error" : "lost silently",
		                    seen->nat64_too_big_told == asked->icmp_blocked);
	measurement_add_row(m, seen, MEASURED_IPV4_INSIDE, "none", seen->ipv4_inside ? "there" : "none",
	                    seen->ipv4_inside);
	m->measured.ipv6 = seen->nat64 && !seen->ipv4_inside ? NAT_IPV6_NAT64 : NAT_IPV6_NONE;
}

void measurement_add_manners(const struct nat *asked, const struct observation *seen, struct measurement *m)
{
	const char *kept = asked->clobbers ? "else unchanged" : "unchanged";

	measurement_add_row(m, seen, MEASURED_PAYLOAD, kept, seen->payload_kept ? kept : "changed", !seen->payload_kept)
	    ->requirement_met = seen->payload_kept;
	m->measured.clobbers = seen->clobbered;
	if (asked->clobbers || seen->clobbered)
		measurement_add_row(m, seen, MEASURED_CLOBBER, asked->clobbers ? "clobbered" : "kept",
		                    seen->clobbered ? "clobbered" : "kept", asked->clobbers != seen->clobbered)
		    ->requirement_met = !seen->clobbered;
	add_icmp(asked, seen, m);
	if (seen->routers == 0) /* nobody looked */
		return;
	add_mtu(asked, seen, m);
	add_sizes(asked, seen, m);
	add_fragments(asked, seen, m);
	add_ttl(seen, m);
	if (seen->nat64_seen)
		add_nat64(asked, seen, m);
}
