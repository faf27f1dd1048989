/*
 * The capture of one interface: a libpcap handle opened in its node's network namespace. Packets wait in a ring in the
 * kernel until they are drained.
 */
#ifndef LINK_CAPTURE_H
#define LINK_CAPTURE_H

#include "evidence/reorder_buffer.h"

#include <pcap/pcap.h>
#include <pthread.h>

#define LINK_CAPTURE_ERROR_SIZE 256

/* What one packet takes of a ring: two fit in a page. Bytes. */
#define LINK_CAPTURE_SLOT_SIZE 2048u

struct link_capture {
	int netns_fd;
	char interface[16];
	unsigned slots;  /* packets the ring holds */
	uint32_t number; /* of the interface in the file */
	uint8_t mac[6];  /* tells the direction of a packet */
	pcap_t *pcap;
	pthread_t opener;
	char error[LINK_CAPTURE_ERROR_SIZE]; /* why the last call returned -1 */
};

/*
 * Starts opening it with a ring for so many packets, in a thread of its own, so that several overlap: most of the time
 * is waiting for the kernel. Returns 0 or -1.
 */
int link_capture_open_start(struct link_capture *t, int netns_fd, const char *interface, unsigned slots,
                            uint32_t number) __attribute__((warn_unused_result));
/* Waits until it is open. What the interface sends and receives from then on will be drained. Returns 0 or -1. */
int link_capture_open_finish(struct link_capture *t) __attribute__((warn_unused_result));

/* For poll(): readable when packets wait. */
int link_capture_fd(const struct link_capture *t);

/* Moves what waits to the buffer, at most a ring full. Returns how many packets, or -1. */
int link_capture_drain(struct link_capture *t, struct reorder_buffer *b) __attribute__((warn_unused_result));

/* Nothing more gets into the ring; what is in it can be drained. Returns 0 or -1. */
int link_capture_mute(struct link_capture *t) __attribute__((warn_unused_result));

/* Packets that the kernel saw for us since the start, and those of them it had no room for. Returns 0 or -1. */
int link_capture_statistics(struct link_capture *t, uint64_t *received, uint64_t *dropped)
    __attribute__((warn_unused_result));

#endif
