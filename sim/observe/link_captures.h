/* The captures of all of a world's interfaces. */
#ifndef LINK_CAPTURES_H
#define LINK_CAPTURES_H

#include "observe/link_capture.h"
#include "world/world.h"

#define LINK_CAPTURES_ERROR_SIZE 256

/* The environment's say in how many packets each interface's ring in the kernel holds (capture.h). */
#define LINK_CAPTURES_RING "PUNCHLAB_RING"

struct link_captures {
	const struct world *world;
	struct topology_interface interfaces[TOPOLOGY_INTERFACES]; /* in the order of `list` */
	struct link_capture list[TOPOLOGY_INTERFACES];
	size_t count;
	unsigned slots;                       /* packets each ring holds */
	char error[LINK_CAPTURES_ERROR_SIZE]; /* why a call returned -1: names the interface */
};

/* Lists the world's interfaces; opens nothing yet. `worlds` share the memory for rings. */
void link_captures_prepare(struct link_captures *t, const struct world *w, unsigned worlds);

/* All return 0 or -1. */
int link_captures_open(struct link_captures *t) __attribute__((warn_unused_result));
int link_captures_drain(struct link_captures *t, struct reorder_buffer *b) __attribute__((warn_unused_result));
/* Nothing more gets into the rings; what is in them can be drained. */
int link_captures_mute(struct link_captures *t) __attribute__((warn_unused_result));
/* -1 if a packet was lost. */
int link_captures_check_losses(struct link_captures *t) __attribute__((warn_unused_result));
/* Packets that the kernel saw for us on interface `i`, those lost included, and those lost. */
int link_captures_statistics(struct link_captures *t, size_t i, uint64_t *received, uint64_t *dropped)
    __attribute__((warn_unused_result));

#endif
