#include "trace/packet.h"

#include "base/cursor.h"
#include "evidence/record_line.h"
#include "trace/hash.h"
#include "trace/icmp.h"

#include <stdio.h>

enum link_type {
	LINK_NULL = 0,
	LINK_ETHERNET = 1,
	LINK_RAW = 101,
	LINK_PPP = 9,
	LINK_RAW_OLD = 12,
	LINK_PPP_HDLC = 50,
	LINK_PPPOE = 51,
	LINK_80211 = 105,
	LINK_COOKED = 113,
	LINK_80211_PRISM = 119,
	LINK_80211_RADIOTAP = 127,
	LINK_80211_AVS = 163,
	LINK_PPI = 192,
	LINK_IPV4 = 228,
	LINK_IPV6 = 229,
	LINK_COOKED2 = 276,
};

enum ether_type {
	ETHER_IPV4 = 0x0800,
	ETHER_ARP = 0x0806,
	ETHER_VLAN = 0x8100,
	ETHER_IPV6 = 0x86dd,
	ETHER_MPLS = 0x8847,
	ETHER_MPLS_MULTICAST = 0x8848,
	ETHER_PPPOE = 0x8864, /* a session's data (RFC 2516); 0x8863, its set-up, carries no IP */
	ETHER_QINQ = 0x88a8,
	ETHER_QINQ_OLD = 0x9100,
};

enum ppp_protocol { PPP_IPV4 = 0x0021, PPP_IPV6 = 0x0057 };

/* Of Linux's cooked captures: to us, broadcast, multicast, to somebody else, from us. */
enum cooked_type { COOKED_TO_US, COOKED_BROADCAST, COOKED_MULTICAST, COOKED_TO_ANOTHER, COOKED_FROM_US };

enum ipv6_header { IPV6_HOPS = 0, IPV6_ROUTING = 43, IPV6_FRAGMENT = 44, IPV6_OPTIONS = 60 };

/* What stands in a fragment's key where all others have an offset, which is a multiple of 8. */
enum piece { FIRST_PIECE = 1, LATER_PIECE = 2 };

#define TAGS_MAX 8         /* of VLANs and MPLS labels each */
#define IPV6_HEADERS_MAX 8 /* extension headers followed before a packet is called malformed */

bool packet_knows_link_type(uint16_t link_type)
{
	switch (link_type) {
	case LINK_NULL:
	case LINK_ETHERNET:
	case LINK_RAW:
	case LINK_RAW_OLD:
	case LINK_COOKED:
	case LINK_IPV4:
	case LINK_IPV6:
	case LINK_PPP:
	case LINK_PPP_HDLC:
	case LINK_PPPOE:
	case LINK_COOKED2: return true;
	default: return false;
	}
}

const char *packet_link_name(uint16_t link_type, char text[PACKET_LINK_NAME_SIZE])
{
	switch (link_type) {
	case LINK_80211:
	case LINK_80211_PRISM:
	case LINK_80211_RADIOTAP:
	case LINK_80211_AVS:
	case LINK_PPI: return "802.11, taken from the air: capture on the interface as the host sees it instead";
	default: snprintf(text, PACKET_LINK_NAME_SIZE, "link type %u", (unsigned)link_type); return text;
	}
}

static bool is_icmp(uint8_t protocol)
{
	return protocol == PACKET_ICMP || protocol == PACKET_ICMPV6;
}

bool packet_is_fragment(const struct packet_ip *ip)
{
	return ip->more_fragments || ip->fragment_offset != 0;
}

static uint16_t type_of_version(const struct reader *r)
{
	if (reader_left(r) == 0)
		return 0;
	return (r->bytes[r->at] >> 4) == 6 ? ETHER_IPV6 : ETHER_IPV4;
}

/* What a PPP protocol number says (RFC 1661): sent whole or, where agreed, as its low byte alone. */
static uint16_t read_ppp_protocol(struct reader *r)
{
	uint16_t protocol = read_u8(r);

	if ((protocol & 1) == 0)
		protocol = (uint16_t)(protocol << 8 | read_u8(r));
	return protocol == PPP_IPV4 ? ETHER_IPV4 : protocol == PPP_IPV6 ? ETHER_IPV6 : 0;
}

/* An address and a control byte may stand before it (RFC 1662). */
static uint16_t read_ppp(struct reader *r)
{
	if (reader_left(r) >= 2 && r->bytes[r->at] == 0xff && r->bytes[r->at + 1] == 0x03)
		read_view(r, 2);
	return read_ppp_protocol(r);
}

/* Version, code, session, length (RFC 2516). */
static uint16_t read_pppoe(struct reader *r)
{
	read_view(r, 6);
	return read_ppp_protocol(r);
}

/* Labels down to the bottom of the stack (RFC 3032); what follows says itself what it is. */
static uint16_t read_mpls(struct reader *r)
{
	for (int labels = 0; labels < TAGS_MAX && !r->failed; labels++)
		if ((read_u32(r) & 0x100) != 0)
			return type_of_version(r);
	return 0;
}

static bool is_tag(uint16_t type)
{
	return type == ETHER_VLAN || type == ETHER_QINQ || type == ETHER_QINQ_OLD;
}

/* What stands between the link layer and IP. Returns the ether type of what follows. */
static uint16_t read_between(struct reader *r, uint16_t type)
{
	for (int tags = 0; is_tag(type) && tags < TAGS_MAX; tags++) {
		read_u16(r);
		type = read_u16(r);
	}
	if (type == ETHER_PPPOE)
		return read_pppoe(r);
	return type == ETHER_MPLS || type == ETHER_MPLS_MULTICAST ? read_mpls(r) : type;
}

static uint16_t read_ethernet(struct reader *r, struct packet *p)
{
	read_bytes(r, p->dst_mac, sizeof p->dst_mac);
	read_bytes(r, p->src_mac, sizeof p->src_mac);
	p->has_macs = !r->failed;
	p->to_many = (p->dst_mac[0] & 1) != 0;
	return read_between(r, read_u16(r));
}

static void take_cooked_type(struct packet *p, unsigned type)
{
	p->to_many = type == COOKED_BROADCAST || type == COOKED_MULTICAST;
	if (type == COOKED_FROM_US)
		p->direction = PCAPNG_OUTBOUND;
	else if (type < COOKED_TO_ANOTHER)
		p->direction = PCAPNG_INBOUND;
}

static uint16_t read_cooked(struct reader *r, struct packet *p)
{
	take_cooked_type(p, read_u16(r));
	read_view(r, 12);
	return read_between(r, read_u16(r));
}

static uint16_t read_cooked2(struct reader *r, struct packet *p)
{
	uint16_t type = read_u16(r);

	read_u16(r);
	p->link_index = read_u32(r);
	read_u16(r);
	take_cooked_type(p, read_u8(r));
	read_view(r, 9);
	return read_between(r, type);
}

/* Steps over the link layer. Returns the ether type of what follows. */
static uint16_t read_link(struct reader *r, uint16_t link_type, struct packet *p)
{
	switch (link_type) {
	case LINK_ETHERNET: return read_ethernet(r, p);
	case LINK_COOKED: return read_cooked(r, p);
	case LINK_COOKED2: return read_cooked2(r, p);
	case LINK_PPP:
	case LINK_PPP_HDLC: return read_ppp(r);
	case LINK_PPPOE: return read_pppoe(r);
	case LINK_NULL: read_view(r, 4); return type_of_version(r);
	case LINK_RAW:
	case LINK_RAW_OLD:
	case LINK_IPV4:
	case LINK_IPV6: return type_of_version(r);
	default: return 0;
	}
}

/* Reads ports; the payload becomes the datagram's bytes, shorter than the frame's if UDP says so. */
static void read_udp(struct reader *r, struct packet_ip *ip)
{
	uint16_t length;

	ip->src.port = read_u16(r);
	ip->dst.port = read_u16(r);
	length = read_u16(r);
	read_u16(r); /* checksum */
	if (r->failed || length < 8)
		return;
	ip->wire_len = length - 8u;
	ip->payload_len = reader_left(r) < ip->wire_len ? reader_left(r) : ip->wire_len;
	ip->payload = r->bytes + r->at;
}

static void read_tcp(struct reader *r, struct packet *p, struct packet_ip *ip)
{
	ip->src.port = read_u16(r);
	ip->dst.port = read_u16(r);
	read_view(r, 9); /* sequence numbers, data offset */
	p->tcp_flags = read_u8(r);
}

static void read_quote(struct reader r, struct packet *p);

static void read_icmp(struct reader *r, struct packet *p, uint8_t protocol)
{
	uint32_t rest;

	p->icmp_type = read_u8(r);
	p->icmp_code = read_u8(r);
	read_u16(r); /* checksum */
	rest = read_u32(r);
	if (icmp_says(protocol, p->icmp_type, p->icmp_code) == ICMP_SAYS_TOO_BIG)
		p->icmp_mtu = protocol == PACKET_ICMP ? rest & 0xffff : rest;
	if (!r->failed && icmp_is_error(protocol, p->icmp_type))
		read_quote(*r, p);
}

static struct endpoint read_address(struct reader *r, enum address_family family)
{
	struct endpoint e = { .address.family = (uint8_t)family };

	read_bytes(r, e.address.bytes, family == ADDRESS_IPV6 ? 16 : 4);
	return e;
}

/* Returns false if the header is cut or none. */
static bool read_ipv4(struct reader *r, struct packet_ip *ip)
{
	uint8_t version = read_u8(r);
	uint16_t fragment;

	ip->header_len = (uint16_t)((version & 15) * 4);
	read_u8(r);
	ip->total_len = read_u16(r);
	ip->id = read_u16(r);
	fragment = read_u16(r);
	ip->fragment_offset = (uint16_t)((fragment & 0x1fff) * 8);
	ip->more_fragments = (fragment & 0x2000) != 0;
	ip->cut_id = packet_is_fragment(ip) || (fragment & 0x4000) != 0 ? 0 : (uint16_t)ip->id;
	ip->ttl = read_u8(r);
	ip->protocol = read_u8(r);
	read_u16(r);
	ip->src = read_address(r, ADDRESS_IPV4);
	ip->dst = read_address(r, ADDRESS_IPV4);
	if (r->failed || version >> 4 != 4 || ip->header_len < 20)
		return false;
	read_view(r, ip->header_len - 20u);
	return !r->failed && ip->total_len >= ip->header_len;
}

static bool read_ipv6_fragment(struct reader *r, struct packet_ip *ip)
{
	uint16_t fragment;

	read_u8(r);
	fragment = read_u16(r);
	ip->id = read_u32(r);
	ip->fragment_offset = fragment & 0xfff8;
	ip->more_fragments = (fragment & 1) != 0;
	return !r->failed;
}

static bool read_ipv6_headers(struct reader *r, struct packet_ip *ip)
{
	for (int i = 0; i < IPV6_HEADERS_MAX; i++) {
		switch (ip->protocol) {
		case IPV6_HOPS:
		case IPV6_ROUTING:
		case IPV6_OPTIONS:
			ip->protocol = read_u8(r);
			read_view(r, read_u8(r) * 8u + 6u);
			break;
		case IPV6_FRAGMENT:
			ip->protocol = read_u8(r);
			if (!read_ipv6_fragment(r, ip))
				return false;
			break;
		default: return !r->failed;
		}
	}
	return false;
}

static bool read_ipv6(struct reader *r, struct packet_ip *ip)
{
	uint32_t first = read_u32(r);
	size_t start = r->at - 4;

	ip->id = first & 0xfffff;
	ip->total_len = (uint16_t)(read_u16(r) + 40u);
	ip->protocol = read_u8(r);
	ip->ttl = read_u8(r);
	ip->src = read_address(r, ADDRESS_IPV6);
	ip->dst = read_address(r, ADDRESS_IPV6);
	if (r->failed || first >> 28 != 6 || !read_ipv6_headers(r, ip))
		return false;
	ip->header_len = (uint16_t)(r->at - start);
	return ip->total_len >= ip->header_len;
}

/* Reads an IP header and the ports behind it. Returns false where the addresses cannot be told. */
static bool read_ip(struct reader *r, uint16_t type, struct packet *p, struct packet_ip *ip)
{
	size_t carried;

	if (type == ETHER_IPV6 ? !read_ipv6(r, ip) : !read_ipv4(r, ip))
		return false;
	carried = (size_t)ip->total_len - ip->header_len;
	ip->wire_len = (uint32_t)carried;
	ip->payload_len = reader_left(r) < carried ? reader_left(r) : carried;
	ip->payload = r->bytes + r->at;
	struct reader body = reader_of(ip->payload, ip->payload_len);

	ip->link_id =
	    type == ETHER_IPV6 && !packet_is_fragment(ip) ? record_line_ipv6_id(ip->protocol, body) : (uint16_t)ip->id;
	if (ip->fragment_offset != 0)
		return true;
	if (ip->protocol == PACKET_UDP)
		read_udp(&body, ip);
	else if (ip->protocol == PACKET_TCP)
		read_tcp(&body, p, ip);
	return true;
}

static void read_quote(struct reader r, struct packet *p)
{
	struct packet scratch = { .kind = PACKET_OTHER };
	uint16_t type = type_of_version(&r);

	p->has_quote = read_ip(&r, type, &scratch, &p->quote);
}

/* What a NAT rewrites in a TCP header or an ICMP echo: ports, checksum; the echo's identifier. */
static size_t rewritten_head(const struct packet *p, const struct packet_ip *ip)
{
	if (ip->fragment_offset != 0)
		return 0;
	if (ip->protocol == PACKET_TCP)
		return 4;
	return is_icmp(ip->protocol) && !p->has_quote ? 6 : 0;
}

/* A box that puts IPv6's fragments together, be it only to filter, gives them another identification. */
static bool keeps_id(const struct packet_ip *ip)
{
	return !packet_is_fragment(ip) || ip->src.address.family != ADDRESS_IPV6;
}

/*
 * IPv4's fragments are known by their identification and whether they are the first: a box that puts a datagram
 * together to translate it may cut it anew, elsewhere. All else by every byte that no NAT changes, and by the
 * identification where boxes keep that.
 */
uint64_t packet_key(const struct packet *p, const struct packet_ip *ip)
{
	uint64_t numbers = (keeps_id(ip) ? ip->id : 0) | (uint64_t)ip->protocol << 32, key;
	size_t skip = rewritten_head(p, ip);
	const uint8_t *bytes = ip->payload;
	size_t len = ip->payload_len;

	if (packet_is_fragment(ip) && keeps_id(ip) && ip->id != 0)
		return hash_u64(numbers | (uint64_t)(ip->fragment_offset == 0 ? FIRST_PIECE : LATER_PIECE) << 40) | 1;
	key = hash_u64(numbers | (uint64_t)ip->fragment_offset << 40);
	key = hash_u64(key ^ ip->wire_len);
	if (skip > len)
		skip = len;
	bytes += skip;
	len -= skip;
	if (ip->protocol == PACKET_TCP && skip == 4 && len >= 14) {
		key = hash_bytes(key, bytes, 12); /* up to the checksum */
		bytes += 14;
		len -= 14;
	}
	return hash_bytes(key, bytes, len) | 1;
}

/* An ICMP error's own payload holds translated addresses: it is known by what it quotes. */
static uint64_t key_of_error(const struct packet *p)
{
	uint64_t own = (uint64_t)p->ip.id << 16 | (uint64_t)p->icmp_type << 8 | p->icmp_code;
	uint64_t quoted = (uint64_t)p->quote.id << 8 | p->quote.protocol;
	uint64_t key = hash_u64(hash_u64(own) ^ quoted);

	if (p->quote.protocol != PACKET_UDP)
		return key | 1;
	return hash_bytes(key, p->quote.payload, p->quote.payload_len) | 1;
}

static bool quoted_whole(const struct packet_ip *quote)
{
	return quote->protocol == PACKET_UDP && quote->payload_len == quote->wire_len && quote->src.port != 0;
}

static bool is_to_many(const struct endpoint *e)
{
	return address_scope(&e->address) == ADDRESS_MULTICAST;
}

void packet_make_keys(struct packet *p)
{
	p->key = p->has_quote ? key_of_error(p) : packet_key(p, &p->ip);
	p->bytes_key = p->key;
	if (p->has_quote && quoted_whole(&p->quote))
		p->quote_key = packet_key(p, &p->quote);
}

void packet_parse(uint16_t link_type, const uint8_t *bytes, uint32_t captured, uint32_t length, struct packet *out)
{
	struct reader r = reader_of(bytes, captured);
	uint16_t type;

	(void)length;
	*out = (struct packet){ .kind = PACKET_OTHER };
	type = read_link(&r, link_type, out);
	if (r.failed || (type != ETHER_IPV4 && type != ETHER_IPV6)) {
		out->kind = type == ETHER_ARP && !r.failed ? PACKET_ARP : PACKET_OTHER;
		return;
	}
	if (!read_ip(&r, type, out, &out->ip)) {
		out->kind = PACKET_CUT;
		return;
	}
	if (icmp_is_of_link(out->ip.protocol, out->ip.payload, out->ip.payload_len)) {
		out->kind = PACKET_NEIGHBOURS;
		return;
	}
	out->kind = PACKET_IP;
	out->to_many |= is_to_many(&out->ip.dst);
	if (is_icmp(out->ip.protocol) && out->ip.fragment_offset == 0) {
		struct reader body = reader_of(out->ip.payload, out->ip.payload_len);

		read_icmp(&body, out, out->ip.protocol);
	}
	packet_make_keys(out);
}

const char *packet_protocol_name(uint8_t protocol, char text[16])
{
	switch (protocol) {
	case PACKET_UDP: return "udp";
	case PACKET_TCP: return "tcp";
	case PACKET_ICMP:
	case PACKET_ICMPV6: return "icmp";
	default: snprintf(text, 16, "ip %u", (unsigned)protocol); return text;
	}
}
