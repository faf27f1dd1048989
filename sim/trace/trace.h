/*
 * A trace: a capture and the world's record beside it, read from start to end. Every packet is joined to its journey
 * and every journey told of once; memory does not grow with the capture.
 */
#ifndef TRACE_H
#define TRACE_H

#include "evidence/pcapng_reader.h"
#include "trace/clocks.h"
#include "trace/doubles.h"
#include "trace/recorded_events.h"
#include "trace/infer.h"
#include "trace/join.h"
#include "trace/journey.h"
#include "trace/scene.h"
#include "trace/sources.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

#define TRACE_ERROR_SIZE 512

/* What a reader of a trace wants to hear of; each may be NULL. */
struct trace_visitor {
	void *context;
	/* Each packet as it comes, with its journey so far and the point of its last leg. Sets j->marked if it likes.
	 */
	void (*packet)(void *context, const struct pcapng_packet *raw, const struct packet *p, struct journey *j);
	/* Each journey, when it is over, in the order of their ids. */
	void (*journey)(void *context, const struct journey *j);
};

#define TRACE_NAMES 512
#define TRACE_GIVEN 64

/* What the capture says of an interface and scene.h does not need. */
struct trace_interface {
	size_t source; /* where it is found: which capture, which interface of it, parted by which index */
	uint32_t in_file, link_index;
	char description[192];
	uint32_t snap_length;
	bool has_statistics; /* the next two are known */
	uint64_t received, dropped;
};

struct trace {
	struct source sources[SOURCES_MAX]; /* the captures; most often one */
	size_t source_count;
	struct infer_name given[TRACE_GIVEN]; /* what the user named */
	size_t given_count;
	bool prepared;                          /* what is to be known before the first reading is */
	struct sights *sights;                  /* without a record: what the scene's interfaces show; or NULL */
	char inferred[INFER_TEXT_SIZE];         /* who stands where by the packets alone, for people; "" */
	struct clock_found clocks[SOURCES_MAX]; /* without a record */
	struct doubles doubles;                 /* without a record */
	struct trace_interface interfaces[SCENE_INTERFACES];
	struct pcapng_name names[TRACE_NAMES]; /* of addresses, as the capture gives them */
	size_t name_count;
	struct scene scene; /* complete as far as it was read */
	struct recorded_events events;
	bool has_record;
	uint64_t start_ns, end_ns; /* of the first and the last packet; 0 as long as there is none */
	uint64_t packets, journeys;
	uint64_t without_interface;    /* packets of interfaces beyond SCENE_INTERFACES */
	uint64_t hurried;              /* as join_hurried() */
	uint64_t unread_link;          /* packets of a link type that is not understood, */
	uint16_t unread_type;          /* the last of those */
	uint64_t doubled;              /* packets that were there twice, and are told of once */
	uint64_t late, late_ns;        /* packets that stand behind later ones all the same, the farthest so far */
	uint64_t dropped;              /* packets the capture itself says it lost */
	bool plain;                    /* a plain pcap, without names */
	char damage[TRACE_ERROR_SIZE]; /* why the capture could not be read to its end, in one line; "" if it was */
};

/*
 * Finds the capture and its record and reads the record. `path` is a capture, or a folder with a trace.pcapng; "-" is
 * standard input. NULL with a one-line message in `error`. Free it with trace_free().
 */
struct trace *trace_open(const char *path, char error[TRACE_ERROR_SIZE]) __attribute__((warn_unused_result));
void trace_free(struct trace *t);

/* Where its record is looked for: "x/trace.jsonl" of "x/trace.pcapng". False if the name is too long. */
bool trace_record_path(const struct trace *t, char out[PATH_MAX]);

/*
 * A trace of several captures, each taken somewhere else; of one that is `name`d or where something is given there is
 * no record either. NULL with a message.
 */
struct trace *trace_open_captures(const struct source *list, size_t count, const struct infer_name *given,
                                  size_t given_count, char error[TRACE_ERROR_SIZE]) __attribute__((warn_unused_result));

/*
 * Reads the capture from its start and tells the visitor. May be called again. Without a record it is looked through
 * once before that, for who stands where; standard input, which passes once only, is copied to a file without a name.
 * Returns 0, also where the capture is damaged: then all before the damage was told, and t->damage says so. -1 with a
 * message in `error` if nothing could be read.
 */
int trace_run(struct trace *t, const struct trace_visitor *visitor, char error[TRACE_ERROR_SIZE])
    __attribute__((warn_unused_result));

/* What is missing that would tell more, in one line in `text` (names, record); false if nothing is. */
bool trace_lacks(const struct trace *t, char text[TRACE_ERROR_SIZE]);

/* How the clock of one of several captures was found to stand, in one line in `text`; false: like the first one's. */
bool trace_clock(const struct trace *t, size_t source, char text[TRACE_ERROR_SIZE]);

#endif
