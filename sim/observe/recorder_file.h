/*
 * The growing pcapng of a world: its interfaces and names, then packets. Every write ends at the end of a block, and
 * what a full disk cut short is cut off again, so that the file can be read at any moment, also after a kill.
 */
#ifndef RECORDER_FILE_H
#define RECORDER_FILE_H

#include "model/topology.h"
#include "evidence/pcapng.h"

struct recorder_file {
	FILE *stream;
	char *buffer;
	char path[4096];
	uint64_t size;                         /* bytes that are whole in the file */
	uint64_t newest_ns;                    /* of the packets written */
	uint64_t late;                         /* packets written after a newer one */
	uint64_t written[TOPOLOGY_INTERFACES]; /* packets of each interface */
	int error;                             /* errno of the first failure: nothing is written after it */
};

/*
 * Creates or overwrites it and writes what comes before packets: the interfaces in their order (`nat-a lan`, with
 * address and NAT as description), and the names of all addresses that only one node has. Returns 0, or -1 with errno.
 */
int recorder_file_open(struct recorder_file *f, const char *path, const struct topology *t,
                       const struct topology_interface *interfaces, size_t count) __attribute__((warn_unused_result));

/* For reorder_buffer_give(): `file` is a struct recorder_file. Returns 0, or -1 (see `error`). */
int recorder_file_write(void *file, const struct pcapng_packet *p) __attribute__((warn_unused_result));

/* Writes the interface's counts, at its end. Returns 0 or -1. */
int recorder_file_write_statistics(struct recorder_file *f, uint32_t interface, uint64_t dropped)
    __attribute__((warn_unused_result));

/* What was written is in the file. Returns 0 or -1. */
int recorder_file_flush(struct recorder_file *f) __attribute__((warn_unused_result));

/* Flushes and closes. Returns 0 or -1. */
int recorder_file_close(struct recorder_file *f) __attribute__((warn_unused_result));

#endif
