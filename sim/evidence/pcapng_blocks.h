/* One pcapng block, whole in memory, taken apart: packets come out, interfaces, names and statistics go into tables. */
#ifndef PCAPNG_BLOCKS_H
#define PCAPNG_BLOCKS_H

#include "evidence/pcapng_reader.h"

struct pcapng_reader_interface {
	struct pcapng_interface public;
	uint8_t resolution; /* if_tsresol */
	int64_t offset_s;   /* if_tsoffset */
};

struct pcapng_tables {
	bool swapped; /* the section's order of bytes is not this machine's */
	size_t first; /* index of this section's first interface */
	struct pcapng_reader_interface *interfaces;
	size_t interface_count;
	struct pcapng_name *names;
	size_t name_count;
	char *comment; /* of the packet given out last */
};

void pcapng_tables_free(struct pcapng_tables *t);

/* A new interface with the default time unit, or NULL without memory or beyond PCAPNG_INTERFACES_MAX. */
struct pcapng_reader_interface *pcapng_tables_add_interface(struct pcapng_tables *t, uint16_t link_type,
                                                            uint32_t snap_length) __attribute__((warn_unused_result));

/* In the section's order of bytes. */
uint16_t pcapng_u16(const struct pcapng_tables *t, const uint8_t *bytes);
uint32_t pcapng_u32(const struct pcapng_tables *t, const uint8_t *bytes);

/*
 * Takes a block of `len` bytes (at least 12, a multiple of 4) apart. 1: *p is a packet; 0: something else; -1: damaged,
 * and *problem says how. A section header has set `swapped` already.
 */
int pcapng_block_read(struct pcapng_tables *t, const uint8_t *block, size_t len, struct pcapng_packet *p,
                      const char **problem) __attribute__((warn_unused_result));

/* A whole record of a plain pcap. */
struct pcapng_packet pcapng_plain_packet(const struct pcapng_tables *t, const uint8_t *record, uint8_t resolution);

#endif
