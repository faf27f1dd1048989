/*
 * Counts the packets of a capture that grows: each question (interface, pcap filter expression, time) keeps its place
 * in the file, so that asking again reads only what is new.
 */
#ifndef PACKET_COUNTER_H
#define PACKET_COUNTER_H

#include <stdint.h>

#define PACKET_COUNTER_ERROR_SIZE 256

struct packet_counter;

struct packet_counter *packet_counter_new(const char *path) __attribute__((warn_unused_result));
void packet_counter_free(struct packet_counter *c);

/*
 * How many packets of the file's first `size` bytes were seen on the interface ("nat-a wan"; NULL: any), match the
 * expression (NULL or "": any) and are not older than the time. -1 with a one-line message.
 */
long packet_counter_count(struct packet_counter *c, uint64_t size, const char *interface, const char *filter,
                          uint64_t since_ns, char error[PACKET_COUNTER_ERROR_SIZE]) __attribute__((warn_unused_result));

#endif
