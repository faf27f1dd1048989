#include "cable/cable_event.h"

#include "base/cursor.h"

#include <netinet/in.h>

#define ETHERNET_TYPE_AT 12
#define ETHERNET_IPV4 0x0800
#define IPV4_HEADER 20
#define FRAGMENT_OFFSET 0x1fff

/* What tells an IPv4 packet from others in the capture. Nothing is told of anything else. */
static void identify(const uint8_t *frame, size_t len, struct record_line *l)
{
	struct reader r = reader_of(frame, len);
	struct endpoint *src = &l->link.packet.src, *dst = &l->link.packet.dst;
	size_t header;
	uint16_t fragment;
	uint8_t protocol;

	read_view(&r, ETHERNET_TYPE_AT);
	if (read_u16(&r) != ETHERNET_IPV4)
		return;
	header = (size_t)(read_u8(&r) & 0xf) * 4;
	read_view(&r, 3);
	l->link.id = read_u16(&r);
	fragment = read_u16(&r);
	read_u8(&r);
	protocol = read_u8(&r);
	read_u16(&r);
	src->address.family = dst->address.family = ADDRESS_IPV4;
	read_bytes(&r, src->address.bytes, 4);
	read_bytes(&r, dst->address.bytes, 4);
	read_view(&r, header >= IPV4_HEADER ? header - IPV4_HEADER : len);
	if ((fragment & FRAGMENT_OFFSET) == 0 && (protocol == IPPROTO_UDP || protocol == IPPROTO_TCP)) {
		src->port = read_u16(&r);
		dst->port = read_u16(&r);
	}
	if (!r.failed)
		l->link.protocol = protocol;
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
