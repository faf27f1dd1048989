#include "chat/send_queue.h"

#include <string.h>

struct datagram *send_queue_put(struct send_queue *q, const struct endpoint *local, const struct endpoint *to,
                                const struct wire_message *m)
{
	struct datagram *d = &q->slots[(q->first + q->count) % SEND_QUEUE_SLOTS];

	if (q->count == SEND_QUEUE_SLOTS) {
		q->refused++;
		return NULL;
	}
	d->len = wire_encode(m, d->bytes, sizeof d->bytes);
	if (d->len == 0)
		return NULL;
	d->to = *to;
	d->local = local != NULL ? *local : (struct endpoint){ 0 };
	d->socket = 0;
	d->hops = 0;
	q->count++;
	return d;
}

bool send_queue_take(struct send_queue *q, struct datagram *out)
{
	const struct datagram *d = &q->slots[q->first];

	if (q->count == 0)
		return false;
	out->to = d->to;
	out->local = d->local;
	out->socket = d->socket;
	out->hops = d->hops;
	out->len = d->len;
	memcpy(out->bytes, d->bytes, d->len);
	q->count--;
	q->first = q->count > 0 ? (q->first + 1) % SEND_QUEUE_SLOTS : 0; /* where the memory is in use already */
	return true;
}
