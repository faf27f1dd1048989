/*
 * Packets put into the order of their time: held back for a moment, in a queue for each of several links that are
 * nearly in order by themselves, and given out sorted over all. Memory is what is held, and is given back when nothing
 * is.
 */
#ifndef PACKET_BATCH_H
#define PACKET_BATCH_H

#include "evidence/pcapng.h"

struct packet_batch;

/* With so many queues, at least 1: an interface's is its number modulo that. NULL without memory. */
struct packet_batch *packet_batch_new(size_t queues) __attribute__((warn_unused_result));
void packet_batch_free(struct packet_batch *b);

/* Takes a copy of the packet (comments are not kept). Returns 0, or -1 without memory. */
int packet_batch_add(struct packet_batch *b, const struct pcapng_packet *p) __attribute__((warn_unused_result));

/*
 * Gives out, sorted, what is not newer than `until_ns`; packets of the same time in the order of their adding. `use`
 * returns 0, or -1 to stop at once (the packet it refused is gone). Returns 0, or that -1.
 */
int packet_batch_give(struct packet_batch *b, uint64_t until_ns, int (*use)(void *data, const struct pcapng_packet *p),
                      void *data) __attribute__((warn_unused_result));

/* The oldest of all, or NULL; it stays where it is until packet_batch_drop(), which takes it away. */
const struct pcapng_packet *packet_batch_first(const struct packet_batch *b);
void packet_batch_drop(struct packet_batch *b);

/* How many are held; time of the oldest of them (UINT64_MAX: none); bytes of all. */
size_t packet_batch_count(const struct packet_batch *b);
uint64_t packet_batch_oldest_ns(const struct packet_batch *b);
size_t packet_batch_bytes(const struct packet_batch *b);

#endif
