/*
 * Which journeys are wanted: by host, by flow, by time, by a pcap filter expression. All that is given must hold.
 */
#ifndef SELECT_H
#define SELECT_H

#include "trace/trace.h"

#define SELECT_ERROR_SIZE 256

/* An address, a name, a port, or a name or address with a port; "" matches everything. */
struct select_end {
	char name[SCENE_NAME_SIZE]; /* "": any */
	struct endpoint endpoint;   /* family ADDRESS_NONE: any address */
	uint16_t port;              /* 0: any */
};

struct selection {
	const char *host; /* name or address; NULL: any */
	bool has_flow;
	struct select_end flow[2];
	bool flow_both_ends; /* two ends were given */
	bool has_from, has_to;
	uint64_t from_ns, to_ns;      /* since the start of the capture */
	struct select_filter *filter; /* NULL: none */
};

/*
 * Read what the user wrote into *out. Return 0, or -1 with a one-line message in `error`.
 *     flow     "alice", "alice:5000", "203.0.113.10:5000", or two of them with a comma: what goes between them
 *     time     "1.5", "1500ms", "1.5s"
 *     filter   a pcap filter expression (pcap-filter(7)), held against each packet of a journey
 */
int select_flow(struct selection *out, const char *text, char error[SELECT_ERROR_SIZE])
    __attribute__((warn_unused_result));
int select_time(const char *text, uint64_t *ns, char error[SELECT_ERROR_SIZE]) __attribute__((warn_unused_result));
int select_filter(struct selection *out, const char *text, char error[SELECT_ERROR_SIZE])
    __attribute__((warn_unused_result));

void select_free(struct selection *s);

/* Marks the journey if the packet fits the filter; to be called for each packet. Does nothing without a filter. */
void select_packet(const struct selection *s, uint16_t link_type, const struct pcapng_packet *raw, struct journey *j);

/*
 * Is every name that was given one of the trace's? Returns 0, or -1 with a one-line message in `error` that says which
 * there are. Without a record names are known only once the capture was read.
 */
int select_check_names(const struct selection *s, const struct scene *scene, char error[TRACE_ERROR_SIZE])
    __attribute__((warn_unused_result));

/* True if the journey is wanted. `target`: the node it was meant for (flows_target()), or -1: not known. */
bool select_journey(const struct selection *s, const struct trace *t, const struct journey *j, int target);

#endif
