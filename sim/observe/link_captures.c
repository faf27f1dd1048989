#include "observe/link_captures.h"

#include <stdio.h>
#include <stdlib.h>

/*
 * Memory for the rings of all worlds that are up at once, bytes; and how many packets a ring holds at least and at
 * most, whatever their number. 256 are enough for programs that talk; 1024 last 10 ms at 100,000 packets a second.
 */
#define RINGS_SIZE (64ul * 1024 * 1024)
#define SLOTS_LEAST 256ul
#define SLOTS_MOST 1024ul
/* What the environment may ask for: two gigabytes. */
#define SLOTS_LIMIT (1ul << 20)

static unsigned choose_slots(size_t interfaces, unsigned worlds)
{
	const char *text = getenv(LINK_CAPTURES_RING);
	unsigned long asked = text != NULL ? strtoul(text, NULL, 10) : 0;
	unsigned long share = interfaces > 0 ? RINGS_SIZE / (worlds * interfaces * LINK_CAPTURE_SLOT_SIZE) : 0;

	if (asked > 0)
		return asked < SLOTS_LIMIT ? (unsigned)asked : SLOTS_LIMIT;
	return share < SLOTS_LEAST ? SLOTS_LEAST : share > SLOTS_MOST ? SLOTS_MOST : (unsigned)share;
}

void link_captures_prepare(struct link_captures *t, const struct world *w, unsigned worlds)
{
	t->world = w;
	t->count = topology_interfaces(&w->topology, t->interfaces, TOPOLOGY_INTERFACES);
	t->slots = choose_slots(t->count, worlds);
	t->error[0] = '\0';
}

static const char *node_name(const struct link_captures *t, size_t i)
{
	return t->world->topology.nodes[t->interfaces[i].node].name;
}

static int fail(struct link_captures *t, size_t i)
{
	snprintf(t->error, sizeof t->error, "capture on %s %s: %.180s", node_name(t, i), t->interfaces[i].name,
	         t->list[i].error);
	return -1;
}

/* All at once: most of the time is waiting for the kernel. */
int link_captures_open(struct link_captures *t)
{
	size_t started = 0;
	int status = 0;

	for (; started < t->count && status == 0; started++) {
		const struct topology_interface *i = &t->interfaces[started];

		status = link_capture_open_start(&t->list[started], t->world->netns_fds[i->node], i->name, t->slots,
		                                 (uint32_t)started);
	}
	if (status != 0)
		fail(t, --started);
	for (size_t i = 0; i < started; i++)
		if (link_capture_open_finish(&t->list[i]) != 0)
			status = fail(t, i);
	return status;
}

int link_captures_drain(struct link_captures *t, struct reorder_buffer *b)
{
	for (size_t i = 0; i < t->count; i++)
		if (link_capture_drain(&t->list[i], b) < 0)
			return fail(t, i);
	return 0;
}

int link_captures_mute(struct link_captures *t)
{
	for (size_t i = 0; i < t->count; i++)
		if (link_capture_mute(&t->list[i]) != 0)
			return fail(t, i);
	return 0;
}

int link_captures_statistics(struct link_captures *t, size_t i, uint64_t *received, uint64_t *dropped)
{
	return link_capture_statistics(&t->list[i], received, dropped) == 0 ? 0 : fail(t, i);
}

int link_captures_check_losses(struct link_captures *t)
{
	for (size_t i = 0; i < t->count; i++) {
		uint64_t received, dropped;

		if (link_captures_statistics(t, i, &received, &dropped) != 0)
			return -1;
		if (dropped == 0)
			continue;
		snprintf(
		    t->list[i].error, sizeof t->list[i].error,
		    "%llu of %llu packets lost, they came faster than they could be written; slow the flow down or "
		    "set " LINK_CAPTURES_RING "=%u",
		    (unsigned long long)dropped, (unsigned long long)received, t->slots * 8);
		return fail(t, i);
	}
	return 0;
}
