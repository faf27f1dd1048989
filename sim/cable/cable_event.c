#include "cable/cable_event.h"

#include "base/cursor.h"

#include <netinet/in.h>

#define ETHERNET_TYPE_AT 12
#define ETHERNET_IPV4 0x0800
#define ETHERNET_IPV6 0x86dd
#define IPV4_HEADER 20
#define FRAGMENT_OFFSET 0x1fff
#define IPV6_FRAGMENT_OFFSET 0xfff8
#define IPV6_FRAGMENT_MORE 1

static void read_addresses(struct reader *r, enum address_family family, struct record_flow *packet)
{
	size_t size = family == ADDRESS_IPV6 ? 16 : 4;

	packet->src.address.family = packet->dst.address.family = (uint8_t)family;
	read_bytes(r, packet->src.address.bytes, size);
	read_bytes(r, packet->dst.address.bytes, size);
}

/* Returns false for a later fragment, which has no ports; so does the other. */
static bool read_ipv4(struct reader *r, struct record_line *l)
{
	size_t header = (size_t)(read_u8(r) & 0xf) * 4;
	uint16_t fragment;

	read_view(r, 3);
	l->link.id = read_u16(r);
	fragment = read_u16(r);
	read_u8(r);
	l->link.protocol = read_u8(r);
	read_u16(r);
	read_addresses(r, ADDRESS_IPV4, &l->link.packet);
	read_view(r, header >= IPV4_HEADER ? header - IPV4_HEADER : r->len);
	return (fragment & FRAGMENT_OFFSET) == 0;
}

static bool read_ipv6(struct reader *r, struct record_line *l)
{
	uint16_t fragment = 0;
	uint32_t id = 0;

	read_view(r, 6);
	l->link.protocol = read_u8(r);
	read_u8(r);
	read_addresses(r, ADDRESS_IPV6, &l->link.packet);
	if (l->link.protocol == IPPROTO_FRAGMENT) {
		l->link.protocol = read_u8(r);
		read_u8(r);
		fragment = read_u16(r);
		id = read_u32(r);
	}
	l->link.id = (fragment & (IPV6_FRAGMENT_OFFSET | IPV6_FRAGMENT_MORE)) != 0
	                 ? (uint16_t)id
	                 : record_line_ipv6_id(l->link.protocol, *r);
	return (fragment & IPV6_FRAGMENT_OFFSET) == 0;
}

/* What tells an IP packet from others in the capture. Nothing is told of anything else. */
static void identify(const uint8_t *frame, size_t len, struct record_line *l)
{
	struct reader r = reader_of(frame, len);
	uint16_t type;
	bool has_ports;

	read_view(&r, ETHERNET_TYPE_AT);
	type = read_u16(&r);
	if (type != ETHERNET_IPV4 && type != ETHERNET_IPV6)
		return;
	has_ports = type == ETHERNET_IPV4 ? read_ipv4(&r, l) : read_ipv6(&r, l);
	if (has_ports && (l->link.protocol == IPPROTO_UDP || l->link.protocol == IPPROTO_TCP)) {
		l->link.packet.src.port = read_u16(&r);
		l->link.packet.dst.port = read_u16(&r);
	}
	if (r.failed)
		l->link.protocol = 0;
}

void cable_event_record(struct record *r, const struct cable_event *e)
{
	struct record_line line = { .type = RECORD_LINK,
		                    .link.link = e->link,
		                    .link.direction = e->direction,
		                    .link.n = e->n,
		                    .link.delay_us = e->delay_us,
		                    .link.fate = e->fate };

	identify(e->frame, e->len, &line);
	record_write(r, &line);
}

void cable_event_record_weather(struct record *r, const char *link, const struct weather *w, uint64_t seed)
{
	char text[WEATHER_TEXT_SIZE];

	record_write(r, &(struct record_line){ .type = RECORD_WEATHER,
	                                       .weather.link = link,
	                                       .weather.weather = weather_format(w, text),
	                                       .weather.seed = seed });
}
