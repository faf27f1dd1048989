/*
 * pcapng files (draft-ietf-opsawg-pcapng), written and read. Bytes to and from a FILE; knows no capturing and no
 * journeys. One section, nanosecond time stamps, named interfaces, host names, comments, packet ids, directions.
 */
#ifndef PCAPNG_H
#define PCAPNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum pcapng_direction { PCAPNG_DIRECTION_UNKNOWN = 0, PCAPNG_INBOUND = 1, PCAPNG_OUTBOUND = 2 };

struct pcapng_packet {
	uint32_t interface;         /* index in the order of pcapng_write_interface() */
	uint64_t time_ns;           /* since 1970 */
	const uint8_t *bytes;
	uint32_t captured, length;  /* bytes kept; bytes on the wire */
	enum pcapng_direction direction;
	uint64_t packet_id;         /* epb_packetid; 0: none */
	const char *comment;        /* NULL: none */
};

/* Writer: all return 0, or -1 with errno when the stream failed. The section header comes first. */
int pcapng_write_section(FILE *f, const char *application) __attribute__((warn_unused_result));
int pcapng_write_interface(FILE *f, const char *name, const char *description, uint16_t link_type,
                           uint32_t snap_length) __attribute__((warn_unused_result));
/* address: IPv4 in host order */
int pcapng_write_name(FILE *f, uint32_t address, const char *name) __attribute__((warn_unused_result));
int pcapng_write_packet(FILE *f, const struct pcapng_packet *p) __attribute__((warn_unused_result));
int pcapng_write_statistics(FILE *f, uint32_t interface, uint64_t time_ns, uint64_t received, uint64_t dropped)
	__attribute__((warn_unused_result));

/*
 * Reader: pcapng of either byte order and any time resolution, and plain pcap (both magics, both orders, then one unnamed
 * interface). Reads forward only; memory is one block. Never trusts a length. See pcapng_reader.h for the calls.
 */

#endif
