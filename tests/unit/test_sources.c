/* Several captures as one stream: in which order, how late, and of which interfaces. */
#include "suite.h"

#include "evidence/pcapng.h"
#include "trace/sources.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MS UINT64_C(1000000)
#define START_NS UINT64_C(1700000000000000000)
#define MOST 8

static struct source list[SOURCES_MAX];
static FILE *files[SOURCES_MAX];

static void begin(size_t count)
{
	memset(list, 0, sizeof list);
	for (size_t i = 0; i < count; i++) {
		int fd;

		strcpy(list[i].path, "/tmp/source.XXXXXX");
		fd = mkstemp(list[i].path);
		list[i].fd = -1;
		CU_ASSERT_FATAL(fd >= 0);
		files[i] = fdopen(fd, "w");
		CU_ASSERT_EQUAL(pcapng_write_section(files[i], "test"), 0);
		CU_ASSERT_EQUAL(pcapng_write_interface(files[i], "first", NULL, 1, 65535), 0);
	}
}

static void put(size_t source, uint32_t interface, uint64_t time_ns, const uint8_t *bytes, uint32_t len)
{
	const struct pcapng_packet p = {
		.interface = interface, .time_ns = START_NS + time_ns, .bytes = bytes, .captured = len, .length = len
	};

	CU_ASSERT_EQUAL(pcapng_write_packet(files[source], &p), 0);
}

static void close_all(size_t count)
{
	for (size_t i = 0; i < count; i++)
		fclose(files[i]);
}

static struct sources *open_all(size_t count)
{
	char error[SOURCES_ERROR_SIZE];
	struct sources *s = sources_open(list, count, error);

	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	return s;
}

static void end(struct sources *s, size_t count)
{
	sources_close(s);
	for (size_t i = 0; i < count; i++)
		unlink(list[i].path);
}

/* Times in the order of the file, and what comes out: what is near is sorted, what is far is a clock set back. */
static void one_file_is_sorted_as_far_as_asked(void)
{
	static const struct {
		uint64_t window_ns, in_ns[MOST], out_ns[MOST]; /* 0 ends them */
		uint64_t late, late_ns, disorder_ns;
	} rows[] = {
		{ 0, { 1, 2, 3 }, { 1, 2, 3 }, 0, 0, 0 },
		{ 0, { 3, 2, 4 }, { 3, 2, 4 }, 1, 1, 1 },
		{ 2, { 3, 2, 4, 9 }, { 2, 3, 4, 9 }, 0, 0, 1 },
		{ 2, { 5, 4, 3, 9 }, { 3, 4, 5, 9 }, 0, 0, 2 },
		{ 5 * MS, { 9 * MS, 4 * MS, 5 * MS }, { 4 * MS, 5 * MS, 9 * MS }, 0, 0, 5 * MS },
		{ 2, { 9, 12, 3, 20 }, { 9, 3, 12, 20 }, 1, 6, 9 },
		{ 6000 * MS,
		  { 4000 * MS, 1000 * MS, 5000 * MS },
		  { 1000 * MS, 4000 * MS, 5000 * MS },
		  0,
		  0,
		  3000 * MS },
		{ 6000 * MS,
		  { 4000 * MS, 1000 * MS - 1, 2000 * MS },
		  { 4000 * MS, 1000 * MS - 1, 2000 * MS },
		  1,
		  3000 * MS + 1,
		  0 },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct pcapng_packet p;
		struct sources *s;
		uint64_t by_ns;

		begin(1);
		list[0].window_ns = rows[i].window_ns;
		for (size_t k = 0; rows[i].in_ns[k] != 0; k++)
			put(0, 0, rows[i].in_ns[k], (const uint8_t *)"x", 1);
		close_all(1);
		s = open_all(1);
		for (size_t k = 0; rows[i].out_ns[k] != 0; k++) {
			CU_ASSERT_EQUAL_FATAL(sources_next(s, &p), 1);
			CU_ASSERT_EQUAL(p.time_ns - START_NS, rows[i].out_ns[k]);
		}
		CU_ASSERT_EQUAL(sources_next(s, &p), 0);
		CU_ASSERT_EQUAL(sources_next(s, &p), 0);
		CU_ASSERT_EQUAL(sources_late(s, 0, &by_ns), rows[i].late);
		CU_ASSERT_EQUAL(by_ns, rows[i].late_ns);
		CU_ASSERT_EQUAL(sources_disorder(s, 0), rows[i].disorder_ns);
		end(s, 1);
	}
}

/* By their times, each put right; their interfaces count over all, those that nobody used at the end. */
static void several_are_one_stream(void)
{
	static const struct {
		uint64_t time_ns;
		uint32_t interface;
		size_t source;
	} rows[] = { { 5, 0, 0 }, { 10, 1, 1 }, { 12, 2, 1 }, { 15, 0, 0 }, { 25, 3, 2 } };
	struct address server;
	struct source_interface at;
	struct pcapng_packet p;
	struct sources *s;

	CU_ASSERT_EQUAL_FATAL(address_parse("22.22.22.1", &server), 0);
	begin(3);
	CU_ASSERT_EQUAL(pcapng_write_interface(files[1], "second", NULL, 1, 65535), 0);
	put(0, 0, 5, (const uint8_t *)"x", 1);
	put(0, 0, 15, (const uint8_t *)"x", 1);
	put(1, 0, 1010, (const uint8_t *)"x", 1);
	put(1, 1, 1012, (const uint8_t *)"x", 1);
	put(2, 0, 22, (const uint8_t *)"x", 1);
	CU_ASSERT_EQUAL(pcapng_write_name(files[2], &server, "server"), 0);
	CU_ASSERT_EQUAL(pcapng_write_interface(files[2], "unused", NULL, 101, 65535), 0);
	close_all(3);
	list[1].shift_ns = -1000;
	list[2].shift_ns = 3;
	s = open_all(3);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CU_ASSERT_EQUAL_FATAL(sources_next(s, &p), 1);
		CU_ASSERT_EQUAL(p.time_ns - START_NS, rows[i].time_ns);
		CU_ASSERT_EQUAL(p.interface, rows[i].interface);
		CU_ASSERT_TRUE_FATAL(sources_interface(s, p.interface, &at));
		CU_ASSERT_EQUAL(at.source, rows[i].source);
	}
	CU_ASSERT_EQUAL(sources_next(s, &p), 0);
	CU_ASSERT_TRUE_FATAL(sources_interface(s, 4, &at));
	CU_ASSERT_EQUAL(at.source, 2);
	CU_ASSERT_EQUAL(at.in_file, 1);
	CU_ASSERT_STRING_EQUAL(at.said->name, "unused");
	CU_ASSERT_FALSE(sources_interface(s, 5, &at));
	CU_ASSERT_FALSE(sources_are_plain(s));
	CU_ASSERT_PTR_NULL(sources_error(s, &(const char *){ "" }));
	end(s, 3);
}

/* A cooked capture of all interfaces (SLL2) is parted by their indices, which its packets bear. */
static void a_cooked_one_is_parted(void)
{
	static const uint8_t of_3[20] = { 8, 0, 0, 0, 0, 0, 0, 3 }, of_258[20] = { 8, 0, 0, 0, 0, 0, 1, 2 };
	static const uint32_t indices[] = { 258, 3, 258, 0 };
	struct source_interface at;
	struct pcapng_packet p;
	struct sources *s;

	begin(1);
	CU_ASSERT_EQUAL(pcapng_write_interface(files[0], "any", NULL, 276, 65535), 0);
	put(0, 1, 1, of_258, sizeof of_258);
	put(0, 1, 2, of_3, sizeof of_3);
	put(0, 1, 3, of_258, sizeof of_258);
	put(0, 1, 4, of_3, 7); /* cut off before it */
	close_all(1);
	s = open_all(1);
	for (size_t i = 0; i < sizeof indices / sizeof *indices; i++) {
		CU_ASSERT_EQUAL_FATAL(sources_next(s, &p), 1);
		CU_ASSERT_TRUE_FATAL(sources_interface(s, p.interface, &at));
		CU_ASSERT_EQUAL(at.link_index, indices[i]);
		CU_ASSERT_EQUAL(at.in_file, 1);
	}
	CU_ASSERT_EQUAL(sources_next(s, &p), 0);
	CU_ASSERT_TRUE(sources_interface(s, 0, &at) && at.in_file == 0);
	CU_ASSERT_FALSE(sources_interface(s, 4, &at));
	end(s, 1);
}

/* One that cannot be read on ends there, and is named; the others go on. */
static void a_damaged_one_is_named(void)
{
	const char *path = NULL;
	struct pcapng_packet p;
	struct sources *s;

	begin(2);
	put(0, 0, 1, (const uint8_t *)"x", 1);
	put(1, 0, 2, (const uint8_t *)"x", 1);
	fputs("no block", files[0]);
	close_all(2);
	s = open_all(2);
	CU_ASSERT_EQUAL(sources_next(s, &p), 1);
	CU_ASSERT_EQUAL(sources_next(s, &p), 1);
	CU_ASSERT_EQUAL(p.time_ns - START_NS, 2);
	CU_ASSERT_EQUAL(sources_next(s, &p), 0);
	CU_ASSERT_PTR_NOT_NULL(sources_error(s, &path));
	CU_ASSERT_STRING_EQUAL(path, list[0].path);
	end(s, 2);
}

SUITE(sources, TEST(one_file_is_sorted_as_far_as_asked), TEST(several_are_one_stream), TEST(a_cooked_one_is_parted),
      TEST(a_damaged_one_is_named))
