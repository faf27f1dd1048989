/*
 * What links did to packets, as the record tells: which packet of the link it was, and in what weather. A packet that
 * was lost is known by its addresses and its identification, as the last capture of it has them.
 */
#ifndef LINK_FATES_H
#define LINK_FATES_H

#include "evidence/record_line.h"
#include "model/weather.h"
#include "trace/journey.h"

/* A packet that a link lost. */
struct link_loss {
	uint64_t time_ns;
	int node, link; /* whose link it is */
	enum weather_direction direction;
	enum record_fate fate;
	uint64_t n; /* which packet of the link in that direction, from 1 */
	uint8_t protocol;
	uint16_t id;
	struct endpoint src, dst;
};

/* What a link was like from then on. */
struct link_weather {
	uint64_t time_ns;
	int node, link;
	struct weather weather;
	uint64_t seed;
};

struct link_fates {
	struct link_loss *losses;
	size_t loss_count;
	struct link_weather *weathers;
	size_t weather_count;
};

/* Takes a line RECORD_LINK or RECORD_WEATHER. False for one that cannot be used. */
bool link_fates_take(struct link_fates *f, const struct scene *s, const struct record_line *l);

/* Once all are taken, before the next two. */
void link_fates_sort(struct link_fates *f);

/* The loss that ended a journey, or NULL. */
const struct link_loss *link_fates_find(const struct link_fates *f, const struct journey *j);

/* The weather on a link when it lost that packet, or NULL. */
const struct link_weather *link_fates_weather(const struct link_fates *f, const struct link_loss *l);

void link_fates_free(struct link_fates *f);

#endif
