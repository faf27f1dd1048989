#include "nat/nat.h"
#include "suite.h"

#include <stdio.h>
#include <string.h>

static struct nat parsed(const char *text)
{
	struct nat nat = { 0 };
	char error[NAT_ERROR_SIZE];

	if (nat_parse(text, &nat, error) != 0)
		fprintf(stderr, "%s: %s\n", text, error);
	CU_ASSERT_STRING_EQUAL(error, "");
	return nat;
}

static void classic_presets_are_their_behaviours(void)
{
	static const struct {
		const char *name;
		enum nat_behaviour mapping, filtering;
		enum nat_ports ports;
	} classic[] = {
		{ "full-cone", NAT_ENDPOINT_INDEPENDENT, NAT_ENDPOINT_INDEPENDENT, NAT_PORTS_PRESERVE },
		{ "restricted", NAT_ENDPOINT_INDEPENDENT, NAT_ADDRESS_DEPENDENT, NAT_PORTS_PRESERVE },
		{ "port-restricted", NAT_ENDPOINT_INDEPENDENT, NAT_ADDRESS_AND_PORT_DEPENDENT, NAT_PORTS_PRESERVE },
		{ "symmetric", NAT_ADDRESS_AND_PORT_DEPENDENT, NAT_ADDRESS_AND_PORT_DEPENDENT, NAT_PORTS_RANDOM },
	};

	CU_ASSERT_EQUAL(parsed("open").kind, NAT_OPEN);
	for (size_t i = 0; i < sizeof classic / sizeof *classic; i++) {
		struct nat n = parsed(classic[i].name);

		CU_ASSERT_EQUAL(n.kind, NAT_TRANSLATE);
		CU_ASSERT_EQUAL(n.transport[NAT_UDP].mapping, classic[i].mapping);
		CU_ASSERT_EQUAL(n.transport[NAT_UDP].filtering, classic[i].filtering);
		CU_ASSERT_EQUAL(n.transport[NAT_UDP].ports, classic[i].ports);
		CU_ASSERT_EQUAL(n.input, NAT_INPUT_DROP);
	}
}

static void behaviours_override_in_any_order(void)
{
	struct nat a = parsed("symmetric,ports=sequential,timeout=30");
	struct nat b = parsed("timeout=30,symmetric,ports=sequential");
	struct nat c = parsed("full-cone,hairpin,range=20000-20511");
	struct nat d = parsed("mapping=ad,filtering=address-dependent");

	CU_ASSERT_TRUE(nat_equal(&a, &b));
	CU_ASSERT_EQUAL(a.transport[NAT_UDP].ports, NAT_PORTS_SEQUENTIAL);
	CU_ASSERT_EQUAL(c.transport[NAT_UDP].hairpin, NAT_HAIRPIN_EXTERNAL);
	CU_ASSERT_EQUAL(c.port_low, 20000);
	CU_ASSERT_EQUAL(c.port_high, 20511);
	CU_ASSERT_EQUAL(d.transport[NAT_UDP].mapping, NAT_ADDRESS_DEPENDENT);
	CU_ASSERT_EQUAL(d.transport[NAT_UDP].ports, NAT_PORTS_RANDOM);
	CU_ASSERT_EQUAL(parsed("mapping=ei").transport[NAT_UDP].ports, NAT_PORTS_PRESERVE);
	CU_ASSERT_EQUAL(parsed("port-restricted,input=accept").input, NAT_INPUT_ACCEPT);
	CU_ASSERT_TRUE(parsed("symmetric,udp=blocked").transport[NAT_UDP].blocked);
}

static void timeouts_have_the_kernels_defaults(void)
{
	struct nat plain = parsed("port-restricted");
	struct nat same = parsed("port-restricted,timeout=30,stream-timeout=120");
	struct nat outbound = parsed("port-restricted,timeout=7,refresh=outbound");

	CU_ASSERT_EQUAL(nat_timeout_s(&plain), 30);
	CU_ASSERT_EQUAL(nat_stream_timeout_s(&plain), 120);
	CU_ASSERT_TRUE(nat_equal(&plain, &same));
	CU_ASSERT_EQUAL(nat_stream_timeout_s(&outbound), 7);
	CU_ASSERT_EQUAL(parsed("carrier,timeout=9,refresh=outbound").transport[NAT_UDP].stream_timeout_s, 0);
}

/* TCP is like UDP where nothing is said of it, and then not written. */
static void tcp_follows_udp(void)
{
	static const struct {
		const char *spec, *canonical;
		enum nat_behaviour mapping, filtering;
		enum nat_ports ports;
		enum nat_unsolicited unsolicited;
		unsigned timeout_s, transitory_s;
	} table[] = {
		{ "symmetric", "symmetric", NAT_ADDRESS_AND_PORT_DEPENDENT, NAT_ADDRESS_AND_PORT_DEPENDENT,
		  NAT_PORTS_RANDOM, NAT_UNSOLICITED_DROP, 7440, 240 },
		{ "restricted,timeout=5,input=reject", "restricted,input=reject,timeout=5", NAT_ENDPOINT_INDEPENDENT,
		  NAT_ADDRESS_DEPENDENT, NAT_PORTS_PRESERVE, NAT_UNSOLICITED_DROP, 7440, 240 },
		{ "port-restricted,input=accept", "port-restricted,input=accept", NAT_ENDPOINT_INDEPENDENT,
		  NAT_ADDRESS_AND_PORT_DEPENDENT, NAT_PORTS_PRESERVE, NAT_UNSOLICITED_RESET, 7440, 240 },
		{ "linux-router", "port-restricted,ports=overload,input=accept", NAT_ENDPOINT_INDEPENDENT,
		  NAT_ADDRESS_AND_PORT_DEPENDENT, NAT_PORTS_OVERLOAD, NAT_UNSOLICITED_RESET, 432000, 120 },
		{ "full-cone,tcp.mapping=apd,tcp.timeout=60",
		  "full-cone,tcp.mapping=address-and-port-dependent,tcp.timeout=60", NAT_ADDRESS_AND_PORT_DEPENDENT,
		  NAT_ENDPOINT_INDEPENDENT, NAT_PORTS_RANDOM, NAT_UNSOLICITED_DROP, 60, 60 },
		{ "symmetric,tcp=linux", "symmetric,tcp=linux", NAT_ENDPOINT_INDEPENDENT,
		  NAT_ADDRESS_AND_PORT_DEPENDENT, NAT_PORTS_OVERLOAD, NAT_UNSOLICITED_DROP, 432000, 120 },
		{ "linux-router,tcp=linux", "port-restricted,ports=overload,input=accept", NAT_ENDPOINT_INDEPENDENT,
		  NAT_ADDRESS_AND_PORT_DEPENDENT, NAT_PORTS_OVERLOAD, NAT_UNSOLICITED_RESET, 432000, 120 },
		{ "symmetric,tcp.mapping=apd,tcp.filtering=apd,tcp.ports=random,tcp=allowed,tcp.simultaneous=yes",
		  "symmetric", NAT_ADDRESS_AND_PORT_DEPENDENT, NAT_ADDRESS_AND_PORT_DEPENDENT, NAT_PORTS_RANDOM,
		  NAT_UNSOLICITED_DROP, 7440, 240 },
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct nat n = parsed(table[i].spec);
		char text[NAT_TEXT_SIZE];

		CU_ASSERT_STRING_EQUAL(nat_format(&n, text), table[i].canonical);
		CU_ASSERT_EQUAL(n.transport[NAT_TCP].mapping, table[i].mapping);
		CU_ASSERT_EQUAL(n.transport[NAT_TCP].filtering, table[i].filtering);
		CU_ASSERT_EQUAL(n.transport[NAT_TCP].ports, table[i].ports);
		CU_ASSERT_EQUAL(n.unsolicited, table[i].unsolicited);
		CU_ASSERT_EQUAL(nat_tcp_timeout_s(&n), table[i].timeout_s);
		CU_ASSERT_EQUAL(nat_tcp_transitory_s(&n), table[i].transitory_s);
	}
}

static void every_preset_reads(void)
{
	for (const struct nat_preset *p = nat_presets; p->name != NULL; p++) {
		struct nat nat = parsed(p->name), again;
		char text[NAT_TEXT_SIZE];

		again = parsed(nat_format(&nat, text));
		CU_ASSERT_TRUE(nat_equal(&nat, &again));
		CU_ASSERT_TRUE(strlen(p->about) > 10);
	}
}

static void parity_reads_as_it_is_written(void)
{
	struct nat nat = parsed("symmetric,parity"), again;
	char text[NAT_TEXT_SIZE];

	CU_ASSERT_STRING_EQUAL(nat_format(&nat, text), "symmetric,parity");
	again = parsed("symmetric,parity=kept");
	CU_ASSERT_TRUE(nat_equal(&nat, &again));
}

/* Records of earlier versions have it. */
static void a_keys_earlier_name_is_understood(void)
{
	struct nat nat = parsed("symmetric,wan-mtu=1400"), now = parsed("symmetric,mtu=1400");
	char text[NAT_TEXT_SIZE];

	CU_ASSERT_TRUE(nat_equal(&nat, &now));
	CU_ASSERT_STRING_EQUAL(nat_format(&nat, text), "symmetric,mtu=1400");
}

/* What is written is read back equal, over the whole space that can be built. */
static void writing_and_reading_agree(void)
{
	static const char *const more[] = {
		"",
		",hairpin",
		",hairpin=internal",
		",timeout=2",
		",stream-timeout=5",
		",refresh=outbound",
		",refresh=outbound,timeout=3",
		",input=reject",
		",input=accept",
		",udp=blocked",
		",range=20000-20511",
		",addresses=2",
		",addresses=3,pooling=arbitrary",
		",hairpin=mapped",
		",limit=5",
		",lifetime=60",
		",limit-per-host=5",
		",tcp.mapping=apd,tcp.filtering=ei",
		",tcp.mapping=ei,tcp.filtering=apd,tcp.ports=overload",
		",tcp.ports=sequential",
		",tcp.filtering=ad,tcp.unsolicited=reset,tcp.simultaneous=no",
		",tcp.timeout=100,tcp.transitory=9",
		",tcp.timeout=100,input=accept,tcp.unsolicited=drop",
		",tcp=linux",
		",tcp=linux,hairpin",
		",tcp=blocked",
		",fragments=drop,icmp=blocked",
		",fragments=in-order,mtu=1280",
		",ipv6=open",
		",ipv6=firewall",
		",ipv6=firewall,ipv6.filtering=ei,ipv6.timeout=9",
		",ipv6=nat64",
		",ipv6=nptv6",
		",ipv6=nptv6,ipv6.hairpin=none",
		",ipv6=nptv6,ipv6.inside=fd00:1:2:300::/56,ipv6.outside=2001:db8:5:700::/56",
		",ipv6=firewall,ipv6.prefix=2001:db8:5::/48",
		",ipv6=nat64,ipv6.prefix=2001:db8:5:ff::/64,ipv6.pref64=2001:db8::/32",
		",ipv6=nat66",
		",ipv6=nat66,ipv6.mapping=ad,ipv6.filtering=ei,ipv6.timeout=9",
		",ipv6=nat66,ipv6.hairpin,tcp.timeout=9,tcp.transitory=8",
		",upnp",
		",upnp=short-lease,nat-pmp,pcp",
		",pcp",
		",clobber"
	};

	for (int i = 0; i < 27; i++)
		for (size_t k = 0; k < sizeof more / sizeof *more; k++) {
			struct nat nat, again;
			char spec[NAT_TEXT_SIZE], text[NAT_TEXT_SIZE];

			snprintf(spec, sizeof spec, "mapping=%s,filtering=%s,ports=%s%s",
			         nat_behaviour_name((enum nat_behaviour)(i % 3)),
			         nat_behaviour_name((enum nat_behaviour)(i / 3 % 3)),
			         nat_ports_name((enum nat_ports)(i / 9)), more[k]);
			nat = parsed(spec);
			again = parsed(nat_format(&nat, text));
			CU_ASSERT_TRUE(nat_equal(&nat, &again));
		}
}

static void canonical_text_starts_from_the_nearest_type(void)
{
	static const char *const same[] = { "open",
		                            "full-cone",
		                            "restricted",
		                            "port-restricted",
		                            "symmetric",
		                            "firewall",
		                            "full-cone,hairpin",
		                            "symmetric,ports=sequential,range=30000-30063",
		                            "port-restricted,hairpin=internal",
		                            "firewall,filtering=address-dependent",
		                            "symmetric,lifetime=60",
		                            "port-restricted,mapping=port",
		                            "full-cone,clobber",
		                            "open,ipv6=firewall,tcp.timeout=9,tcp.transitory=8",
		                            "open,ipv6=nat66,ipv6.hairpin,tcp.timeout=9",
		                            "port-restricted,refresh=outbound,timeout=5" };
	char text[NAT_TEXT_SIZE];

	for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
		struct nat nat = parsed(same[i]);

		CU_ASSERT_STRING_EQUAL(nat_format(&nat, text), same[i]);
	}
}

static void refuses_with_the_word_at_fault(void)
{
	static const char *const bad[][2] = {
		{ "", "an empty word" },
		{ "symmetric,", "an empty word" },
		{ ",hairpin", "an empty word" },
		{ "map=endpoint-independent", "not a behaviour" },
		{ "full-coned", "'full-coned'" },
		{ "cone,hairpin", "port-restricted" },
		{ "symmetric,,hairpin", "an empty word" },
		{ "symmetric,foo", "'foo'" },
		{ "symmetric,foo=1", "'foo=1'" },
		{ "symmetric, hairpin", "' hairpin'" },
		{ "symmetric,restricted", "'restricted': a second" },
		{ "mapping=ei,mapping=ad", "'mapping' is said twice" },
		{ "mapping=cone", "endpoint-independent, address-dependent" },
		{ "ports=", "preserve, random, sequential" },
		{ "hairpin=yes", "none, external, internal, mapped" },
		{ "refresh=inbound", "both, outbound" },
		{ "input=forward", "drop, reject, accept" },
		{ "udp=no", "allowed, blocked" },
		{ "timeout=", "seconds" },
		{ "timeout=0", "seconds" },
		{ "timeout=-1", "seconds" },
		{ "timeout=1.5", "seconds" },
		{ "timeout=86401", "86400" },
		{ "stream-timeout=99999999999999999999", "seconds" },
		{ "range=20000", "LOW-HIGH" },
		{ "range=-", "LOW-HIGH" },
		{ "range=30000-20000", "LOW-HIGH" },
		{ "range=80-20000", "1024" },
		{ "range=20000-65536", "65535" },
		{ "symmetric,parity,range=20000-20007", "128 ports or more, 64 of each" },
		{ "symmetric,parity,range=20000-20126", "128 ports or more, 64 of each" },
		{ "symmetric,ports=sequential,range=20000-24096", "at most 4096" },
		{ "addresses=0", "1 to 4" },
		{ "addresses=5", "1 to 4" },
		{ "pooling=arbitrary", "addresses= says how many" },
		{ "pooling=some", "paired, arbitrary" },
		{ "limit=0", "whole number of mappings, 1 to 65535" },
		{ "limit-per-host=65536", "1 to 65535" },
		{ "lifetime=0", "whole number of seconds, 1 to 86400" },
		{ "symmetric,lifetime=60,timeout=30", "a mapping ends at its age" },
		{ "symmetric,lifetime=60,stream-timeout=30", "a mapping ends at its age" },
		{ "symmetric,lifetime=60,refresh=outbound", "nothing refreshes" },
		{ "full-cone,mapping=port", "'mapping=port' needs filtering=address-and-port-dependent" },
		{ "mapping=port,hairpin", "no one owner" },
		{ "mapping=port,limit=5", "is built without" },
		{ "port-restricted,mapping=port,upnp", "is built without" },
		{ "filtering=port", "filtering is one of" },
		{ "clobber=all", "nothing, own-address" },
		{ "firewall,clobber", "'clobber' contradicts 'firewall'" },
		{ "firewall,lifetime=60", "'lifetime' contradicts 'firewall'" },
		{ "fragments=lost", "pass, drop, in-order" },
		{ "icmp=no", "pass, blocked" },
		{ "icmp=blocked,input=reject", "which answers by ICMP" },
		{ "mtu=575", "576 to 1500" },
		{ "mtu=1501", "576 to 1500" },
		{ "ipv6=yes", "none, open, firewall, nat64" },
		{ "ipv6.filtering=ad",
		  "'ipv6.filtering' contradicts 'ipv6=none', which passes no IPv6: say ipv6=firewall or nat66" },
		{ "open,ipv6=open,ipv6.timeout=5", "'ipv6.timeout' contradicts 'ipv6=open', which filters nothing" },
		{ "ipv6=firewall,ipv6.timeout=0", "1 to 86400" },
		{ "ipv6=firewall,ipv6.mapping=ad",
		  "'ipv6.mapping' contradicts 'ipv6=firewall', which translates none" },
		{ "ipv6=nptv6,ipv6.mapping=ad", "'ipv6.mapping' contradicts 'ipv6=nptv6', which has no mappings" },
		{ "ipv6=nptv6,ipv6.filtering=ad", "'ipv6.filtering' contradicts 'ipv6=nptv6', which has no mappings" },
		{ "ipv6.mapping=ad", "'ipv6.mapping' contradicts 'ipv6=none', which passes no IPv6: say ipv6=nat66" },
		{ "ipv6=firewall,ipv6.hairpin", "'ipv6.hairpin' contradicts 'ipv6=firewall', which translates none" },
		{ "open,ipv6=open,tcp.timeout=9", "'tcp.timeout' contradicts 'open'" },
		{ "open,ipv6=nat66,tcp.mapping=ad", "'tcp.mapping' contradicts 'open'" },
		{ "open,ipv6=nat64", "the box translates nothing" },
		{ "symmetric,clobber,ipv6=nat64", "'clobber' contradicts 'ipv6=nat64'" },
		{ "symmetric,hairpin=internal,ipv6=nat64", "RFC 6146 shows the outside one" },
		{ "port-restricted,mapping=port,ipv6=nat64", "by an address that is no host's" },
		{ "symmetric,upnp,ipv6=nat64", "whose hosts have no IPv4 to ask by" },
		{ "symmetric,mtu=1279,ipv6=open", "packets of 1280 bytes" },
		{ "ipv6=open,ipv6.prefix=192.0.2.0/24", "ipv6.prefix is a prefix of IPv6, such as 2001:db8:5::/48" },
		{ "ipv6=open,ipv6.prefix=2001:db8:5::", "ipv6.prefix is a prefix of IPv6" },
		{ "ipv6=open,ipv6.prefix=2001:db8:4::/47", "is too short: a home's prefix is of 48 to 64 bits" },
		{ "ipv6=open,ipv6.prefix=2001:db8:5::/65", "is too long: a home's prefix is of 48 to 64 bits" },
		{ "ipv6=open,ipv6.prefix=2001:db8:5::1/64", "has bits behind its prefix: say 2001:db8:5::/64" },
		{ "ipv6=open,ipv6.prefix=fd00:1:2::/48", "is no network that counts as global" },
		{ "ipv6=nat66,ipv6.prefix=2001:db8:5::/48",
		  "'ipv6.prefix' contradicts 'ipv6=nat66': it is of ipv6=open, firewall and nat64" },
		{ "ipv6.prefix=2001:db8:5::/48", "'ipv6.prefix' contradicts 'ipv6=none'" },
		{ "ipv6=open,ipv6.pref64=2001:db8::/96", "'ipv6.pref64' contradicts 'ipv6=open': it is of ipv6=nat64" },
		{ "ipv6=nat64,ipv6.pref64=2001:db8::/31", "is too short: it is of 32, 40, 48, 56, 64 or 96 bits" },
		{ "ipv6=nat64,ipv6.pref64=2001:db8::/33", "it is of 32, 40, 48, 56, 64 or 96 bits" },
		{ "ipv6=nat64,ipv6.pref64=2001:db8::/80", "it is of 32, 40, 48, 56, 64 or 96 bits" },
		{ "ipv6=nat64,ipv6.pref64=2001:db8::/97", "is too long: it is of 32" },
		{ "ipv6=nat64,ipv6.pref64=2001:db8:0:0:100::/96", "bits 64 to 71 that are not zero" },
		{ "ipv6=nat64,ipv6.pref64=fe80::/64", "is no network that counts as global" },
		{ "ipv6=nptv6,ipv6.inside=fd00:1::/48,ipv6.outside=2001:db8:5::/56",
		  "'ipv6.inside=fd00:1::/48' contradicts 'ipv6.outside=2001:db8:5::/56': both prefixes are of equal "
		  "length" },
		{ "ipv6=nptv6,ipv6.inside=fd00:1::/48", "who chooses one of them says both" },
		{ "ipv6=nptv6,ipv6.inside=fd00:1::/47,ipv6.outside=2001:db8:4::/47", "is too short" },
		{ "ipv6=nptv6,ipv6.inside=fd00:1::/65,ipv6.outside=2001:db8:5::/65", "is too long" },
		{ "ipv6=nptv6,ipv6.inside=2001:db8:6::/48,ipv6.outside=2001:db8:5::/48",
		  "is no network of one's own, which are those of fd00::/8" },
		{ "ipv6=nptv6,ipv6.inside=fc00::/48,ipv6.outside=2001:db8:5::/48", "those of fd00::/8" },
		{ "upnp=yes", "none, works, conflict, short-lease, private-address, silent, lost-on-reboot" },
		{ "upnp,upnp=silent", "'upnp' is said twice" },
		{ "udp-blocked,pcp", "a port that nothing may come to is none" },
		{ "open,nat-pmp", "'nat-pmp' contradicts 'open'" },
		{ "firewall,upnp", "'upnp' contradicts 'firewall'" },
		{ "parity=odd", "ignored, kept" },
		{ "parity,parity", "'parity' is said twice" },
		{ "symmetric,ports=sequential,parity", "even and odd in turn" },
		{ "symmetric,parity,range=20000-24096", "at most 4096" },
		{ "linux-router,parity", "'ports=overload'" },
		{ "linux-router,addresses=2", "'ports=overload'" },
		{ "open,limit=5", "'limit' contradicts 'open'" },
		{ "firewall,limit=5", "'limit' contradicts 'firewall'" },
		{ "firewall,addresses=2", "'addresses' contradicts 'firewall'" },
		{ "open,hairpin", "'hairpin' contradicts 'open'" },
		{ "open,timeout=5", "'timeout' contradicts 'open'" },
		{ "firewall,mapping=ei", "'mapping' contradicts 'firewall'" },
		{ "firewall,hairpin", "'hairpin' contradicts 'firewall'" },
		{ "firewall,input=accept", "contradicts 'firewall'" },
		{ "symmetric,ports=overload", "'ports=overload'" },
		{ "port-restricted,ports=overload,hairpin", "contradicts 'hairpin'" },
		{ "port-restricted,ports=overload,range=20000-20100", "'ports=overload'" },
		{ "linux-router,refresh=outbound,stream-timeout=30", "'ports=overload'" },
		{ "symmetric,refresh=outbound,stream-timeout=60", "refresh=outbound" },
		{ "open,udp=blocked", "'udp' contradicts 'open'" },
		{ "open,tcp=linux", "'tcp' contradicts 'open'" },
		{ "open,tcp.timeout=5", "'tcp.timeout' contradicts 'open'" },
		{ "firewall,tcp.mapping=ei", "'tcp.mapping' contradicts 'firewall'" },
		{ "tcp=no", "allowed, blocked, linux" },
		{ "tcp.unsolicited=ignore", "drop, icmp, reset" },
		{ "tcp.simultaneous=maybe", "yes, no" },
		{ "tcp.timeout=604801", "604800" },
		{ "tcp.timeout=5,tcp.transitory=6", "not kept longer" },
		{ "tcp=blocked,tcp.timeout=6", "'tcp.timeout' contradicts 'tcp=blocked', by which no TCP passes" },
		{ "tcp.ports=random,tcp=linux", "'tcp.ports' contradicts 'tcp=linux', which is all that plain Linux" },
		{ "symmetric,tcp=linux,tcp.simultaneous=no", "'tcp.simultaneous' contradicts 'tcp=linux'" },
		{ "firewall,tcp=linux,tcp.transitory=9", "'tcp.transitory' contradicts 'tcp=linux'" },
		{ "tcp.mapping=apd,tcp.ports=overload", "'tcp.ports=overload'" },
		{ "port-restricted,hairpin,tcp.ports=overload", "plain Linux" },
		{ "symmetric,tcp.ports=sequential,range=20000-24096", "at most 4096" },
		{ "icmp=blocked,tcp.unsolicited=icmp", "which answers by ICMP" },
	};
	const struct nat untouched = { .kind = NAT_FIREWALL, .transport[NAT_UDP].timeout_s = 77 };

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct nat nat = untouched;
		char error[NAT_ERROR_SIZE];

		CU_ASSERT_EQUAL(nat_parse(bad[i][0], &nat, error), -1);
		CU_ASSERT_PTR_NOT_NULL(strstr(error, bad[i][1]));
		if (strstr(error, bad[i][1]) == NULL)
			fprintf(stderr, "'%s' -> %s\n", bad[i][0], error);
		CU_ASSERT_PTR_NULL(strchr(error, '\n'));
		CU_ASSERT_TRUE(nat_equal(&nat, &untouched));
	}
}

/* The first and the last length that each has. */
static void lengths_of_prefixes(void)
{
	static const char *const good[] = {
		"ipv6=open,ipv6.prefix=2001:db8:5::/48",
		"ipv6=firewall,ipv6.prefix=2001:db8:5:5::/64",
		"ipv6=nptv6,ipv6.inside=fd00:1::/48,ipv6.outside=2001:db8:5::/48",
		"ipv6=nptv6,ipv6.inside=fd00:1:0:1::/64,ipv6.outside=2001:db8:5:1::/64",
		"ipv6=nat64,ipv6.pref64=2001:db8::/32",
		"ipv6=nat64,ipv6.pref64=2001:db8:100::/40",
		"ipv6=nat64,ipv6.pref64=2001:db8:5::/48",
		"ipv6=nat64,ipv6.pref64=2001:db8:5:100::/56",
		"ipv6=nat64,ipv6.pref64=fd00:64::/64",
		"ipv6=nat64,ipv6.pref64=2001:db8:5:5:0:1::/96",
	};
	struct nat a = parsed("ipv6=open,ipv6.prefix=2001:db8:5::/48");
	struct nat b = parsed("ipv6=open,ipv6.prefix=2001:db8:6::/48");
	struct nat64_prefix usual = nat_pref64(&a);

	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		parsed(good[i]);
	CU_ASSERT_FALSE(nat_equal(&a, &b));
	CU_ASSERT_EQUAL(usual.bits, NAT64_PREFIX_BITS);
	a = parsed(good[4]);
	CU_ASSERT_EQUAL(nat_pref64(&a).bits, 32);
}

static void every_type_is_named_to_whoever_mistypes_one(void)
{
	struct nat nat;
	char error[NAT_ERROR_SIZE];

	CU_ASSERT_EQUAL(nat_parse("a-type-of-which-nobody-has-ever-heard-at-all", &nat, error), -1);
	for (const struct nat_preset *p = nat_presets; p->name != NULL; p++)
		CU_ASSERT_PTR_NOT_NULL(strstr(error, p->name));
}

static void too_long_a_text_is_refused(void)
{
	char text[NAT_TEXT_SIZE + 8];
	struct nat nat;
	char error[NAT_ERROR_SIZE];

	memset(text, 'x', sizeof text);
	text[sizeof text - 1] = '\0';
	CU_ASSERT_EQUAL(nat_parse(text, &nat, error), -1);
}

static void a_spec_is_said_in_short(void)
{
	static const struct {
		const char *spec, *text;
	} table[] = {
		{ "symmetric", "symmetric" },
		{ "mapping=endpoint-independent,filtering=address-and-port-dependent,timeout=5",
		  "mapping=ei,filtering=apd,timeout=5" },
		{ "carrier,tcp.filtering=address-dependent,hairpin", "carrier,tcp.filtering=ad,hairpin" },
		{ "address-dependent, of my own", "address-dependent, of my own" },
		{ "name=address-dependent,,=", "name=address-dependent,,=" },
		{ "mapping=port", "mapping=port" },
		{ "", "" },
	};
	char text[NAT_TEXT_SIZE];

	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		CU_ASSERT_STRING_EQUAL(nat_shorten(table[i].spec, text, sizeof text), table[i].text);
}

SUITE(nat, TEST(a_spec_is_said_in_short), TEST(parity_reads_as_it_is_written), TEST(a_keys_earlier_name_is_understood),
      TEST(classic_presets_are_their_behaviours), TEST(behaviours_override_in_any_order),
      TEST(timeouts_have_the_kernels_defaults), TEST(tcp_follows_udp), TEST(every_preset_reads),
      TEST(writing_and_reading_agree), TEST(canonical_text_starts_from_the_nearest_type),
      TEST(refuses_with_the_word_at_fault), TEST(lengths_of_prefixes),
      TEST(every_type_is_named_to_whoever_mistypes_one), TEST(too_long_a_text_is_refused))
