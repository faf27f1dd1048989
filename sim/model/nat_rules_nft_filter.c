#include "model/nat_rules_nft.h"
#include "model/port_mapper.h"

/* What a box made of nft rules lets through, where iptables does not say it. */

#define ASKED_YOUNG_S 6 /* RFC 5382 REQ-4: at least so long a SYN is answered nothing */
#define ASKED_S 60      /* and so long its repeats are known by it */
#define SYN "tcp flags & (fin | syn | rst | ack) == syn "

/* A chain for SYNs that nobody asked for. */
static void write_unsolicited(const struct nft_rules *tcp)
{
	static const char key[] = "ip saddr . tcp sport . ip daddr . tcp dport";
	struct text *t = tcp->t;

	if (tcp->nat->unsolicited != NAT_UNSOLICITED_DROP)
		nat_feature_add(tcp->features, NAT_FEATURE_NFT_REJECT);
	if (tcp->nat->unsolicited == NAT_UNSOLICITED_ICMP) {
		nat_feature_add(tcp->features, NAT_FEATURE_NFT_MAPS);
		text_add(t,
		         "\tset tcp_young { typeof %s; flags dynamic,timeout; timeout %ds; }\n"
		         "\tset tcp_asked { typeof %s; flags dynamic,timeout; timeout %ds; }\n",
		         key, ASKED_YOUNG_S, key, ASKED_S);
		text_add(tcp->reboot, "flush set ip " NFT_TABLE " tcp_young\nflush set ip " NFT_TABLE " tcp_asked\n");
	}
	text_add(t, "\tchain unsolicited {\n");
	if (tcp->nat->unsolicited == NAT_UNSOLICITED_RESET)
		text_add(t, "\t\treject with tcp reset\n");
	if (tcp->nat->unsolicited == NAT_UNSOLICITED_ICMP)
		text_add(t,
		         "\t\t%s @tcp_young drop\n\t\t%s @tcp_asked reject with icmp type port-unreachable\n"
		         "\t\tadd @tcp_young { %s }\n\t\tadd @tcp_asked { %s }\n",
		         key, key, key, key);
	text_add(t, "\t\tdrop\n\t}\n");
}

/* Where the box itself takes in what nobody asked for, its own answer is a RST. */
static bool answers_itself(const struct nat *nat)
{
	return nat->input == NAT_INPUT_ACCEPT && nat->unsolicited == NAT_UNSOLICITED_RESET;
}

static void write_input(const struct nft_rules of[NAT_PROTOCOLS])
{
	const struct nat *nat = of->nat;
	const struct nat_site *s = of->site;
	struct text *t = of->t;

	if (answers_itself(nat))
		return;
	text_add(t,
	         "\tchain input {\n\t\ttype filter hook input priority filter; policy accept;\n"
	         "\t\tiifname \"%s\" ct state established,related accept\n",
	         s->wan);
	/* Neighbours are found by it; the rest does no harm (RFC 4890 section 4.4). */
	if (s->is_ipv6)
		text_add(t, "\t\tiifname \"%s\" meta l4proto ipv6-icmp accept\n", s->wan);
	if (nat->input == NAT_INPUT_REJECT)
		nat_feature_add(of->features, NAT_FEATURE_NFT_REJECT);
	if (nat->input != NAT_INPUT_ACCEPT)
		text_add(t, "\t\tip daddr %s meta l4proto udp %s\n", of->outside,
		         nat->input == NAT_INPUT_REJECT ? "reject with icmp type port-unreachable" : "drop");
	text_add(t, "\t\tip daddr %s " SYN "goto unsolicited\n", of->outside);
	text_add(t, "\t\tip daddr %s meta l4proto tcp drop\n", of->outside);
	if (nat->input != NAT_INPUT_ACCEPT)
		text_add(t, "\t\tiifname \"%s\" drop\n", s->wan);
	text_add(t, "\t}\n");
}

static bool hairpins(const struct nft_rules of[NAT_PROTOCOLS])
{
	return of[NAT_UDP].how->hairpin != NAT_HAIRPIN_NONE || of[NAT_TCP].how->hairpin != NAT_HAIRPIN_NONE;
}

/* "ip saddr . tcp sport . ip daddr": what filtering looks at of a packet that leaves; or "ip daddr . tcp dport . ..."
 */
static void write_fields(const struct nft_rules *r, char near, char far)
{
	text_add(r->t, "ip %caddr . %s %cport", near, r->l4, near);
	if (r->how->filtering == NAT_ADDRESS_DEPENDENT)
		text_add(r->t, " . ip %caddr", far);
}

/* By the first packet; the rest goes with that. */
static void write_open_admission(const struct nft_rules *r)
{
	for (size_t i = 0; i < r->lives.count; i++) {
		text_add(r->t, "\t\tiifname \"%s\" %s", r->site->wan, nft_is_tcp(r) ? SYN : "");
		write_fields(r, 'd', 's');
		text_add(r->t, " @%sopen_%s accept\n", r->own, r->lives.of[i].name);
	}
	text_add(r->t, "\t\tiifname \"%s\" meta l4proto %s ct state established accept\n", r->site->wan, r->l4);
}

static void write_admissions(const struct nft_rules of[NAT_PROTOCOLS])
{
	const char *wan = of->site->wan;
	bool translates = of->nat->kind == NAT_TRANSLATE;

	for (int i = 0; i < NAT_PROTOCOLS; i++) {
		const struct nft_rules *r = &of[i];

		if (nft_is_plain(r) || !nft_delivers(r))
			continue;
		if (!translates && !nft_outbound_only(r))
			write_open_admission(r);
		else
			text_add(r->t, "\t\tiifname \"%s\" meta l4proto %s ct %s accept\n", wan, r->l4,
			         !translates     ? "state untracked"
			         : nft_is_tcp(r) ? "status dnat"
			                         : "zone != 0");
	}
}

static void write_blockings(const struct nft_rules of[NAT_PROTOCOLS])
{
	for (int i = 0; i < NAT_PROTOCOLS; i++)
		if (of[i].how->blocked)
			text_add(of->t, "\t\tmeta l4proto %s drop\n", of[i].l4);
	if (of->nat->simultaneous_broken)
		text_add(of->t, "\t\tiifname \"%s\" " SYN "ct direction reply drop\n", of->site->wan);
}

static void write_forward(const struct nft_rules of[NAT_PROTOCOLS])
{
	const struct nat *nat = of->nat;
	const struct nat_site *s = of->site;
	struct text *t = of->t;

	text_add(t, "\tchain forward {\n\t\ttype filter hook forward priority filter; policy drop;\n");
	nat_feature_add(of->features, NAT_FEATURE_NFT_CONNTRACK);
	write_blockings(of);
	/* What conntrack does not know is not translated: it would show an inside address. */
	if (nat->kind == NAT_TRANSLATE)
		text_add(t, "\t\tiifname \"%s\" oifname \"%s\" ct state invalid,untracked drop\n", s->lan, s->wan);
	text_add(t, "\t\tiifname \"%s\" oifname \"%s\" accept\n\t\tct state related accept\n", s->lan, s->wan);
	if (nat_maps_ports(nat))
		text_add(t, "\t\tiifname \"%s\" ct mark " PORT_MAPPER_MARK " accept\n", s->wan);
	write_admissions(of);
	text_add(t, "\t\tiifname \"%s\" ct state established ct direction reply accept\n", s->wan);
	if (hairpins(of))
		text_add(t, "\t\tiifname \"%s\" oifname \"%s\" ct status dnat accept\n", s->lan, s->lan);
	if (nat->kind == NAT_FIREWALL && nat->input == NAT_INPUT_REJECT)
		text_add(t, "\t\tiifname \"%s\" meta l4proto udp reject with icmp type port-unreachable\n", s->wan);
	if (nat->kind == NAT_FIREWALL && nat->unsolicited != NAT_UNSOLICITED_DROP)
		text_add(t, "\t\tiifname \"%s\" " SYN "goto unsolicited\n", s->wan);
	text_add(t, "\t}\n");
}

void nft_write_filter(const struct nft_rules of[NAT_PROTOCOLS])
{
	if (!answers_itself(of->nat))
		write_unsolicited(&of[NAT_TCP]);
	write_input(of);
	write_forward(of);
}

/* --- a firewall -------------------------------------------------------------------------------- */

/* The sides of a packet that must be those of one that was sent: all four, less what filtering does not look at. */
static const char *const sent_fields[] = { "ip saddr . udp sport", "ip saddr . udp sport . ip daddr",
	                                   "ip saddr . udp sport . ip daddr . udp dport" };
static const char *const answer_fields[] = { "ip daddr . udp dport", "ip daddr . udp dport . ip saddr",
	                                     "ip daddr . udp dport . ip saddr . udp sport" };
static const char *const field_types[] = { "ipv4_addr . inet_service", "ipv4_addr . inet_service . ipv4_addr",
	                                   "ipv4_addr . inet_service . ipv4_addr . inet_service" };

/* A firewall that answers do not refresh: what comes in is looked up, but not tracked. One lifetime (nat_parse()). */
static void write_session_firewall(const struct nft_rules *r)
{
	const struct nat_site *s = r->site;
	struct text *t = r->t;

	nat_feature_add(r->features, NAT_FEATURE_NFT_UNTRACKED);
	nft_write_set(r, "set", "session", field_types[r->how->filtering]);
	text_add(t,
	         "\tchain arrive {\n\t\ttype filter hook prerouting priority raw; policy accept;\n"
	         "\t\tiifname \"%s\" %s @session_idle notrack accept\n\t}\n",
	         s->wan, answer_fields[r->how->filtering]);
	text_add(t,
	         "\tchain leave {\n\t\ttype filter hook postrouting priority 110; policy accept;\n"
	         "\t\toifname \"%s\" update @session_idle { %s }\n\t}\n",
	         s->wan, sent_fields[r->how->filtering]);
}

/* A firewall that lets in strangers: which sockets have sent, and where to. Kept alive by answers, too. */
static void write_open_firewall(const struct nft_rules *r)
{
	const struct nat_site *s = r->site;
	struct text *t = r->t;

	nft_write_set(r, "set", "open", field_types[r->how->filtering]);
	text_add(t, "\tchain %sleave {\n\t\ttype filter hook postrouting priority 110; policy accept;\n", r->own);
	for (size_t i = r->lives.count; i-- > 0;) {
		const char *life = r->lives.of[i].name;

		text_add(t, "\t\toifname \"%s\" meta l4proto %s %supdate @%sopen_%s { ", s->wan, r->l4,
		         r->lives.of[i].nft, r->own, life);
		write_fields(r, 's', 'd');
		text_add(t, " }\n\t\toifname \"%s\" meta l4proto %s ct direction reply %supdate @%sopen_%s { ", s->lan,
		         r->l4, r->lives.of[i].nft, r->own, life);
		write_fields(r, 'd', 's');
		text_add(t, " }\n");
	}
	text_add(t, "\t}\n");
}

void nft_write_firewall(const struct nft_rules *r)
{
	if (r->how->blocked)
		return;
	if (nft_outbound_only(r))
		write_session_firewall(r);
	else if (r->how->filtering != NAT_ADDRESS_AND_PORT_DEPENDENT)
		write_open_firewall(r);
}
