#include "trace/explain_link.h"

#include "trace/manners.h"

#include <stdio.h>
#include <stdlib.h>

static const char *did(enum record_fate fate, bool one)
{
	if (fate == RECORD_DELAYED)
		return one ? "was held up on" : "were held up on";
	return fate == RECORD_DUPLICATED ? "came twice by" : "overtook others on";
}

static void say_change(FILE *f, const struct why *w, const struct link_change *change)
{
	const struct cause c = { .on_link = &change->first, .mapping = -1 };
	const struct cause_tale t = { w->scene, &w->mappings, &c };
	bool one = change->count == 1;

	fprintf(f, " %llu %s", (unsigned long long)change->count, did(change->first.fate, one));
	sentence_write(f,
	               one ? " the link {link}: {nth} ({weather})." : " the link {link}: the first {nth} ({weather}).",
	               &cause_words, &t);
}

/* Which way packets of the flow went on a link of the i-th node of its path; -1: on none of them. */
static int way_of(const struct why *w, const struct flow *flow, unsigned i, int link)
{
	int front = scene_wire(w->scene, flow->path[i], link, flow->arrived_ns);
	int before = i > 0 ? flow->path[i - 1] : -1, after = i + 1 < flow->path_len ? flow->path[i + 1] : -1;

	if (front < 0) /* the internet: up as long as it comes from behind the node */
		return i == 0 || (after >= 0 && scene_wire(w->scene, before, 0, flow->arrived_ns) == flow->path[i])
		           ? WEATHER_UP
		           : WEATHER_DOWN;
	return front == after ? WEATHER_UP : front == before ? WEATHER_DOWN : -1;
}

/* "alice to the internet outward by 35 ms and up to 10 ms more" */
static void say_delay(FILE *f, const struct why *w, const struct link_weather *l, enum weather_direction direction)
{
	const struct weather_way *way = &l->weather.ways[direction];
	const struct link_event where = { .node = l->node, .link = l->link, .time_ns = l->time_ns };
	const struct cause c = { .on_link = &where, .mapping = -1 };
	const struct cause_tale t = { w->scene, &w->mappings, &c };

	if (way->delay_us == 0 && way->jitter_us == 0)
		return;
	sentence_write(f, " The link {link} takes ", &cause_words, &t);
	fprintf(f, "%g ms", way->delay_us / 1e3);
	if (way->jitter_us > 0)
		fprintf(f, " and up to %g ms more", way->jitter_us / 1e3);
	fprintf(f, " %s.", direction == WEATHER_UP ? "outward" : "inward");
}

/* The weather of a link is what was last said of it before the way opened. */
static bool is_newest(const struct link_fates *fates, const struct link_weather *l, uint64_t time_ns)
{
	const struct link_event at = { .node = l->node, .link = l->link, .time_ns = time_ns };

	return link_fates_weather(fates, &at) == l;
}

static void say_delays(FILE *f, const struct why *w, const struct flow *flow)
{
	const struct link_fates *fates = &w->mappings.events->links;

	for (unsigned i = 0; flow != NULL && i < flow->path_len; i++)
		for (size_t k = 0; k < fates->weather_count; k++) {
			const struct link_weather *l = &fates->weathers[k];
			int way = l->node == flow->path[i] ? way_of(w, flow, i, l->link) : -1;

			if (way >= 0 && is_newest(fates, l, flow->arrived_ns))
				say_delay(f, w, l, (enum weather_direction)way);
		}
}

static void say_clobbered(FILE *f, const struct why *w, const struct direction *d)
{
	const char *name = d->clobbered > 0 ? w->scene->nodes[d->clobberer].name : "";

	if (d->clobbered > 0 && manners_clobber(w->scene, d->clobberer))
		fprintf(f,
		        " %llu came with %s's own address in the payload rewritten to the inside one: it clobbers "
		        "(RFC 4787 REQ-10).",
		        (unsigned long long)d->clobbered, name);
	else if (d->clobbered > 0)
		fprintf(f,
		        " %llu came with a payload that %s had rewritten (an ALG, which RFC 4787 REQ-10 wants turned "
		        "off).",
		        (unsigned long long)d->clobbered, name);
}

void explain_link(FILE *f, const struct why *w, const struct direction *d)
{
	char *text = NULL;
	size_t len = 0;
	FILE *said = open_memstream(&text, &len);

	if (said == NULL)
		return;
	for (unsigned i = 0; i < d->changes.count; i++)
		say_change(said, w, &d->changes.list[i]);
	say_delays(said, w, d->opened_by);
	say_clobbered(said, w, d);
	fclose(said);
	if (len > 0)
		fprintf(f, "Of what %s sent:%s\n", scene_name(w->scene, d->from), text);
	free(text);
}
