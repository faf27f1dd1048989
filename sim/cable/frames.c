#include "cable/frames.h"

#include "base/array.h"

#include <stdlib.h>

#define ETHERNET 14 /* bytes of its header; the type of what follows are the last two */
#define IPV6 40     /* bytes of its header */
#define NEXT 6      /* where in it the next header is told, */
#define HOPS 8      /* ... and the bytes of the hop-by-hop options that MLD has (a router alert, RFC 2711) */

enum { HOP_BY_HOP = 0, ICMPV6 = 58 };
enum { MLD_FIRST = 130, ND_LAST = 137, MLD_REPORT = 143 }; /* RFC 2710, 4861, 3810: types of ICMPv6 */

bool frame_is_of_neighbours(const struct frame *one)
{
	const uint8_t *ethernet = one->bytes + FRAME_HEADER, *ip = ethernet + ETHERNET;
	size_t at = FRAME_HEADER + ETHERNET + IPV6;
	unsigned type, next;

	if (one->len < FRAME_HEADER + ETHERNET)
		return false;
	type = (unsigned)ethernet[ETHERNET - 2] << 8 | ethernet[ETHERNET - 1];
	if (type != 0x86dd || one->len <= at + HOPS)
		return type == 0x0806;
	next = ip[NEXT];
	if (next == HOP_BY_HOP) {
		next = one->bytes[at];
		at += HOPS;
	}
	if (next != ICMPV6)
		return false;
	return (one->bytes[at] >= MLD_FIRST && one->bytes[at] <= ND_LAST) || one->bytes[at] == MLD_REPORT;
}

struct frame *frames_new(struct frames *f)
{
	struct frame *one = f->unused;

	if (one == NULL)
		return malloc(sizeof *one);
	f->unused = one->next;
	return one;
}

void frames_release(struct frames *f, struct frame *one)
{
	one->next = f->unused;
	f->unused = one;
}

static bool is_before(const struct frame *a, const struct frame *b)
{
	return a->due_ns != b->due_ns ? a->due_ns < b->due_ns : a->number < b->number;
}

int frames_add(struct frames *f, struct frame *one)
{
	size_t at = f->count;

	if (array_add(&f->heap, &f->count, sizeof(struct frame *)) == NULL)
		return -1;
	for (; at > 0 && is_before(one, f->heap[(at - 1) / 2]); at = (at - 1) / 2)
		f->heap[at] = f->heap[(at - 1) / 2];
	f->heap[at] = one;
	return 0;
}

struct frame *frames_first(const struct frames *f)
{
	return f->count > 0 ? f->heap[0] : NULL;
}

struct frame *frames_take(struct frames *f)
{
	struct frame *first = f->heap[0], *last = f->heap[--f->count];
	size_t at = 0;

	for (;;) {
		size_t child = 2 * at + 1;

		if (child + 1 < f->count && is_before(f->heap[child + 1], f->heap[child]))
			child++;
		if (child >= f->count || !is_before(f->heap[child], last))
			break;
		f->heap[at] = f->heap[child];
		at = child;
	}
	f->heap[at] = last;
	return first;
}

void frames_free(struct frames *f)
{
	while (f->count > 0)
		frames_release(f, frames_take(f));
	while (f->unused != NULL)
		free(frames_new(f));
	free(f->heap);
	*f = (struct frames){ 0 };
}
