/*
 * pcapng files (draft-ietf-opsawg-pcapng), written. Blocks to a FILE; knows no capturing and no journeys. One section,
 * nanosecond time stamps, named interfaces, host names, comments, packet ids, directions. pcapng_reader.h reads them.
 */
#ifndef PCAPNG_H
#define PCAPNG_H

#include "base/address.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum pcapng_direction { PCAPNG_DIRECTION_UNKNOWN = 0, PCAPNG_INBOUND = 1, PCAPNG_OUTBOUND = 2 };

/* The longest packet that is written or read: what libpcap calls MAXIMUM_SNAPLEN. */
#define PCAPNG_PACKET_MAX 262144u

struct pcapng_packet {
	uint32_t interface; /* index in the order of pcapng_write_interface() */
	enum pcapng_direction direction;
	uint64_t time_ns; /* since 1970 */
	const uint8_t *bytes;
	uint32_t captured, length; /* bytes kept; bytes on the wire */
	uint64_t packet_id;        /* epb_packetid; 0: none */
	const char *comment;       /* NULL: none */
};

/*
 * All return 0, or -1 with errno: what the stream failed with, or EMSGSIZE for a packet or text that has no room in a
 * block. The section header comes first, each interface before its packets. What is written is in the order of bytes of
 * this machine; a reader finds that out by itself.
 */
int pcapng_write_section(FILE *f, const char *application) __attribute__((warn_unused_result));
/* link_type: as libpcap's LINKTYPE_ (1: Ethernet); description: NULL for none. */
int pcapng_write_interface(FILE *f, const char *name, const char *description, uint16_t link_type, uint32_t snap_length)
    __attribute__((warn_unused_result));
int pcapng_write_name(FILE *f, const struct address *address, const char *name) __attribute__((warn_unused_result));
int pcapng_write_packet(FILE *f, const struct pcapng_packet *p) __attribute__((warn_unused_result));
/* How many packets the interface saw since the start and how many of them were lost. */
int pcapng_write_statistics(FILE *f, uint32_t interface, uint64_t time_ns, uint64_t received, uint64_t dropped)
    __attribute__((warn_unused_result));

#endif
