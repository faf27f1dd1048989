/*
 * What links did to packets, as the record tells: which packet of the link it was, and in what weather. A packet is
 * known by its addresses, those that were on the wire, and its identification or checksum, as the capture of it before
 * that link has them.
 */
#ifndef LINK_FATES_H
#define LINK_FATES_H

#include "evidence/record_line.h"
#include "model/weather.h"
#include "trace/journey.h"

/* What a link did to a packet: lost it, held it up, doubled it, let it overtake. */
struct link_event {
	uint64_t time_ns;
	int node, link; /* whose link it is */
	enum weather_direction direction;
	enum record_fate fate;
	uint64_t n; /* which packet of the link in that direction, from 1 */
	uint8_t protocol;
	uint16_t id;
	struct endpoint src, dst;
	uint32_t delay_us; /* RECORD_DELAYED: so much later */
};

/* What a link was like from then on. */
struct link_weather {
	uint64_t time_ns;
	int node, link;
	struct weather weather;
	uint64_t seed;
};

struct link_events {
	struct link_event *list;
	size_t count;
};

struct link_fates {
	struct link_events losses, changes; /* what never arrived; what did, but not as it was sent */
	struct link_weather *weathers;
	size_t weather_count;
};

/* Takes a line RECORD_LINK or RECORD_WEATHER. False for one that cannot be used. */
bool link_fates_take(struct link_fates *f, const struct scene *s, const struct record_line *l);

/* Once all are taken, before the next two. */
void link_fates_sort(struct link_fates *f);

/* The loss that ended a journey, or NULL. */
const struct link_event *link_fates_find(const struct link_fates *f, const struct scene *s, const struct journey *j);

/* What a link did to a packet that arrived, the first that did anything; or NULL. */
const struct link_event *link_fates_change(const struct link_fates *f, const struct scene *s, const struct journey *j);

/* True for the same done by the same link in the same direction; NULL is like NULL. */
bool link_event_is_like(const struct link_event *a, const struct link_event *b);

/* How often links did what to packets of one flow, or several. */
#define LINK_CHANGES 6
struct link_changes {
	struct link_change {
		struct link_event first;
		uint64_t count;
	} list[LINK_CHANGES]; /* of further kinds nothing is told */
	unsigned count;
};

void link_changes_add(struct link_changes *c, const struct link_event *first, uint64_t count);

/* The weather on a link when it did that to a packet, or NULL. */
const struct link_weather *link_fates_weather(const struct link_fates *f, const struct link_event *l);

void link_fates_free(struct link_fates *f);

#endif
