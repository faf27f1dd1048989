#include "nat/measurement_rows.h"

#include <stdio.h>

static const struct {
	const char *name;
	unsigned requirement; /* of RFC 4787, of TCP's of RFC 5382; 0: none */
} parts[] = {
	[MEASURED_PASSAGE] = { "UDP", 0 },
	[MEASURED_TRANSLATION] = { "translation", 0 },
	[MEASURED_MAPPING] = { "mapping", 1 },
	[MEASURED_FILTERING] = { "filtering", 8 },
	[MEASURED_PORTS] = { "ports", 0 },
	[MEASURED_PORT_PARITY] = { "port parity", 4 },
	[MEASURED_RANGE] = { "range", 0 },
	[MEASURED_EXTERNAL_ADDRESS] = { "external address", 2 },
	[MEASURED_ADDRESSES] = { "addresses", 0 },
	[MEASURED_SAME_PORT] = { "same source port", 3 },
	[MEASURED_TAKE_OVER] = { "taken over", 0 },
	[MEASURED_ANSWERS] = { "answers", 0 },
	[MEASURED_AFTER_CLASH] = { "mapping after clash", 11 },
	[MEASURED_HAIRPIN] = { "hairpin", 9 },
	[MEASURED_UNSOLICITED] = { "unsolicited", 0 },
	[MEASURED_EARLY_PACKET] = { "early packet", 0 },
	[MEASURED_PAYLOAD] = { "payload", 10 },
	[MEASURED_CLOBBER] = { "own address", 10 },
	[MEASURED_ICMP_ERROR] = { "ICMP error", 12 },
	[MEASURED_WAN_MTU] = { "wan-mtu", 0 },
	[MEASURED_LONGER_PACKETS] = { "longer packets", 0 },
	[MEASURED_SIZES] = { "sizes", 0 },
	[MEASURED_FRAGMENTS] = { "fragments", 14 },
	[MEASURED_TTL] = { "TTL", 0 },
	[MEASURED_PORT_MAPPING] = { "port mapping", 0 },
	[MEASURED_LIMIT_PER_HOST] = { "limit-per-host", 0 },
	[MEASURED_LIMIT] = { "limit", 0 },
	[MEASURED_TIMEOUT] = { "timeout", 5 },
	[MEASURED_STREAM_TIMEOUT] = { "stream-timeout", 5 },
	[MEASURED_LIFETIME] = { "lifetime", 0 },
	[MEASURED_REFRESH] = { "refresh", 6 },
	[MEASURED_REFRESH_BY_STRANGERS] = { "refresh by strangers", 0 },
	[MEASURED_REFRESH_FOR_STRANGERS] = { "refresh for strangers", 0 },
	[MEASURED_TCP] = { "TCP", 0 },
	[MEASURED_TCP_TRANSLATION] = { "TCP translation", 0 },
	[MEASURED_TCP_MAPPING] = { "TCP mapping", 1 },
	[MEASURED_TCP_FILTERING] = { "TCP filtering", 3 },
	[MEASURED_TCP_PORTS] = { "TCP ports", 0 },
	[MEASURED_TCP_RANGE] = { "TCP range", 0 },
	[MEASURED_TCP_EXTERNAL_ADDRESS] = { "TCP external address", 0 },
	[MEASURED_TCP_ADDRESSES] = { "TCP addresses", 0 },
	[MEASURED_TCP_SAME_PORT] = { "TCP same source port", 7 },
	[MEASURED_TCP_ANSWERS] = { "TCP answers", 0 },
	[MEASURED_TCP_AFTER_CLASH] = { "TCP after clash", 1 },
	[MEASURED_TCP_HAIRPIN] = { "TCP hairpin", 8 },
	[MEASURED_TCP_UNSOLICITED] = { "TCP unsolicited", 4 },
	[MEASURED_TCP_EARLY_PACKET] = { "TCP early SYN", 0 },
	[MEASURED_TCP_SIMULTANEOUS] = { "TCP simultaneous", 2 },
	[MEASURED_TCP_ICMP_ERROR] = { "TCP ICMP error", 10 },
	[MEASURED_TCP_TIMEOUT] = { "TCP timeout", 5 },
	[MEASURED_TCP_TRANSITORY] = { "TCP transitory", 5 },
	[MEASURED_TCP_CLOSED] = { "TCP closed", 0 },
	[MEASURED_IPV6] = { "IPv6", 0 },
	[MEASURED_IPV6_TRANSLATION] = { "IPv6 translation", 0 },
	[MEASURED_IPV6_FILTERING] = { "IPv6 filtering", 0 },
	[MEASURED_IPV6_UNSOLICITED] = { "IPv6 unsolicited", 0 },
	[MEASURED_IPV6_TCP] = { "IPv6 TCP", 0 },
	[MEASURED_IPV6_TCP_FILTERING] = { "IPv6 TCP filtering", 0 },
	[MEASURED_IPV6_TCP_UNSOLICITED] = { "IPv6 TCP unsolicited", 0 },
};

const char *measurement_part_name(enum measurement_part part)
{
	return parts[part].name;
}

unsigned measurement_part_requirement(enum measurement_part part)
{
	return parts[part].requirement;
}

bool measurement_part_is_tcp(enum measurement_part part)
{
	return part >= MEASURED_TCP && part < MEASURED_IPV6;
}

static enum measurement_part part_of_ipv6(const struct observation *seen, enum measurement_part part)
{
	bool tcp = seen->protocol == NAT_TCP;

	switch ((int)part) {
	case MEASURED_PASSAGE: return tcp ? MEASURED_IPV6_TCP : MEASURED_IPV6;
	case MEASURED_TRANSLATION: return MEASURED_IPV6_TRANSLATION;
	case MEASURED_FILTERING: return tcp ? MEASURED_IPV6_TCP_FILTERING : MEASURED_IPV6_FILTERING;
	case MEASURED_UNSOLICITED: return tcp ? MEASURED_IPV6_TCP_UNSOLICITED : MEASURED_IPV6_UNSOLICITED;
	default: return part;
	}
}

enum measurement_part measurement_part_of(const struct observation *seen, enum measurement_part part)
{
	static const enum measurement_part tcp[MEASURED_TCP] = {
		[MEASURED_PASSAGE] = MEASURED_TCP,
		[MEASURED_TRANSLATION] = MEASURED_TCP_TRANSLATION,
		[MEASURED_MAPPING] = MEASURED_TCP_MAPPING,
		[MEASURED_FILTERING] = MEASURED_TCP_FILTERING,
		[MEASURED_PORTS] = MEASURED_TCP_PORTS,
		[MEASURED_RANGE] = MEASURED_TCP_RANGE,
		[MEASURED_EXTERNAL_ADDRESS] = MEASURED_TCP_EXTERNAL_ADDRESS,
		[MEASURED_ADDRESSES] = MEASURED_TCP_ADDRESSES,
		[MEASURED_SAME_PORT] = MEASURED_TCP_SAME_PORT,
		[MEASURED_ANSWERS] = MEASURED_TCP_ANSWERS,
		[MEASURED_AFTER_CLASH] = MEASURED_TCP_AFTER_CLASH,
		[MEASURED_HAIRPIN] = MEASURED_TCP_HAIRPIN,
		[MEASURED_UNSOLICITED] = MEASURED_TCP_UNSOLICITED,
		[MEASURED_EARLY_PACKET] = MEASURED_TCP_EARLY_PACKET,
	};

	if (seen->is_ipv6)
		return part_of_ipv6(seen, part);
	return seen->protocol == NAT_TCP ? tcp[part] : part;
}

struct measurement_row *measurement_add_row(struct measurement *m, enum measurement_part part, const char *asked,
                                            const char *measured, bool differs)
{
	struct measurement_row *row = &m->rows[m->count++];

	*row = (struct measurement_row){ .part = part, .differs = differs };
	snprintf(row->asked, sizeof row->asked, "%s", asked);
	snprintf(row->measured, sizeof row->measured, "%s", measured);
	return row;
}
