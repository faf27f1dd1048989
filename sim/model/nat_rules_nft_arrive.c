#include "model/nat_rules_nft.h"

/*
 * Who is let in from the wan by nft, where conntrack alone would not.
 *
 * Answers of endpoints that were sent to go the way of conntrack. Everybody else who is let in does not: tracked beside
 * the sessions that were opened from inside, he would be a session of his own, whose answers would leave from the port
 * he came in by (wrong where mapping depends on the endpoint), and he could not be tracked at all where an outbound
 * session of the same two sockets exists. So he is tracked in a conntrack zone of his own (`deliver`): nothing that
 * leaves is ever looked up there, nothing there refreshes a mapping, and every packet is judged anew before it gets
 * there. Where only outbound traffic refreshes, all that is let in goes this way.
 *
 * What the zone is for is ICMP. An error that an inside host sends about such a packet (port unreachable, fragmentation
 * needed) must leave with the outside address as its source and in the packet it quotes (RFC 4787 REQ-12, RFC 5508
 * REQ-4); so must those of the box itself. Conntrack does that for what it has tracked, checksums and all. `delivered`
 * holds which zone a quoted packet belongs to, by its addresses and ports.
 *
 * Each external port has a zone: two ports of one inside socket, let in from one stranger, would otherwise be the same
 * session from inside, and conntrack would change the stranger's port to tell them apart.
 */
#define BRIEF_S 5 /* an error comes at once, or after the three seconds of an ARP request without an answer */

static void write_deliver(const struct nft_rules *r)
{
	struct text *t = r->t;

	text_add(t, "\tchain deliver {\n\t\t");
	for (size_t i = 0; nft_has_outside(r) && i < r->lives.count; i++)
		text_add(t, "ip daddr . udp dport != @outside_%s ", r->lives.of[i].name);
	if (nft_has_outside(r))
		text_add(t, "accept\n\t\t");
	for (size_t i = 0; i < r->lives.count; i++)
		text_add(t, "udp dport != @owner_address_%s ", r->lives.of[i].name);
	text_add(t, "accept\n\t\tct zone set jhash udp dport mod %d offset %d%s accept\n\t}\n",
	         UINT16_MAX - NAT_RULES_ZONE_OF_STRANGERS, NAT_RULES_ZONE_OF_STRANGERS,
	         r->beside ? " meta mark set " DELIVERED_MARK : "");
}

/* Before conntrack: which zone. 0x45: a quoted header without options, whose ports are where they are looked for. */
static void write_zones(const struct nft_rules *r)
{
	struct text *t = r->t;

	text_add(t, "\tchain arrive {\n\t\ttype filter hook prerouting priority raw; policy accept;\n");
	text_add(t,
	         "\t\tiifname \"%s\" icmp type { destination-unreachable, time-exceeded, parameter-problem } "
	         "@th,64,8 0x45 ct zone set @th,160,96 map @delivered\n",
	         r->site->lan);
	text_add(t, "\t\tiifname != \"%s\" accept\n\t\tip daddr != %s accept\n\t\tmeta l4proto != udp accept\n",
	         r->site->wan, r->outside);
	if (r->beside)
		text_add(t, "\t\tudp dport != %d-%d accept\n", MOVED_LOW, MOVED_HIGH);
	for (size_t i = 0; nft_is_mortal(r) && i < r->lives.count; i++)
		text_add(t, "\t\tmeta mark set udp dport map @life_%s\n", r->lives.of[i].name);
	for (size_t i = 0; nft_has_session(r) && i < r->lives.count; i++)
		text_add(t, "\t\tip saddr . udp sport . udp dport%s @session_%s %s\n", NFT_LIFE_KEY(r),
		         r->lives.of[i].name, nft_outbound_only(r) ? "goto deliver" : "accept");
	for (size_t i = 0; nft_has_permit(r) && i < r->lives.count; i++)
		text_add(t, "\t\tip saddr . udp dport%s @permit_%s goto deliver\n", NFT_LIFE_KEY(r),
		         r->lives.of[i].name);
	if (r->how->filtering == NAT_ENDPOINT_INDEPENDENT)
		text_add(t, "\t\tgoto deliver\n");
	text_add(t, "\t}\n");
}

/* First packets only, as in every nat chain. An entry goes soon, as the port may then be another's. */
static void write_admit(const struct nft_rules *r)
{
	struct text *t = r->t;

	text_add(t, "\tchain admit {\n\t\ttype nat hook prerouting priority %d; policy accept;\n",
	         r->beside ? -101 : -100);
	text_add(t, "\t\tct zone 0 accept\n\t\tct timeout set \"brief\"\n");
	for (size_t i = r->lives.count; i-- > 0;) {
		const char *life = r->lives.of[i].name;

		text_add(t, "\t\tdnat ip to udp dport map @owner_address_%s : udp dport map @owner_port_%s\n", life,
		         life);
	}
	text_add(t, "\t}\n");
}

/* @nh,96,96: addresses and ports, as the inside host sees and quotes them. */
static void write_admitted(const struct nft_rules *r)
{
	text_add(r->t, "\tchain admitted {\n\t\ttype filter hook forward priority mangle; policy accept;\n"
	               "\t\tct zone != 0 meta l4proto udp update @delivered { @nh,96,96 : ct zone }\n\t}\n");
}

/*
 * A connection of TCP that a stranger opens is one of conntrack's beside those opened from inside, answers and all: a
 * connection has two ends, and what answers a SYN can come from nowhere else. Where the inside socket has a connection
 * to the very same endpoint by another port, netfilter changes the stranger's port to tell them apart.
 */
static void write_tcp_arrive(const struct nft_rules *r)
{
	struct text *t = r->t;

	text_add(t, "\tchain tcp_admit {\n");
	for (size_t i = r->lives.count; i-- > 0;) {
		text_add(t, "\t\t");
		nft_write_dnat(r, r->lives.of[i].name);
	}
	text_add(t, "\t}\n\tchain tcp_arrive {\n\t\ttype nat hook prerouting priority %d; policy accept;\n",
	         r->beside ? -101 : -100);
	text_add(t, "\t\tiifname != \"%s\" accept\n\t\tip daddr != %s accept\n", r->site->wan, r->outside);
	text_add(t, "\t\ttcp flags & (fin | syn | rst | ack) != syn accept\n");
	if (r->beside)
		text_add(t, "\t\ttcp dport != %d-%d accept\n", MOVED_LOW, MOVED_HIGH);
	for (size_t i = 0; nft_has_permit(r) && i < r->lives.count; i++)
		text_add(t, "\t\tip saddr . tcp dport @tcp_permit_%s goto tcp_admit\n", r->lives.of[i].name);
	if (!nft_has_permit(r))
		text_add(t, "\t\tgoto tcp_admit\n");
	text_add(t, "\t}\n");
}

static void write_udp_arrive(const struct nft_rules *r)
{
	nat_feature_add(r->features, NAT_FEATURE_NFT_TIMEOUTS);
	nat_feature_add(r->features, NAT_FEATURE_NFT_ZONES);
	nat_feature_add(r->features, NAT_FEATURE_NFT_HASHES);
	text_add(r->t, "\tct timeout brief { protocol udp; l3proto ip; policy = { unreplied : %d, replied : %d }; }\n",
	         BRIEF_S, BRIEF_S);
	text_add(r->t, "\tmap delivered { typeof @nh,96,96 : ct zone; flags dynamic,timeout; timeout %ds; }\n",
	         BRIEF_S);
	text_add(r->reboot, "flush map ip " NFT_TABLE " delivered\n");
	write_deliver(r);
	write_zones(r);
	write_admit(r);
	write_admitted(r);
}

void nft_write_arrive(const struct nft_rules *r)
{
	if (!nft_delivers(r))
		return;
	if (nft_is_tcp(r))
		write_tcp_arrive(r);
	else
		write_udp_arrive(r);
}
