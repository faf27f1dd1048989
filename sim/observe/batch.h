/*
 * Packets between the links and the file: taken in the order in which the links are emptied, held back for a moment, given
 * out sorted by time. Memory is what is held.
 */
#ifndef BATCH_H
#define BATCH_H

#include "observe/pcapng.h"

#include <stdbool.h>

struct batch;

struct batch *batch_new(void) __attribute__((warn_unused_result));
void batch_free(struct batch *b);

/*
 * Takes a copy of the packet (comments and ids are not kept). `twin`: the same packet may have been, or may yet be, added
 * once more without this mark (tap.h); such pairs are given out once. Returns 0, or -1 without memory.
 */
int batch_add(struct batch *b, const struct pcapng_packet *p, bool twin) __attribute__((warn_unused_result));

/*
 * Gives out, sorted, what is not newer than `until_ns`. `use` returns 0, or -1 to stop at once (the packets given out so
 * far and the one refused are gone). Returns 0, or that -1.
 */
int batch_give(struct batch *b, uint64_t until_ns, int (*use)(void *data, const struct pcapng_packet *p), void *data)
	__attribute__((warn_unused_result));

/* How many are held; time of the oldest of them (UINT64_MAX: none); bytes of all. */
size_t batch_count(const struct batch *b);
uint64_t batch_oldest_ns(const struct batch *b);
size_t batch_bytes(const struct batch *b);

#endif
