#include "nat/measurement.h"
#include "suite.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

static struct nat nat_of(const char *spec)
{
	struct nat nat = { 0 };
	char error[NAT_ERROR_SIZE];

	CU_ASSERT_EQUAL(nat_parse(spec, &nat, error), 0);
	return nat;
}

/* What packets would show of a flawless box of that kind. */
/* What a box that keeps its word, or is faulty as it should be, does when it is asked for ports. */
static void add_mapper(const struct nat *n, struct observation *s)
{
	const bool speaks[] = { n->upnp != NAT_MAPPER_NONE, n->nat_pmp, n->pcp };

	s->mapper_seen = nat_maps_ports(n);
	for (size_t i = 0; i < 3; i++) {
		s->mapper_answers[i] = speaks[i] && n->upnp != NAT_MAPPER_SILENT;
		s->mapper_opens[i] = s->mapper_answers[i] && n->upnp != NAT_MAPPER_PRIVATE_ADDRESS;
	}
	s->mapper_is_public = n->upnp != NAT_MAPPER_PRIVATE_ADDRESS && n->upnp != NAT_MAPPER_SILENT;
	s->mapper_gives_usual = n->upnp != NAT_MAPPER_CONFLICT;
	s->mapper_outlives = n->upnp != NAT_MAPPER_SHORT_LEASE;
	s->mapper_survives_reboot = n->upnp != NAT_MAPPER_LOST_ON_REBOOT;
}

static struct observation flawless(const struct nat *n)
{
	const struct nat_transport *udp = &n->transport[NAT_UDP];
	bool accepts = n->input == NAT_INPUT_ACCEPT;

	struct observation s = {
		.udp_passes = !udp->blocked,
		.udp_reaches_all = !udp->blocked,
		.udp_reaches_some = !udp->blocked,
		.udp_reaches_peers = !udp->blocked,
		.udp_comes_in = !udp->blocked,
		.translated = n->kind == NAT_TRANSLATE,
		.lets_in_unmapped = n->kind == NAT_OPEN,
		.mapping = udp->mapping,
		.mapping_seen = true,
		.filtering = udp->filtering,
		.filtering_seen = true,
		.mapping_to_peers = udp->mapping,
		.filtering_of_peers = udp->filtering,
		.hears_peers = true,
		.ports = udp->ports == NAT_PORTS_OVERLOAD ? NAT_PORTS_PRESERVE : udp->ports,
		.ports_seen = true,
		.step = 1,
		.port_low = n->port_low,
		.port_high = n->port_high,
		.port_count = 12,
		.one_address = n->pooling == NAT_POOLING_PAIRED,
		.address_count = n->pooling == NAT_POOLING_PAIRED && n->addresses > 1 ? 2 : nat_addresses(n),
		.parity_kept = udp->parity || udp->ports != NAT_PORTS_RANDOM,
		.clash_parity_kept = udp->parity,
		.two_hosts_seen = true,
		.port_shared = udp->ports == NAT_PORTS_OVERLOAD,
		.own_answers = true,
		.mapping_after_clash = true,
		.hairpin = udp->hairpin,
		.hairpin_seen = true,
		.hairpin_answers = udp->hairpin == NAT_HAIRPIN_EXTERNAL || udp->hairpin == NAT_HAIRPIN_MAPPED,
		.refuses = n->input != NAT_INPUT_DROP,
		.early = accepts ? EARLY_MOVES_PORT : EARLY_HARMLESS,
		.payload_kept = true,
		.icmp_arrives = !n->icmp_blocked,
		.survives_icmp = true,
		.fragments_pass = n->fragments != NAT_FRAGMENTS_DROP,
		.reordered_pass = n->fragments == NAT_FRAGMENTS_PASS,
		.wan_mtu = n->wan_mtu != 0 ? n->wan_mtu : 1500,
		.too_big_told = !n->icmp_blocked,
		.routers = 2,
		.ttl_lost_out = 2,
		.ttl_lost_in = 2,
		.lives_seen = true,
		.idle = { nat_timeout_s(n) * 1000 - 100, nat_timeout_s(n) * 1000 + 100 },
		.in_use = { nat_timeout_s(n) * 1000 - 100, nat_timeout_s(n) * 1000 + 100 },
		.stream = { nat_stream_timeout_s(n) * 1000 - 100, nat_stream_timeout_s(n) * 1000 + 100 },
		.refreshed_outbound = true,
		.refreshed_inbound = udp->refresh == NAT_REFRESH_BOTH,
		.refreshed_for_stranger = udp->refresh == NAT_REFRESH_BOTH,
	};

	add_mapper(n, &s);
	return s;
}

/* The same of TCP. */
static struct observation flawless_tcp(const struct nat *n)
{
	const struct nat_transport *tcp = &n->transport[NAT_TCP];
	bool passes = !tcp->blocked;

	return (struct observation){
		.protocol = NAT_TCP,
		.udp_passes = passes,
		.udp_reaches_all = passes,
		.udp_reaches_some = passes,
		.udp_reaches_peers = passes,
		.udp_comes_in = passes,
		.translated = n->kind == NAT_TRANSLATE,
		.lets_in_unmapped = n->kind == NAT_OPEN,
		.mapping = tcp->mapping,
		.mapping_to_peers = tcp->mapping,
		.mapping_seen = true,
		.filtering = tcp->filtering,
		.filtering_of_peers = tcp->filtering,
		.filtering_seen = true,
		.hears_peers = true,
		.ports = tcp->ports == NAT_PORTS_OVERLOAD ? NAT_PORTS_PRESERVE : tcp->ports,
		.ports_seen = true,
		.step = 1,
		.port_low = n->port_low,
		.port_high = n->port_high,
		.port_count = 12,
		.one_address = n->pooling == NAT_POOLING_PAIRED,
		.address_count = n->pooling == NAT_POOLING_PAIRED && n->addresses > 1 ? 2 : nat_addresses(n),
		.two_hosts_seen = true,
		.port_shared = tcp->ports == NAT_PORTS_OVERLOAD,
		.own_answers = true,
		.mapping_after_clash = true,
		.hairpin = tcp->hairpin,
		.hairpin_seen = true,
		.hairpin_answers = tcp->hairpin == NAT_HAIRPIN_EXTERNAL || tcp->hairpin == NAT_HAIRPIN_MAPPED,
		.early = EARLY_HARMLESS,
		.resets = n->unsolicited == NAT_UNSOLICITED_RESET,
		.refuses_late = n->unsolicited == NAT_UNSOLICITED_ICMP,
		.late_seen = n->unsolicited == NAT_UNSOLICITED_ICMP,
		.simultaneous = !n->simultaneous_broken,
		.simultaneous_seen = true,
		.survives_icmp = true,
		.lives_seen = n->kind != NAT_OPEN,
		.idle = { nat_tcp_transitory_s(n) * 1000 - 100, nat_tcp_transitory_s(n) * 1000 + 100 },
		.stream = { nat_tcp_timeout_s(n) * 1000 - 100, nat_tcp_timeout_s(n) * 1000 + 100 },
		.closing_ends = true,
		.closing_seen = true,
	};
}

static const char *const kinds[] = {
	"symmetric,tcp=linux",
	"full-cone,tcp=blocked",
	"full-cone,hairpin,tcp.mapping=apd,tcp.filtering=ad,tcp.unsolicited=reset",
	"port-restricted,tcp.unsolicited=icmp,tcp.simultaneous=no",
	"firewall,tcp.filtering=ei,tcp.timeout=9,tcp.transitory=3",
	"port-restricted,input=accept,tcp.unsolicited=drop",
	"open",
	"full-cone",
	"restricted,hairpin",
	"port-restricted",
	"symmetric",
	"symmetric,ports=sequential,range=20000-20063",
	"firewall",
	"firewall,input=reject",
	"port-restricted,input=accept",
	"port-restricted,input=reject",
	"udp-blocked",
	"linux-router",
	"mapping=ad,hairpin=internal",
	"symmetric,refresh=outbound,timeout=3",
	"port-restricted,hairpin=mapped",
	"port-restricted,parity",
	"symmetric,parity",
	"symmetric,addresses=2",
	"symmetric,addresses=4",
	"full-cone,addresses=3,pooling=arbitrary",
	"port-restricted,fragments=drop",
	"port-restricted,fragments=in-order,icmp=blocked",
	"firewall,icmp=blocked,mtu=1400",
	"open,mtu=1280",
	"symmetric,limit=20",
	"symmetric,lifetime=60",
	"symmetric,upnp",
	"full-cone,nat-pmp,pcp",
	"port-restricted,upnp=conflict,nat-pmp",
	"port-restricted,upnp=short-lease",
	"port-restricted,upnp=private-address,pcp",
	"port-restricted,upnp=silent,nat-pmp,pcp",
	"port-restricted,upnp=lost-on-reboot,nat-pmp",
};
#define KINDS (sizeof kinds / sizeof *kinds)

static void a_flawless_box_agrees(void)
{
	for (size_t i = 0; i < KINDS; i++) {
		struct nat n = nat_of(kinds[i]);
		struct observation seen = flawless(&n);
		struct measurement m;

		measurement_make(&n, &seen, &m);
		seen = flawless_tcp(&n);
		measurement_add_tcp(&m, &n, &seen);
		CU_ASSERT_TRUE(measurement_agrees(&m));
		CU_ASSERT_TRUE(nat_equal(&m.measured, &n));
		for (size_t k = 0; k < m.count; k++)
			if (m.rows[k].differs)
				fprintf(stderr, "%s: %s: %s, %s\n", kinds[i], measurement_part_name(m.rows[k].part),
				        m.rows[k].asked, m.rows[k].measured);
	}
}

/*
 * Every kind of flaw, made one at a time in what was seen of port-restricted,hairpin, shows in the row it belongs to.
 */
static void every_flaw_shows_in_its_row(void)
{
	struct nat n = nat_of("port-restricted,hairpin,range=20000-20511");
	static const enum measurement_part rows[] = { MEASURED_PASSAGE,
		                                      MEASURED_TRANSLATION,
		                                      MEASURED_MAPPING,
		                                      MEASURED_FILTERING,
		                                      MEASURED_FILTERING,
		                                      MEASURED_PORTS,
		                                      MEASURED_PORTS,
		                                      MEASURED_RANGE,
		                                      MEASURED_EXTERNAL_ADDRESS,
		                                      MEASURED_SAME_PORT,
		                                      MEASURED_ANSWERS,
		                                      MEASURED_AFTER_CLASH,
		                                      MEASURED_HAIRPIN,
		                                      MEASURED_HAIRPIN,
		                                      MEASURED_HAIRPIN,
		                                      MEASURED_UNSOLICITED,
		                                      MEASURED_UNSOLICITED,
		                                      MEASURED_EARLY_PACKET,
		                                      MEASURED_PAYLOAD,
		                                      MEASURED_ICMP_ERROR,
		                                      MEASURED_FRAGMENTS,
		                                      MEASURED_TIMEOUT,
		                                      MEASURED_STREAM_TIMEOUT,
		                                      MEASURED_REFRESH,
		                                      MEASURED_PASSAGE,
		                                      MEASURED_MAPPING,
		                                      MEASURED_FILTERING,
		                                      MEASURED_FILTERING,
		                                      MEASURED_ICMP_ERROR,
		                                      MEASURED_SIZES,
		                                      MEASURED_TTL,
		                                      MEASURED_TTL,
		                                      MEASURED_TAKE_OVER,
		                                      MEASURED_CLOBBER,
		                                      MEASURED_REFRESH };

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct observation s = flawless(&n);
		struct measurement m;
		const struct measurement_row *row;

		switch (i) {
		case 0: s.udp_passes = s.udp_reaches_all = false; break;
		case 1: s.translated = false; break;
		case 2: s.mapping = NAT_ADDRESS_DEPENDENT; break;
		case 3: s.filtering = NAT_ENDPOINT_INDEPENDENT; break;
		case 4: s.filtering_seen = false; break;
		case 5: s.ports = NAT_PORTS_RANDOM; break;
		case 6: s.port_shared = true; break;
		case 7: s.port_high = 20512; break;
		case 8: s.one_address = false; break;
		case 9: s.port_shared = true; break;
		case 10: s.own_answers = false; break;
		case 11: s.mapping_after_clash = false; break;
		case 12: s.hairpin = NAT_HAIRPIN_NONE; break;
		case 13: s.hairpin = NAT_HAIRPIN_INTERNAL; break;
		case 14: s.hairpin_answers = false; break;
		case 15: s.refuses = true; break;
		case 16: s.lets_in_unmapped = true; break;
		case 17: s.early = EARLY_MOVES_PORT; break;
		case 18: s.payload_kept = false; break;
		case 19: s.survives_icmp = false; break;
		case 20: s.fragments_pass = false; break;
		case 21: s.idle.high_ms = 29000; break;
		case 22: s.stream = (struct life_span){ 240000, UINT_MAX }; break;
		case 23: s.refreshed_inbound = false; break;
		case 24: s.udp_reaches_all = false; break;
		case 25: s.mapping_to_peers = NAT_ADDRESS_AND_PORT_DEPENDENT; break;
		case 26: s.filtering_of_peers = NAT_ENDPOINT_INDEPENDENT; break;
		case 27: s.hears_peers = false; break;
		case 28: s.icmp_arrives = false; break;
		case 29: s.size_lost = 1200; break;
		case 30: s.ttl_lost_out = 75; break;
		case 31: s.ttl_lost_out = s.ttl_lost_in = 1; break;
		case 32: s.taken_over = true; break;
		case 33: s.clobbered = true; break;
		default: s.refreshed_outbound = false; break;
		}
		measurement_make(&n, &s, &m);
		row = measurement_find(&m, rows[i]);
		CU_ASSERT_FALSE(measurement_agrees(&m));
		CU_ASSERT_TRUE(row != NULL && row->differs);
		if (row == NULL || !row->differs)
			fprintf(stderr, "flaw %zu: %s\n", i, measurement_part_name(rows[i]));
	}
}

/* Each flaw of TCP, one at a time, in the row it belongs to, which then differs. */
static void every_flaw_of_tcp_shows_in_its_row(void)
{
	const struct nat n = nat_of("port-restricted,hairpin,range=20000-20511");
	static const enum measurement_part rows[] = {
		MEASURED_TCP,
		MEASURED_TCP_TRANSLATION,
		MEASURED_TCP_MAPPING,
		MEASURED_TCP_FILTERING,
		MEASURED_TCP_PORTS,
		MEASURED_TCP_RANGE,
		MEASURED_TCP_ADDRESSES,
		MEASURED_TCP_SAME_PORT,
		MEASURED_TCP_ANSWERS,
		MEASURED_TCP_AFTER_CLASH,
		MEASURED_TCP_HAIRPIN,
		MEASURED_TCP_UNSOLICITED,
		MEASURED_TCP_UNSOLICITED,
		MEASURED_TCP_UNSOLICITED,
		MEASURED_TCP_UNSOLICITED,
		MEASURED_TCP_EARLY_PACKET,
		MEASURED_TCP_SIMULTANEOUS,
		MEASURED_TCP_ICMP_ERROR,
		MEASURED_TCP_TIMEOUT,
		MEASURED_TCP_TRANSITORY,
		MEASURED_TCP_CLOSED,
		MEASURED_TCP_EXTERNAL_ADDRESS,
	};
	const size_t count = sizeof rows / sizeof *rows;

	for (size_t i = 0; i < count; i++) {
		struct observation udp = flawless(&n), s = flawless_tcp(&n);
		const struct measurement_row *row;
		struct measurement m;
		const struct life_span none = { 500, 900 };

		switch (i) {
		case 0: s.udp_passes = s.udp_reaches_all = s.udp_reaches_some = false; break;
		case 1: s.translated = false; break;
		case 2: s.mapping = s.mapping_to_peers = NAT_ADDRESS_AND_PORT_DEPENDENT; break;
		case 3: s.filtering = s.filtering_of_peers = NAT_ENDPOINT_INDEPENDENT; break;
		case 4: s.ports = NAT_PORTS_RANDOM; break;
		case 5: s.port_high = 30000; break;
		case 6: s.address_count = 2; break;
		case 7: s.port_shared = true; break;
		case 8: s.own_answers = false; break;
		case 9: s.mapping_after_clash = false; break;
		case 10: s.hairpin = NAT_HAIRPIN_NONE; break;
		case 11: s.resets = true; break;
		case 12: s.refuses = true; break;
		case 13: s.refuses_late = true; break;
		case 14: s.lets_in_unmapped = true; break;
		case 15: s.early = EARLY_MOVES_PORT; break;
		case 16: s.simultaneous = false; break;
		case 17: s.survives_icmp = false; break;
		case 18: s.stream = none; break;
		case 19: s.idle = none; break;
		case 20: s.closing_ends = false; break;
		case 21: s.one_address = false; break;
		}
		measurement_make(&n, &udp, &m);
		CU_ASSERT_TRUE(measurement_agrees(&m));
		measurement_add_tcp(&m, &n, &s);
		CU_ASSERT_FALSE(measurement_agrees(&m));
		row = measurement_find(&m, rows[i]);
		CU_ASSERT_TRUE(row != NULL && row->differs);
		if (row == NULL || !row->differs)
			fprintf(stderr, "flaw %zu of TCP: %s\n", i, measurement_part_name(rows[i]));
	}
}

static bool measures(const char *spec, const struct observation *seen, enum measurement_part row, const char *text)
{
	struct nat n = nat_of(spec);
	struct measurement m;
	const struct measurement_row *found;

	measurement_make(&n, seen, &m);
	found = measurement_find(&m, row);
	if (found != NULL && found->differs && strcmp(found->measured, text) == 0)
		return true;
	fprintf(stderr, "%s: %s: '%s', not '%s'\n", spec, measurement_part_name(row),
	        found != NULL ? found->measured : "no row", text);
	return false;
}

static void refreshing_and_strangers_are_told(void)
{
	struct nat n = nat_of("full-cone");
	struct observation s = flawless(&n);

	s.refreshed_by_stranger = true;
	CU_ASSERT_TRUE(measures("full-cone", &s, MEASURED_REFRESH_BY_STRANGERS, "yes"));
	s.refreshed_for_stranger = false;
	CU_ASSERT_TRUE(measures("full-cone", &s, MEASURED_REFRESH_FOR_STRANGERS, "no"));
	s.refreshed_for_stranger = true;
	CU_ASSERT_TRUE(measures("restricted,refresh=outbound,timeout=3", &s, MEASURED_REFRESH_FOR_STRANGERS, "yes"));
}

/* One that traffic keeps alive, and one that ends too soon. */
static void a_lifetime_is_told_whatever_the_traffic(void)
{
	struct nat n = nat_of("symmetric,lifetime=60");
	struct observation s = flawless(&n);

	s.in_use.low_ms = 120000;
	s.in_use.high_ms = UINT_MAX;
	CU_ASSERT_TRUE(measures("symmetric,lifetime=60", &s, MEASURED_LIFETIME, "over 120.0 s"));
	s.in_use = (struct life_span){ 40000, 50000 };
	CU_ASSERT_TRUE(measures("symmetric,lifetime=60", &s, MEASURED_LIFETIME, "40.0 to 50.0 s"));
}

/* A box that blocks UDP is known by all that could get through, each way alone. */
static void what_passes_a_blocking_box_is_told(void)
{
	struct nat n = nat_of("udp-blocked");
	struct observation s = flawless(&n);

	s.udp_comes_in = true;
	CU_ASSERT_TRUE(measures("udp-blocked", &s, MEASURED_PASSAGE, "blocked, but comes in"));
	s.udp_reaches_some = true;
	CU_ASSERT_TRUE(measures("udp-blocked", &s, MEASURED_PASSAGE, "passes to some"));
	s.udp_passes = s.udp_reaches_all = true;
	CU_ASSERT_TRUE(measures("udp-blocked", &s, MEASURED_PASSAGE, "passes"));
}

static void peers_treated_otherwise_are_told(void)
{
	struct nat n = nat_of("full-cone");
	struct observation s = flawless(&n);

	s.mapping_to_peers = NAT_ADDRESS_DEPENDENT;
	s.hears_peers = false;
	CU_ASSERT_TRUE(measures("full-cone", &s, MEASURED_MAPPING, "endpoint-independent (peers: address-dependent)"));
	CU_ASSERT_TRUE(measures("full-cone", &s, MEASURED_FILTERING,
	                        "endpoint-independent (peers: everything, answers included)"));
	s.udp_reaches_peers = false;
	CU_ASSERT_TRUE(measures("full-cone", &s, MEASURED_MAPPING, "endpoint-independent (peers: not reached)"));
}

/* An error that does not arrive is against no requirement of RFC 4787; a mapping that it ends is. */
static void manners_are_told(void)
{
	struct nat n = nat_of("port-restricted");
	struct observation s = flawless(&n);
	struct measurement m;

	s.icmp_arrives = false;
	CU_ASSERT_TRUE(measures("port-restricted", &s, MEASURED_ICMP_ERROR, "lost, mapping stays"));
	measurement_make(&n, &s, &m);
	CU_ASSERT_TRUE(measurement_find(&m, MEASURED_ICMP_ERROR)->requirement_met);
	s.icmp_arrives = true;
	s.survives_icmp = false;
	s.size_lost = 1400;
	s.ttl_lost_in = 1;
	CU_ASSERT_TRUE(measures("port-restricted", &s, MEASURED_ICMP_ERROR, "arrives, mapping ends"));
	CU_ASSERT_TRUE(measures("port-restricted", &s, MEASURED_SIZES, "1400 bytes lost"));
	CU_ASSERT_TRUE(measures("port-restricted", &s, MEASURED_TTL, "2 less out, 1 in"));
	s.ttl_lost_out = -1;
	measurement_make(&n, &s, &m);
	CU_ASSERT_PTR_NULL(measurement_find(&m, MEASURED_TTL)); /* lost, as another row says */
}

static void ipv6_is_measured_by_itself(void)
{
	struct nat n = nat_of("symmetric,ipv6=open");
	struct nat own = nat_ipv6(&n);
	struct observation s = flawless(&n), six = flawless(&own);
	struct measurement m;

	six.is_ipv6 = true;
	measurement_make(&n, &s, &m);
	measurement_add_ipv6(&m, &n, &six);
	CU_ASSERT_TRUE(measurement_agrees(&m));
	CU_ASSERT_TRUE(nat_equal(&m.measured, &n));
	CU_ASSERT_STRING_EQUAL(measurement_find(&m, MEASURED_OF_IPV6(MEASURED_UNSOLICITED))->measured, "let in");
	six.translated = true;
	six.lets_in_unmapped = false;
	six.filtering = six.filtering_of_peers = NAT_ADDRESS_AND_PORT_DEPENDENT;
	measurement_make(&n, &s, &m);
	measurement_add_ipv6(&m, &n, &six);
	CU_ASSERT_TRUE(measurement_find(&m, MEASURED_OF_IPV6(MEASURED_TRANSLATION))->differs);
	CU_ASSERT_TRUE(measurement_find(&m, MEASURED_OF_IPV6(MEASURED_FILTERING))->differs);
	CU_ASSERT_TRUE(measurement_find(&m, MEASURED_OF_IPV6(MEASURED_UNSOLICITED))->differs);
	CU_ASSERT_FALSE(measurement_find(&m, MEASURED_FILTERING)->differs);
	six = (struct observation){ .is_ipv6 = true };
	measurement_make(&n, &s, &m);
	measurement_add_ipv6(&m, &n, &six);
	CU_ASSERT_STRING_EQUAL(measurement_find(&m, MEASURED_OF_IPV6(MEASURED_PASSAGE))->measured, "blocked");
	CU_ASSERT_EQUAL(m.measured.ipv6, NAT_IPV6_NONE);
}

/* A spec, what is made wrong in what was seen of such a box, and the row that must say so. */
static void what_a_box_does_beside_translating_is_compared(void)
{
	struct nat n = nat_of("symmetric,addresses=2,parity,hairpin=mapped,icmp=blocked,mtu=1400,fragments=in-order");
	struct observation s = flawless(&n);

	s.one_address = false;
	s.address_count = 1;
	s.clash_parity_kept = false;
	s.hairpin = NAT_HAIRPIN_EXTERNAL;
	s.icmp_arrives = true;
	s.too_big_told = true;
	s.fragments_pass = false;
	s.wan_mtu = 1500;
	CU_ASSERT_TRUE(measures("symmetric,addresses=2", &s, MEASURED_EXTERNAL_ADDRESS, "several"));
	CU_ASSERT_TRUE(measures("symmetric,addresses=2", &s, MEASURED_ADDRESSES, "1 for 2 hosts"));
	CU_ASSERT_TRUE(measures("symmetric,parity", &s, MEASURED_PORT_PARITY, "not kept"));
	CU_ASSERT_TRUE(measures("symmetric,hairpin=mapped", &s, MEASURED_HAIRPIN, "external"));
	CU_ASSERT_TRUE(measures("symmetric,icmp=blocked", &s, MEASURED_ICMP_ERROR, "arrives, mapping stays"));
	CU_ASSERT_TRUE(measures("symmetric,fragments=in-order", &s, MEASURED_FRAGMENTS, "drop"));
	CU_ASSERT_TRUE(measures("symmetric,mtu=1400", &s, MEASURED_WAN_MTU, "1500 bytes"));
	s.wan_mtu = 1400;
	CU_ASSERT_TRUE(measures("symmetric,icmp=blocked,mtu=1400", &s, MEASURED_LONGER_PACKETS, "an ICMP error"));
	s.fragments_pass = true;
	s.reordered_pass = true;
	CU_ASSERT_TRUE(measures("symmetric,fragments=in-order", &s, MEASURED_FRAGMENTS, "pass"));
}

static void ports_that_are_asked_for_are_compared(void)
{
	struct nat n = nat_of("symmetric,upnp,nat-pmp");
	struct observation s = flawless(&n);

	s.mapper_survives_reboot = false;
	CU_ASSERT_TRUE(measures("symmetric,upnp,nat-pmp", &s, MEASURED_PORT_MAPPING, "upnp=lost-on-reboot, nat-pmp"));
	s.mapper_outlives = false;
	CU_ASSERT_TRUE(measures("symmetric,upnp,nat-pmp", &s, MEASURED_PORT_MAPPING, "upnp=short-lease, nat-pmp"));
	s.mapper_gives_usual = false;
	CU_ASSERT_TRUE(measures("symmetric,upnp,nat-pmp", &s, MEASURED_PORT_MAPPING, "upnp=conflict, nat-pmp"));
	s.mapper_opens[1] = false;
	CU_ASSERT_TRUE(measures("symmetric,upnp=conflict,nat-pmp", &s, MEASURED_PORT_MAPPING, "upnp=conflict"));
	s.mapper_opens[0] = s.mapper_is_public = false;
	CU_ASSERT_TRUE(measures("symmetric,upnp,nat-pmp", &s, MEASURED_PORT_MAPPING, "upnp=private-address, nat-pmp"));
	s.mapper_answers[0] = s.mapper_answers[1] = false;
	CU_ASSERT_TRUE(measures("symmetric,upnp,nat-pmp", &s, MEASURED_PORT_MAPPING, "none"));
}

/* What two hosts got, one after the other, and whether that is what the limits allow. */
static void limits_are_counted(void)
{
	static const struct {
		const char *spec;
		unsigned mapped[2];
		bool agrees;
	} table[] = {
		{ "limit=20", { 20, 0 }, true },
		{ "limit=20", { 21, 0 }, false },
		{ "limit=20", { 20, 1 }, false },
		{ "limit=20", { 160, 160 }, false },
		{ "limit-per-host=20", { 20, 20 }, true },
		{ "limit-per-host=20", { 20, 160 }, false },
		{ "limit-per-host=20", { 19, 20 }, false },
		{ "limit=30,limit-per-host=20", { 20, 10 }, true },
		{ "limit=30,limit-per-host=20", { 20, 20 }, false },
		{ "symmetric,range=20000-20007", { 8, 0 }, true },
		{ "symmetric,range=20000-20007", { 9, 0 }, false },
		{ "symmetric,range=20000-20007", { 8, 1 }, false },
		{ "symmetric,range=20000-20007,limit=5", { 5, 0 }, true },
		{ "limit=1000", { 160, 160 }, true }, /* so many are not tried */
		{ "limit=1000", { 160, 40 }, false },
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct nat n = nat_of(table[i].spec);
		struct observation s = flawless(&n);
		struct measurement m;

		s.limit_seen = true;
		s.limit_reach = 160;
		memcpy(s.mapped, table[i].mapped, sizeof s.mapped);
		measurement_make(&n, &s, &m);
		measurement_add_limits(&m, &n, &s);
		CU_ASSERT_EQUAL(measurement_agrees(&m), table[i].agrees);
	}
}

/* Where an accepted early packet cannot be seen, accept and reject are one behaviour; drop is not. */
static void what_cannot_be_seen_is_not_held_against_a_box(void)
{
	struct nat n = nat_of("symmetric,input=accept");
	struct observation s = flawless(&n);
	struct measurement m;

	s.early = EARLY_UNSEEN;
	measurement_make(&n, &s, &m);
	CU_ASSERT_TRUE(measurement_agrees(&m));
	s.refuses = false;
	measurement_make(&n, &s, &m);
	CU_ASSERT_FALSE(measurement_agrees(&m));
}

static void requirements_are_those_of_the_rfc(void)
{
	struct nat n = nat_of("symmetric,timeout=30");
	struct observation s = flawless(&n);
	struct measurement m;

	measurement_make(&n, &s, &m);
	CU_ASSERT_EQUAL(measurement_part_requirement(MEASURED_MAPPING), 1);
	CU_ASSERT_FALSE(measurement_find(&m, MEASURED_MAPPING)->requirement_met);
	CU_ASSERT_FALSE(measurement_find(&m, MEASURED_FILTERING)->requirement_met);
	CU_ASSERT_FALSE(measurement_find(&m, MEASURED_TIMEOUT)->requirement_met);
	CU_ASSERT_TRUE(measurement_find(&m, MEASURED_STREAM_TIMEOUT)->requirement_met);
	CU_ASSERT_TRUE(measurement_find(&m, MEASURED_REFRESH)->requirement_met);
	n = nat_of("full-cone,hairpin");
	s = flawless(&n);
	measurement_make(&n, &s, &m);
	CU_ASSERT_TRUE(measurement_find(&m, MEASURED_MAPPING)->requirement_met);
	CU_ASSERT_TRUE(measurement_find(&m, MEASURED_FILTERING)->requirement_met);
	CU_ASSERT_TRUE(measurement_find(&m, MEASURED_HAIRPIN)->requirement_met);
}

static void one_host_and_several_are_put_together(void)
{
	struct nat n = nat_of("full-cone");
	struct observation s = flawless(&n);
	struct measurement several, alone;

	measurement_make(&n, &s, &several);
	alone = several;
	measurement_add_single(&several, &alone);
	CU_ASSERT_TRUE(measurement_agrees(&several));
	s.filtering = NAT_ADDRESS_DEPENDENT;
	measurement_make(&n, &s, &alone);
	measurement_add_single(&several, &alone);
	CU_ASSERT_FALSE(measurement_agrees(&several));
	CU_ASSERT_PTR_NOT_NULL(strstr(measurement_find(&several, MEASURED_FILTERING)->measured, "with one host "
	                                                                                        "address-dependent"));
}

static void steps_lives_and_requirements_have_their_limits(void)
{
	struct nat n = nat_of("symmetric,ports=sequential");
	struct observation s = flawless(&n);
	struct measurement m, alone;

	s.step = 2;
	measurement_make(&n, &s, &m);
	CU_ASSERT_TRUE(measurement_find(&m, MEASURED_PORTS)->differs);
	n = nat_of("symmetric,timeout=119,stream-timeout=120");
	s = flawless(&n);
	measurement_make(&n, &s, &m);
	CU_ASSERT_FALSE(measurement_find(&m, MEASURED_TIMEOUT)->requirement_met);
	CU_ASSERT_TRUE(measurement_find(&m, MEASURED_STREAM_TIMEOUT)->requirement_met);
	n = nat_of("symmetric,timeout=2,stream-timeout=3");
	s = flawless(&n);
	s.idle = (struct life_span){ 2100, 2200 }; /* a tenth of a second too long */
	measurement_make(&n, &s, &m);
	CU_ASSERT_TRUE(measurement_find(&m, MEASURED_TIMEOUT)->differs);
	n = nat_of("full-cone");
	s = flawless(&n);
	measurement_make(&n, &s, &m);
	s.filtering = NAT_ADDRESS_AND_PORT_DEPENDENT;
	measurement_make(&n, &s, &alone);
	measurement_add_single(&m, &alone);
	CU_ASSERT_FALSE(measurement_find(&m, MEASURED_FILTERING)->requirement_met); /* met by both or by none */
}

static uint32_t random_state = 1;

static unsigned draw(unsigned below)
{
	random_state = random_state * 1664525u + 1013904223u;
	return (random_state >> 8) % below;
}

static bool coin(void)
{
	return draw(2) != 0;
}

/* Whatever a box may show, right or wrong, and what never happens, too. */
static struct observation anything(void)
{
	bool all = coin();

	return (struct observation){
		.udp_passes = true,
		.udp_reaches_all = all,
		.udp_reaches_some = all || coin(),
		.udp_reaches_peers = coin(),
		.udp_comes_in = coin(),
		.translated = coin(),
		.lets_in_unmapped = coin(),
		.mapping = (enum nat_behaviour)draw(3),
		.mapping_to_peers = (enum nat_behaviour)draw(3),
		.filtering = (enum nat_behaviour)draw(3),
		.filtering_of_peers = (enum nat_behaviour)draw(3),
		.filtering_seen = coin(),
		.hears_peers = coin(),
		.ports = (enum nat_ports)draw(3),
		.step = 1,
		.one_address = coin(),
		.parity_kept = coin(),
		.two_hosts_seen = coin(),
		.port_shared = coin(),
		.taken_over = coin(),
		.own_answers = coin(),
		.mapping_after_clash = coin(),
		.hairpin = (enum nat_hairpin)draw(3),
		.hairpin_seen = true,
		.hairpin_answers = coin(),
		.refuses = coin(),
		.early = (enum early_packet)draw(3),
		.payload_kept = coin(),
		.clobbered = coin(),
		.icmp_arrives = coin(),
		.survives_icmp = coin(),
		.fragments_pass = coin(),
		.size_lost = draw(3),
		.routers = 2,
		.ttl_lost_out = (int)draw(4) - 1,
		.ttl_lost_in = (int)draw(4) - 1,
		.lives_seen = true,
		.refreshed_outbound = coin(),
		.refreshed_inbound = coin(),
		.refreshed_by_stranger = coin(),
		.refreshed_for_stranger = coin(),
	};
}

/* Rows are compared by their values, and shown in words: where one says that they differ, so does the other. */
static void words_differ_where_values_do(void)
{
	for (unsigned i = 0; i < 4000; i++) {
		struct nat n = nat_of(kinds[draw(sizeof kinds / sizeof kinds[0])]);
		struct observation seen = anything();
		struct measurement m;

		measurement_make(&n, &seen, &m);
		for (size_t k = 0; k < m.count; k++) {
			const struct measurement_row *row = &m.rows[k];
			bool words = strcmp(row->asked, "-") != 0 && strcmp(row->asked, row->measured) != 0;

			if (row->part == MEASURED_RANGE || row->part == MEASURED_TIMEOUT ||
			    row->part == MEASURED_STREAM_TIMEOUT)
				continue; /* these are seen in part */
			if (words != row->differs)
				printf("%s: asked %s, measured %s\n", measurement_part_name(row->part), row->asked,
				       row->measured);
			CU_ASSERT_EQUAL(words, row->differs);
		}
	}
}

SUITE(measurement, TEST(what_a_box_does_beside_translating_is_compared), TEST(ports_that_are_asked_for_are_compared),
      TEST(limits_are_counted), TEST(words_differ_where_values_do),
      TEST(steps_lives_and_requirements_have_their_limits), TEST(a_flawless_box_agrees),
      TEST(every_flaw_shows_in_its_row), TEST(every_flaw_of_tcp_shows_in_its_row),
      TEST(a_lifetime_is_told_whatever_the_traffic), TEST(refreshing_and_strangers_are_told),
      TEST(what_passes_a_blocking_box_is_told), TEST(peers_treated_otherwise_are_told), TEST(manners_are_told),
      TEST(ipv6_is_measured_by_itself), TEST(what_cannot_be_seen_is_not_held_against_a_box),
      TEST(requirements_are_those_of_the_rfc), TEST(one_host_and_several_are_put_together))
