#include "model/nat_rules_nft.h"

/*
 * What an nft table can and iptables cannot: a chain behind source NAT, where `udp sport` is the external port. It
 * keeps
 *   mapping        inside socket (and remote address, where mapping depends on it) -> external port
 *   owner_address  external port -> inside address
 *   owner_port     external port -> inside port
 *   permit         (remote address, external port) that was sent to
 *   session        (remote address and port, external port) that was sent to
 *   outside        (external address, external port) that somebody owns, where there are several addresses
 *   life           external port -> its mapping's number, where mappings end at an age
 *   socket         inside socket that has a mapping, where hairpins want one
 * each once per lifetime.
 *
 * Where mappings end at an age, nothing is learned but from the first packet of a flow, and nothing refreshed; flows
 * end by world/reaper.h, a little after what is kept here.
 *
 * A port somebody owns is given to nobody else; nat_rules_nft_taker.c has the exception. Who is let in is
 * nat_rules_nft_arrive.c's.
 */

bool nft_outbound_only(const struct nft_rules *r)
{
	return r->how->refresh == NAT_REFRESH_OUTBOUND;
}

bool nft_has_mapping(const struct nft_rules *r)
{
	return r->how->mapping != NAT_ADDRESS_AND_PORT_DEPENDENT;
}

bool nft_has_permit(const struct nft_rules *r)
{
	return r->how->filtering == NAT_ADDRESS_DEPENDENT;
}

bool nft_is_tcp(const struct nft_rules *r)
{
	return r->how == &r->nat->transport[NAT_TCP];
}

bool nft_is_plain(const struct nft_rules *r)
{
	return r->how->blocked || r->ports == NAT_PORTS_OVERLOAD;
}

bool nft_delivers(const struct nft_rules *r)
{
	return nft_outbound_only(r) || r->how->filtering != NAT_ADDRESS_AND_PORT_DEPENDENT;
}

bool nft_has_session(const struct nft_rules *r)
{
	return nft_delivers(r) && !nft_is_tcp(r) &&
	       (!nft_outbound_only(r) || r->how->filtering == NAT_ADDRESS_AND_PORT_DEPENDENT);
}

bool nft_is_mortal(const struct nft_rules *r)
{
	return r->how->lifetime_s != 0;
}

static bool hairpins(const struct nft_rules *r)
{
	return r->how->hairpin != NAT_HAIRPIN_NONE;
}

/* True if who is reached by a hairpin sees the sender's external endpoint. */
static bool hairpins_translated(const struct nft_rules *r)
{
	return r->how->hairpin == NAT_HAIRPIN_EXTERNAL || r->how->hairpin == NAT_HAIRPIN_MAPPED;
}

bool nft_has_outside(const struct nft_rules *r)
{
	return r->nat->addresses != 0;
}

/* --- sets -------------------------------------------------------------------------------------- */

/*
 * No set tells its size where 65,535 are enough: so many the kernel lets rules add to one that tells none, and its
 * table grows with what is in it. One that is told is a megabyte from the start, to be cleared for each set of each
 * box.
 */
void nft_write_set(const struct nft_rules *r, const char *kind, const char *name, const char *type)
{
	nat_feature_add(r->features, NAT_FEATURE_NFT_MAPS);
	for (size_t i = 0; i < r->lives.count; i++) {
		text_add(r->t, "\t%s %s%s_%s { type %s; flags dynamic,timeout; timeout %us; }\n", kind, r->own, name,
		         r->lives.of[i].name, type, r->lives.of[i].seconds);
		text_add(r->reboot, "flush %s ip " NFT_TABLE " %s%s_%s\n", kind, r->own, name, r->lives.of[i].name);
	}
}

static void write_sets(const struct nft_rules *r)
{
	nft_write_set(r, "map", "owner_address", "inet_service : ipv4_addr");
	nft_write_set(r, "map", "owner_port", "inet_service : inet_service");
	if (r->how->by_port)
		nft_write_set(r, "map", "mapping", "inet_service : inet_service");
	else if (r->how->mapping == NAT_ENDPOINT_INDEPENDENT)
		nft_write_set(r, "map", "mapping", "ipv4_addr . inet_service : inet_service");
	if (r->how->mapping == NAT_ADDRESS_DEPENDENT)
		nft_write_set(r, "map", "mapping", "ipv4_addr . inet_service . ipv4_addr : inet_service");
	if (nft_is_mortal(r))
		nft_write_set(r, "map", "life", "inet_service : mark");
	if (nft_has_permit(r))
		nft_write_set(r, "set", "permit",
		              nft_is_mortal(r) ? "ipv4_addr . inet_service . mark" : "ipv4_addr . inet_service");
	if (nft_has_session(r))
		nft_write_set(r, "set", "session",
		              nft_is_mortal(r) ? "ipv4_addr . inet_service . inet_service . mark"
		                               : "ipv4_addr . inet_service . inet_service");
	if (nft_has_outside(r))
		nft_write_set(r, "set", "outside", "ipv4_addr . inet_service");
	if (r->how->hairpin == NAT_HAIRPIN_MAPPED)
		nft_write_set(r, "set", "socket", "ipv4_addr . inet_service");
}

/* "udp sport 61000-65095 ": beside iptables only the moved ports are this table's business. */
static void write_moved_only(const struct nft_rules *r, const char *field)
{
	if (r->beside)
		text_add(r->t, "%s %s %d-%d ", r->l4, field, MOVED_LOW, MOVED_HIGH);
}

/* --- out --------------------------------------------------------------------------------------- */

void nft_write_mapping_mark(const struct nft_rules *r, const char *direction)
{
	if (r->site->is_ipv6 && r->how->mapping == NAT_ADDRESS_DEPENDENT)
		text_add(r->t, "\t\tmeta mark set jhash ct %s ip daddr mod 4294967295 seed 0x6d617070\n", direction);
}

void nft_write_mapping_key(const struct nft_rules *r, const char *direction)
{
	if (r->site->is_ipv6) {
		nat_feature_add(r->features, NAT_FEATURE_NFT_HASHES);
		text_add(r->t, "jhash ");
	}
	if (!r->how->by_port)
		text_add(r->t, "ct %s ip saddr . ", direction);
	text_add(r->t, "ct %s proto-src", direction);
	if (r->how->mapping == NAT_ADDRESS_DEPENDENT && r->site->is_ipv6)
		text_add(r->t, " . meta mark");
	else if (r->how->mapping == NAT_ADDRESS_DEPENDENT)
		text_add(r->t, " . ct %s ip daddr", direction);
	if (r->site->is_ipv6)
		text_add(r->t, " mod 4294967295 seed 0x6d617070");
}

/* In a chain that all packets come through: what the box itself sends, and is answered, is no mapping. */
static void write_spare_own(const struct nft_rules *r)
{
	if (r->site->serves_names)
		text_add(r->t, "\t\tct original ip saddr %s accept\n", r->outside);
}

/* One that is neither protocol's: what they leave is translated plainly. */
static void write_rest(const struct nft_rules *r)
{
	text_add(r->t, "\t\toifname \"%s\" snat ip to %s\n", r->site->wan,
	         r->nat->pooling == NAT_POOLING_PAIRED ? r->to : r->site->wan_address);
}

/* TCP's comes before UDP's, at whose end the rest is. A RST of the box itself comes by, too, as the first packet that
 * leaves of a stranger's flow: it has the port that the stranger knocked at. */
static void write_translate(const struct nft_rules *r)
{
	const struct nat_site *s = r->site;
	const char *moved = r->beside ? "meta mark " MOVED_MARK " " : nft_is_tcp(r) ? "ct direction original " : "";
	struct text *t = r->t;

	nat_feature_add(r->features, NAT_FEATURE_NFT_NAT);
	text_add(t, "\tchain %stranslate {\n\t\ttype nat hook postrouting priority %d; policy accept;\n", r->own,
	         100 - r->beside - nft_is_tcp(r));
	write_spare_own(r);
	if (!nft_is_plain(r))
		text_add(t, "\t\toifname \"%s\" meta l4proto %s %sgoto %sassign\n", s->wan, r->l4, moved, r->own);
	if (!nft_is_plain(r) && hairpins_translated(r))
		text_add(t, "\t\toifname \"%s\" meta l4proto %s ip saddr %s ct status dnat %sgoto %sassign\n", s->lan,
		         r->l4, s->lan_network, moved, r->own);
	if (!r->beside && !nft_is_tcp(r))
		write_rest(r);
	text_add(t, "\t}\n");
}

/* --- learning ---------------------------------------------------------------------------------- */

/* Whom the mapping was used for. Its number is drawn with its first packet, and stands in the mark of all that follow.
 */
static void write_ways(const struct nft_rules *r, const char *life, const char *opened, const char *field)
{
	struct text *t = r->t;

	if (nft_is_mortal(r))
		nat_feature_add(r->features, NAT_FEATURE_NFT_NUMBERS);
	if (nft_is_mortal(r))
		text_add(t,
		         "\t\tadd @life_%s { udp %s : numgen inc mod 4294967295 }\n"
		         "\t\tmeta mark set udp %s map @life_%s\n",
		         life, field, field, life);
	if (nft_has_permit(r))
		text_add(t, "\t\tupdate @%spermit_%s { ct %s ip daddr . %s %s%s }\n", r->own, life, opened, r->l4,
		         field, NFT_LIFE_KEY(r));
	if (nft_has_session(r))
		text_add(t, "\t\tmeta l4proto udp update @session_%s { ct %s ip daddr . ct %s proto-dst . udp %s%s }\n",
		         life, opened, opened, field, NFT_LIFE_KEY(r));
}

/*
 * Chains "<name>_idle" and "<name>_stream": a packet of the flow's direction `direction`, which was opened from inside
 * in the direction `opened`, has passed; its external port is `udp <field>`.
 */
static void write_learning(const struct nft_rules *r, const char *name, const char *opened, const char *field)
{
	const char *l4 = r->l4, *own = r->own, *keep = nft_is_mortal(r) ? "add" : "update";
	struct text *t = r->t;

	for (size_t i = 0; i < r->lives.count; i++) {
		const char *life = r->lives.of[i].name;

		text_add(t, "\tchain %s%s_%s {\n", own, name, life);
		text_add(t, "\t\t%s @%sowner_address_%s { %s %s : ct %s ip saddr }\n", keep, own, life, l4, field,
		         opened);
		text_add(t, "\t\tmeta l4proto %s %s @%sowner_port_%s { %s %s : ct %s proto-src }\n", l4, keep, own,
		         life, l4, field, opened);
		if (nft_has_mapping(r)) {
			nft_write_mapping_mark(r, opened);
			text_add(t, "\t\tmeta l4proto %s %s @%smapping_%s { ", l4, keep, own, life);
			nft_write_mapping_key(r, opened);
			text_add(t, " : %s %s }\n", l4, field);
		}
		write_ways(r, life, opened, field);
		nft_write_taking(r, field);
		if (nft_has_outside(r))
			text_add(t, "\t\t%s @%soutside_%s { ip %caddr . %s %s }\n", keep, own, life, field[0], l4,
			         field);
		if (r->how->hairpin == NAT_HAIRPIN_MAPPED)
			text_add(t, "\t\tmeta l4proto %s update @%ssocket_%s { ct %s ip saddr . ct %s proto-src }\n",
			         l4, own, life, opened, opened);
		text_add(t, "\t}\n");
	}
}

/* A connection that is closed keeps nothing for as long as one that stands; on with the short life. */
static void write_ending(const struct nft_rules *r, const char *name, const char *opened, const char *field)
{
	const char *life = r->lives.of[1].name;
	struct text *t = r->t;

	if (!nft_is_tcp(r) || r->lives.count == 1)
		return;
	text_add(t, "\tchain tcp_%s_end {\n", name);
	text_add(t, "\t\tdelete @tcp_owner_address_%s { tcp %s : ct %s ip saddr }\n", life, field, opened);
	text_add(t, "\t\tmeta l4proto tcp delete @tcp_owner_port_%s { tcp %s : ct %s proto-src }\n", life, field,
	         opened);
	if (nft_has_mapping(r)) {
		nft_write_mapping_mark(r, opened);
		text_add(t, "\t\tmeta l4proto tcp delete @tcp_mapping_%s { ", life);
		nft_write_mapping_key(r, opened);
		text_add(t, " : tcp %s }\n", field);
	}
	if (nft_has_permit(r))
		text_add(t, "\t\tdelete @tcp_permit_%s { ct %s ip daddr . tcp %s }\n", life, opened, field);
	if (nft_has_outside(r))
		text_add(t, "\t\tdelete @tcp_outside_%s { ip %caddr . tcp %s }\n", life, field[0], field);
	if (r->how->hairpin == NAT_HAIRPIN_MAPPED)
		text_add(t, "\t\tmeta l4proto tcp delete @tcp_socket_%s { ct %s ip saddr . ct %s proto-src }\n", life,
		         opened, opened);
	text_add(t, "\t\tgoto tcp_%s_%s\n\t}\n", name, r->lives.of[0].name);
}

static void write_lesson(const struct nft_rules *r, const char *name, const char *opened, const char *field)
{
	write_learning(r, name, opened, field);
	write_ending(r, name, opened, field);
}

/* Sends packets that match to "<name>_idle" or "<name>_stream". */
static void write_learn(const struct nft_rules *r, const char *match, const char *field, const char *name)
{
	bool ends = nft_is_tcp(r) && r->lives.count > 1;

	if (ends) {
		text_add(r->t, "\t\t%s", match);
		write_moved_only(r, field);
		text_add(r->t, "tcp flags & (fin | rst) != 0 goto tcp_%s_end\n", name);
	}
	if (r->lives.count > 1) {
		text_add(r->t, "\t\t%s", match);
		write_moved_only(r, field);
		text_add(r->t, "%sgoto %s%s_%s\n", r->lives.of[1].nft, r->own, name, r->lives.of[1].name);
	}
	text_add(r->t, "\t\t%s", match);
	write_moved_only(r, field);
	text_add(r->t, "%sgoto %s%s_%s\n", ends ? "ct status & assured == 0 " : "", r->own, name, r->lives.of[0].name);
}

/* A port the kernel chose may be another socket's towards another destination: then the packet goes no further. */
static void write_collision(const struct nft_rules *r)
{
	for (size_t i = 0; !nft_is_direct(r) && i < r->lives.count; i++)
		text_add(r->t, "\t\tmeta mark " NFT_FRESH_MARK " %s sport @%sowner_address_%s drop\n", r->l4, r->own,
		         r->lives.of[i].name);
}

static void write_leave(const struct nft_rules *r)
{
	const struct nat_site *s = r->site;
	char match[160];
	struct text m;

	write_lesson(r, "sent", "original", "sport");
	if (hairpins(r) && !nft_is_mortal(r))
		write_lesson(r, "answered", "reply", "sport");
	text_add(r->t, "\tchain %sleave {\n\t\ttype filter hook postrouting priority 110; policy accept;\n", r->own);
	write_spare_own(r);
	nat_feature_add(r->features, NAT_FEATURE_NFT_CONNTRACK);
	if (nft_is_direct(r) && !nft_is_tcp(r))
		text_add(r->t, "\t\tmeta mark " NFT_BARE_MARK " udp checksum set 0\n");
	write_collision(r);
	if (nft_is_mortal(r))
		text_add(r->t, "\t\tct status & confirmed != 0 accept\n");
	m = text_in(match, sizeof match);
	text_add(&m, "oifname \"%s\" meta l4proto %s ct direction original ", s->wan, r->l4);
	write_learn(r, match, "sport", "sent");
	if (hairpins_translated(r)) {
		m = text_in(match, sizeof match);
		text_add(&m, "oifname \"%s\" meta l4proto %s ", s->lan, r->l4);
		/* What strangers send is told by its zone, or by where it comes from. */
		if (!nft_is_tcp(r))
			nat_feature_add(r->features, NAT_FEATURE_NFT_ZONES);
		if (nft_is_tcp(r))
			text_add(&m, "ct original ip saddr %s ", s->lan_network);
		else
			text_add(&m, "ct zone 0 ");
		text_add(&m, "ct status dnat ct direction original ");
		write_learn(r, match, "sport", "sent");
	}
	if (hairpins_translated(r) && !nft_is_mortal(r)) {
		m = text_in(match, sizeof match);
		text_add(&m, "oifname \"%s\" meta l4proto %s ct status dnat ct direction reply ", s->lan, r->l4);
		write_learn(r, match, "sport", "answered");
	}
	text_add(r->t, "\t}\n");
}

static void write_refresh(const struct nft_rules *r)
{
	char match[256];
	struct text m = text_in(match, sizeof match);

	if (nft_outbound_only(r) || nft_is_mortal(r))
		return;
	write_lesson(r, "heard", "original", "dport");
	text_add(r->t, "\tchain %srefresh {\n\t\ttype filter hook prerouting priority mangle; policy accept;\n",
	         r->own);
	write_spare_own(r);
	text_add(&m, "ip daddr %s meta l4proto %s ct direction reply ", r->outside, r->l4);
	write_learn(r, match, "dport", "heard");
	text_add(r->t, "\t}\n");
}

/* --- hairpin ----------------------------------------------------------------------------------- */

/* Who has no mapping himself is not turned round. */
static void write_unmapped_callers(const struct nft_rules *r)
{
	text_add(r->t, "\t\tmeta l4proto %s ", r->l4);
	for (size_t i = 0; i < r->lives.count; i++)
		text_add(r->t, "ip saddr . %s sport != @%ssocket_%s ", r->l4, r->own, r->lives.of[i].name);
	text_add(r->t, "accept\n");
}

void nft_write_dnat(const struct nft_rules *r, const char *life)
{
	const char *l4 = r->l4, *own = r->own;

	if (nft_has_outside(r))
		text_add(r->t, "ip daddr . %s dport @%soutside_%s ", l4, own, life);
	text_add(r->t, "dnat ip to %s dport map @%sowner_address_%s : %s dport map @%sowner_port_%s\n", l4, own, life,
	         l4, own, life);
}

static void write_hairpin(const struct nft_rules *r)
{
	struct text *t = r->t;

	if (!hairpins(r))
		return;
	text_add(t, "\tchain %shairpin {\n\t\ttype nat hook prerouting priority %d; policy accept;\n", r->own,
	         r->beside ? -101 : -100);
	if (r->how->hairpin == NAT_HAIRPIN_MAPPED)
		write_unmapped_callers(r);
	for (size_t i = r->lives.count; i-- > 0;) {
		const char *life = r->lives.of[i].name;

		text_add(t, "\t\tiifname \"%s\" ip daddr %s ", r->site->lan, r->outside);
		write_moved_only(r, "dport");
		nft_write_dnat(r, life);
	}
	text_add(t, "\t}\n");
}

/* --- all of it --------------------------------------------------------------------------------- */

static void write_nat(const struct nft_rules *r)
{
	if (!nft_is_plain(r)) {
		write_sets(r);
		nft_write_takers(r);
		nft_write_arrive(r);
		write_hairpin(r);
		nft_write_assign(r);
	}
	if (!nft_is_plain(r) || !nft_is_tcp(r))
		write_translate(r);
	if (!nft_is_plain(r)) {
		write_leave(r);
		write_refresh(r);
	}
}

static void write_protocol(const struct nft_rules *r)
{
	if (r->beside && !iptables_needs_nft_beside(r->nat, nft_is_tcp(r) ? NAT_TCP : NAT_UDP, r->site))
		return;
	if (r->nat->kind == NAT_FIREWALL)
		nft_write_firewall(r);
	else
		write_nat(r);
}

void nft_write(const struct nat *nat, const struct nat_site *site, bool beside, struct text *nft, struct text *reboot,
               unsigned *features)
{
	char outside[NFT_ADDRESSES_SIZE], to[NAT_PROTOCOLS][NFT_ADDRESSES_SIZE];
	struct text outside_text = text_in(outside, sizeof outside);
	struct nft_rules of[NAT_PROTOCOLS];

	for (enum nat_protocol i = 0; i < NAT_PROTOCOLS; i++) {
		struct text to_text = text_in(to[i], sizeof to[i]);

		of[i] = (struct nft_rules){
			.nat = nat,
			.how = &nat->transport[i],
			.l4 = i == NAT_TCP ? "tcp" : "udp",
			.own = i == NAT_TCP ? "tcp_" : "",
			.site = site,
			.lives = lifetimes_of(nat, i),
			.beside = beside,
			.ports = nat->transport[i].ports,
			.outside = outside,
			.to = to[i],
			.t = nft,
			.reboot = reboot,
			.features = features,
		};
		nft_choose_pool(&of[i]);
		nft_write_to(&of[i], &to_text);
	}
	nft_write_own(of, &outside_text);
	nat_feature_add(of->features, NAT_FEATURE_NFT_FILTER);
	text_add(nft, "table ip " NFT_TABLE " {\n");
	if (nat->addresses != 0 && nat->pooling == NAT_POOLING_PAIRED)
		nft_write_pairs(of);
	for (int i = 0; i < NAT_PROTOCOLS; i++)
		write_protocol(&of[i]);
	if (!beside)
		nft_write_filter(of);
	text_add(nft, "}\n");
}
