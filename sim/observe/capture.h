/*
 * The recorder: a process of its own in the world that captures every link into one pcapng and writes the boxes' conntrack
 * events to the world's record (record.h). Packets leave it sorted by time; a packet lost is an error.
 */
#ifndef CAPTURE_H
#define CAPTURE_H

#include "world/world.h"

#include <stdint.h>

struct capture;

/* Starts the recorder; returns when every interface is being captured. NULL with the reason on the log. */
struct capture *capture_start(const struct world *w, const char *pcapng_path, const char *record_path)
	__attribute__((warn_unused_result));

/*
 * Returns once every packet that was on a wire before the call is in the file. Returns 0; -1 if the recorder
 * died, its file could not be written (full disk), or a packet was lost.
 */
int capture_flush(struct capture *c) __attribute__((warn_unused_result));

/*
 * Flushes, then counts the packets of the interface ("nat-a wan"; NULL: of all) that match the pcap filter expression, from
 * the time on. Returns the count, or -1 with a message in `error` (bad filter, no such interface, recorder failed).
 */
long capture_count(struct capture *c, const char *interface, const char *filter, uint64_t since_ns, char error[256])
	__attribute__((warn_unused_result));

/* Flushes and ends it. Returns as capture_flush(). */
int capture_stop(struct capture *c) __attribute__((warn_unused_result));

#endif
