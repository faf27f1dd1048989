/*
 * The boxes of a standing world, measured beside it in worlds of their own: whoever stands in front of a box is told
 * whether it is what its name says.
 */
#ifndef SESSION_BOXES_H
#define SESSION_BOXES_H

#include "runner/measured_boxes.h"

#include <jansson.h>
#include <stdbool.h>

struct session_boxes {
	struct measured_boxes kinds;
	size_t at; /* the one that is being measured */
};

/* Begins with the boxes of the world that `about` describes ("boxes": name, spec, sabotage). */
void session_boxes_begin(struct session_boxes *b, const json_t *about);

/* Readable when there is news; -1: nothing is being measured. */
int session_boxes_fd(const struct session_boxes *b);

/*
 * Takes the news, if it is `ready` to be read, and goes on with the next. When all are settled, says so on the log and
 * in `about` ("measured" of each box: "agrees", "differs" or "unknown").
 */
void session_boxes_read(struct session_boxes *b, bool ready, json_t *about);

/* Ends what runs, and frees. */
void session_boxes_clear(struct session_boxes *b);

#endif
