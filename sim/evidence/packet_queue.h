/*
 * The packets of one link that are held back, sorted by time. They come nearly sorted, so each is put in its place from
 * the end.
 */
#ifndef PACKET_QUEUE_H
#define PACKET_QUEUE_H

#include "evidence/pcapng.h"

struct packet_chunk;

struct queued_packet {
	struct pcapng_packet packet;
	struct packet_chunk *chunk; /* where its bytes are */
	uint64_t number;            /* the order of adding decides between equal times */
};

struct packet_queue {
	struct queued_packet *packets; /* a ring of `room` (a power of two), the first at `at` */
	size_t room, at, count;
};

/* Returns 0, or -1 without memory. */
int packet_queue_add(struct packet_queue *q, const struct queued_packet *p) __attribute__((warn_unused_result));

/* The first, or NULL. */
struct queued_packet *packet_queue_first(const struct packet_queue *q);

/* Forgets the first. */
void packet_queue_drop(struct packet_queue *q);

/* Frees what an empty queue holds. */
void packet_queue_free(struct packet_queue *q);

#endif
