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
	const char *text = getenv(TAPS_RING);
	unsigned long asked = text != NULL ? strtoul(text, NULL, 10) : 0;
	unsigned long share = interfaces > 0 ? RINGS_SIZE / (worlds * interfaces * TAP_SLOT_SIZE) : 0;

	if (asked > 0)
		return asked < SLOTS_LIMIT ? (unsigned)asked : SLOTS_LIMIT;
	return share < SLOTS_LEAST ? SLOTS_LEAST : share > SLOTS_MOST ? SLOTS_MOST : (unsigned)share;
}

void taps_prepare(struct taps *t, const struct world *w, unsigned worlds)
{
	t->world = w;
	t->count = topology_interfaces(&w->topology, t->interfaces, TOPOLOGY_INTERFACES);
	t->slots = choose_slots(t->count, worlds);
	t->error[0] = '\0';
}

static const char *node_name(const struct taps *t, size_t i)
{
	return t->world->topology.nodes[t->interfaces[i].node].name;
}

static int fail(struct taps *t, size_t i)
{
	snprintf(t->error, sizeof t->error, "capture on %s %s: %.180s", node_name(t, i), t->interfaces[i].name,
	         t->taps[i].error);
	return -1;
}

/* All at once: most of the time is waiting for the kernel. */
int taps_open(struct taps *t)
{
	size_t started = 0;
	int status = 0;

	for (; started < t->count && status == 0; started++) {
		const struct topology_interface *i = &t->interfaces[started];

		status = tap_open_start(&t->taps[started], t->world->netns_fds[i->node], i->name, t->slots,
		                        (uint32_t)started);
	}
	if (status != 0)
		fail(t, --started);
	for (size_t i = 0; i < started; i++)
		if (tap_open_finish(&t->taps[i]) != 0)
			status = fail(t, i);
	return status;
}

int taps_drain(struct taps *t, struct batch *b)
{
	for (size_t i = 0; i < t->count; i++)
		if (tap_drain(&t->taps[i], b) < 0)
			return fail(t, i);
	return 0;
}

int taps_mute(struct taps *t)
{
	for (size_t i = 0; i < t->count; i++)
		if (tap_mute(&t->taps[i]) != 0)
			return fail(t, i);
	return 0;
}

int taps_statistics(struct taps *t, size_t i, uint64_t *received, uint64_t *dropped)
{
	return tap_statistics(&t->taps[i], received, dropped) == 0 ? 0 : fail(t, i);
}

int taps_check_losses(struct taps *t)
{
	for (size_t i = 0; i < t->count; i++) {
		uint64_t received, dropped;

		if (taps_statistics(t, i, &received, &dropped) != 0)
			return -1;
		if (dropped == 0)
			continue;
		snprintf(
		    t->taps[i].error, sizeof t->taps[i].error,
		    "%llu of %llu packets lost, they came faster than they could be written; slow the flow down or "
		    "set " TAPS_RING "=%u",
		    (unsigned long long)dropped, (unsigned long long)received, t->slots * 8);
		return fail(t, i);
	}
	return 0;
}
