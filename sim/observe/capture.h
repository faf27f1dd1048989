/*
 * The recorder: a process of its own in the world that captures every link into one pcapng and writes the boxes'
 * conntrack events to the world's record (record.h). Packets leave it sorted by time; a packet lost is an error. The
 * file is whole at any moment and lags by some milliseconds; a flush closes the gap.
 */
#ifndef CAPTURE_H
#define CAPTURE_H

#include "evidence/record.h"
#include "world/world.h"

#include <stdint.h>

struct capture;

#define CAPTURE_ERROR_SIZE 256

/*
 * How many worlds will be up at once at most if all are as large: their recorders share 64 MiB for the rings in which
 * packets wait, 256 to 1024 packets for each interface. 0 counts as 1. Start: 25. The environment's PUNCHLAB_RING
 * (packets) goes before: a flow at full speed, as iperf3 makes one, wants 16384 or more.
 */
void capture_set_worlds(unsigned most);

/*
 * Starts the recorder; returns when every interface is being captured and every box's conntrack listened to. NULL with
 * the reason on the log. The recorder ends by itself when the caller is gone; `record` it shares. `cable` is
 * cable_fence_socket() of the world's cable, -1 where it has none.
 */
struct capture *capture_start(const struct world *w, const char *pcapng_path, struct record *record, int cable)
    __attribute__((warn_unused_result));

/*
 * The same in two steps, so that the kernel's waits overlap with what else is being set up: between world_begin() and
 * world_finish(). capture_wait() returns 0, or -1 with the reason on the log; capture_stop() frees in either case.
 */
struct capture *capture_begin(const struct world *w, const char *pcapng_path, struct record *record, int cable)
    __attribute__((warn_unused_result));
int capture_wait(struct capture *c) __attribute__((warn_unused_result));

/*
 * Returns once every packet that was on a wire before the call is in the file. Returns 0; -1 if the recorder
 * died, its file could not be written (full disk), or a packet was lost: the reason is on the log, once.
 */
int capture_flush(struct capture *c) __attribute__((warn_unused_result));

/*
 * Returns once the rings hold none of the packets sent before the call, but for those that a link delays: nobody who
 * sends much at once and calls this between outruns the recorder. Much cheaper than a flush. Returns as that.
 */
int capture_catch_up(struct capture *c) __attribute__((warn_unused_result));

/* For callers that ask nothing for long: says on the log, once, that the recorder has died. */
void capture_watch(struct capture *c);

/*
 * Flushes, then counts the packets of the interface ("nat-a wan"; NULL: of all) that match the pcap filter expression
 * (NULL: all), from the time on. Returns the count, or -1 with a message in `error` (bad filter, no such interface,
 * recorder failed). The same question asked again reads only what is new.
 */
long capture_count(struct capture *c, const char *interface, const char *filter, uint64_t since_ns,
                   char error[CAPTURE_ERROR_SIZE]) __attribute__((warn_unused_result));

/*
 * Flushes, records a snapshot of every box and the interfaces' counters, ends the recorder and frees. Returns 0 and the
 * file's size in bytes (`size` may be NULL), or -1 with one line in `error`: why the capture is not whole.
 */
int capture_stop(struct capture *c, uint64_t *size, char error[CAPTURE_ERROR_SIZE]) __attribute__((warn_unused_result));

/* One line: why the last call returned -1. "" if none did. */
const char *capture_problem(const struct capture *c);

#endif
