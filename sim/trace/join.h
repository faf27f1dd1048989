/*
 * Joins packets into journeys, one packet at a time in the order of the capture, in constant memory.
 *
 * A packet belongs to the open journey with the same key (packet.h) whose last leg it can follow: by the topology
 * (scene.h), by the addresses (a wire changes none, a box changes one end of them), by a TTL that only falls, and,
 * where several would do (the same bytes sent again), by the time that hop usually takes. Otherwise it starts a journey
 * of its own; so every packet belongs to exactly one.
 *
 * Bounds: a journey ends at the latest JOIN_HORIZON_NS after its last leg, or when JOIN_LIVE newer ones have begun.
 * Memory is join_memory() bytes from the start to the end, however long the trace is and however many flows it has.
 */
#ifndef JOIN_H
#define JOIN_H

#include "trace/journey.h"

#define JOIN_LIVE 16384u                     /* journeys remembered at a time; a power of two */
#define JOIN_HORIZON_NS UINT64_C(2000000000) /* no hop of a datagram takes longer */

struct join;

/* Gets every journey once, in the order of their ids, when nothing more can happen to it. */
typedef void join_done(void *context, const struct journey *j);

/* The scene must be connected, and may get more interfaces (then connected again) while joining. NULL: no memory. */
struct join *join_new(struct scene *s, join_done *done, void *context) __attribute__((warn_unused_result));

/* Frees it without telling of the journeys that are left. */
void join_free(struct join *join);

/*
 * Takes the next packet. `said` is the direction the capture noted. Returns its journey, of which only
 * `marked` may be set; it is valid until the next call.
 */
struct journey *join_packet(struct join *join, unsigned interface, uint64_t time_ns, enum pcapng_direction said,
                            const struct packet *p);

/*
 * Instead of join_packet(), for one that was taken at that interface already: the newest journey that it can be, whose
 * newest leg is the one there from now on. NULL: there is none any more.
 */
struct journey *join_again(struct join *join, unsigned interface, const struct packet *p);

/*
 * The capture is over: tells of all journeys that are left. `cut` is true if it may have ended while packets were under
 * way; those seen at the very end are then FATE_MOVING.
 */
void join_finish(struct join *join, bool cut);

/* Packets taken and journeys begun so far; journeys that were ended early because JOIN_LIVE newer ones had begun. */
uint64_t join_packets(const struct join *join);
uint64_t join_journeys(const struct join *join);
uint64_t join_hurried(const struct join *join);

/* Bytes it holds, all of them taken by join_new(). */
size_t join_memory(void);

#endif
