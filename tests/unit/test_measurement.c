/* Asked and measured, side by side: a flawless box agrees, and every flaw shows in its row. */
#include "flawless.h"
#include "suite.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

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
		struct nat n = flawless_nat(kinds[i]);
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
	struct nat n = flawless_nat("port-restricted,hairpin,range=20000-20511");
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
	const struct nat n = flawless_nat("port-restricted,hairpin,range=20000-20511");
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

static void requirements_are_those_of_the_rfc(void)
{
	struct nat n = flawless_nat("symmetric,timeout=30");
	struct observation s = flawless(&n);
	struct measurement m;

	measurement_make(&n, &s, &m);
	CU_ASSERT_EQUAL(measurement_part_requirement(MEASURED_MAPPING), 1);
	CU_ASSERT_FALSE(measurement_find(&m, MEASURED_MAPPING)->requirement_met);
	CU_ASSERT_FALSE(measurement_find(&m, MEASURED_FILTERING)->requirement_met);
	CU_ASSERT_FALSE(measurement_find(&m, MEASURED_TIMEOUT)->requirement_met);
	CU_ASSERT_TRUE(measurement_find(&m, MEASURED_STREAM_TIMEOUT)->requirement_met);
	CU_ASSERT_TRUE(measurement_find(&m, MEASURED_REFRESH)->requirement_met);
	n = flawless_nat("full-cone,hairpin");
	s = flawless(&n);
	measurement_make(&n, &s, &m);
	CU_ASSERT_TRUE(measurement_find(&m, MEASURED_MAPPING)->requirement_met);
	CU_ASSERT_TRUE(measurement_find(&m, MEASURED_FILTERING)->requirement_met);
	CU_ASSERT_TRUE(measurement_find(&m, MEASURED_HAIRPIN)->requirement_met);
}

static void one_host_and_several_are_put_together(void)
{
	struct nat n = flawless_nat("full-cone");
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
	struct nat n = flawless_nat("symmetric,ports=sequential");
	struct observation s = flawless(&n);
	struct measurement m, alone;

	s.step = 2;
	measurement_make(&n, &s, &m);
	CU_ASSERT_TRUE(measurement_find(&m, MEASURED_PORTS)->differs);
	n = flawless_nat("symmetric,timeout=119,stream-timeout=120");
	s = flawless(&n);
	measurement_make(&n, &s, &m);
	CU_ASSERT_FALSE(measurement_find(&m, MEASURED_TIMEOUT)->requirement_met);
	CU_ASSERT_TRUE(measurement_find(&m, MEASURED_STREAM_TIMEOUT)->requirement_met);
	n = flawless_nat("symmetric,timeout=2,stream-timeout=3");
	s = flawless(&n);
	s.idle = (struct life_span){ 2100, 2200 }; /* a tenth of a second too long */
	measurement_make(&n, &s, &m);
	CU_ASSERT_TRUE(measurement_find(&m, MEASURED_TIMEOUT)->differs);
	n = flawless_nat("full-cone");
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
		struct nat n = flawless_nat(kinds[draw(sizeof kinds / sizeof kinds[0])]);
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

SUITE(measurement, TEST(words_differ_where_values_do), TEST(steps_lives_and_requirements_have_their_limits),
      TEST(a_flawless_box_agrees), TEST(every_flaw_shows_in_its_row), TEST(every_flaw_of_tcp_shows_in_its_row),
      TEST(requirements_are_those_of_the_rfc), TEST(one_host_and_several_are_put_together))
