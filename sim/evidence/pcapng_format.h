/* The numbers of pcapng (draft-ietf-opsawg-pcapng) and of its forerunner pcap that the writer and the reader share. */
#ifndef PCAPNG_FORMAT_H
#define PCAPNG_FORMAT_H

#include <stddef.h>
#include <stdint.h>

enum pcapng_block_type {
	PCAPNG_INTERFACE = 1,       /* §4.2 */
	PCAPNG_OLD_PACKET = 2,      /* appendix A */
	PCAPNG_SIMPLE_PACKET = 3,   /* §4.4 */
	PCAPNG_NAMES = 4,           /* §4.5 */
	PCAPNG_STATISTICS = 5,      /* §4.6 */
	PCAPNG_PACKET = 6,          /* §4.3 */
	PCAPNG_SECTION = 0x0a0d0d0a /* §4.1; the same in both orders of bytes */
};

#define PCAPNG_BYTE_ORDER 0x1a2b3c4du

enum pcapng_option_code {
	PCAPNG_OPTION_END = 0,
	PCAPNG_COMMENT = 1,
	PCAPNG_SECTION_APPLICATION = 4,
	PCAPNG_INTERFACE_NAME = 2,
	PCAPNG_INTERFACE_DESCRIPTION = 3,
	PCAPNG_INTERFACE_RESOLUTION = 9,
	PCAPNG_INTERFACE_FILTER = 11,
	PCAPNG_INTERFACE_OFFSET = 14,
	PCAPNG_PACKET_FLAGS = 2,
	PCAPNG_PACKET_ID = 5,
	PCAPNG_STATISTICS_RECEIVED = 4,
	PCAPNG_STATISTICS_DROPPED = 5,
};

enum pcapng_name_type { PCAPNG_NAME_END = 0, PCAPNG_NAME_IPV4 = 1, PCAPNG_NAME_IPV6 = 2 };

/* pcap: the first word of the file, which tells the unit of its time stamps and the order of bytes. */
#define PCAP_MAGIC_MICROSECONDS 0xa1b2c3d4u
#define PCAP_MAGIC_NANOSECONDS 0xa1b23c4du

/* Everything in a block starts at a multiple of four bytes. */
static inline size_t pcapng_padded(size_t len)
{
	return (len + 3) & ~(size_t)3;
}

#endif
