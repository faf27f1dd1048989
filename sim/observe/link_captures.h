/* The captures of all of a world's interfaces. */
#ifndef LINK_CAPTURES_H
#define LINK_CAPTURES_H

#include "observe/link_capture.h"
#include "world/world.h"

#define TAPS_ERROR_SIZE 256

/* The environment's say in how many packets each interface's ring in the kernel holds (capture.h). */
#define TAPS_RING "PUNCHLAB_RING"

struct taps {
	const struct world *world;
	struct topology_interface interfaces[TOPOLOGY_INTERFACES]; /* in the order of the taps */
	struct tap taps[TOPOLOGY_INTERFACES];
	size_t count;
	unsigned slots;              /* packets each ring holds */
	char error[TAPS_ERROR_SIZE]; /* why a call returned -1: names the interface */
};

/* Lists the world's interfaces; opens nothing yet. `worlds` share the memory for rings. */
void taps_prepare(struct taps *t, const struct world *w, unsigned worlds);

/* All return 0 or -1. */
int taps_open(struct taps *t) __attribute__((warn_unused_result));
int taps_drain(struct taps *t, struct batch *b) __attribute__((warn_unused_result));
/* Nothing more gets into the rings; what is in them can be drained. */
int taps_mute(struct taps *t) __attribute__((warn_unused_result));
/* -1 if a packet was lost. */
int taps_check_losses(struct taps *t) __attribute__((warn_unused_result));
/* Packets that the kernel saw for us on interface `i`, those lost included, and those lost. */
int taps_statistics(struct taps *t, size_t i, uint64_t *received, uint64_t *dropped)
    __attribute__((warn_unused_result));

#endif
