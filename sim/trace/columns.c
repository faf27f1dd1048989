#include "trace/columns.h"

#include <string.h>

/* Which side of a box the nodes behind it stand on. */
enum placing { TO_THE_LEFT, TO_THE_RIGHT, ON_BOTH_SIDES };

struct column_layout {
	const struct scene *scene;
	bool drawn[SCENE_NODES];
	struct columns *out;
};

static void put(struct column_layout *l, int node)
{
	l->out->of_node[node] = (int)l->out->count;
	l->out->nodes[l->out->count++] = node;
}

static size_t count_behind(const struct column_layout *l, int box)
{
	size_t count = 0;

	for (size_t i = 0; i < l->scene->node_count; i++)
		count += l->drawn[i] && l->scene->nodes[i].behind == box;
	return count;
}

static void put_tree(struct column_layout *l, int node, enum placing placing);

/* The `from`th to before the `to`th of what stands directly behind the box. */
static void put_behind(struct column_layout *l, int box, size_t from, size_t to, enum placing placing)
{
	size_t nth = 0;

	for (size_t i = 0; i < l->scene->node_count; i++) {
		if (!l->drawn[i] || l->scene->nodes[i].behind != box)
			continue;
		if (nth >= from && nth < to)
			put_tree(l, (int)i, placing);
		nth++;
	}
}

static void put_tree(struct column_layout *l, int node, enum placing placing)
{
	size_t count = count_behind(l, node);
	size_t left = placing == TO_THE_LEFT ? count : placing == TO_THE_RIGHT ? 0 : (count + 1) / 2;

	put_behind(l, node, 0, left, TO_THE_LEFT);
	put(l, node);
	put_behind(l, node, left, count, TO_THE_RIGHT);
}

static bool is_front(const struct column_layout *l, int node)
{
	return l->drawn[node] && l->scene->nodes[node].behind < 0;
}

static bool leads_to_others(const struct column_layout *l, int node)
{
	return is_front(l, node) && count_behind(l, node) > 0;
}

/* The front boxes are shared out to both sides; what stands on the internet itself goes between them. */
static void put_world(struct column_layout *l)
{
	size_t nodes = l->scene->node_count, boxes = 0, nth = 0, left;

	for (size_t i = 0; i < nodes; i++)
		boxes += leads_to_others(l, (int)i);
	left = (boxes + 1) / 2;
	for (size_t i = 0; i < nodes && nth < left; i++)
		if (leads_to_others(l, (int)i)) {
			put_tree(l, (int)i, boxes == 1 ? ON_BOTH_SIDES : TO_THE_LEFT);
			nth++;
		}
	for (size_t i = 0; i < nodes; i++)
		if (is_front(l, (int)i) && !leads_to_others(l, (int)i))
			put(l, (int)i);
	for (size_t i = 0; i < nodes; i++)
		if (leads_to_others(l, (int)i) && l->out->of_node[i] < 0)
			put_tree(l, (int)i, TO_THE_RIGHT);
}

void columns_lay_out(const struct scene *s, const bool used[SCENE_NODES], struct columns *out)
{
	struct column_layout l = { .scene = s, .out = out };

	out->count = 0;
	for (size_t i = 0; i < SCENE_NODES; i++)
		out->of_node[i] = -1;
	for (size_t i = 0; i < s->node_count; i++) {
		int node = used[i] ? (int)i : -1;

		for (size_t depth = 0; node >= 0 && depth <= s->node_count; depth++) {
			l.drawn[node] = true;
			node = s->nodes[node].behind;
		}
	}
	put_world(&l);
	for (size_t i = 0; i < s->node_count; i++) /* a ring of boxes, from a bad record: shown, in any order */
		if (l.drawn[i] && out->of_node[i] < 0)
			put(&l, (int)i);
}
