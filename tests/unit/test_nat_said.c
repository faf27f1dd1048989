/*
 * What the lab loads for a NAT, word for word (said.h): tests/unit/nats/rules has the rules of many specs, with one
 * host behind the box and with several, tests/unit/nats/scripts what is printed for a router of one's own.
 */
#include "model/nat_feature.h"
#include "model/nat_rules.h"
#include "model/nat_show.h"
#include "rule_words.h"
#include "said.h"
#include "suite.h"

#include <stdlib.h>

static struct nat read(const char *spec)
{
	struct nat nat = { 0 };
	char error[NAT_ERROR_SIZE];

	CU_ASSERT_EQUAL_FATAL(nat_parse(spec, &nat, error), 0);
	return nat;
}

static void tell_part(FILE *f, const char *name, const char *text)
{
	if (text[0] != '\0')
		fprintf(f, "-- %s\n%s", name, text);
}

/* --- and what a kernel needs for it ------------------------------------------------------------- */

static void add_trial(struct rule_words *w, const struct nat_feature_trial *t)
{
	switch (t->loader) {
	case NAT_FEATURE_IPTABLES:
	case NAT_FEATURE_IP6TABLES: rule_words_of_iptables(w, t->rules); break;
	case NAT_FEATURE_IPSET: rule_words_of_ipset(w, t->rules); break;
	case NAT_FEATURE_NFTABLES: rule_words_of_nft(w, t->rules); break;
	}
}

/* Whatever the rules are made of stands in a rule that is tried where one of the features is that they say they need.
 */
static void assert_all_is_tried(const char *spec, const struct nat_rules *r)
{
	static struct rule_words used, tried;

	used.count = tried.count = 0;
	rule_words_of_iptables(&used, r->iptables);
	rule_words_of_ipset(&used, r->ipset);
	rule_words_of_nft(&used, r->nft);
	for (unsigned i = 0; i < NAT_FEATURES; i++)
		if ((r->features >> i & 1) != 0)
			add_trial(&tried, &nat_feature_trials[i]);
	for (size_t i = 0; i < used.count; i++) {
		bool is_tried = rule_words_have(&tried, used.words[i]);

		CU_ASSERT_TRUE(is_tried);
		if (!is_tried)
			fprintf(stderr, "%s: its rules have '%s', which no feature of theirs tries\n", spec,
			        used.words[i]);
	}
	CU_ASSERT_TRUE(used.count < RULE_WORDS_MAX && tried.count < RULE_WORDS_MAX);
}

/* ---------------------------------------------------------------------------------------------- */

static void tell_rules(struct said *s, const char *spec, size_t host_count)
{
	static struct nat_rules r; /* too large for a stack */
	struct nat_site site = { .wan = "wan",
		                 .lan = "lan",
		                 .wan_address = "203.0.113.7",
		                 .lan_network = "10.0.1.0/24",
		                 .other_addresses = { "203.0.113.8", "203.0.113.9", "203.0.113.10" },
		                 .hosts = { "10.0.1.2", "10.0.1.3" },
		                 .host_count = host_count };
	struct nat nat = read(spec);
	char text[NAT_SUMMARY_SIZE];

	snprintf(text, sizeof text, "%s, %zu behind it", spec, host_count);
	said_title(s, text);
	CU_ASSERT_EQUAL_FATAL(nat_rules_make(&nat, &site, &r), 0);
	fprintf(s->f, "%s\n", nat_summary(&nat, text));
	for (unsigned i = 0; i < NAT_FEATURES; i++)
		if ((r.features >> i & 1) != 0)
			fprintf(s->f, "needs %s\n", nat_feature_trials[i].name);
	for (size_t i = 0; i < r.sysctl_count; i++)
		fprintf(s->f, "%s=%u\n", r.sysctls[i].name, r.sysctls[i].value);
	assert_all_is_tried(spec, &r);
	tell_part(s->f, "ipset", r.ipset);
	tell_part(s->f, "iptables", r.iptables);
	if (r.why_nft != NULL)
		fprintf(s->f, "nft, %s\n", r.why_nft);
	tell_part(s->f, "nft", r.nft);
	tell_part(s->f, "reboot: ipset", r.reboot_ipset);
	tell_part(s->f, "reboot: nft", r.reboot_nft);
}

static void every_rule(void)
{
	static const struct {
		const char *spec;
		size_t host_count;
	} boxes[] = {
		{ "open", 1 },
		{ "full-cone", 1 },
		{ "restricted,hairpin,timeout=5,stream-timeout=9", 1 },
		{ "port-restricted,hairpin=internal", 1 },
		{ "symmetric", 1 },
		{ "udp-blocked", 1 },
		{ "firewall", 1 },
		{ "firewall,filtering=ei,input=reject", 1 },
		{ "firewall,filtering=ad,timeout=30,stream-timeout=30", 1 },
		{ "firewall,filtering=ad,refresh=outbound", 1 },
		{ "linux-router,input=accept", 1 },
		{ "carrier", 1 },
		{ "symmetric-preserving,hairpin", 1 },
		{ "mapping=ad,filtering=ad,ports=preserve,hairpin=internal", 1 },
		{ "mapping=ad,filtering=ei,ports=random,range=20000-20099", 1 },
		{ "mapping=apd,filtering=ad,ports=sequential,range=20000-20063,input=reject", 1 },
		{ "mapping=ei,filtering=apd,ports=random,refresh=outbound", 1 },
		{ "mapping=ei,filtering=ei,ports=preserve,range=30000-30099", 1 },
		{ "full-cone,hairpin,input=accept", 2 },
		{ "restricted,timeout=20,stream-timeout=20", 2 },
		{ "port-restricted,hairpin", 2 },
		{ "symmetric", 2 },
		{ "firewall,filtering=ad", 2 },
		{ "mapping=ad,filtering=apd,ports=preserve", 2 },
		{ "port-restricted,mapping=port,clobber,icmp=blocked", 1 },
		{ "symmetric,addresses=2,pooling=arbitrary,clobber,mtu=1280", 1 },
		{ "symmetric,parity,range=20001-20199,tcp.simultaneous=no", 1 },
		{ "symmetric,limit=5,limit-per-host=3,fragments=in-order", 2 },
		{ "port-restricted,hairpin=mapped,tcp.unsolicited=reset", 1 },
		{ "port-restricted,ports=overload,tcp.unsolicited=icmp", 1 },
		{ "restricted,lifetime=9,tcp=blocked", 1 },
		{ "full-cone,addresses=2,tcp=linux,ipv6=open", 1 },
		{ "symmetric,tcp.mapping=ei,tcp.timeout=20,tcp.transitory=3,ipv6=nat64", 1 },
		{ "udp-blocked,tcp.unsolicited=reset", 1 },
	};
	struct said s;

	said_begin(&s);
	for (size_t i = 0; i < sizeof boxes / sizeof boxes[0]; i++)
		tell_rules(&s, boxes[i].spec, boxes[i].host_count);
	said_end(&s, "tests/unit/nats/rules");
}

static void every_rule_of_ipv6_is_tried(void)
{
	static const char *const specs[] = {
		"open,ipv6=firewall",
		"open,ipv6=firewall,ipv6.filtering=ad,ipv6.timeout=9",
		"open,ipv6=firewall,ipv6.filtering=ei",
		"open,ipv6=nat66",
		"open,ipv6=nat66,ipv6.mapping=ad,ipv6.filtering=ad,ipv6.timeout=9",
		"open,ipv6=nat66,ipv6.mapping=apd,ipv6.filtering=ei",
		"open,ipv6=nat66,ipv6.hairpin",
		"open,ipv6=nptv6",
		"open,ipv6=nptv6,ipv6.hairpin=none",
	};
	static struct nat_rules r;
	struct nat_site site = { .wan = "wan",
		                 .lan = "lan",
		                 .wan_address = "2333::3",
		                 .lan_network = "fd44:0:3:3::/64",
		                 .outside_network = "2444:0:3::/64",
		                 .hosts = { "fd44:0:3:3::4", "fd44:0:3:3::5" },
		                 .is_ipv6 = true };

	for (size_t i = 0; i < sizeof specs / sizeof *specs; i++)
		for (site.host_count = 1; site.host_count <= 2; site.host_count++) {
			struct nat nat = read(specs[i]);

			CU_ASSERT_EQUAL_FATAL(nat_rules_make(&nat, &site, &r), 0);
			CU_ASSERT_TRUE((r.features >> NAT_FEATURE_IPV6 & 1) != 0 ||
			               (r.features >> NAT_FEATURE_IPV6_NFT & 1) != 0);
			assert_all_is_tried(specs[i], &r);
		}
}

static void every_script(void)
{
	static const char *const specs[] = { "open",
		                             "firewall",
		                             "restricted",
		                             "open,ipv6=firewall,ipv6.filtering=ad,ipv6.timeout=9",
		                             "mapping=ad,timeout=7,stream-timeout=7",
		                             "full-cone,addresses=3,mtu=1400,lifetime=9,upnp",
		                             "symmetric,addresses=2,ipv6=nat64",
		                             "open,ipv6=nptv6",
		                             ("open,ipv6=nptv6,ipv6.inside=fd00:0:1:100::/56,ipv6.outside="
		                              "2001:db8:7:100::/56,ipv6.hairpin=none") };
	char *text = malloc(NAT_SCRIPT_SIZE);
	struct said s;

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	said_begin(&s);
	for (size_t i = 0; i < sizeof specs / sizeof specs[0]; i++) {
		struct nat nat = read(specs[i]);

		said_title(&s, specs[i]);
		CU_ASSERT_EQUAL_FATAL(nat_script(&nat, 9, text), 0); /* it has names for no more than 8 */
		fputs(text, s.f);
	}
	said_end(&s, "tests/unit/nats/scripts");
	free(text);
}

SUITE(nat_said, TEST(every_rule), TEST(every_rule_of_ipv6_is_tried), TEST(every_script))
