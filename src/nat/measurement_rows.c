#include "nat/measurement_rows.h"

#include <stdio.h>
#include <string.h>

#define FAMILY "IPv6 "

static const struct {
	const char *name;     /* with the family, which IPv4's rows go without */
	unsigned requirement; /* of RFC 4787, of TCP's of RFC 5382; 0: none */
} parts[MEASURED_IPV6] = {
	[MEASURED_PASSAGE] = { FAMILY "UDP", 0 },
	[MEASURED_TRANSLATION] = { FAMILY "translation", 0 },
	[MEASURED_MAPPING] = { FAMILY "mapping", 1 },
	[MEASURED_FILTERING] = { FAMILY "filtering", 8 },
	[MEASURED_PORTS] = { FAMILY "ports", 0 },
	[MEASURED_PORT_PARITY] = { FAMILY "port parity", 4 },
	[MEASURED_RANGE] = { FAMILY "range", 0 },
	[MEASURED_EXTERNAL_ADDRESS] = { FAMILY "external address", 2 },
	[MEASURED_ADDRESSES] = { FAMILY "addresses", 0 },
	[MEASURED_SAME_PORT] = { FAMILY "same source port", 3 },
	[MEASURED_TAKE_OVER] = { FAMILY "taken over", 0 },
	[MEASURED_ANSWERS] = { FAMILY "answers", 0 },
	[MEASURED_AFTER_CLASH] = { FAMILY "mapping after clash", 11 },
	[MEASURED_HAIRPIN] = { FAMILY "hairpin", 9 },
	[MEASURED_UNSOLICITED] = { FAMILY "unsolicited", 0 },
	[MEASURED_EARLY_PACKET] = { FAMILY "early packet", 0 },
	[MEASURED_PAYLOAD] = { FAMILY "payload", 10 },
	[MEASURED_CLOBBER] = { FAMILY "own address", 10 },
	[MEASURED_ICMP_ERROR] = { FAMILY "ICMP error", 12 },
	[MEASURED_WAN_MTU] = { FAMILY "mtu", 0 },
	[MEASURED_LONGER_PACKETS] = { FAMILY "longer packets", 0 },
	[MEASURED_SIZES] = { FAMILY "sizes", 0 },
	[MEASURED_FRAGMENTS] = { FAMILY "fragments", 14 },
	[MEASURED_TTL] = { FAMILY "TTL", 0 },
	[MEASURED_PORT_MAPPING] = { FAMILY "port mapping", 0 },
	[MEASURED_LIMIT_PER_HOST] = { FAMILY "limit-per-host", 0 },
	[MEASURED_LIMIT] = { FAMILY "limit", 0 },
	[MEASURED_TIMEOUT] = { FAMILY "timeout", 5 },
	[MEASURED_STREAM_TIMEOUT] = { FAMILY "stream-timeout", 5 },
	[MEASURED_LIFETIME] = { FAMILY "lifetime", 0 },
	[MEASURED_REFRESH] = { FAMILY "refresh", 6 },
	[MEASURED_REFRESH_BY_STRANGERS] = { FAMILY "refresh by strangers", 0 },
	[MEASURED_REFRESH_FOR_STRANGERS] = { FAMILY "refresh for strangers", 0 },
	[MEASURED_TCP] = { FAMILY "TCP", 0 },
	[MEASURED_TCP_TRANSLATION] = { FAMILY "TCP translation", 0 },
	[MEASURED_TCP_MAPPING] = { FAMILY "TCP mapping", 1 },
	[MEASURED_TCP_FILTERING] = { FAMILY "TCP filtering", 3 },
	[MEASURED_TCP_PORTS] = { FAMILY "TCP ports", 0 },
	[MEASURED_TCP_RANGE] = { FAMILY "TCP range", 0 },
	[MEASURED_TCP_EXTERNAL_ADDRESS] = { FAMILY "TCP external address", 0 },
	[MEASURED_TCP_ADDRESSES] = { FAMILY "TCP addresses", 0 },
	[MEASURED_TCP_SAME_PORT] = { FAMILY "TCP same source port", 7 },
	[MEASURED_TCP_ANSWERS] = { FAMILY "TCP answers", 0 },
	[MEASURED_TCP_AFTER_CLASH] = { FAMILY "TCP after clash", 1 },
	[MEASURED_TCP_HAIRPIN] = { FAMILY "TCP hairpin", 8 },
	[MEASURED_TCP_UNSOLICITED] = { FAMILY "TCP unsolicited", 4 },
	[MEASURED_TCP_EARLY_PACKET] = { FAMILY "TCP early SYN", 0 },
	[MEASURED_TCP_SIMULTANEOUS] = { FAMILY "TCP simultaneous", 2 },
	[MEASURED_TCP_ICMP_ERROR] = { FAMILY "TCP ICMP error", 10 },
	[MEASURED_TCP_TIMEOUT] = { FAMILY "TCP timeout", 5 },
	[MEASURED_TCP_TRANSITORY] = { FAMILY "TCP transitory", 5 },
	[MEASURED_TCP_CLOSED] = { FAMILY "TCP closed", 0 },
	[MEASURED_NAT64] = { FAMILY "NAT64", 0 },
	[MEASURED_NAT64_TOO_BIG] = { FAMILY "NAT64 too big", 0 },
	[MEASURED_IPV4_INSIDE] = { FAMILY "IPv4 inside", 0 },
	[MEASURED_CHECKSUM] = { FAMILY "checksum", 0 },
	[MEASURED_INTERFACE_ID] = { FAMILY "interface identifier", 0 },
	[MEASURED_PREFIX] = { FAMILY "prefix", 0 },
};

const char *measurement_part_name(enum measurement_part part)
{
	return part >= MEASURED_IPV6 ? parts[part - MEASURED_IPV6].name : parts[part].name + strlen(FAMILY);
}

unsigned measurement_part_requirement(enum measurement_part part)
{
	return part >= MEASURED_IPV6 ? 0 : parts[part].requirement;
}

bool measurement_part_is_tcp(enum measurement_part part)
{
	return part >= MEASURED_TCP && part < MEASURED_NAT64;
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

	if (seen->protocol == NAT_TCP && part < MEASURED_TCP)
		part = tcp[part];
	return seen->is_ipv6 ? MEASURED_OF_IPV6(part) : part;
}

struct measurement_row *measurement_add_row(struct measurement *m, const struct observation *seen,
                                            enum measurement_part part, const char *asked, const char *measured,
                                            bool differs)
{
	struct measurement_row *row = &m->rows[m->count++];

	*row = (struct measurement_row){ .part = measurement_part_of(seen, part), .differs = differs };
	snprintf(row->asked, sizeof row->asked, "%s", asked);
	snprintf(row->measured, sizeof row->measured, "%s", measured);
	return row;
}
