#include "model/nat_rules_parts.h"

#include <stdio.h>

/*
 * What a box does beside translating and filtering, whichever rules do that: how many mappings it keeps, fragments,
 * ICMP, payloads. One nft table for all, the same as nat_rules_nft.c's.
 *
 * A limit is the size of a set that holds what has a mapping: what finds no room there is dropped before conntrack has
 * confirmed it, so that it takes no port either. `refused` counts that, and ICMP.
 */
#define UDP_HEADER_BITS 64
#define CLOBBERED_BITS (8 * 256) /* of a payload: as far as a STUN answer of usual length goes */
#define FRAGMENT_S 30            /* as long as a host waits for the rest of a datagram (net.ipv4.ipfrag_time) */

struct manners {
	const struct nat *nat;
	const struct nat_transport *udp; /* of `nat` */
	const struct nat_site *site;
	struct lifetimes lives;
	struct text *t, *reboot;
	unsigned *features;
};

static bool is_limited(const struct nat *nat)
{
	const struct nat_transport *udp = &nat->transport[NAT_UDP];

	return udp->limit != 0 || udp->limit_per_host != 0;
}

bool manners_are_plain(const struct nat *nat)
{
	return !is_limited(nat) && nat->fragments == NAT_FRAGMENTS_PASS && !nat->icmp_blocked && !nat->clobbers;
}

/* --- limits ------------------------------------------------------------------------------------ */

/* What makes two packets use one mapping; by the enum's numbers. */
static const char *const mapping_keys[] = {
	"ct original ip saddr . ct original proto-src",
	"ct original ip saddr . ct original proto-src . ct original ip daddr",
	"ct original ip saddr . ct original proto-src . ct original ip daddr . ct original proto-dst",
};
static const char *const mapping_types[] = {
	"ipv4_addr . inet_service",
	"ipv4_addr . inet_service . ipv4_addr",
	"ipv4_addr . inet_service . ipv4_addr . inet_service",
};

static void write_bound_set(const struct manners *m, const char *name, unsigned limit)
{
	nat_feature_add(m->features, NAT_FEATURE_NFT_MAPS);
	text_add(m->t, "\tset %s { type %s; flags dynamic,timeout; timeout %us; size %u; }\n", name,
	         mapping_types[m->udp->mapping], m->lives.of[0].seconds, limit);
	text_add(m->reboot, "flush set ip " NFT_TABLE " %s\n", name);
}

/* A chain that drops what finds no room in the set of its name, and sends the rest on. */
static void write_bound(const struct manners *m, const char *name, const char *verdict)
{
	const char *keep = m->udp->lifetime_s != 0 ? "add" : "update";

	text_add(m->t, "\tchain in_%s {\n", name);
	if (m->lives.count > 1)
		text_add(m->t, "\t\tmeta l4proto udp ct status assured update @%s { %s timeout %us } %s\n", name,
		         mapping_keys[m->udp->mapping], m->lives.of[1].seconds, verdict);
	text_add(m->t, "\t\tmeta l4proto udp %s @%s { %s } %s\n\t\tcounter name \"refused\" drop\n\t}\n", keep, name,
	         mapping_keys[m->udp->mapping], verdict);
}

static void write_host_bounds(const struct manners *m, const char *verdict)
{
	char name[24];

	for (size_t n = 1; n <= m->site->host_count; n++) {
		snprintf(name, sizeof name, "bound_%zu", n);
		write_bound_set(m, name, m->udp->limit_per_host);
		write_bound(m, name, verdict);
	}
	text_add(m->t, "\tchain in_bounds {\n");
	for (size_t n = 1; n <= m->site->host_count; n++)
		text_add(m->t, "\t\tct original ip saddr %s goto in_bound_%zu\n", m->site->hosts[n - 1], n);
	text_add(m->t, "\t\t%s\n\t}\n", verdict);
}

/* Each host's own limit comes first: what that refuses takes no room of all. */
static void write_limits(const struct manners *m)
{
	const char *first = m->udp->limit_per_host != 0 ? "in_bounds" : "in_bound";
	const struct nat_site *s = m->site;

	if (!is_limited(m->nat))
		return;
	nat_feature_add(m->features, NAT_FEATURE_NFT_CONNTRACK);
	nat_feature_add(m->features, NAT_FEATURE_NFT_ZONES);
	if (m->udp->limit != 0) {
		write_bound_set(m, "bound", m->udp->limit);
		write_bound(m, "bound", "accept");
	}
	if (m->udp->limit_per_host != 0)
		write_host_bounds(m, m->udp->limit != 0 ? "goto in_bound" : "accept");
	text_add(m->t, "\tchain limits {\n\t\ttype filter hook forward priority -5; policy accept;\n"
	               "\t\tct zone != 0 accept\n");
	if (m->udp->refresh == NAT_REFRESH_BOTH)
		text_add(m->t, "\t\tiifname \"%s\" meta l4proto udp ct direction reply goto %s\n", s->wan, first);
	text_add(m->t, "\t\tiifname \"%s\" oifname \"%s\" meta l4proto udp goto %s\n", s->lan, s->wan, first);
	text_add(m->t, "\t}\n");
}

/* --- fragments and ICMP ------------------------------------------------------------------------ */

/* Before conntrack, which puts them together. 0x1fff is the offset, 0x2000 "more fragments". */
static void write_fragments(const struct manners *m)
{
	if (m->nat->fragments == NAT_FRAGMENTS_PASS)
		return;
	nat_feature_add(m->features, NAT_FEATURE_NFT_FRAGMENTS);
	if (m->nat->fragments == NAT_FRAGMENTS_IN_ORDER) {
		text_add(m->t,
		         "\tset begun { typeof ip saddr . ip daddr . ip id; flags dynamic,timeout; timeout %us; }\n",
		         FRAGMENT_S);
		text_add(m->reboot, "flush set ip " NFT_TABLE " begun\n");
	}
	text_add(m->t, "\tchain fragments {\n\t\ttype filter hook prerouting priority -450; policy accept;\n");
	if (m->nat->fragments == NAT_FRAGMENTS_DROP)
		text_add(m->t, "\t\tip frag-off & 0x3fff != 0 drop\n\t}\n");
	else
		text_add(m->t, "\t\tip frag-off & 0x1fff != 0 ip saddr . ip daddr . ip id != @begun drop\n"
		               "\t\tip frag-off & 0x2000 != 0 update @begun { ip saddr . ip daddr . ip id }\n\t}\n");
}

static void write_icmp(const struct manners *m)
{
	if (!m->nat->icmp_blocked)
		return;
	text_add(m->t, "\tchain silence {\n\t\ttype filter hook forward priority -5; policy accept;\n"
	               "\t\tmeta l4proto icmp counter name \"refused\" drop\n\t}\n"
	               "\tchain own_silence {\n\t\ttype filter hook output priority -5; policy accept;\n"
	               "\t\tmeta l4proto icmp drop\n\t}\n");
}

/* --- payloads ---------------------------------------------------------------------------------- */

/*
 * Each word of four bytes of what comes in that is the box's own address becomes that of whom it goes to: what a
 * gateway does for the sake of all protocols at once (RFC 8489 §14.2), where a STUN answer bears it. A rule for each
 * place where such a word may stand. `own` learns the address from packets that come to it, as rules compare places in
 * a packet with nothing but constants and sets. The checksum, which nft does not correct for a place without a name,
 * goes.
 */
static void write_clobber(const struct manners *m)
{
	const struct nat_site *s = m->site;

	if (!m->nat->clobbers)
		return;
	nat_feature_add(m->features, NAT_FEATURE_NFT_PAYLOADS);
	text_add(m->t, "\tset own { typeof @th,64,32; flags dynamic; size %d; }\n", NAT_ADDRESSES_MAX);
	text_add(m->t,
	         "\tchain note_own {\n\t\ttype filter hook prerouting priority raw; policy accept;\n"
	         "\t\tiifname \"%s\" ip daddr { %s",
	         s->wan, s->wan_address);
	for (unsigned i = 0; i < m->nat->addresses; i++)
		text_add(m->t, ", %s", s->other_addresses[i]);
	text_add(m->t, " } add @own { @nh,128,32 }\n\t}\n");
	text_add(m->t,
	         "\tchain clobber {\n\t\ttype filter hook forward priority mangle; policy accept;\n"
	         "\t\tiifname != \"%s\" accept\n\t\tmeta l4proto != udp accept\n",
	         s->wan);
	for (int at = UDP_HEADER_BITS; at < UDP_HEADER_BITS + CLOBBERED_BITS; at += 32)
		text_add(m->t, "\t\t@th,%d,32 @own @th,%d,32 set @nh,128,32 udp checksum set 0\n", at, at);
	text_add(m->t, "\t}\n");
}

void manners_write(const struct nat *nat, const struct nat_site *site, struct text *nft, struct text *reboot,
                   unsigned *features)
{
	const struct manners m = { nat,     &nat->transport[NAT_UDP], site, lifetimes_of(nat, NAT_UDP), nft, reboot,
		                   features };

	nat_feature_add(features, NAT_FEATURE_NFT_FILTER);
	nat_feature_add(features, NAT_FEATURE_NFT_COUNTERS);
	text_add(nft, "table ip " NFT_TABLE " {\n\tcounter refused { }\n");
	write_limits(&m);
	write_fragments(&m);
	write_icmp(&m);
	write_clobber(&m);
	text_add(nft, "}\n");
}
