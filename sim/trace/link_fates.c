#include "trace/link_fates.h"

#include "base/array.h"
#include "trace/nat64.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The longest a packet can have waited for its turn on a link, and how much the clocks of two processes may differ. */
#define WAIT_NS UINT64_C(180000000000)
#define EARLY_NS UINT64_C(5000000)

/* --- taken ----------------------------------------------------------------------------------- */

/* "nat-a wan", as its interface is called. */
static bool find_place(const struct scene *s, const char *name, int *node, int *link)
{
	char text[2 * SCENE_NAME_SIZE];
	char *space;

	snprintf(text, sizeof text, "%s", name);
	space = strrchr(text, ' ');
	if (space == NULL)
		return false;
	*space = '\0';
	*node = scene_find(s, text);
	*link = *node >= 0 ? scene_find_link(s, *node, space + 1) : -1;
	return *link >= 0;
}

static bool is_loss(enum record_fate fate)
{
	switch (fate) {
	case RECORD_LOST:
	case RECORD_FULL:
	case RECORD_DROPPED:
	case RECORD_SWALLOWED:
	case RECORD_CUT:
	case RECORD_DISABLED: return true;
	case RECORD_DELAYED:
	case RECORD_DUPLICATED:
	case RECORD_OVERTOOK: break;
	}
	return false;
}

static bool take_event(struct link_fates *f, const struct scene *s, const struct record_line *l)
{
	struct link_event one = { .time_ns = l->time_ns,
		                  .direction = l->link.direction,
		                  .fate = l->link.fate,
		                  .n = l->link.n,
		                  .protocol = l->link.protocol,
		                  .id = l->link.id,
		                  .src = l->link.packet.src,
		                  .dst = l->link.packet.dst,
		                  .delay_us = l->link.delay_us };
	struct link_events *events = is_loss(one.fate) ? &f->losses : &f->changes;
	struct link_event *kept;

	if (one.protocol == 0)
		return true;
	if (!find_place(s, l->link.link, &one.node, &one.link))
		return false;
	kept = array_add(&events->list, &events->count, sizeof one);
	if (kept != NULL)
		*kept = one;
	return kept != NULL;
}

static bool take_weather(struct link_fates *f, const struct scene *s, const struct record_line *l)
{
	struct link_weather one = { .time_ns = l->time_ns, .seed = l->weather.seed }, *kept;
	char error[WEATHER_ERROR_SIZE];

	if (!find_place(s, l->weather.link, &one.node, &one.link) ||
	    weather_parse(l->weather.weather, &one.weather, error) != 0)
		return false;
	kept = array_add(&f->weathers, &f->weather_count, sizeof one);
	if (kept != NULL)
		*kept = one;
	return kept != NULL;
}

bool link_fates_take(struct link_fates *f, const struct scene *s, const struct record_line *l)
{
	return l->type == RECORD_LINK ? take_event(f, s, l) : take_weather(f, s, l);
}

/* --- looked up ------------------------------------------------------------------------------- */

static int compare_endpoints(const struct endpoint *a, const struct endpoint *b)
{
	int order = memcmp(a->address.bytes, b->address.bytes, sizeof a->address.bytes);

	return order != 0 ? order : (int)a->port - (int)b->port;
}

static int compare_packets(const struct link_event *a, const struct link_event *b)
{
	int order = compare_endpoints(&a->src, &b->src);

	if (order == 0)
		order = compare_endpoints(&a->dst, &b->dst);
	if (order == 0)
		order = (int)a->id - (int)b->id;
	return order != 0 ? order : (int)a->protocol - (int)b->protocol;
}

static int by_packet(const void *a, const void *b)
{
	const struct link_event *x = a, *y = b;
	int order = compare_packets(x, y);

	return order != 0 ? order : (x->time_ns > y->time_ns) - (x->time_ns < y->time_ns);
}

static void sort(const struct link_events *e)
{
	if (e->count > 0)
		qsort(e->list, e->count, sizeof *e->list, by_packet);
}

void link_fates_sort(struct link_fates *f)
{
	sort(&f->losses);
	sort(&f->changes);
}

/* The first that is not before it. */
static size_t lower_bound(const struct link_events *e, const struct link_event *like)
{
	size_t low = 0, high = e->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (by_packet(&e->list[middle], like) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* What was done to the packet of that leg from then on. Later fragments bear no ports, there as here. */
static const struct link_event *find_event(const struct link_events *e, const struct scene *s, const struct journey *j,
                                           const struct leg *leg)
{
	const struct leg seen = nat64_as_seen(s, leg);
	bool was_icmpv6 = leg->is_nat64 && j->protocol == PACKET_ICMP;
	struct link_event like = { .protocol = was_icmpv6 ? PACKET_ICMPV6 : j->protocol,
		                   .id = leg->link_id,
		                   .src = seen.src,
		                   .dst = seen.dst };
	size_t i;

	like.time_ns = leg->time_ns > EARLY_NS ? leg->time_ns - EARLY_NS : 0;
	i = lower_bound(e, &like);
	if (i < e->count && compare_packets(&e->list[i], &like) == 0 && e->list[i].time_ns <= leg->time_ns + WAIT_NS)
		return &e->list[i];
	return NULL;
}

const struct link_event *link_fates_find(const struct link_fates *f, const struct scene *s, const struct journey *j)
{
	return find_event(&f->losses, s, j, journey_last(j));
}

/* Done between two captures of it: what comes later was done to another of that identification. */
const struct link_event *link_fates_change(const struct link_fates *f, const struct scene *s, const struct journey *j)
{
	const struct link_event *found = NULL;

	for (unsigned i = 0; f->changes.count > 0 && i < j->leg_count && found == NULL; i++)
		found = find_event(&f->changes, s, j, &j->legs[i]);
	return found != NULL && found->time_ns <= journey_last(j)->time_ns + EARLY_NS ? found : NULL;
}

bool link_event_is_like(const struct link_event *a, const struct link_event *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return a->node == b->node && a->link == b->link && a->direction == b->direction && a->fate == b->fate;
}

void link_changes_add(struct link_changes *c, const struct link_event *first, uint64_t count)
{
	unsigned i = 0;

	while (i < c->count && !link_event_is_like(&c->list[i].first, first))
		i++;
	if (i == LINK_CHANGES)
		return;
	if (i == c->count)
		c->list[c->count++] = (struct link_change){ .first = *first };
	c->list[i].count += count;
	if (first->time_ns < c->list[i].first.time_ns)
		c->list[i].first = *first;
}

const struct link_weather *link_fates_weather(const struct link_fates *f, const struct link_event *l)
{
	const struct link_weather *found = NULL;

	for (size_t i = 0; i < f->weather_count; i++) {
		const struct link_weather *w = &f->weathers[i];

		if (w->node == l->node && w->link == l->link && w->time_ns <= l->time_ns &&
		    (found == NULL || w->time_ns >= found->time_ns))
			found = w;
	}
	return found;
}

void link_fates_free(struct link_fates *f)
{
	free(f->losses.list);
	free(f->changes.list);
	free(f->weathers);
	*f = (struct link_fates){ 0 };
}
