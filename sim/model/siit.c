#include "model/siit.h"

#include "base/cursor.h"
#include "model/siit_datagram.h"
#include "model/siit_icmp.h"

#include <string.h>

#define PIECE ((size_t)(SIIT_IPV6_MTU_MIN - SIIT_IPV6_HEADER - SIIT_FRAGMENT_HEADER) / 8 * 8)
#define UNFRAGMENTED_MAX                                                                                               \
	(SIIT_IPV6_MTU_MIN - SIIT_IPV6_HEADER + SIIT_IPV4_HEADER) /* of IPv4, that may be cut up (§5.1) */

/* --- sums ------------------------------------------------------------------------------------ */

/* Of the pseudo header's addresses. */
static uint32_t sum_of_addresses(const struct siit_datagram *d)
{
	return siit_sum(d->src.bytes, sizeof d->src.bytes) + siit_sum(d->dst.bytes, sizeof d->dst.bytes);
}

static uint16_t get_u16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static void put_u16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/* --- addresses ------------------------------------------------------------------------------- */

static const struct siit_host *find_host(const struct siit *s, const struct address *a)
{
	for (size_t i = 0; i < s->host_count; i++)
		if (address_equal(a->family == ADDRESS_IPV6 ? &s->hosts[i].ipv6 : &s->hosts[i].ipv4, a))
			return &s->hosts[i];
	return NULL;
}

struct address siit_address(const struct siit *s, const struct address *a)
{
	const struct siit_host *host = find_host(s, a);
	struct address ipv4 = *a;

	if (host != NULL)
		return a->family == ADDRESS_IPV6 ? host->ipv4 : host->ipv6;
	if (a->family == ADDRESS_IPV6 && !nat64_extract(&s->prefix, a, &ipv4))
		return (struct address){ 0 };
	if (address_scope(&ipv4) != ADDRESS_GLOBAL) /* RFC 6052 §3.1 */
		return (struct address){ 0 };
	return a->family == ADDRESS_IPV6 ? ipv4 : nat64_embed(&s->prefix, &ipv4);
}

static bool is_error(const struct siit_datagram *d)
{
	return d->body_len > 0 && ((d->protocol == SIIT_ICMP && siit_icmp_is_error(false, d->body[0])) ||
	                           (d->protocol == SIIT_ICMPV6 && siit_icmp_is_error(true, d->body[0])));
}

/* --- what differs but for the addresses ------------------------------------------------------ */

/* §4.1, §5.1. What was no fragment and is short enough may be cut up on its way. */
static void translate_header(struct siit *s, const struct siit_datagram *from, struct siit_datagram *to)
{
	if (to->protocol == SIIT_ICMP || to->protocol == SIIT_ICMPV6)
		to->protocol = from->src.family == ADDRESS_IPV6 ? SIIT_ICMP : SIIT_ICMPV6;
	if (from->src.family == ADDRESS_IPV4 || from->is_fragment) {
		to->dont_fragment = false;
		return;
	}
	to->dont_fragment = from->told_len + SIIT_IPV4_HEADER > UNFRAGMENTED_MAX;
	to->id = to->dont_fragment ? 0 : s->next_id++;
}

/* Where the checksum stands that covers the addresses; 0: there is none. */
static size_t checksum_place(const struct siit_datagram *d)
{
	size_t place = d->protocol == SIIT_UDP ? 6 : d->protocol == SIIT_TCP ? 16 : 0;

	return d->offset == 0 && place + 2 <= d->body_len ? place : 0;
}

/* Of a whole datagram of UDP that came without. */
static void give_checksum(const struct siit_datagram *to, uint8_t *body)
{
	uint32_t sum = sum_of_addresses(to) + to->protocol + (uint32_t)to->told_len + siit_sum(body, to->body_len);
	uint16_t checksum = (uint16_t)~siit_fold(sum);

	put_u16(body + 6, checksum == 0 ? 0xffff : checksum);
}

/* RFC 1624; false where it cannot be had: IPv6 wants one (§4.5). A quotation is as whole as it is. */
static bool adjust_checksum(const struct siit_datagram *from, const struct siit_datagram *to, uint8_t *body,
                            bool is_quoted)
{
	size_t place = checksum_place(from);
	uint16_t old, new;

	if (place == 0)
		return true;
	old = get_u16(body + place);
	if (to->protocol == SIIT_UDP && old == 0) {
		if (to->src.family == ADDRESS_IPV4 || is_quoted)
			return true;
		if (to->is_fragment)
			return false;
		give_checksum(to, body);
		return true;
	}
	new = (uint16_t)~siit_fold((uint32_t)(uint16_t)~old + (uint16_t)~siit_fold(sum_of_addresses(from)) +
	                           siit_fold(sum_of_addresses(to)));
	put_u16(body + place, to->protocol == SIIT_UDP && new == 0 ? 0xffff : new);
	return true;
}

/* --- SIIT_ICMP ------------------------------------------------------------------------------------ */

/* What only ICMPv6's covers: a pseudo header. */
static uint32_t sum_of_pseudo(const struct siit_datagram *d, size_t len)
{
	return d->src.family == ADDRESS_IPV4 ? 0 : sum_of_addresses(d) + SIIT_ICMPV6 + (uint32_t)len;
}

static uint32_t sum_of_icmp(const struct siit_datagram *d, const uint8_t *body, size_t len)
{
	return siit_sum(body, len) + sum_of_pseudo(d, len);
}

/* A quoted message of ICMP, which may not be there to its end. Of a fragment nobody knows the whole length. */
static void translate_quoted_icmp(const struct siit_datagram *from, const struct siit_datagram *to, uint8_t *body)
{
	bool is_ipv6 = from->src.family == ADDRESS_IPV6;
	uint16_t old = from->body_len >= 2 ? get_u16(body) : 0;

	if ((to->protocol != SIIT_ICMP && to->protocol != SIIT_ICMPV6) || to->offset != 0 || from->body_len == 0)
		return;
	body[0] = siit_icmp_echo(is_ipv6, body[0]);
	if (from->is_fragment || from->body_len < 4)
		return;
	put_u16(body + 2, (uint16_t)~siit_fold((uint32_t)(uint16_t)~get_u16(body + 2) + (uint16_t)~old +
	                                       (uint16_t)~siit_fold(sum_of_pseudo(from, from->told_len)) +
	                                       get_u16(body) + siit_fold(sum_of_pseudo(to, to->told_len))));
}

/* The head of the packet that an error is about, as whoever sent it knows it. */
static bool quote(struct siit *s, const struct siit_datagram *error, struct writer *w)
{
	struct reader r = reader_of(error->body + 8, error->body_len - 8);
	uint16_t next_id = s->next_id;
	struct siit_datagram from, to;
	size_t begin;

	if (!siit_read(&r, &from) || from.src.family != error->src.family)
		return false;
	to = from;
	to.src = siit_address(s, &from.src);
	to.dst = siit_address(s, &from.dst);
	if (to.src.family == ADDRESS_NONE || to.dst.family == ADDRESS_NONE)
		return false;
	translate_header(s, &from, &to);
	s->next_id = next_id; /* nothing is sent */
	siit_write_header(w, &to);
	begin = w->len;
	write_bytes(w, from.body, from.body_len);
	if (w->failed)
		return false;
	translate_quoted_icmp(&from, &to, w->bytes + begin);
	return adjust_checksum(&from, &to, w->bytes + begin, true);
}

/* Writes the message; `to` gets its length. */
static bool translate_icmp(struct siit *s, const struct siit_datagram *from, struct siit_datagram *to, struct writer *w)
{
	bool is_ipv6 = from->src.family == ADDRESS_IPV6;
	struct siit_icmp message;
	size_t begin = w->len;

	if (from->is_fragment || from->body_len < 8 ||
	    siit_fold(sum_of_icmp(from, from->body, from->body_len)) != 0xffff)
		return false;
	message = (struct siit_icmp){ .type = from->body[0],
		                      .code = from->body[1],
		                      .rest = (uint32_t)get_u16(from->body + 4) << 16 | get_u16(from->body + 6),
		                      .quoted_len = from->body_len >= 12 ? get_u16(from->body + 10) : 0 };
	if (!siit_icmp_translate(is_ipv6, &message))
		return false;
	write_u8(w, message.type);
	write_u8(w, message.code);
	write_u16(w, 0);
	write_u32(w, message.rest);
	if (!is_error(from))
		write_bytes(w, from->body + 8, from->body_len - 8);
	else if (!quote(s, from, w))
		return false;
	to->told_len = to->body_len = w->len - begin;
	if (!w->failed)
		put_u16(w->bytes + begin + 2, (uint16_t)~siit_fold(sum_of_icmp(to, w->bytes + begin, to->body_len)));
	return !w->failed;
}

/* --- the whole ------------------------------------------------------------------------------- */

/* Who reports an error may be a router that only the one family knows; else inside and outside are who they must be. */
static bool translate_ends(const struct siit *s, const struct siit_datagram *from, struct siit_datagram *to)
{
	bool is_ipv6 = from->src.family == ADDRESS_IPV6, goes_out = is_ipv6 != s->is_client;

	to->src = siit_address(s, &from->src);
	to->dst = siit_address(s, &from->dst);
	if (to->src.family == ADDRESS_NONE && is_error(from))
		to->src = is_ipv6 ? s->own_ipv4 : s->own_ipv6;
	if (to->src.family == ADDRESS_NONE || to->dst.family == ADDRESS_NONE)
		return false;
	return goes_out ? find_host(s, &from->dst) == NULL && (is_error(from) || find_host(s, &from->src) != NULL)
	                : find_host(s, &from->dst) != NULL;
}

static bool translate_body(struct siit *s, const struct siit_datagram *from, struct siit_datagram *to, struct writer *w)
{
	size_t begin = w->len;

	if (from->protocol == SIIT_ICMP || from->protocol == SIIT_ICMPV6)
		return from->protocol == (from->src.family == ADDRESS_IPV6 ? SIIT_ICMPV6 : SIIT_ICMP) &&
		       translate_icmp(s, from, to, w);
	write_bytes(w, from->body, from->body_len);
	return !w->failed && adjust_checksum(from, to, w->bytes + begin, false);
}

static bool put_piece(const struct siit_datagram *to, const uint8_t *body, size_t begin, size_t len, bool more,
                      struct siit_packet *out)
{
	struct writer w = writer_of(out->bytes, sizeof out->bytes);
	struct siit_datagram piece = *to;

	piece.is_fragment = true;
	piece.offset = (uint16_t)(to->offset + begin);
	piece.more = more;
	piece.told_len = len;
	siit_write_header(&w, &piece);
	write_bytes(&w, body + begin, len);
	out->len = w.len;
	return !w.failed;
}

/* What may be cut up is, where IPv6's least links would not take it (§4). */
static size_t cut_up(const struct siit_datagram *to, const uint8_t *body, struct siit_packet out[SIIT_PIECES])
{
	return put_piece(to, body, 0, PIECE, true, &out[0]) &&
	               put_piece(to, body, PIECE, to->told_len - PIECE, to->more, &out[1])
	           ? 2
	           : 0;
}

size_t siit_translate(struct siit *s, const uint8_t *packet, size_t len, struct siit_packet out[SIIT_PIECES])
{
	struct reader r = reader_of(packet, len);
	struct siit_datagram from, to;
	uint8_t body[SIIT_PACKET_SIZE];
	struct writer w = writer_of(body, sizeof body);
	struct writer whole = writer_of(out->bytes, sizeof out->bytes);

	if (!siit_read(&r, &from) || from.body_len < from.told_len || from.hops == UINT8_MAX)
		return 0;
	to = from;
	to.hops = (uint8_t)(from.hops + 1);
	if (!translate_ends(s, &from, &to))
		return 0;
	translate_header(s, &from, &to);
	if (!translate_body(s, &from, &to, &w))
		return 0;
	if (to.src.family == ADDRESS_IPV6 && !from.dont_fragment &&
	    SIIT_IPV6_HEADER + (to.is_fragment ? SIIT_FRAGMENT_HEADER : 0) + to.told_len > SIIT_IPV6_MTU_MIN)
		return cut_up(&to, body, out);
	siit_write_header(&whole, &to);
	write_bytes(&whole, body, to.told_len);
	out->len = whole.len;
	return whole.failed ? 0 : 1;
}
