#include "evidence/reorder_buffer.h"

#include "evidence/packet_queue.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Room for one packet of the greatest length at least. */
#define CHUNK_SIZE ((size_t)PCAPNG_PACKET_MAX)

/* Packets' bytes, one after the other. A chunk is empty again when the last packet in it was given out. */
struct packet_chunk {
	struct packet_chunk *next;
	size_t used, packets;
	uint8_t bytes[CHUNK_SIZE];
};

struct reorder_buffer {
	struct packet_queue *queues;
	size_t queue_count;
	size_t count, bytes;
	uint64_t number;
	struct packet_chunk *filling;
	struct packet_chunk *spare; /* kept while packets keep coming: fresh memory costs a page fault every 4 kB */
};

struct reorder_buffer *reorder_buffer_new(size_t queues)
{
	struct reorder_buffer *b = calloc(1, sizeof *b);

	if (b == NULL)
		return NULL;
	b->queue_count = queues;
	b->queues = calloc(queues, sizeof *b->queues);
	if (b->queues != NULL)
		return b;
	free(b);
	return NULL;
}

/* --- bytes ----------------------------------------------------------------------------------- */

static void drop_bytes(struct reorder_buffer *b, const struct queued_packet *p)
{
	struct packet_chunk *c = p->chunk;

	b->bytes -= p->packet.captured;
	if (--c->packets > 0)
		return;
	c->used = 0;
	if (c == b->filling)
		return;
	c->next = b->spare;
	b->spare = c;
}

/* A chunk that has room for so many bytes. NULL without memory. */
static struct packet_chunk *find_chunk(struct reorder_buffer *b, size_t len)
{
	struct packet_chunk *c = b->filling;

	if (c != NULL && c->used + len <= CHUNK_SIZE)
		return c;
	c = b->spare;
	if (c != NULL) {
		b->spare = c->next;
	} else {
		c = malloc(sizeof *c);
		if (c == NULL)
			return NULL;
		c->used = c->packets = 0;
	}
	b->filling = c; /* the one before lives on by its packets: being too full for one more, it has some */
	return c;
}

/* Nothing is held: only the chunk that is being filled stays. */
static void free_spare(struct reorder_buffer *b)
{
	struct packet_chunk *next;

	for (struct packet_chunk *c = b->spare; c != NULL; c = next) {
		next = c->next;
		free(c);
	}
	b->spare = NULL;
}

/* --- packets --------------------------------------------------------------------------------- */

int reorder_buffer_add(struct reorder_buffer *b, const struct pcapng_packet *p)
{
	struct queued_packet queued = { .packet = *p, .number = b->number };
	struct packet_chunk *c;

	if (p->captured > CHUNK_SIZE)
		return -1;
	c = find_chunk(b, p->captured);
	if (c == NULL)
		return -1;
	queued.chunk = c;
	queued.packet.bytes = c->bytes + c->used;
	queued.packet.comment = NULL;
	if (p->captured > 0)
		memcpy(c->bytes + c->used, p->bytes, p->captured);
	if (packet_queue_add(&b->queues[p->interface % b->queue_count], &queued) != 0)
		return -1;
	c->used += p->captured;
	c->packets++;
	b->bytes += p->captured;
	b->number++;
	b->count++;
	return 0;
}

static bool is_before(const struct queued_packet *a, const struct queued_packet *b)
{
	if (a->packet.time_ns != b->packet.time_ns)
		return a->packet.time_ns < b->packet.time_ns;
	return a->number < b->number;
}

/* The queue whose first packet is the oldest, or NULL. */
static struct packet_queue *find_oldest(const struct reorder_buffer *b)
{
	struct packet_queue *oldest = NULL;

	for (size_t i = 0; i < b->queue_count && b->count > 0; i++) {
		struct packet_queue *q = &b->queues[i];

		if (q->count > 0 && (oldest == NULL || is_before(packet_queue_first(q), packet_queue_first(oldest))))
			oldest = q;
	}
	return oldest;
}

static void drop_first(struct reorder_buffer *b, struct packet_queue *q)
{
	drop_bytes(b, packet_queue_first(q));
	packet_queue_drop(q);
	b->count--;
}

int reorder_buffer_give(struct reorder_buffer *b, uint64_t until_ns,
                        int (*use)(void *data, const struct pcapng_packet *p), void *data)
{
	struct packet_queue *q;
	int status = 0;

	while (status == 0 && (q = find_oldest(b)) != NULL) {
		const struct queued_packet *p = packet_queue_first(q);

		if (p->packet.time_ns > until_ns)
			break;
		status = use(data, &p->packet);
		drop_first(b, q);
	}
	if (b->count == 0)
		free_spare(b);
	return status;
}

const struct pcapng_packet *reorder_buffer_first(const struct reorder_buffer *b)
{
	const struct packet_queue *q = find_oldest(b);

	return q != NULL ? &packet_queue_first(q)->packet : NULL;
}

void reorder_buffer_drop(struct reorder_buffer *b)
{
	struct packet_queue *q = find_oldest(b);

	if (q != NULL)
		drop_first(b, q);
	if (b->count == 0)
		free_spare(b);
}

void reorder_buffer_free(struct reorder_buffer *b)
{
	if (b == NULL)
		return;
	for (size_t i = 0; i < b->queue_count; i++) {
		while (packet_queue_first(&b->queues[i]) != NULL)
			drop_first(b, &b->queues[i]);
		packet_queue_free(&b->queues[i]);
	}
	free_spare(b);
	free(b->filling);
	free(b->queues);
	free(b);
}

size_t reorder_buffer_count(const struct reorder_buffer *b)
{
	return b->count;
}

uint64_t reorder_buffer_oldest_ns(const struct reorder_buffer *b)
{
	const struct packet_queue *q = find_oldest(b);

	return q != NULL ? packet_queue_first(q)->packet.time_ns : UINT64_MAX;
}

size_t reorder_buffer_bytes(const struct reorder_buffer *b)
{
	return b->bytes;
}
