/*
 * Packets put into the order of their time: held back for a moment, in a queue for each of several links that are
 * nearly in order by themselves, and given out sorted over all. Memory is what is held, and is given back when nothing
 * is.
 */
#ifndef REORDER_BUFFER_H
#define REORDER_BUFFER_H

#include "evidence/pcapng.h"

struct reorder_buffer;

/* With so many queues, at least 1: an interface's is its number modulo that. NULL without memory. */
struct reorder_buffer *reorder_buffer_new(size_t queues) __attribute__((warn_unused_result));
void reorder_buffer_free(struct reorder_buffer *b);

/* Takes a copy of the packet (comments are not kept). Returns 0, or -1 without memory. */
int reorder_buffer_add(struct reorder_buffer *b, const struct pcapng_packet *p) __attribute__((warn_unused_result));

/*
 * Gives out, sorted, what is not newer than `until_ns`; packets of the same time in the order of their adding. `use`
 * returns 0, or -1 to stop at once (the packet it refused is gone). Returns 0, or that -1.
 */
int reorder_buffer_give(struct reorder_buffer *b, uint64_t until_ns,
                        int (*use)(void *data, const struct pcapng_packet *p), void *data)
    __attribute__((warn_unused_result));

/* The oldest of all, or NULL; it stays where it is until reorder_buffer_drop(), which takes it away. */
const struct pcapng_packet *reorder_buffer_first(const struct reorder_buffer *b);
void reorder_buffer_drop(struct reorder_buffer *b);

/* How many are held; time of the oldest of them (UINT64_MAX: none); bytes of all. */
size_t reorder_buffer_count(const struct reorder_buffer *b);
uint64_t reorder_buffer_oldest_ns(const struct reorder_buffer *b);
size_t reorder_buffer_bytes(const struct reorder_buffer *b);

#endif
