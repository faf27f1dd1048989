/*
 * Reads captures forward, packet by packet: pcapng (either order of bytes, any time resolution, several sections) and
 * plain pcap (micro- and nanoseconds, either order; one unnamed interface). Trusts no length: what is damaged ends the
 * reading with a message, what came before it was delivered. Memory is one block and the tables of interfaces and
 * names.
 */
#ifndef PCAPNG_READER_H
#define PCAPNG_READER_H

#include "evidence/pcapng.h"

#include <stdbool.h>

struct pcapng_reader;

/* Interfaces and names beyond these are refused and forgotten: no lab has so many. */
#define PCAPNG_INTERFACES_MAX 4096
#define PCAPNG_NAMES_MAX 65536
#define PCAPNG_READER_ERROR_SIZE 256

struct pcapng_interface {
	char name[64]; /* "" if the file gives none */
	char description[192];
	uint16_t link_type; /* as libpcap's LINKTYPE_ */
	uint32_t snap_length;
	bool has_filter;     /* it was captured with one */
	bool has_statistics; /* the next two are known; complete once the end was reached */
	uint64_t received, dropped;
	uint64_t counted_ns; /* when its packets were counted last, so that it was looked at until then; 0: not told */
};

struct pcapng_name {
	struct address address;
	char name[64];
};

/*
 * Opens a file, "-" for standard input. NULL with a one-line message in `error`, which names the file. Whether it is a
 * capture at all shows with the first pcapng_reader_next().
 */
struct pcapng_reader *pcapng_reader_open(const char *path, char error[PCAPNG_READER_ERROR_SIZE])
    __attribute__((warn_unused_result));
/* Reads from bytes that stay where they are. NULL only without memory. */
struct pcapng_reader *pcapng_reader_open_memory(const uint8_t *bytes, size_t len) __attribute__((warn_unused_result));
void pcapng_reader_close(struct pcapng_reader *r);

/*
 * The next packet: 1; 0 at the end; -1 if what follows cannot be read (pcapng_reader_error()), now and ever after. *p's
 * pointers hold until the next call. `interface` counts over all sections; a packet without a time has time 0.
 */
int pcapng_reader_next(struct pcapng_reader *r, struct pcapng_packet *p) __attribute__((warn_unused_result));

/*
 * For a file that still grows: a block cut short at the end is no error but left for later; pcapng_reader_next() then
 * returns 0 and may be called again. With a limit other than 0 nothing is read at or beyond that offset (bytes).
 */
void pcapng_reader_follow(struct pcapng_reader *r, uint64_t limit);

/* What -1 was for: "damaged at byte 1234: ...", one line. */
const char *pcapng_reader_error(const struct pcapng_reader *r);

/* The interfaces and names met so far. NULL beyond the last. */
const struct pcapng_interface *pcapng_reader_interface(const struct pcapng_reader *r, size_t i);
const struct pcapng_name *pcapng_reader_name(const struct pcapng_reader *r, size_t i);
size_t pcapng_reader_interface_count(const struct pcapng_reader *r);
size_t pcapng_reader_name_count(const struct pcapng_reader *r);

/* True for plain pcap, which knows no names. */
bool pcapng_reader_is_plain(const struct pcapng_reader *r);

#endif
