#include "trace/reorder.h"

#include <stdlib.h>
#include <string.h>

#define ROOM_MAX ((size_t)2 * REORDER_BYTES) /* of slots that giants left large */

struct held {
	struct pcapng_packet packet;
	uint8_t *bytes;
	size_t room;
};

struct reorder {
	struct held slots[REORDER_PACKETS];
	uint16_t order[REORDER_PACKETS]; /* a ring of slots, the oldest packet at `head` */
	uint16_t spare[REORDER_PACKETS]; /* slots not in use, the one used last on top */
	size_t head, count;
	size_t bytes; /* held */
	size_t room;  /* of all slots */
	uint64_t newest_ns;
};

struct reorder *reorder_new(void)
{
	struct reorder *r = calloc(1, sizeof *r);

	for (size_t i = 0; r != NULL && i < REORDER_PACKETS; i++)
		r->spare[i] = (uint16_t)i;
	return r;
}

void reorder_free(struct reorder *r)
{
	for (size_t i = 0; r != NULL && i < REORDER_PACKETS; i++)
		free(r->slots[i].bytes);
	free(r);
}

static uint16_t *place(struct reorder *r, size_t i)
{
	return &r->order[(r->head + i) & (REORDER_PACKETS - 1)];
}

/* Giants leave large slots behind. */
static void give_back_room(struct reorder *r)
{
	for (size_t i = 0; i < REORDER_PACKETS - r->count; i++) {
		struct held *h = &r->slots[r->spare[i]];

		r->room -= h->room;
		free(h->bytes);
		h->bytes = NULL;
		h->room = 0;
	}
}

/* Copies it to a spare slot. Returns the slot, or NULL. */
static struct held *keep(struct reorder *r, const struct pcapng_packet *p)
{
	struct held *h = &r->slots[r->spare[REORDER_PACKETS - 1 - r->count]];

	if (r->room > ROOM_MAX)
		give_back_room(r);
	if (h->room < p->captured) {
		uint8_t *bytes = realloc(h->bytes, p->captured);

		if (bytes == NULL)
			return NULL;
		h->bytes = bytes;
		r->room += p->captured - h->room;
		h->room = p->captured;
	}
	if (p->captured > 0)
		memcpy(h->bytes, p->bytes, p->captured);
	h->packet = *p;
	h->packet.bytes = h->bytes;
	h->packet.comment = NULL; /* of the capture's own comments nothing is needed */
	return h;
}

int reorder_put(struct reorder *r, const struct pcapng_packet *p)
{
	const struct held *h = keep(r, p);
	size_t i = r->count;

	if (h == NULL)
		return -1;
	/* Nearly always it is the newest; equal times stay as they came. */
	while (i > 0 && r->slots[*place(r, i - 1)].packet.time_ns > p->time_ns) {
		*place(r, i) = *place(r, i - 1);
		i--;
	}
	*place(r, i) = (uint16_t)(h - r->slots);
	r->count++;
	r->bytes += p->captured;
	r->newest_ns = p->time_ns > r->newest_ns ? p->time_ns : r->newest_ns;
	return 0;
}

bool reorder_next(struct reorder *r, bool all, struct pcapng_packet *p)
{
	struct held *h;
	bool full = r->count == REORDER_PACKETS || r->bytes > REORDER_BYTES;

	if (r->count == 0)
		return false;
	h = &r->slots[*place(r, 0)];
	if (!all && !full && h->packet.time_ns + REORDER_NS > r->newest_ns)
		return false;
	*p = h->packet;
	r->bytes -= p->captured;
	r->head++;
	r->count--;
	r->spare[REORDER_PACKETS - 1 - r->count] = (uint16_t)(h - r->slots);
	return true;
}
