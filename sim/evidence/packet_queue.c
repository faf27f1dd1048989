#include "evidence/packet_queue.h"

#include <stdlib.h>

static struct queued_packet *at(const struct packet_queue *q, size_t i)
{
	return &q->packets[(q->at + i) & (q->room - 1)];
}

static int grow(struct packet_queue *q)
{
	size_t room = q->room == 0 ? 64 : q->room * 2;
	struct queued_packet *packets;

	if (q->count < q->room)
		return 0;
	packets = malloc(room * sizeof *packets);
	if (packets == NULL)
		return -1;
	for (size_t i = 0; i < q->count; i++)
		packets[i] = *at(q, i);
	free(q->packets);
	q->packets = packets;
	q->room = room;
	q->at = 0;
	return 0;
}

int packet_queue_add(struct packet_queue *q, const struct queued_packet *p)
{
	size_t i;

	if (grow(q) != 0)
		return -1;
	for (i = q->count; i > 0 && at(q, i - 1)->packet.time_ns > p->packet.time_ns; i--)
		*at(q, i) = *at(q, i - 1);
	*at(q, i) = *p;
	q->count++;
	return 0;
}

struct queued_packet *packet_queue_first(const struct packet_queue *q)
{
	return q->count > 0 ? at(q, 0) : NULL;
}

void packet_queue_drop(struct packet_queue *q)
{
	q->at = (q->at + 1) & (q->room - 1);
	q->count--;
}

void packet_queue_free(struct packet_queue *q)
{
	free(q->packets);
	*q = (struct packet_queue){ 0 };
}
