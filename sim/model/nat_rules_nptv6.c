#include "model/nat_rules_parts.h"

#define TURNED_MARK "0x7475"

/*
 * A packet from inside for an address outside that is one of inside's is turned round (RFC 6296 section 4): both its
 * addresses change then; or it is dropped, where the box does not do that. What is of no inside address, neighbours'
 * talk above all, is left alone.
 */
void iptables_write_nptv6(const struct nat_site *s, bool hairpins, struct text *t, unsigned *features)
{
	const char *in = s->lan_network, *out = s->outside_network;

	nat_feature_add(features, NAT_FEATURE_IPV6);
	nat_feature_add(features, NAT_FEATURE_IPV6_PREFIX);
	nat_feature_add(features, NAT_FEATURE_FILTER);
	if (hairpins)
		nat_feature_add(features, NAT_FEATURE_MARK);
	if (!hairpins) {
		text_add(t, "*mangle\n-A PREROUTING -i %s -d %s -j DNPT --src-pfx %s --dst-pfx %s\n", s->wan, out, out,
		         in);
		text_add(t, "-A POSTROUTING -o %s -s %s -j SNPT --src-pfx %s --dst-pfx %s\nCOMMIT\n", s->wan, in, in,
		         out);
		text_add(
		    t, "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n-A FORWARD -i %s -d %s -j DROP\nCOMMIT\n",
		    s->lan, out);
		return;
	}
	text_add(t, "*mangle\n-A PREROUTING -i %s -d %s -j MARK --set-mark " TURNED_MARK "\n", s->lan, out);
	text_add(t, "-A PREROUTING -d %s -j DNPT --src-pfx %s --dst-pfx %s\n", out, out, in);
	text_add(t, "-A POSTROUTING -o %s -s %s -j SNPT --src-pfx %s --dst-pfx %s\n", s->wan, in, in, out);
	text_add(
	    t, "-A POSTROUTING -o %s -s %s -m mark --mark " TURNED_MARK " -j SNPT --src-pfx %s --dst-pfx %s\nCOMMIT\n",
	    s->lan, in, in, out);
}
