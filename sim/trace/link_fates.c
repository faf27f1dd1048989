#include "trace/link_fates.h"

#include "base/array.h"

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

static bool take_loss(struct link_fates *f, const struct scene *s, const struct record_line *l)
{
	struct link_loss one = { .time_ns = l->time_ns,
		                 .direction = l->link.direction,
		                 .fate = l->link.fate,
		                 .n = l->link.n,
		                 .protocol = l->link.protocol,
		                 .id = l->link.id,
		                 .src = l->link.packet.src,
		                 .dst = l->link.packet.dst };
	struct link_loss *kept;

	if (!is_loss(one.fate) || one.protocol == 0)
		return true;
	if (!find_place(s, l->link.link, &one.node, &one.link))
		return false;
	kept = array_add(&f->losses, &f->loss_count, sizeof one);
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
	return l->type == RECORD_LINK ? take_loss(f, s, l) : take_weather(f, s, l);
}

/* --- looked up ------------------------------------------------------------------------------- */

static int compare_endpoints(const struct endpoint *a, const struct endpoint *b)
{
	int order = memcmp(a->address.bytes, b->address.bytes, sizeof a->address.bytes);

	return order != 0 ? order : (int)a->port - (int)b->port;
}

static int compare_packets(const struct link_loss *a, const struct link_loss *b)
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
	const struct link_loss *x = a, *y = b;
	int order = compare_packets(x, y);

	return order != 0 ? order : (x->time_ns > y->time_ns) - (x->time_ns < y->time_ns);
}

void link_fates_sort(struct link_fates *f)
{
	if (f->loss_count > 0)
		qsort(f->losses, f->loss_count, sizeof *f->losses, by_packet);
}

/* The first that is not before it. */
static size_t lower_bound(const struct link_fates *f, const struct link_loss *like)
{
	size_t low = 0, high = f->loss_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (by_packet(&f->losses[middle], like) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Later fragments bear no ports, there as here. */
const struct link_loss *link_fates_find(const struct link_fates *f, const struct journey *j)
{
	const struct leg *last = journey_last(j);
	struct link_loss like = {
		.protocol = j->protocol, .id = (uint16_t)j->ip_id, .src = last->src, .dst = last->dst
	};
	size_t i;

	like.time_ns = last->time_ns > EARLY_NS ? last->time_ns - EARLY_NS : 0;
	i = lower_bound(f, &like);
	if (i < f->loss_count && compare_packets(&f->losses[i], &like) == 0 &&
	    f->losses[i].time_ns <= last->time_ns + WAIT_NS)
		return &f->losses[i];
	return NULL;
}

const struct link_weather *link_fates_weather(const struct link_fates *f, const struct link_loss *l)
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
	free(f->losses);
	free(f->weathers);
	*f = (struct link_fates){ 0 };
}
