/*
 * The capture of one interface: a libpcap handle opened in its node's network namespace. Packets wait in a ring in the
 * kernel until they are drained; the ring starts small, as most worlds see a few hundred packets, and a flow that begins
 * to fill it gets a large one.
 */
#ifndef TAP_H
#define TAP_H

#include "observe/batch.h"

#include <pcap/pcap.h>
#include <stdbool.h>

#define TAP_ERROR_SIZE 256

/*
 * Packets a ring holds. Two fit in a page, so 256 are half a megabyte, times seven interfaces, times 25 worlds at once. The
 * large one lasts 40 ms at 100,000 packets a second: longer than the recorder waits for a processor on a machine whose
 * processors are all busy.
 */
#define TAP_SLOTS 256u
#define TAP_LARGE_SLOTS 4096u

struct tap {
	int netns_fd;
	char interface[16];
	uint32_t number;    /* in the file */
	uint8_t mac[6];     /* its own: tells the direction of a packet */
	int snap_length;
	pcap_t *pcap;
	pcap_t *before;     /* the small ring, while packets may be in both; then mute, open only for its statistics */
	unsigned overlap;   /* drains left in which the small ring is looked at too */
	unsigned slots;
	bool large_failed;
};

/*
 * Opens it; the calling thread stays in the interface's namespace. Returns 0, or -1 with a message. What the interface
 * sends and receives from then on will be drained.
 */
int tap_open(struct tap *t, int netns_fd, const char *interface, uint32_t number, char error[TAP_ERROR_SIZE])
	__attribute__((warn_unused_result));
void tap_close(struct tap *t);

/* For poll(): readable when packets wait. */
int tap_fd(const struct tap *t);

/*
 * Moves what waits to the batch, at most a ring full. Returns how many packets, or -1 with a message. May move this thread
 * to the interface's namespace (to open the large ring); *moved then becomes true.
 */
int tap_drain(struct tap *t, struct batch *b, bool *moved, char error[TAP_ERROR_SIZE]) __attribute__((warn_unused_result));

/* Packets that the kernel saw for us since the start, and those it had no room for. Returns 0, or -1. */
int tap_statistics(const struct tap *t, uint64_t *received, uint64_t *dropped) __attribute__((warn_unused_result));

#endif
