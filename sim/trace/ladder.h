/*
 * Journeys drawn in the terminal: a column per host and box, a row per journey, in the order of time. Draws only; what
 * a journey is and why it ended is told to it.
 */
#ifndef LADDER_H
#define LADDER_H

#include "trace/canvas.h"
#include "trace/columns.h"
#include "trace/journey.h"

struct ladder {
	FILE *f;
	struct style style;
	const struct scene *scene;
	struct columns columns;
	size_t what_width;   /* of the longest label */
	int number_width;    /* of the largest number of a journey, with its sign */
	int left;            /* where the columns begin: behind number and time */
	uint64_t start_ns;   /* what times are counted from */
	uint64_t last_ns;    /* of the row before; 0: none */
	int at[SCENE_NODES]; /* where each column's line stands */
	int drawing_end;
	uint64_t said[64]; /* hashes of notes printed lately */
};

/*
 * Draws the head: the names. `start_ns` is the time that is 0, `journeys` the largest number of a journey, `what_width`
 * the length of the longest text that ladder_draw() is given.
 */
void ladder_begin(struct ladder *l, FILE *f, const struct style *style, const struct scene *s,
                  const struct columns *columns, size_t what_width, uint64_t journeys, uint64_t start_ns);

/*
 * Draws a journey, with what it says beside it, and under it a note (NULL: none) unless the same was
 * printed lately. Both are safe to print.
 */
void ladder_draw(struct ladder *l, const struct journey *j, const char *what, const char *note);

/* A line at a node's column: what a program said there, or was told. */
void ladder_say(struct ladder *l, uint64_t time_ns, int node, const char *text);

/* A line across: something that happened in the world at that time. */
void ladder_mark(struct ladder *l, uint64_t time_ns, const char *text);

/* The meaning of the signs, in a line. */
void ladder_legend(const struct ladder *l);

#endif
