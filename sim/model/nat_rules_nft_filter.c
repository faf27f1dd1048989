#include "model/nat_rules_nft.h"
#include "model/port_mapper.h"

/* What a box made of nft rules lets through, where iptables does not say it. */

static void write_input(const struct nft_rules *r)
{
	const struct nat_site *s = r->site;

	if (r->nat->input == NAT_INPUT_ACCEPT)
		return;
	text_add(r->t,
	         "\tchain input {\n\t\ttype filter hook input priority filter; policy accept;\n"
	         "\t\tiifname \"%s\" ct state established,related accept\n",
	         s->wan);
	text_add(r->t, "\t\tip daddr %s meta l4proto udp %s\n", r->own,
	         r->nat->input == NAT_INPUT_REJECT ? "reject with icmp type port-unreachable" : "drop");
	text_add(r->t, "\t\tiifname \"%s\" drop\n\t}\n", s->wan);
}

static void write_forward(const struct nft_rules *r)
{
	const struct nat_site *s = r->site;
	struct text *t = r->t;

	text_add(t, "\tchain forward {\n\t\ttype filter hook forward priority filter; policy drop;\n");
	/* What conntrack does not know is not translated: it would show an inside address. */
	if (r->nat->kind == NAT_TRANSLATE)
		text_add(t, "\t\tiifname \"%s\" oifname \"%s\" ct state invalid,untracked drop\n", s->lan, s->wan);
	text_add(t, "\t\tiifname \"%s\" oifname \"%s\" accept\n\t\tct state related accept\n", s->lan, s->wan);
	if (nat_maps_ports(r->nat))
		text_add(t, "\t\tiifname \"%s\" ct mark " PORT_MAPPER_MARK " accept\n", s->wan);
	if (nft_delivers(r))
		text_add(t, "\t\tiifname \"%s\" meta l4proto udp ct %s accept\n", s->wan,
		         r->nat->kind == NAT_TRANSLATE ? "zone != 0" : "state untracked");
	text_add(t, "\t\tiifname \"%s\" ct state established ct direction reply accept\n", s->wan);
	if (r->udp->hairpin != NAT_HAIRPIN_NONE)
		text_add(t, "\t\tiifname \"%s\" oifname \"%s\" ct status dnat accept\n", s->lan, s->lan);
	if (r->nat->kind == NAT_FIREWALL && r->nat->input == NAT_INPUT_REJECT)
		text_add(t, "\t\tiifname \"%s\" meta l4proto udp reject with icmp type port-unreachable\n", s->wan);
	text_add(t, "\t}\n");
}

void nft_write_filter(const struct nft_rules *r)
{
	write_input(r);
	write_forward(r);
}

/* --- a firewall -------------------------------------------------------------------------------- */

/* The sides of a packet that must be those of one that was sent: all four, less what filtering does not look at. */
static const char *const sent_fields[] = { "ip saddr . udp sport", "ip saddr . udp sport . ip daddr",
	                                   "ip saddr . udp sport . ip daddr . udp dport" };
static const char *const answer_fields[] = { "ip daddr . udp dport", "ip daddr . udp dport . ip saddr",
	                                     "ip daddr . udp dport . ip saddr . udp sport" };
static const char *const field_types[] = { "ipv4_addr . inet_service", "ipv4_addr . inet_service . ipv4_addr",
	                                   "ipv4_addr . inet_service . ipv4_addr . inet_service" };

/*
 * A firewall that answers do not refresh: what comes in is looked up, but not tracked. One lifetime, as nat_parse()
 * sees to.
 */
void nft_write_firewall(const struct nft_rules *r)
{
	const struct nat_site *s = r->site;
	struct text *t = r->t;

	nft_write_set(r, "set", "session", field_types[r->udp->filtering]);
	text_add(t,
	         "\tchain arrive {\n\t\ttype filter hook prerouting priority raw; policy accept;\n"
	         "\t\tiifname \"%s\" %s @session_idle notrack accept\n\t}\n",
	         s->wan, answer_fields[r->udp->filtering]);
	text_add(t,
	         "\tchain leave {\n\t\ttype filter hook postrouting priority 110; policy accept;\n"
	         "\t\toifname \"%s\" update @session_idle { %s }\n\t}\n",
	         s->wan, sent_fields[r->udp->filtering]);
}
