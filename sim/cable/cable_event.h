/* What the cable does to packets, as lines of the world's record. */
#ifndef CABLE_EVENT_H
#define CABLE_EVENT_H

#include "evidence/record.h"

struct cable_event {
	enum record_fate fate;
	const char *link; /* "nat-a wan" */
	enum weather_direction direction;
	uint32_t delay_us;    /* RECORD_DELAYED: so much later */
	uint64_t n;           /* which packet of the link in that direction, from 1 */
	const uint8_t *frame; /* Ethernet */
	size_t len;
};

void cable_event_record(struct record *r, const struct cable_event *e);

void cable_event_record_weather(struct record *r, const char *link, const struct weather *w, uint64_t seed);

#endif
