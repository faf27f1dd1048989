/*
 * Puts packets into the order of their time: a capture of many interfaces, or one merged from several, may have them a
 * little out of it. Holds back what is younger than REORDER_NS, so much and so many at most; memory is bounded by
 * REORDER_BYTES and a little.
 */
#ifndef REORDER_H
#define REORDER_H

#include "evidence/pcapng.h"

#include <stdbool.h>

#define REORDER_NS UINT64_C(5000000)
#define REORDER_PACKETS 1024u /* a power of two */
#define REORDER_BYTES (8u << 20)

struct reorder;

struct reorder *reorder_new(void) __attribute__((warn_unused_result));
void reorder_free(struct reorder *r);

/* Takes a packet; its bytes are copied. Call reorder_next() until it has no more before the next. Returns 0, or -1
 * without memory. */
int reorder_put(struct reorder *r, const struct pcapng_packet *p) __attribute__((warn_unused_result));

/*
 * The next packet in order: true, with *p pointing to bytes that stay until the next reorder_put(). False if all that
 * is held must wait. `all`: nothing will follow, so nothing waits.
 */
bool reorder_next(struct reorder *r, bool all, struct pcapng_packet *p);

#endif
