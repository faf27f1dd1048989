/*
 * The order in which a world is drawn, left to right: hosts outside, their boxes next to them, the internet in the
 * middle. So an arrow goes one way on its way out and the same way on its way in. Pure.
 */
#ifndef COLUMNS_H
#define COLUMNS_H

#include "trace/scene.h"

struct columns {
	int nodes[SCENE_NODES]; /* node of each column */
	size_t count;
	int of_node[SCENE_NODES]; /* column of each node, or -1 if it is not drawn */
};

/* Lays out the nodes for which used[node] is true, and the boxes in front of them. */
void columns_lay_out(const struct scene *s, const bool used[SCENE_NODES], struct columns *out);

#endif
