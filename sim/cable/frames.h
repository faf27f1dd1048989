/*
 * The frames that the cable has taken and not yet given on, sorted by the time they are due; of the same time, as they
 * came. Their memory is used again and again.
 */
#ifndef FRAMES_H
#define FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A frame as a packet socket with PACKET_VNET_HDR gives and takes it: a header of 10 bytes, then Ethernet. */
#define FRAME_HEADER 10
#define FRAME_SIZE 2048

struct frame {
	uint64_t came_ns; /* when it came in */
	uint64_t due_ns;
	uint64_t number; /* the order in which they came */
	uint64_t n;      /* which packet of its way it is, from 1; 0: not counted */
	size_t way;      /* where it goes */
	size_t len;
	struct frame *next; /* of those not in use */
	uint8_t bytes[FRAME_SIZE];
};

struct frames {
	struct frame **heap; /* the first is the next that is due */
	size_t count;
	struct frame *unused;
};

/*
 * True for what kernels of neighbours and groups say of themselves: ARP, IPv6's neighbour discovery (RFC 4861) and
 * listener discovery (RFC 3810). When they say it is theirs to choose, and partly chance.
 */
bool frame_is_of_neighbours(const struct frame *one);

/* A frame to be filled. NULL without memory. */
struct frame *frames_new(struct frames *f) __attribute__((warn_unused_result));
/* It is no longer needed. */
void frames_release(struct frames *f, struct frame *one);

/* Takes it. Returns 0, or -1 without memory. */
int frames_add(struct frames *f, struct frame *one) __attribute__((warn_unused_result));
/* The next that is due, or NULL; and takes it out. */
struct frame *frames_first(const struct frames *f);
struct frame *frames_take(struct frames *f);

void frames_free(struct frames *f);

#endif
