#include "observe/batch.h"

#include <stdlib.h>
#include <string.h>

/* Room for one packet of the greatest length at least. */
#define CHUNK_SIZE ((size_t)PCAPNG_PACKET_MAX)

/* Empty chunks kept for later: a flow of a gigabit a second fills one in two milliseconds. */
#define SPARE_MAX 8

/* Packets' bytes, one after the other. A chunk is empty again when the last packet in it was given out. */
struct chunk {
	struct chunk *next;
	size_t used, packets;
	uint8_t bytes[CHUNK_SIZE];
};

struct held {
	struct pcapng_packet packet;
	struct chunk *chunk;
	uint64_t number; /* the order of arrival decides between equal times */
	bool twin;
};

struct batch {
	struct held *held;
	size_t count, room, bytes;
	uint64_t oldest_ns, number;
	struct chunk *filling;
	struct chunk *spare;
	unsigned spare_count;
};

struct batch *batch_new(void)
{
	struct batch *b = calloc(1, sizeof *b);

	if (b != NULL)
		b->oldest_ns = UINT64_MAX;
	return b;
}

static void drop_packet(struct batch *b, struct chunk *c)
{
	if (--c->packets > 0)
		return;
	c->used = 0;
	if (c == b->filling)
		return;
	if (b->spare_count < SPARE_MAX) {
		c->next = b->spare;
		b->spare = c;
		b->spare_count++;
	} else {
		free(c);
	}
}

void batch_free(struct batch *b)
{
	struct chunk *next;

	if (b == NULL)
		return;
	for (size_t i = 0; i < b->count; i++)
		drop_packet(b, b->held[i].chunk);
	for (struct chunk *c = b->spare; c != NULL; c = next) {
		next = c->next;
		free(c);
	}
	free(b->filling);
	free(b->held);
	free(b);
}

/* A chunk that has room for so many bytes. NULL without memory. */
static struct chunk *find_chunk(struct batch *b, size_t len)
{
	struct chunk *c = b->filling;

	if (c != NULL && c->used + len <= CHUNK_SIZE)
		return c;
	c = b->spare;
	if (c != NULL) {
		b->spare = c->next;
		b->spare_count--;
	} else {
		c = malloc(sizeof *c);
		if (c == NULL)
			return NULL;
		c->used = c->packets = 0;
	}
	b->filling = c; /* the one before lives on by its packets: being too full for one, it has some */
	return c;
}

static int make_room(struct batch *b)
{
	size_t room = b->room == 0 ? 256 : b->room * 2;
	struct held *held;

	if (b->count < b->room)
		return 0;
	held = realloc(b->held, room * sizeof *held);
	if (held == NULL)
		return -1;
	b->held = held;
	b->room = room;
	return 0;
}

int batch_add(struct batch *b, const struct pcapng_packet *p, bool twin)
{
	struct chunk *c;
	struct held *h;

	if (p->captured > CHUNK_SIZE || make_room(b) != 0)
		return -1;
	c = find_chunk(b, p->captured);
	if (c == NULL)
		return -1;
	h = &b->held[b->count++];
	h->packet = *p;
	h->packet.bytes = c->bytes + c->used;
	h->packet.comment = NULL;
	h->chunk = c;
	h->number = b->number++;
	h->twin = twin;
	memcpy(c->bytes + c->used, p->bytes, p->captured);
	c->used += p->captured;
	c->packets++;
	b->bytes += p->captured;
	if (p->time_ns < b->oldest_ns)
		b->oldest_ns = p->time_ns;
	return 0;
}

static int by_time(const void *a, const void *b)
{
	const struct held *x = a;
	const struct held *y = b;

	if (x->packet.time_ns != y->packet.time_ns)
		return x->packet.time_ns < y->packet.time_ns ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

/* Forgets the first `n`, which were given out. */
static void forget(struct batch *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		b->bytes -= b->held[i].packet.captured;
		drop_packet(b, b->held[i].chunk);
	}
	memmove(b->held, b->held + n, (b->count - n) * sizeof *b->held);
	b->count -= n;
	b->oldest_ns = b->count > 0 ? b->held[0].packet.time_ns : UINT64_MAX;
}

int batch_give(struct batch *b, uint64_t until_ns, int (*use)(void *data, const struct pcapng_packet *p), void *data)
{
	size_t n = 0;
	int status = 0;

	if (b->oldest_ns > until_ns)
		return 0;
	qsort(b->held, b->count, sizeof *b->held, by_time);
	while (n < b->count && b->held[n].packet.time_ns <= until_ns && status == 0)
		status = use(data, &b->held[n++].packet);
	forget(b, n);
	return status;
}

size_t batch_count(const struct batch *b)
{
	return b->count;
}

uint64_t batch_oldest_ns(const struct batch *b)
{
	return b->oldest_ns;
}

size_t batch_bytes(const struct batch *b)
{
	return b->bytes;
}
