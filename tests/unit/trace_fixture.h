/*
 * A world on paper for tests of traces: frames are made by hand, seen on named interfaces, and joined.
 *
 *     alice 10.0.1.2 -- nat-a 203.0.113.10 --+-- 203.0.113.20 nat-b -- bob 10.0.2.2
 *     carol 10.0.1.3 --'                     |
 *                            server 203.0.113.5, and what a test adds
 */
#ifndef TRACE_FIXTURE_H
#define TRACE_FIXTURE_H

#include "trace/join.h"

#define FIXTURE_JOURNEYS 4096
#define FIXTURE_FRAME 2048

/* One datagram or other frame as it looks on one link. */
struct frame {
	const char *src, *dst; /* "10.0.1.2:5000" */
	const char *payload;   /* text; NULL: "x" */
	unsigned ttl;          /* 0: 64 */
	unsigned id;           /* IP identification */
	unsigned protocol;     /* 0: UDP */
	unsigned fragment;     /* offset in bytes */
	unsigned more;         /* more fragments follow */
	unsigned dont_cut;     /* may not be fragmented */
	const uint8_t *bytes;  /* instead of payload and ports: what follows the IP header */
	size_t bytes_len;
};

struct fixture {
	struct scene scene;
	struct join *join;
	uint64_t now_ns;
	struct journey journeys[FIXTURE_JOURNEYS]; /* told of so far */
	size_t count;
	const struct journey *last; /* of the packet seen last */
};

/* The world above, every interface captured. NULL without memory. */
struct fixture *fixture_new(void);
void fixture_free(struct fixture *f);

/* A frame of Ethernet, in `bytes`. Returns its length. */
size_t fixture_frame(const struct frame *frame, uint8_t bytes[FIXTURE_FRAME]);

/* Appends an IPv4 packet with what it carries; returns its length. */
size_t fixture_ip(const struct frame *frame, uint8_t *bytes);

/* It is seen on "nat-a lan", `after_us` after the frame before. direction: '>' out of the node, '<' into it, '?' not
 * known. */
void fixture_see(struct fixture *f, const char *interface, char direction, uint64_t after_us, struct frame frame);

/* alice sends "out" to `dst`, and nat-a lets it out as `as`. */
#define FIXTURE_ALICE "10.0.1.2:5000"
void fixture_goes_out(struct fixture *f, const char *dst, const char *as, uint64_t after_us);

/* alice sends to `dst`, and nat-a does not let it out. */
void fixture_ends_in_lan(struct fixture *f, const char *dst, unsigned ttl);

/* Ends the trace: all journeys are then in f->journeys. */
void fixture_end(struct fixture *f);

#endif
