/*
 * The cable: a process of the world that carries the frames of all links with weather from one of their ends to the
 * other, late, twice, or not at all. What becomes of a packet is model/fate.h's business, and what was asked for of
 * certain packets; every one that is lost, doubled or put out of order is written to the world's record. Nothing else
 * is ever lost: what comes faster than it can be carried is counted, and fails the next fence.
 */
#ifndef CABLE_H
#define CABLE_H

#include "evidence/record.h"
#include "world/world.h"

#include <pcap/bpf.h>

#define CABLE_ERROR_SIZE 192
#define CABLE_FILTER_MAX 512 /* instructions */

struct cable;

/*
 * Starts it, for a world that topology_needs_cable(); returns when it carries. NULL with the reason on the log. It ends
 * by itself when the caller is gone; `record` it shares.
 */
struct cable *cable_start(const struct world *w, struct record *record, uint64_t seed)
    __attribute__((warn_unused_result));
void cable_stop(struct cable *c);

/* Its process. */
pid_t cable_pid(const struct cable *c);

/* For cable_fence(), also in another process. */
int cable_fence_socket(const struct cable *c);

/*
 * Returns when every frame that had come in before the call is out or lost. How many came since the call before: where
 * none did, and every queue of the kernel's was fenced off in between, nothing is under way. -1 with a message: the
 * process died, or a frame was lost that no weather asked for.
 */
long cable_fence(int socket, char error[CABLE_ERROR_SIZE]) __attribute__((warn_unused_result));

/* A link as it is called in the topology. The calls return 0, or -1 with a message in `error`. */
struct cable_link {
	int node, link;
};

/* Other weather from now on; packets under way arrive as they would have. */
int cable_set_weather(struct cable *c, struct cable_link l, const struct weather *w, char error[CABLE_ERROR_SIZE])
    __attribute__((warn_unused_result));

/* Everything is lost from now on, or no longer. */
int cable_blackhole(struct cable *c, struct cable_link l, bool on, char error[CABLE_ERROR_SIZE])
    __attribute__((warn_unused_result));

/* No carrier at either end of the link, or again. Packets under way are lost. */
int cable_unplug(struct cable *c, struct cable_link l, bool off, char error[CABLE_ERROR_SIZE])
    __attribute__((warn_unused_result));

/* The interface of whoever's link it is goes down, or is up again: what is under way for it, or comes for it, is lost.
 */
int cable_disable(struct cable *c, struct cable_link l, bool on, char error[CABLE_ERROR_SIZE])
    __attribute__((warn_unused_result));

enum cable_rule_kind {
	CABLE_DROP,  /* they are lost */
	CABLE_DELAY, /* they come `delay_us` later, behind whatever passes them */
	CABLE_PASS,  /* nothing happens to them, and they are not counted */
};

/* Of the packets that match, from now on, the `from`th and the `count` - 1 after it. */
struct cable_rule {
	enum cable_rule_kind kind;
	bool ways[2];         /* by enum weather_direction */
	unsigned from, count; /* from 1; count 0: all that follow */
	uint32_t delay_us;
	char filter[128]; /* a pcap filter expression, "" for all packets */
};

int cable_add_rule(struct cable *c, struct cable_link l, const struct cable_rule *rule, char error[CABLE_ERROR_SIZE])
    __attribute__((warn_unused_result));

/* Forgets the link's rules. */
int cable_clear_rules(struct cable *c, struct cable_link l, char error[CABLE_ERROR_SIZE])
    __attribute__((warn_unused_result));

#endif
