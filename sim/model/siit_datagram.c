#include "model/siit_datagram.h"

enum { HOP_OPTIONS = 0, ROUTING = 43, FRAGMENT = 44, DESTINATION_OPTIONS = 60 };

#define EXTENSIONS_MAX 8

uint32_t siit_sum(const uint8_t *bytes, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i + 1 < len; i += 2)
		sum += (uint32_t)(bytes[i] << 8 | bytes[i + 1]);
	return len % 2 == 0 ? sum : sum + (uint32_t)(bytes[len - 1] << 8);
}

uint16_t siit_fold(uint32_t sum)
{
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

static struct address read_address(struct reader *r, enum address_family family)
{
	struct address a = { .family = (uint8_t)family };

	read_bytes(r, a.bytes, family == ADDRESS_IPV6 ? 16 : 4);
	return a;
}

/* What is told may not be there as a whole, where it is a quotation. */
static bool read_body(struct reader *r, struct siit_datagram *d)
{
	d->body_len = reader_left(r) < d->told_len ? reader_left(r) : d->told_len;
	d->body = r->failed ? NULL : r->bytes + r->at;
	return !r->failed;
}

/* A source route that is not at its end (§4.1): the pointer is behind the last address of the option. */
static bool has_route(struct reader options)
{
	while (reader_left(&options) > 0) {
		uint8_t type = read_u8(&options), len, pointer;

		if (type == 0)
			return false;
		if (type == 1)
			continue;
		len = read_u8(&options);
		if (type == 131 || type == 137) {
			pointer = read_u8(&options);
			return pointer <= len;
		}
		read_view(&options, len >= 2 ? len - 2u : SIZE_MAX);
	}
	return false;
}

static bool read_ipv4(struct reader *r, struct siit_datagram *d)
{
	uint8_t version = read_u8(r);
	size_t header_len = (version & (size_t)15) * 4;
	uint16_t told, fragment;
	struct reader options;

	d->traffic_class = read_u8(r);
	told = read_u16(r);
	d->id = read_u16(r);
	fragment = read_u16(r);
	d->dont_fragment = (fragment & 0x4000) != 0;
	d->more = (fragment & 0x2000) != 0;
	d->offset = (uint16_t)((fragment & 0x1fff) * 8);
	d->is_fragment = d->more || d->offset != 0;
	d->hops = read_u8(r);
	d->protocol = read_u8(r);
	read_u16(r);
	d->src = read_address(r, ADDRESS_IPV4);
	d->dst = read_address(r, ADDRESS_IPV4);
	if (r->failed || version >> 4 != 4 || header_len < SIIT_IPV4_HEADER || told < header_len)
		return false;
	options = read_part(r, header_len - SIIT_IPV4_HEADER);
	d->told_len = told - header_len;
	return !has_route(options) && read_body(r, d);
}

static void read_fragment(struct reader *r, struct siit_datagram *d)
{
	uint16_t fragment;

	d->protocol = read_u8(r);
	read_u8(r);
	fragment = read_u16(r);
	d->offset = fragment & 0xfff8;
	d->more = (fragment & 1) != 0;
	d->id = read_u32(r);
	d->is_fragment = true;
}

/* Left out of what is translated. Returns whether what is behind them is to be. */
static bool read_extensions(struct reader *r, struct siit_datagram *d)
{
	for (int i = 0; i < EXTENSIONS_MAX && !r->failed; i++) {
		uint8_t type = d->protocol, len;

		if (type == FRAGMENT) {
			read_fragment(r, d);
			continue;
		}
		if (type != HOP_OPTIONS && type != ROUTING && type != DESTINATION_OPTIONS)
			return true;
		if (d->offset != 0 || d->more) /* without it the fragments behind would begin elsewhere */
			return false;
		d->protocol = read_u8(r);
		len = read_u8(r);
		read_u8(r);
		if (type == ROUTING && read_u8(r) != 0)
			return false;
		read_view(r, len * 8u + (type == ROUTING ? 4u : 5u));
	}
	return false;
}

static bool read_ipv6(struct reader *r, struct siit_datagram *d)
{
	uint32_t first = read_u32(r);
	size_t told = read_u16(r), begin;

	d->traffic_class = (uint8_t)(first >> 20);
	d->protocol = read_u8(r);
	d->hops = read_u8(r);
	d->src = read_address(r, ADDRESS_IPV6);
	d->dst = read_address(r, ADDRESS_IPV6);
	begin = r->at;
	if (r->failed || first >> 28 != 6 || !read_extensions(r, d) || told < r->at - begin)
		return false;
	d->told_len = told - (r->at - begin);
	return read_body(r, d);
}

static void write_ipv4(struct writer *w, const struct siit_datagram *d)
{
	size_t begin = w->len;

	write_u8(w, 0x45);
	write_u8(w, d->traffic_class);
	write_u16(w, (uint16_t)(d->told_len + SIIT_IPV4_HEADER));
	write_u16(w, (uint16_t)d->id);
	write_u16(w, (uint16_t)(d->offset / 8 | (d->more ? 0x2000 : 0) | (d->dont_fragment ? 0x4000 : 0)));
	write_u8(w, d->hops);
	write_u8(w, d->protocol);
	write_u16(w, 0);
	write_bytes(w, d->src.bytes, 4);
	write_bytes(w, d->dst.bytes, 4);
	if (!w->failed)
		rewrite_u16(w, begin + 10, (uint16_t)~siit_fold(siit_sum(w->bytes + begin, SIIT_IPV4_HEADER)));
}

/* The flow label is zero (§4.1). */
static void write_ipv6(struct writer *w, const struct siit_datagram *d)
{
	write_u32(w, 6u << 28 | (uint32_t)d->traffic_class << 20);
	write_u16(w, (uint16_t)(d->told_len + (d->is_fragment ? SIIT_FRAGMENT_HEADER : 0)));
	write_u8(w, d->is_fragment ? FRAGMENT : d->protocol);
	write_u8(w, d->hops);
	write_bytes(w, d->src.bytes, 16);
	write_bytes(w, d->dst.bytes, 16);
	if (!d->is_fragment)
		return;
	write_u8(w, d->protocol);
	write_u8(w, 0);
	write_u16(w, (uint16_t)(d->offset | (d->more ? 1 : 0)));
	write_u32(w, d->id);
}

bool siit_read(struct reader *r, struct siit_datagram *d)
{
	*d = (struct siit_datagram){ .body = NULL };
	if (reader_left(r) == 0)
		return false;
	return r->bytes[r->at] >> 4 == 6 ? read_ipv6(r, d) : read_ipv4(r, d);
}

void siit_write_header(struct writer *w, const struct siit_datagram *d)
{
	if (d->src.family == ADDRESS_IPV6)
		write_ipv6(w, d);
	else
		write_ipv4(w, d);
}
