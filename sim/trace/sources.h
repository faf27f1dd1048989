/*
 * The captures a trace is made of, as one stream of packets in the order of their times: several files, each a side;
 * one file with several interfaces; one cooked capture of all interfaces of a machine (SLL2), parted by the index its
 * kernel gave each. Knows no world: what an interface is a side of others find out.
 */
#ifndef SOURCES_H
#define SOURCES_H

#include "evidence/pcapng_reader.h"

#include <stdbool.h>

#define SOURCES_MAX 16
#define SOURCES_ERROR_SIZE 512

/*
 * How far packets are sorted: what is enough nearly always (the lab's own captures, one interface); and the most, for
 * capturing programs take a second's packets of each interface in turn. What stands farther apart is a clock set back.
 */
#define SOURCES_NEAR_NS UINT64_C(5000000)
#define SOURCES_FAR_NS UINT64_C(3000000000)

struct source {
	char path[4096];    /* "-": standard input */
	int fd;             /* read instead of the path, from its start; -1: none */
	char name[64];      /* what the user calls its side, "router lan"; "": the file's own names */
	int64_t shift_ns;   /* is added to its times: its clock against that of the first */
	uint64_t window_ns; /* how far its packets are sorted */
};

/* An interface of the stream. */
struct source_interface {
	size_t source;
	uint32_t in_file;                    /* which interface of its file */
	uint32_t link_index;                 /* SLL2; else 0 */
	const struct pcapng_interface *said; /* by the capture */
};

struct sources;

/* Opens them all; the list must stay. NULL with a one-line message in `error`. */
struct sources *sources_open(const struct source *list, size_t count, char error[SOURCES_ERROR_SIZE])
    __attribute__((warn_unused_result));
void sources_close(struct sources *s);

/*
 * The next packet: 1, 0 at the end of all, -1 without memory. Its interface counts over all of them. A source that
 * cannot be read on ends there: sources_error().
 */
int sources_next(struct sources *s, struct pcapng_packet *p) __attribute__((warn_unused_result));

/* The interfaces met so far; false beyond the last. At the end also those without packets. */
bool sources_interface(const struct sources *s, size_t i, struct source_interface *out);

/* The names of addresses met so far, over all; NULL beyond the last. */
const struct pcapng_name *sources_name(const struct sources *s, size_t i);

/* Why the first of those that could not be read to their end could not; NULL: all could. With its file's name. */
const char *sources_error(const struct sources *s, const char **path);

/* True if all of them are plain pcaps, which know no names. */
bool sources_are_plain(const struct sources *s);

/* How far behind the latest one before it the farthest packet of a source stands in its file, clocks set back aside. */
uint64_t sources_disorder(const struct sources *s, size_t source);

/* Packets that came after later ones all the same, and how far behind the farthest stood, in one source. */
uint64_t sources_late(const struct sources *s, size_t source, uint64_t *by_ns);

#endif
