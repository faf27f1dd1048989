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
 * A port somebody owns is given to nobody else. Who is let in is nat_rules_nft_arrive.c's.
 */
#define DIRECT_POOL 1024 /* pools up to this size are handed out port by port; larger ones by the kernel */
#define TRIES 16         /* to find a free port in a pool: the 17th of 16 taken is a lost packet */
#define RANDOM_LOW 1024
#define SEQUENTIAL_LOW 49152    /* the start of the dynamic ports (RFC 6335 §6) */
#define FRESH_MARK "0x66726573" /* a port the kernel chose, to be looked at before it is used */
#define BARE_MARK "0x62617265"  /* a datagram that came without a checksum */

bool nft_outbound_only(const struct nft_rules *r)
{
	return r->udp->refresh == NAT_REFRESH_OUTBOUND;
}

static bool has_mapping(const struct nft_rules *r)
{
	return r->udp->mapping != NAT_ADDRESS_AND_PORT_DEPENDENT;
}

bool nft_has_permit(const struct nft_rules *r)
{
	return r->udp->filtering == NAT_ADDRESS_DEPENDENT;
}

bool nft_delivers(const struct nft_rules *r)
{
	return nft_outbound_only(r) || r->udp->filtering != NAT_ADDRESS_AND_PORT_DEPENDENT;
}

bool nft_has_session(const struct nft_rules *r)
{
	return nft_delivers(r) && (!nft_outbound_only(r) || r->udp->filtering == NAT_ADDRESS_AND_PORT_DEPENDENT);
}

bool nft_is_mortal(const struct nft_rules *r)
{
	return r->udp->lifetime_s != 0;
}

static bool hairpins(const struct nft_rules *r)
{
	return r->udp->hairpin != NAT_HAIRPIN_NONE;
}

/* True if who is reached by a hairpin sees the sender's external endpoint. */
static bool hairpins_translated(const struct nft_rules *r)
{
	return r->udp->hairpin == NAT_HAIRPIN_EXTERNAL || r->udp->hairpin == NAT_HAIRPIN_MAPPED;
}

bool nft_has_outside(const struct nft_rules *r)
{
	return r->nat->addresses != 0;
}

/* --- sets -------------------------------------------------------------------------------------- */

void nft_write_set(const struct nft_rules *r, const char *kind, const char *name, const char *type)
{
	for (size_t i = 0; i < r->lives.count; i++) {
		text_add(r->t, "\t%s %s_%s { type %s; flags dynamic,timeout; timeout %us; size 65535; }\n", kind, name,
		         r->lives.of[i].name, type, r->lives.of[i].seconds);
		text_add(r->reboot, "flush %s ip " NFT_TABLE " %s_%s\n", kind, name, r->lives.of[i].name);
	}
}

static void write_sets(const struct nft_rules *r)
{
	nft_write_set(r, "map", "owner_address", "inet_service : ipv4_addr");
	nft_write_set(r, "map", "owner_port", "inet_service : inet_service");
	if (r->udp->mapping == NAT_ENDPOINT_INDEPENDENT)
		nft_write_set(r, "map", "mapping", "ipv4_addr . inet_service : inet_service");
	if (r->udp->mapping == NAT_ADDRESS_DEPENDENT)
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
	if (r->udp->hairpin == NAT_HAIRPIN_MAPPED)
		nft_write_set(r, "set", "socket", "ipv4_addr . inet_service");
}

/* "udp sport 61000-65095 ": beside iptables only the moved ports are this table's business. */
static void write_moved_only(const struct nft_rules *r, const char *field)
{
	if (r->beside)
		text_add(r->t, "udp %s %d-%d ", field, MOVED_LOW, MOVED_HIGH);
}

/* --- out --------------------------------------------------------------------------------------- */

/* "udp sport != @owner_address_idle udp sport != @owner_address_stream " */
static void write_if_free(const struct nft_rules *r)
{
	for (size_t i = 0; i < r->lives.count; i++)
		text_add(r->t, "udp sport != @owner_address_%s ", r->lives.of[i].name);
}

static void write_mapping_key(const struct nft_rules *r, const char *direction)
{
	text_add(r->t, "ct %s ip saddr . ct %s proto-src", direction, direction);
	if (r->udp->mapping == NAT_ADDRESS_DEPENDENT)
		text_add(r->t, " . ct %s ip daddr", direction);
}

static bool is_direct(const struct nft_rules *r)
{
	return r->ports == NAT_PORTS_SEQUENTIAL || r->udp->parity || r->high - r->low < DIRECT_POOL;
}

/*
 * The next port of the pool, into the packet. One rule, so one counter for all who jump here. nft corrects the
 * checksum, also of a datagram that has none (0, RFC 768): write_leave() sees to it that it has none again.
 */
static void write_pick(const struct nft_rules *r, const char *name, unsigned low, unsigned step)
{
	struct text *t = r->t;
	unsigned size = (r->high - low) / step + 1;

	text_add(t, "\tchain %s {\n\t\tudp checksum 0 meta mark set " BARE_MARK "\n", name);
	text_add(t, "\t\tudp sport set numgen %s mod %u map {", r->ports == NAT_PORTS_SEQUENTIAL ? "inc" : "random",
	         size);
	for (unsigned i = 0; i < size; i++)
		text_add(t, "%s %u : %u", i > 0 ? "," : "", i, low + i * step);
	text_add(t, " }\n\t}\n");
}

static void write_picks(const struct nft_rules *r)
{
	if (!r->udp->parity) {
		write_pick(r, "pick", r->low, 1);
		return;
	}
	write_pick(r, "pick_even", r->low + r->low % 2, 2);
	write_pick(r, "pick_odd", r->low + 1 - r->low % 2, 2);
}

static void write_fresh_port(const struct nft_rules *r)
{
	struct text *t = r->t;

	if (!is_direct(r)) {
		text_add(t, "\t\tmeta l4proto udp meta mark set " FRESH_MARK " snat ip to %s:%u-%u fully-random\n",
		         r->to, r->low, r->high);
		return;
	}
	for (int i = 0; i < TRIES; i++) {
		if (r->udp->parity)
			text_add(t,
			         "\t\tudp sport & 1 == 0 jump pick_even\n\t\tudp sport & 1 == 1 jump pick_odd\n\t\t");
		else
			text_add(t, "\t\tjump pick\n\t\t");
		write_if_free(r);
		text_add(t, "snat ip to %s : udp sport\n", r->to);
	}
	text_add(t, "\t\tdrop\n");
}

/* The chain every first packet of a flow goes through that needs an external port. */
static void write_assign(const struct nft_rules *r)
{
	struct text *t = r->t;

	if (is_direct(r))
		write_picks(r);
	text_add(t, "\tchain assign {\n");
	for (size_t i = r->lives.count; has_mapping(r) && i-- > 0;) {
		text_add(t, "\t\tmeta l4proto udp snat ip to %s : ", r->to);
		write_mapping_key(r, "original");
		text_add(t, " map @mapping_%s\n", r->lives.of[i].name);
	}
	/* Beside iptables a port of the pool itself is kept as well, if it is free. */
	if (r->ports == NAT_PORTS_PRESERVE || r->beside) {
		text_add(t, "\t\t");
		if (r->nat->port_high != 0 || r->beside)
			text_add(t, "udp sport %u-%u ", r->low, r->high);
		write_if_free(r);
		text_add(t, "snat ip to %s : udp sport\n", r->to);
	}
	write_fresh_port(r);
	text_add(t, "\t}\n");
}

/* In a chain that all packets come through: what the box itself sends, and is answered, is no mapping. */
static void write_spare_own(const struct nft_rules *r)
{
	if (r->site->serves_names)
		text_add(r->t, "\t\tct original ip saddr %s accept\n", r->own);
}

static void write_translate(const struct nft_rules *r)
{
	const struct nat_site *s = r->site;
	const char *moved = r->beside ? "meta mark " MOVED_MARK " " : "";
	struct text *t = r->t;

	text_add(t, "\tchain translate {\n\t\ttype nat hook postrouting priority %d; policy accept;\n",
	         r->beside ? 99 : 100);
	write_spare_own(r);
	text_add(t, "\t\toifname \"%s\" meta l4proto udp %sgoto assign\n", s->wan, moved);
	if (hairpins_translated(r))
		text_add(t, "\t\toifname \"%s\" meta l4proto udp ip saddr %s ct status dnat %sgoto assign\n", s->lan,
		         s->lan_network, moved);
	if (!r->beside)
		text_add(t, "\t\toifname \"%s\" snat ip to %s\n", s->wan,
		         r->nat->pooling == NAT_POOLING_PAIRED ? r->to : s->wan_address);
	text_add(t, "\t}\n");
}

/* --- learning ---------------------------------------------------------------------------------- */

/* Whom the mapping was used for. Its number is drawn with its first packet, and stands in the mark of all that follow.
 */
static void write_ways(const struct nft_rules *r, const char *life, const char *opened, const char *field)
{
	struct text *t = r->t;

	if (nft_is_mortal(r))
		text_add(t,
		         "\t\tadd @life_%s { udp %s : numgen inc mod 4294967295 }\n"
		         "\t\tmeta mark set udp %s map @life_%s\n",
		         life, field, field, life);
	if (nft_has_permit(r))
		text_add(t, "\t\tupdate @permit_%s { ct %s ip daddr . udp %s%s }\n", life, opened, field,
		         NFT_LIFE_KEY(r));
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
	const char *keep = nft_is_mortal(r) ? "add" : "update";
	struct text *t = r->t;

	for (size_t i = 0; i < r->lives.count; i++) {
		const char *life = r->lives.of[i].name;

		text_add(t, "\tchain %s_%s {\n", name, life);
		text_add(t, "\t\t%s @owner_address_%s { udp %s : ct %s ip saddr }\n", keep, life, field, opened);
		text_add(t, "\t\tmeta l4proto udp %s @owner_port_%s { udp %s : ct %s proto-src }\n", keep, life, field,
		         opened);
		if (has_mapping(r)) {
			text_add(t, "\t\tmeta l4proto udp %s @mapping_%s { ", keep, life);
			write_mapping_key(r, opened);
			text_add(t, " : udp %s }\n", field);
		}
		write_ways(r, life, opened, field);
		if (nft_has_outside(r))
			text_add(t, "\t\t%s @outside_%s { ip %caddr . udp %s }\n", keep, life, field[0], field);
		if (r->udp->hairpin == NAT_HAIRPIN_MAPPED)
			text_add(t, "\t\tmeta l4proto udp update @socket_%s { ct %s ip saddr . ct %s proto-src }\n",
			         life, opened, opened);
		text_add(t, "\t}\n");
	}
}

/* Sends packets that match to "<name>_idle" or "<name>_stream". */
static void write_learn(const struct nft_rules *r, const char *match, const char *field, const char *name)
{
	if (r->lives.count > 1) {
		text_add(r->t, "\t\t%s", match);
		write_moved_only(r, field);
		text_add(r->t, "ct status assured goto %s_%s\n", name, r->lives.of[1].name);
	}
	text_add(r->t, "\t\t%s", match);
	write_moved_only(r, field);
	text_add(r->t, "goto %s_%s\n", name, r->lives.of[0].name);
}

/* A port the kernel chose may be another socket's towards another destination: then the packet goes no further. */
static void write_collision(const struct nft_rules *r)
{
	for (size_t i = 0; !is_direct(r) && i < r->lives.count; i++)
		text_add(r->t, "\t\tmeta mark " FRESH_MARK " udp sport @owner_address_%s drop\n", r->lives.of[i].name);
}

static void write_leave(const struct nft_rules *r)
{
	const struct nat_site *s = r->site;
	char match[160];
	struct text m;

	write_learning(r, "sent", "original", "sport");
	if (hairpins(r) && !nft_is_mortal(r))
		write_learning(r, "answered", "reply", "sport");
	text_add(r->t, "\tchain leave {\n\t\ttype filter hook postrouting priority 110; policy accept;\n");
	write_spare_own(r);
	if (is_direct(r))
		text_add(r->t, "\t\tmeta mark " BARE_MARK " udp checksum set 0\n");
	write_collision(r);
	if (nft_is_mortal(r))
		text_add(r->t, "\t\tct status & confirmed != 0 accept\n");
	m = text_in(match, sizeof match);
	text_add(&m, "oifname \"%s\" meta l4proto udp ct direction original ", s->wan);
	write_learn(r, match, "sport", "sent");
	if (hairpins_translated(r)) {
		m = text_in(match, sizeof match);
		text_add(&m, "oifname \"%s\" meta l4proto udp ct zone 0 ct status dnat ct direction original ", s->lan);
		write_learn(r, match, "sport", "sent");
	}
	if (hairpins_translated(r) && !nft_is_mortal(r)) {
		m = text_in(match, sizeof match);
		text_add(&m, "oifname \"%s\" meta l4proto udp ct status dnat ct direction reply ", s->lan);
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
	write_learning(r, "heard", "original", "dport");
	text_add(r->t, "\tchain refresh {\n\t\ttype filter hook prerouting priority mangle; policy accept;\n");
	write_spare_own(r);
	text_add(&m, "ip daddr %s meta l4proto udp ct direction reply ", r->own);
	write_learn(r, match, "dport", "heard");
	text_add(r->t, "\t}\n");
}

/* --- hairpin ----------------------------------------------------------------------------------- */

/* Who has no mapping himself is not turned round. */
static void write_unmapped_callers(const struct nft_rules *r)
{
	text_add(r->t, "\t\tmeta l4proto udp ");
	for (size_t i = 0; i < r->lives.count; i++)
		text_add(r->t, "ip saddr . udp sport != @socket_%s ", r->lives.of[i].name);
	text_add(r->t, "accept\n");
}

static void write_hairpin(const struct nft_rules *r)
{
	struct text *t = r->t;

	if (!hairpins(r))
		return;
	text_add(t, "\tchain hairpin {\n\t\ttype nat hook prerouting priority %d; policy accept;\n",
	         r->beside ? -101 : -100);
	if (r->udp->hairpin == NAT_HAIRPIN_MAPPED)
		write_unmapped_callers(r);
	for (size_t i = r->lives.count; i-- > 0;) {
		const char *life = r->lives.of[i].name;

		text_add(t, "\t\tiifname \"%s\" ip daddr %s ", r->site->lan, r->own);
		write_moved_only(r, "dport");
		if (nft_has_outside(r))
			text_add(t, "ip daddr . udp dport @outside_%s ", life);
		text_add(t, "dnat ip to udp dport map @owner_address_%s : udp dport map @owner_port_%s\n", life, life);
	}
	text_add(t, "\t}\n");
}

/* --- all of it --------------------------------------------------------------------------------- */

static void write_nat(const struct nft_rules *r)
{
	write_sets(r);
	nft_write_arrive(r);
	write_hairpin(r);
	write_assign(r);
	write_translate(r);
	write_leave(r);
	write_refresh(r);
}

static void choose_pool(struct nft_rules *r)
{
	if (r->beside) {
		r->ports = NAT_PORTS_RANDOM;
		r->low = MOVED_LOW;
		r->high = MOVED_HIGH;
	} else if (r->nat->port_high != 0) {
		r->low = r->nat->port_low;
		r->high = r->nat->port_high;
	} else if (r->ports == NAT_PORTS_SEQUENTIAL || r->udp->parity) {
		r->low = SEQUENTIAL_LOW;
		r->high = SEQUENTIAL_LOW + DIRECT_POOL - 1;
	} else {
		r->low = RANDOM_LOW;
		r->high = UINT16_MAX;
	}
}

/* --- several external addresses ---------------------------------------------------------------- */

#define ADDRESSES_SIZE 512
#define ADDRESS_SEED "0x706f6f6c" /* one for all rules, which are to find the same address */

/* "{ 33.33.33.1, 33.33.33.2 }", or the only one. */
static void write_own(const struct nft_rules *r, struct text *t)
{
	text_add(t, r->nat->addresses != 0 ? "{ %s" : "%s", r->site->wan_address);
	for (unsigned i = 0; i < r->nat->addresses; i++)
		text_add(t, ", %s", r->site->other_addresses[i]);
	text_add(t, "%s", r->nat->addresses != 0 ? " }" : "");
}

static const char *nth_address(const struct nft_rules *r, size_t n)
{
	return n == 0 ? r->site->wan_address : r->site->other_addresses[n - 1];
}

/* Each host has its own one; those that are not named, the first. */
static void write_pairs(const struct nft_rules *r)
{
	text_add(r->t, "\tmap paired { type ipv4_addr : ipv4_addr; elements = { * : %s", r->site->wan_address);
	for (size_t i = 0; i < r->site->host_count; i++)
		text_add(r->t, ", %s : %s", r->site->hosts[i], nth_address(r, i % (1 + r->nat->addresses)));
	text_add(r->t, " }; }\n");
}

/* The same for all packets of a mapping, whatever that depends on. */
static void write_any_address(const struct nft_rules *r, struct text *t)
{
	text_add(t, "jhash ct original ip saddr . ct original proto-src");
	if (r->udp->mapping != NAT_ENDPOINT_INDEPENDENT)
		text_add(t, " . ct original ip daddr");
	if (r->udp->mapping == NAT_ADDRESS_AND_PORT_DEPENDENT)
		text_add(t, " . ct original proto-dst");
	text_add(t, " mod %u seed " ADDRESS_SEED " map {", 1 + r->nat->addresses);
	for (size_t i = 0; i <= r->nat->addresses; i++)
		text_add(t, "%s %zu : %s", i > 0 ? "," : "", i, nth_address(r, i));
	text_add(t, " }");
}

static void write_to(const struct nft_rules *r, struct text *t)
{
	if (r->nat->addresses == 0)
		text_add(t, "%s", r->site->wan_address);
	else if (r->nat->pooling == NAT_POOLING_PAIRED)
		text_add(t, "ip saddr map @paired");
	else
		write_any_address(r, t);
}

void nft_write(const struct nat *nat, const struct nat_site *site, bool beside, struct text *nft, struct text *reboot)
{
	struct nft_rules r = {
		.nat = nat,
		.udp = &nat->transport[NAT_UDP],
		.site = site,
		.lives = lifetimes_of(nat),
		.beside = beside,
		.ports = nat->transport[NAT_UDP].ports,
		.t = nft,
		.reboot = reboot,
	};

	char own[ADDRESSES_SIZE], to[ADDRESSES_SIZE];
	struct text own_text = text_in(own, sizeof own), to_text = text_in(to, sizeof to);

	choose_pool(&r);
	write_own(&r, &own_text);
	write_to(&r, &to_text);
	r.own = own;
	r.to = to;
	text_add(nft, "table ip " NFT_TABLE " {\n");
	if (nat->addresses != 0 && nat->pooling == NAT_POOLING_PAIRED)
		write_pairs(&r);
	if (nat->kind == NAT_FIREWALL)
		nft_write_firewall(&r);
	else
		write_nat(&r);
	if (!beside)
		nft_write_filter(&r);
	text_add(nft, "}\n");
}
