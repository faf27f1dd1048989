#include "evidence/pcapng_reader.h"

#include "evidence/capture_input.h"
#include "evidence/pcapng_blocks.h"
#include "evidence/pcapng_format.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* As Wireshark: a longer block is damage. */
#define BLOCK_MAX (16u * 1024 * 1024)
#define BLOCK_MIN 12u

#define PCAP_HEADER_SIZE 24u
#define PCAP_RECORD_SIZE 16u

enum capture_format { FORMAT_UNKNOWN, FORMAT_PCAPNG, FORMAT_PCAP };

struct pcapng_reader {
	struct capture_input in;
	enum capture_format format;
	size_t pending; /* bytes of the packet given out last: taken with the next call */
	bool follow, failed;
	uint8_t plain_resolution; /* of a pcap's time stamps, as if_tsresol */
	struct pcapng_tables tables;
	char error[PCAPNG_READER_ERROR_SIZE];
};

static struct pcapng_reader *reader_new(struct capture_input in)
{
	struct pcapng_reader *r = calloc(1, sizeof *r);

	if (r != NULL)
		r->in = in;
	return r;
}

struct pcapng_reader *pcapng_reader_open(const char *path, char error[PCAPNG_READER_ERROR_SIZE])
{
	struct pcapng_reader *r;
	int fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		snprintf(error, PCAPNG_READER_ERROR_SIZE, "%s: %s", path, strerror(errno));
		return NULL;
	}
	r = reader_new(capture_input_of_fd(fd));
	if (r == NULL) {
		snprintf(error, PCAPNG_READER_ERROR_SIZE, "%s: %s", path, strerror(ENOMEM));
		close(fd);
	}
	return r;
}

struct pcapng_reader *pcapng_reader_open_memory(const uint8_t *bytes, size_t len)
{
	return reader_new(capture_input_of_memory(bytes, len));
}

void pcapng_reader_close(struct pcapng_reader *r)
{
	if (r == NULL)
		return;
	capture_input_close(&r->in);
	pcapng_tables_free(&r->tables);
	free(r);
}

static int __attribute__((format(printf, 2, 3))) fail(struct pcapng_reader *r, const char *format, ...)
{
	int len =
	    snprintf(r->error, sizeof r->error, "at byte %llu: ", (unsigned long long)capture_input_offset(&r->in));
	va_list args;

	va_start(args, format);
	vsnprintf(r->error + len, sizeof r->error - (size_t)len, format, args);
	va_end(args);
	r->failed = true;
	return -1;
}

/* Fewer bytes than needed: the end, more to come, a read error or a file cut short. */
static int ended(struct pcapng_reader *r, const char *within)
{
	if (r->in.error != 0)
		return fail(r, "%s", strerror(r->in.error));
	if (capture_input_left(&r->in) == 0 || r->follow)
		return 0;
	return fail(r, "the file is cut short in %s", within);
}

static uint32_t word(const struct pcapng_reader *r, const uint8_t *bytes)
{
	return pcapng_u32(&r->tables, bytes);
}

/* Sets the order of bytes by a word whose value is known. */
static bool find_order(struct pcapng_reader *r, const uint8_t *bytes, uint32_t value)
{
	r->tables.swapped = false;
	if (word(r, bytes) == value)
		return true;
	r->tables.swapped = true;
	return word(r, bytes) == value;
}

/* pcap's header: magic, version, zone, accuracy, snap length, link type. */
static int read_pcap_header(struct pcapng_reader *r)
{
	const uint8_t *b = capture_input_view(&r->in, PCAP_HEADER_SIZE);

	if (b == NULL)
		return ended(r, "its header");
	if (pcapng_u16(&r->tables, b + 4) != 2)
		return fail(r, "pcap of version %u, not 2", pcapng_u16(&r->tables, b + 4));
	if (pcapng_tables_add_interface(&r->tables, (uint16_t)word(r, b + 20), word(r, b + 16)) == NULL)
		return fail(r, "%s", strerror(ENOMEM));
	r->format = FORMAT_PCAP;
	r->pending = PCAP_HEADER_SIZE;
	return 1;
}

/* What is it? 1 once known, 0 if there is nothing (yet). */
static int read_format(struct pcapng_reader *r)
{
	const uint8_t *b = capture_input_view(&r->in, 4);

	if (b == NULL)
		return capture_input_left(&r->in) == 0 && !r->follow && r->in.error == 0 ? fail(r, "the file is empty")
		                                                                         : ended(r, "its first word");
	if (word(r, b) == PCAPNG_SECTION) {
		r->format = FORMAT_PCAPNG;
		return 1;
	}
	r->plain_resolution = 6;
	if (find_order(r, b, PCAP_MAGIC_MICROSECONDS))
		return read_pcap_header(r);
	r->plain_resolution = 9;
	if (find_order(r, b, PCAP_MAGIC_NANOSECONDS))
		return read_pcap_header(r);
	return fail(r, "neither pcapng nor pcap");
}

static int next_pcap(struct pcapng_reader *r, struct pcapng_packet *p)
{
	const uint8_t *b = capture_input_view(&r->in, PCAP_RECORD_SIZE);
	uint32_t captured;

	if (b == NULL)
		return ended(r, "a packet's header");
	captured = word(r, b + 8);
	if (captured > PCAPNG_PACKET_MAX)
		return fail(r, "a packet of %lu bytes cannot be", (unsigned long)captured);
	b = capture_input_view(&r->in, PCAP_RECORD_SIZE + captured);
	if (b == NULL)
		return ended(r, "a packet");
	*p = pcapng_plain_packet(&r->tables, b, r->plain_resolution);
	r->pending = PCAP_RECORD_SIZE + captured;
	return 1;
}

/* The whole next block, or NULL with *status as pcapng_reader_next() returns. */
static const uint8_t *view_block(struct pcapng_reader *r, uint32_t *len, int *status)
{
	const uint8_t *b = capture_input_view(&r->in, BLOCK_MIN);

	*status = -1;
	if (b == NULL) {
		*status = ended(r, "a block");
		return NULL;
	}
	if (word(r, b) == PCAPNG_SECTION && !find_order(r, b + 8, PCAPNG_BYTE_ORDER)) {
		fail(r, "a section header without its magic");
		return NULL;
	}
	*len = word(r, b + 4);
	if (*len < BLOCK_MIN || *len > BLOCK_MAX || *len % 4 != 0) {
		fail(r, "a block of %lu bytes cannot be", (unsigned long)*len);
		return NULL;
	}
	b = capture_input_view(&r->in, *len);
	if (b == NULL) {
		*status = ended(r, "a block");
		return NULL;
	}
	if (word(r, b + *len - 4) != *len) {
		fail(r, "a block whose two lengths differ");
		return NULL;
	}
	return b;
}

static int next_pcapng(struct pcapng_reader *r, struct pcapng_packet *p)
{
	for (;;) {
		const char *problem = NULL;
		uint32_t len;
		int status;
		const uint8_t *b = view_block(r, &len, &status);

		if (b == NULL)
			return status;
		status = pcapng_block_read(&r->tables, b, len, p, &problem);
		if (status < 0)
			return fail(r, "%s", problem);
		if (status > 0) {
			r->pending = len;
			return 1;
		}
		capture_input_take(&r->in, len);
	}
}

int pcapng_reader_next(struct pcapng_reader *r, struct pcapng_packet *p)
{
	int status;

	if (r->failed)
		return -1;
	capture_input_take(&r->in, r->pending);
	r->pending = 0;
	if (r->format == FORMAT_UNKNOWN) {
		status = read_format(r);
		if (status <= 0)
			return status;
		capture_input_take(&r->in, r->pending);
		r->pending = 0;
	}
	return r->format == FORMAT_PCAP ? next_pcap(r, p) : next_pcapng(r, p);
}

void pcapng_reader_follow(struct pcapng_reader *r, uint64_t limit)
{
	r->follow = true;
	r->in.limit = limit != 0 ? limit : UINT64_MAX;
}

const char *pcapng_reader_error(const struct pcapng_reader *r)
{
	return r->error;
}

const struct pcapng_interface *pcapng_reader_interface(const struct pcapng_reader *r, size_t i)
{
	return i < r->tables.interface_count ? &r->tables.interfaces[i].public : NULL;
}

const struct pcapng_name *pcapng_reader_name(const struct pcapng_reader *r, size_t i)
{
	return i < r->tables.name_count ? &r->tables.names[i] : NULL;
}

size_t pcapng_reader_interface_count(const struct pcapng_reader *r)
{
	return r->tables.interface_count;
}

size_t pcapng_reader_name_count(const struct pcapng_reader *r)
{
	return r->tables.name_count;
}

bool pcapng_reader_is_plain(const struct pcapng_reader *r)
{
	return r->format == FORMAT_PCAP;
}
