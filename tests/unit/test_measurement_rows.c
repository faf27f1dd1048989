/* What each row of a measurement says, one part at a time. */
#include "flawless.h"
#include "suite.h"

#include <limits.h>
#include <string.h>

static bool measures(const char *spec, const struct observation *seen, enum measurement_part row, const char *text)
{
	struct nat n = flawless_nat(spec);
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
	struct nat n = flawless_nat("full-cone");
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
	struct nat n = flawless_nat("symmetric,lifetime=60");
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
	struct nat n = flawless_nat("udp-blocked");
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
	struct nat n = flawless_nat("full-cone");
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
	struct nat n = flawless_nat("port-restricted");
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
	struct nat n = flawless_nat("symmetric,ipv6=open");
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
	struct nat n =
	    flawless_nat("symmetric,addresses=2,parity,hairpin=mapped,icmp=blocked,mtu=1400,fragments=in-order");
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
	struct nat n = flawless_nat("symmetric,upnp,nat-pmp");
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
		struct nat n = flawless_nat(table[i].spec);
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
	struct nat n = flawless_nat("symmetric,input=accept");
	struct observation s = flawless(&n);
	struct measurement m;

	s.early = EARLY_UNSEEN;
	measurement_make(&n, &s, &m);
	CU_ASSERT_TRUE(measurement_agrees(&m));
	s.refuses = false;
	measurement_make(&n, &s, &m);
	CU_ASSERT_FALSE(measurement_agrees(&m));
}

SUITE(measurement_rows, TEST(what_a_box_does_beside_translating_is_compared),
      TEST(ports_that_are_asked_for_are_compared), TEST(limits_are_counted),
      TEST(a_lifetime_is_told_whatever_the_traffic), TEST(refreshing_and_strangers_are_told),
      TEST(what_passes_a_blocking_box_is_told), TEST(peers_treated_otherwise_are_told), TEST(manners_are_told),
      TEST(ipv6_is_measured_by_itself), TEST(what_cannot_be_seen_is_not_held_against_a_box))
