#include "trace/relay.h"

#include "base/array.h"
#include "trace/turn.h"

#include <stdlib.h>
#include <string.h>

#define KEPT 8                       /* packets that came in last, at each host */
#define SOON_NS UINT64_C(1000000000) /* a relay does not keep what it passes on */
#define HEADER_MAX 64u               /* bytes that a relay puts around it: TURN's longest needs 36 and a fingerprint */
#define SAME_MIN 4u                  /* bytes; fewer are the same by chance */
#define SAME_IS_SURE 16u             /* of a longer datagram; its end may be beyond what is kept of it */
#define CHANCE 3                     /* in one direction alone, so many are no chance */

struct came_in {
	uint64_t time_ns; /* 0: none */
	int from;
	uint32_t length;
	uint8_t head_len;
	uint8_t head[JOURNEY_HEAD];
};

struct relay_memory {
	struct came_in kept[SCENE_NODES][KEPT];
	unsigned next[SCENE_NODES];
};

int relays_begin(struct relays *r)
{
	*r = (struct relays){ .memory = calloc(1, sizeof *r->memory) };
	return r->memory != NULL ? 0 : -1;
}

void relays_free(struct relays *r)
{
	free(r->list);
	free(r->memory);
	*r = (struct relays){ 0 };
}

/*
 * What both end with, told by lengths: what the longer one has more stands in front of it. Of both only the start is
 * known, so the same bytes are looked for where both are known, backwards.
 */
static bool ends_alike(const uint8_t *longer, uint32_t long_len, unsigned long_known, const uint8_t *shorter,
                       uint32_t short_len, unsigned short_known)
{
	uint32_t header = long_len - short_len;
	unsigned known, same = 0;

	if (header > HEADER_MAX || long_known <= header)
		return false;
	known = long_known - header < short_known ? long_known - header : short_known;
	while (same < known && longer[header + known - same - 1] == shorter[known - same - 1])
		same++;
	return same >= SAME_IS_SURE || (same >= SAME_MIN && same == short_len);
}

static bool are_alike(const struct turn_data *a, const struct turn_data *b)
{
	if (a->length >= b->length)
		return ends_alike(a->bytes, a->length, a->known, b->bytes, b->length, b->known);
	return ends_alike(b->bytes, b->length, b->known, a->bytes, a->length, a->known);
}

/* As they are; or what they carry, where a relay's protocol puts something behind it, too. */
static bool is_passed_on(const struct came_in *in, const struct journey *out)
{
	struct turn_data a = { .bytes = in->head, .length = in->length, .known = in->head_len };
	struct turn_data b = { .bytes = out->head, .length = out->length, .known = out->head_len };
	bool same = are_alike(&a, &b), wrapped = turn_unwrap(in->head, in->head_len, in->length, &a);

	wrapped |= turn_unwrap(out->head, out->head_len, out->length, &b);
	return same || (wrapped && are_alike(&a, &b));
}

static void count(struct relays *r, int from, int via, int to)
{
	struct relayed *one = NULL;

	for (size_t i = 0; i < r->count; i++)
		if (r->list[i].from == from && r->list[i].via == via && r->list[i].to == to)
			one = &r->list[i];
	if (one == NULL && (one = array_add(&r->list, &r->count, sizeof *one)) == NULL)
		return;
	*one = (struct relayed){ from, via, to, one->count + 1 };
}

static void look_back(struct relays *r, int via, const struct journey *j)
{
	uint64_t left_ns = journey_first(j)->time_ns;

	for (unsigned i = 0; i < KEPT; i++) {
		struct came_in *in = &r->memory->kept[via][i];

		if (in->time_ns == 0 || in->time_ns > left_ns || left_ns - in->time_ns > SOON_NS ||
		    in->from == j->end_node || !is_passed_on(in, j))
			continue;
		count(r, in->from, via, j->end_node);
		in->time_ns = 0;
		return;
	}
}

static void keep(struct relays *r, int from, const struct journey *j)
{
	struct relay_memory *m = r->memory;
	struct came_in *in = &m->kept[j->end_node][m->next[j->end_node]++ % KEPT];

	*in = (struct came_in){
		.time_ns = journey_last(j)->time_ns, .from = from, .length = j->length, .head_len = j->head_len
	};
	memcpy(in->head, j->head, j->head_len);
}

static bool is_host(const struct scene *s, int node)
{
	return node >= 0 && s->nodes[node].kind == NODE_HOST;
}

void relays_journey(struct relays *r, const struct scene *s, const struct journey *j)
{
	int origin = journey_origin(s, j);

	if (j->protocol != PACKET_UDP || j->fate != FATE_DELIVERED || j->fragment_offset != 0 || !is_host(s, origin) ||
	    !is_host(s, j->end_node) || origin == j->end_node)
		return;
	look_back(r, origin, j);
	keep(r, origin, j);
}

uint64_t relays_count(const struct relays *r, int from, int via, int to)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->list[i].from == from && r->list[i].via == via && r->list[i].to == to)
			return r->list[i].count;
	return 0;
}

int relays_between(const struct relays *r, int a, int b)
{
	uint64_t most = 0;
	int via = -1;

	for (size_t i = 0; i < r->count; i++) {
		uint64_t there = relays_count(r, a, r->list[i].via, b), back = relays_count(r, b, r->list[i].via, a);

		if ((there > 0 && back > 0) || there + back >= CHANCE) {
			if (there + back <= most)
				continue;
			most = there + back;
			via = r->list[i].via;
		}
	}
	return via;
}
