/* Files from elsewhere, made byte by byte: the other order of bytes, other time units, plain pcap, odd blocks. */
#include "base/cursor.h"
#include "evidence/pcapng_reader.h"
#include "evidence/pcapng_time.h"
#include "suite.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

/* A file in the making; `big` is its order of bytes. */
struct made {
	uint8_t bytes[2048];
	struct writer w;
	bool big;
	size_t block_at;
};

static void u16(struct made *m, uint16_t v)
{
	write_u16(&m->w, m->big ? v : (uint16_t)(v >> 8 | v << 8));
}

static void u32(struct made *m, uint32_t v)
{
	write_u32(&m->w, m->big ? v : __builtin_bswap32(v));
}

static void u64(struct made *m, uint64_t v)
{
	u32(m, (uint32_t)(m->big ? v >> 32 : v));
	u32(m, (uint32_t)(m->big ? v : v >> 32));
}

static void begin(struct made *m, uint32_t type)
{
	m->block_at = m->w.len;
	u32(m, type);
	u32(m, 0);
}

static void end(struct made *m)
{
	uint32_t len = (uint32_t)(m->w.len - m->block_at + 4);
	struct writer at = writer_of(m->bytes + m->block_at + 4, 4);

	write_u32(&at, m->big ? len : __builtin_bswap32(len));
	u32(m, len);
}

static void option(struct made *m, uint16_t code, const void *value, uint16_t len)
{
	u16(m, code);
	u16(m, len);
	write_bytes(&m->w, value, len);
	write_zeros(&m->w, (4u - len % 4u) % 4u);
}

static void section(struct made *m)
{
	begin(m, 0x0a0d0d0a);
	u32(m, 0x1a2b3c4d);
	u16(m, 1);
	u16(m, 2); /* a minor version of later */
	u64(m, UINT64_MAX);
	end(m);
}

static struct made *make(bool big)
{
	struct made *m = calloc(1, sizeof *m);

	if (m == NULL)
		abort();
	m->big = big;
	m->w = writer_of(m->bytes, sizeof m->bytes);
	return m;
}

static struct made *make_section(bool big)
{
	struct made *m = make(big);

	section(m);
	return m;
}

/* resolution < 0: none given */
static void interface(struct made *m, int resolution, int64_t offset_s)
{
	uint8_t octet = (uint8_t)resolution;

	begin(m, 1);
	u16(m, 101); /* raw IP */
	u16(m, 0);
	u32(m, 2); /* snap length */
	if (resolution >= 0)
		option(m, 9, &octet, 1);
	if (offset_s != 0) {
		u16(m, 14);
		u16(m, 8);
		u64(m, (uint64_t)offset_s);
	}
	end(m); /* no end of options: allowed at a block's end */
}

static void packet(struct made *m, uint32_t interface_id, uint64_t ticks)
{
	begin(m, 6);
	u32(m, interface_id);
	u32(m, (uint32_t)(ticks >> 32));
	u32(m, (uint32_t)ticks);
	u32(m, 3);
	u32(m, 300);
	write_bytes(&m->w, (const uint8_t *)"abc", 4); /* with its padding */
	end(m);
}

/* Reads to the end. The status of the last call; *last is the last packet, *count how many. */
static int read_all(const struct made *m, struct pcapng_packet *last, unsigned *count, char error[256])
{
	struct pcapng_reader *r = pcapng_reader_open_memory(m->bytes, m->w.len);
	int status;

	CU_ASSERT_FALSE(m->w.failed);
	for (*count = 0; (status = pcapng_reader_next(r, last)) == 1; ++*count)
		last->comment = NULL;
	snprintf(error, 256, "%s", pcapng_reader_error(r));
	pcapng_reader_close(r);
	return status;
}

static void assert_fails(struct made *m, const char *because)
{
	struct pcapng_packet p;
	char error[256];
	unsigned count;

	CU_ASSERT_EQUAL(read_all(m, &p, &count, error), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(error, because));
	if (strstr(error, because) == NULL)
		printf("wanted \"%s\", got \"%s\"\n", because, error);
	free(m);
}

static void both_orders_of_bytes(void)
{
	for (int big = 0; big < 2; big++) {
		struct made *m = make_section(big);
		struct pcapng_packet p;
		char error[256];
		unsigned count;

		interface(m, 9, 0);
		packet(m, 0, UINT64_C(1700000000123456789));
		CU_ASSERT_EQUAL(read_all(m, &p, &count, error), 0);
		CU_ASSERT_EQUAL_FATAL(count, 1);
		CU_ASSERT_EQUAL(p.time_ns, UINT64_C(1700000000123456789));
		CU_ASSERT_TRUE(p.captured == 3 && p.length == 300 && memcmp(p.bytes, "abc", 3) == 0);
		free(m);
	}
}

static void all_units_of_time(void)
{
	static const struct {
		uint64_t ticks;
		uint8_t resolution;
		int64_t offset_s;
		uint64_t ns;
	} table[] = {
		{ 1700000000123456, 6, 0, UINT64_C(1700000000123456000) },
		{ 1700000000123, 3, 0, UINT64_C(1700000000123000000) },
		{ 1700000000, 0, 0, UINT64_C(1700000000000000000) },
		{ UINT64_C(1700000000123456789), 9, 0, UINT64_C(1700000000123456789) },
		{ UINT64_C(17000000001234567899), 10, 0, UINT64_C(1700000000123456789) },
		{ 123456789012, 12, 0, 123456789 },
		{ UINT64_MAX, 127, 0, 0 },
		{ 3, 0x80, 0, UINT64_C(3000000000) },
		{ 3 << 20 | 1 << 19, 0x80 | 20, 0, UINT64_C(3500000000) },
		{ UINT64_C(5) << 32 | UINT64_C(1) << 30, 0x80 | 32, 0, UINT64_C(5250000000) },
		{ UINT64_C(1) << 63, 0x80 | 63, 0, UINT64_C(1000000000) },
		{ UINT64_C(1) << 63, 0x80 | 64, 0, 500000000 },
		{ UINT64_MAX, 0x80 | 127, 0, 0 },
		{ 5, 0, 1700000000, UINT64_C(1700000005000000000) },
		{ 5, 0, -2, UINT64_C(3000000000) },
		{ 5, 0, -6, 0 },
		{ 5, 0, INT64_MIN, 0 },
		{ UINT64_MAX, 0, 0, UINT64_MAX },
		{ UINT64_MAX, 0x80, INT64_MAX, UINT64_MAX },
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct made *m = make_section(i % 2);
		struct pcapng_packet p;
		char error[256];
		unsigned count;

		CU_ASSERT_EQUAL(pcapng_time_ns(table[i].ticks, table[i].resolution, table[i].offset_s), table[i].ns);
		interface(m, table[i].resolution, table[i].offset_s);
		packet(m, 0, table[i].ticks);
		CU_ASSERT_EQUAL(read_all(m, &p, &count, error), 0);
		CU_ASSERT_TRUE(count == 1 && p.time_ns == table[i].ns);
		free(m);
	}
}

static void microseconds_are_the_default(void)
{
	struct made *m = make_section(true);
	struct pcapng_packet p;
	char error[256];
	unsigned count;

	interface(m, -1, 0);
	packet(m, 0, 1700000000123456);
	CU_ASSERT_EQUAL(read_all(m, &p, &count, error), 0);
	CU_ASSERT_EQUAL(p.time_ns, UINT64_C(1700000000123456000));
	free(m);
}

/* How it was captured: with a filter, and until when, in the unit of the interface. */
static void captures_tell_how_they_were_made(void)
{
	struct made *m = make_section(true);
	struct pcapng_reader *r;
	struct pcapng_packet p;

	interface(m, 6, 2);
	begin(m, 1);
	u16(m, 101);
	u16(m, 0);
	u32(m, 2);
	option(m, 11, "\0udp port 4000", 14);
	end(m);
	begin(m, 5);
	u32(m, 0);
	u32(m, 0);
	u32(m, 7);
	end(m);
	r = pcapng_reader_open_memory(m->bytes, m->w.len);
	CU_ASSERT_EQUAL(pcapng_reader_next(r, &p), 0);
	CU_ASSERT_EQUAL_FATAL(pcapng_reader_interface_count(r), 2);
	CU_ASSERT_FALSE(pcapng_reader_interface(r, 0)->has_filter);
	CU_ASSERT_TRUE(pcapng_reader_interface(r, 1)->has_filter);
	CU_ASSERT_EQUAL(pcapng_reader_interface(r, 0)->counted_ns, UINT64_C(2000007000));
	CU_ASSERT_FALSE(pcapng_reader_interface(r, 0)->has_statistics);
	CU_ASSERT_EQUAL(pcapng_reader_interface(r, 1)->counted_ns, 0);
	pcapng_reader_close(r);
	free(m);
}

static void plain_pcap(void)
{
	static const uint32_t magics[] = { 0xa1b2c3d4, 0xa1b23c4d };

	for (unsigned i = 0; i < 4; i++) {
		struct made *m = make(i & 1);
		struct pcapng_packet p;
		char error[256];
		unsigned count;

		u32(m, magics[i / 2]);
		u16(m, 2);
		u16(m, 4);
		u64(m, 0);
		u32(m, 65535);
		u32(m, 1);
		for (uint32_t n = 0; n < 2; n++) {
			u32(m, 1700000000 + n);
			u32(m, 123456);
			u32(m, 5);
			u32(m, 60);
			write_bytes(&m->w, (const uint8_t *)"hello", 5);
		}
		CU_ASSERT_EQUAL(read_all(m, &p, &count, error), 0);
		CU_ASSERT_EQUAL(count, 2);
		CU_ASSERT_EQUAL(p.time_ns, UINT64_C(1700000001000000000) + (i / 2 ? 123456 : 123456000));
		CU_ASSERT_TRUE(p.captured == 5 && p.length == 60 && p.interface == 0);
		for (size_t whole = m->w.len; m->w.len > 0 && whole > 0;) {
			int status;

			m->w.len--;
			status = read_all(m, &p, &count, error);
			CU_ASSERT_EQUAL(status, m->w.len == 24 || m->w.len == 45 ? 0 : -1);
		}
		free(m);
	}
}

static void sections_number_their_interfaces_anew(void)
{
	struct made *m = make_section(false);
	struct pcapng_packet p;
	char error[256];
	unsigned count;

	interface(m, 9, 0);
	interface(m, 9, 0);
	packet(m, 1, 5);
	m->big = true;
	section(m);
	interface(m, 9, 0);
	packet(m, 0, 6);
	CU_ASSERT_EQUAL(read_all(m, &p, &count, error), 0);
	CU_ASSERT_TRUE(count == 2 && p.interface == 2 && p.time_ns == 6);
	packet(m, 1, 7);
	assert_fails(m, "not described");
}

static void old_and_simple_packets(void)
{
	struct made *m = make_section(true);
	struct pcapng_packet p;
	char error[256];
	unsigned count;

	interface(m, 9, 0);
	begin(m, 2);
	u16(m, 0); /* interface */
	u16(m, 9); /* drops */
	u64(m, 77);
	u32(m, 2);
	u32(m, 20);
	write_bytes(&m->w, (const uint8_t *)"ok\0", 4);
	end(m);
	CU_ASSERT_EQUAL(read_all(m, &p, &count, error), 0);
	CU_ASSERT_TRUE(count == 1 && p.time_ns == 77 && p.captured == 2 && p.length == 20);
	begin(m, 3);
	u32(m, 40); /* of which the snap length of 2 is kept */
	write_bytes(&m->w, (const uint8_t *)"hi\0", 4);
	end(m);
	CU_ASSERT_EQUAL(read_all(m, &p, &count, error), 0);
	CU_ASSERT_TRUE(count == 2 && p.time_ns == 0 && p.captured == 2 && p.length == 40 && p.bytes[0] == 'h');
	free(m);
}

static void comments_are_joined_and_strange_blocks_passed_over(void)
{
	struct made *m = make_section(true);
	struct pcapng_reader *r;
	struct pcapng_packet p;
	uint32_t flags = 3; /* a direction that does not exist */

	begin(m, 0x0bad);
	write_bytes(&m->w, (const uint8_t *)"\1\2\3\4", 4);
	end(m);
	interface(m, 9, 0);
	begin(m, 4);
	u16(m, 2); /* an IPv6 name */
	u16(m, 18);
	write_bytes(&m->w, (const uint8_t *)"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1v\0\0", 20);
	end(m);
	begin(m, 6);
	u32(m, 0);
	u64(m, 8);
	u32(m, 0);
	u32(m, 0);
	option(m, 1, "one", 3);
	option(m, 2, &flags, 4);
	option(m, 1, "two", 3);
	option(m, 0, "", 0);
	option(m, 1, "beyond the end", 14);
	end(m);
	r = pcapng_reader_open_memory(m->bytes, m->w.len);
	CU_ASSERT_EQUAL_FATAL(pcapng_reader_next(r, &p), 1);
	CU_ASSERT_PTR_NOT_NULL_FATAL(p.comment);
	CU_ASSERT_STRING_EQUAL(p.comment, "one\ntwo");
	CU_ASSERT_EQUAL(p.direction, PCAPNG_DIRECTION_UNKNOWN);
	CU_ASSERT_EQUAL(pcapng_reader_next(r, &p), 0);
	CU_ASSERT_EQUAL_FATAL(pcapng_reader_name_count(r), 1);
	CU_ASSERT_TRUE(pcapng_reader_name(r, 0)->address.family == 6 &&
	               strcmp(pcapng_reader_name(r, 0)->name, "v") == 0);
	pcapng_reader_close(r);
	free(m);
}

/* A block whose stated length is `len`, with 16 bytes in it. */
static struct made *make_block_of(uint32_t len)
{
	struct made *m = make_section(true);

	u32(m, 0x0bad);
	u32(m, len);
	write_zeros(&m->w, 8);
	u32(m, len);
	return m;
}

static void damage_is_named(void)
{
	struct made *m = make(true);

	assert_fails(m, "empty");
	m = make(true);
	write_bytes(&m->w, (const uint8_t *)"#!/bin/sh\n", 10);
	assert_fails(m, "neither pcapng nor pcap");
	m = make(true);
	u32(m, 0xa1b2c3d4);
	u16(m, 3);
	write_zeros(&m->w, 18);
	assert_fails(m, "version 3");
	m = make(true);
	u32(m, 0xa1b2c3d4);
	u16(m, 2);
	write_zeros(&m->w, 18 + 8);
	u32(m, 0x40001);
	write_zeros(&m->w, 4);
	assert_fails(m, "262145 bytes cannot be");
	assert_fails(make_block_of(8), "8 bytes cannot be");
	assert_fails(make_block_of(22), "22 bytes cannot be");
	assert_fails(make_block_of(0xfffffffc), "4294967292 bytes cannot be");
	assert_fails(make_block_of(16), "two lengths differ");
	assert_fails(make_block_of(0x01000000), "cut short");
	m = make(true);
	u32(m, 0x0a0d0d0a);
	u32(m, 28);
	write_zeros(&m->w, 20);
	assert_fails(m, "without its magic");
	m = make_section(true);
	packet(m, 0, 1);
	assert_fails(m, "not described");
	m = make_section(true);
	interface(m, 9, 0);
	begin(m, 6);
	u32(m, 0);
	u64(m, 8);
	u32(m, 5); /* more than there is */
	u32(m, 5);
	write_zeros(&m->w, 4);
	end(m);
	assert_fails(m, "longer than its block");
	m = make_section(true);
	interface(m, 9, 0);
	begin(m, 6);
	u32(m, 0);
	u64(m, 8);
	u64(m, 0);
	u16(m, 1);
	u16(m, 5); /* a comment beyond the block */
	end(m);
	assert_fails(m, "broken option");
}

static void a_file_that_is_not_there(void)
{
	char error[PCAPNG_READER_ERROR_SIZE];

	CU_ASSERT_PTR_NULL(pcapng_reader_open("/nonexistent/x.pcapng", error));
	CU_ASSERT_STRING_EQUAL(error, "/nonexistent/x.pcapng: No such file or directory");
}

static void a_folder_is_a_read_error(void)
{
	char error[PCAPNG_READER_ERROR_SIZE];
	struct pcapng_reader *r = pcapng_reader_open("/", error);
	struct pcapng_packet p;

	CU_ASSERT_PTR_NOT_NULL_FATAL(r);
	CU_ASSERT_EQUAL(pcapng_reader_next(r, &p), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(pcapng_reader_error(r), "directory"));
	pcapng_reader_close(r);
}

/* Packed in two pieces, as gzip files may be put one behind the other; then cut, and then spoiled. */
static void a_packed_file(void)
{
	char path[] = "/tmp/packed.XXXXXX", error[PCAPNG_READER_ERROR_SIZE];
	struct made *m = make_section(false);
	struct pcapng_reader *r;
	struct pcapng_packet p;
	int fd = mkstemp(path);
	size_t half;
	gzFile f;

	interface(m, 9, 0);
	for (unsigned i = 0; i < 20; i++)
		packet(m, 0, i);
	half = m->w.len / 2;
	CU_ASSERT_TRUE_FATAL(fd >= 0);
	for (int piece = 0; piece < 2; piece++) {
		f = gzopen(path, piece == 0 ? "w" : "a");
		gzwrite(f, m->bytes + (piece == 0 ? 0 : half), (unsigned)(piece == 0 ? half : m->w.len - half));
		gzclose(f);
	}
	r = pcapng_reader_open(path, error);
	for (unsigned i = 0; i < 20; i++)
		CU_ASSERT_TRUE(pcapng_reader_next(r, &p) == 1 && p.time_ns == i);
	CU_ASSERT_EQUAL(pcapng_reader_next(r, &p), 0);
	pcapng_reader_close(r);
	CU_ASSERT_EQUAL(pwrite(fd, "\xff\xff\xff\xff", 4, 14), 4);
	r = pcapng_reader_open(path, error);
	while (pcapng_reader_next(r, &p) == 1)
		continue;
	CU_ASSERT_NOT_EQUAL(pcapng_reader_error(r)[0], '\0');
	pcapng_reader_close(r);
	close(fd);
	unlink(path);
	free(m);
}

SUITE(pcapng_reader, TEST(a_packed_file), TEST(both_orders_of_bytes), TEST(all_units_of_time),
      TEST(microseconds_are_the_default), TEST(captures_tell_how_they_were_made), TEST(plain_pcap),
      TEST(sections_number_their_interfaces_anew), TEST(old_and_simple_packets),
      TEST(comments_are_joined_and_strange_blocks_passed_over), TEST(damage_is_named), TEST(a_file_that_is_not_there),
      TEST(a_folder_is_a_read_error))
