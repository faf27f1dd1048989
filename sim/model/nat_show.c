#include "model/nat_show.h"

#include "model/nat_rules.h"
#include "model/text.h"

#define HOSTS_MAX 8

/* --- in words ---------------------------------------------------------------------------------- */

static void add_translation(const struct nat *n, struct text *t)
{
	text_add(t, "mapping %s, filtering %s, ports %s", nat_behaviour_name(n->mapping),
	         nat_behaviour_name(n->filtering), nat_ports_name(n->ports));
	if (n->port_high != 0)
		text_add(t, " of %u-%u", n->port_low, n->port_high);
	if (n->hairpin == NAT_HAIRPIN_EXTERNAL)
		text_add(t, ", hairpins");
	if (n->hairpin == NAT_HAIRPIN_INTERNAL)
		text_add(t, ", hairpins with the inside address");
}

static void add_state(const struct nat *n, struct text *t)
{
	unsigned idle = nat_timeout_s(n), stream = nat_stream_timeout_s(n);

	if (idle == stream)
		text_add(t, ", timeout %u s", idle);
	else
		text_add(t, ", timeout %u s and %u s", idle, stream);
	if (n->refresh == NAT_REFRESH_OUTBOUND)
		text_add(t, ", refreshed by outbound traffic only");
	if (n->input != NAT_INPUT_DROP)
		text_add(t, ", unsolicited packets %sed", nat_input_name(n->input));
}

const char *nat_summary(const struct nat *nat, char text[NAT_SUMMARY_SIZE])
{
	struct text t = text_in(text, NAT_SUMMARY_SIZE);

	if (nat->udp_blocked) {
		text_add(&t, "UDP blocked in both directions");
		return text;
	}
	switch (nat->kind) {
	case NAT_OPEN: text_add(&t, "no translation, nothing filtered"); return text;
	case NAT_FIREWALL:
		text_add(&t, "no translation, filtering %s", nat_behaviour_name(nat->filtering));
		break;
	case NAT_TRANSLATE: add_translation(nat, &t); break;
	}
	add_state(nat, &t);
	return text;
}

/* --- as a script ------------------------------------------------------------------------------- */

static const char *const host_names[HOSTS_MAX] = { "$host1", "$host2", "$host3", "$host4",
	                                           "$host5", "$host6", "$host7", "$host8" };

static void add_head(const struct nat *nat, size_t host_count, struct text *t)
{
	char spec[NAT_TEXT_SIZE];
	char summary[NAT_SUMMARY_SIZE];

	text_add(t, "#!/bin/sh -e\n# %s: %s.\n", nat_format(nat, spec), nat_summary(nat, summary));
	if (nat->kind == NAT_OPEN)
		return;
	text_add(t, "# The router's interfaces and addresses, and the hosts behind it: put in your own.\n"
	         "wan=wan\nlan=lan\nwan_address=203.0.113.1\nlan_network=10.0.1.0/24\n");
	for (size_t i = 0; i < host_count; i++)
		text_add(t, "host%zu=10.0.1.%zu\n", i + 1, i + 2);
	text_add(t, "\n");
}

static void add_input(struct text *t, const char *command, const char *input)
{
	if (input[0] != '\0')
		text_add(t, "\n%s <<EOF\n%sEOF\n", command, input);
}

int nat_script(const struct nat *nat, size_t host_count, char text[NAT_SCRIPT_SIZE])
{
	static struct nat_rules rules; /* large; everything in it is made anew */
	struct nat_site site = {
		.wan = "$wan", .lan = "$lan", .wan_address = "$wan_address", .lan_network = "$lan_network"};
	struct text t = text_in(text, NAT_SCRIPT_SIZE);

	for (; site.host_count < host_count && site.host_count < HOSTS_MAX; site.host_count++)
		site.hosts[site.host_count] = host_names[site.host_count];
	if (nat_rules_make(nat, &site, &rules) != 0)
		return -1;
	add_head(nat, site.host_count, &t);
	for (size_t i = 0; i < rules.sysctl_count; i++)
		text_add(&t, "sysctl -w %s=%u\n", rules.sysctls[i].name, rules.sysctls[i].value);
	add_input(&t, "ipset restore", rules.ipset);
	add_input(&t, "iptables-restore", rules.iptables);
	if (rules.why_nft != NULL)
		text_add(&t, "\n# nft, %s.\n", rules.why_nft);
	add_input(&t, "nft -f -", rules.nft);
	return t.cut ? -1 : 0;
}
