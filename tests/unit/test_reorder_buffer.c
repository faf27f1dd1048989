#include "evidence/reorder_buffer.h"
#include "suite.h"

#include <stdlib.h>
#include <string.h>

struct seen {
	uint64_t times[4096];
	uint32_t interfaces[4096];
	uint8_t first_bytes[4096];
	size_t count, stop_at;
};

static int see(void *data, const struct pcapng_packet *p)
{
	struct seen *s = data;

	if (s->count == s->stop_at)
		return -1;
	s->times[s->count] = p->time_ns;
	s->interfaces[s->count] = p->interface;
	s->first_bytes[s->count++] = p->captured > 0 ? p->bytes[0] : 0;
	return 0;
}

static void add(struct reorder_buffer *b, uint64_t time_ns, uint32_t interface, const char *bytes)
{
	struct pcapng_packet p = {
		.time_ns = time_ns,
		.interface = interface,
		.bytes = (const uint8_t *)bytes,
		.captured = (uint32_t)strlen(bytes),
		.length = (uint32_t)strlen(bytes),
	};

	CU_ASSERT_EQUAL(reorder_buffer_add(b, &p), 0);
}

static struct seen *give(struct reorder_buffer *b, uint64_t until_ns)
{
	static struct seen s;

	memset(&s, 0, sizeof s);
	s.stop_at = SIZE_MAX;
	CU_ASSERT_EQUAL(reorder_buffer_give(b, until_ns, see, &s), 0);
	return &s;
}

static void gives_out_sorted_what_is_old_enough(void)
{
	struct reorder_buffer *b = reorder_buffer_new(4);
	const struct seen *s;

	CU_ASSERT_EQUAL(reorder_buffer_oldest_ns(b), UINT64_MAX);
	add(b, 30, 0, "c");
	add(b, 50, 0, "e");
	add(b, 20, 1, "b");
	add(b, 40, 1, "d");
	add(b, 10, 2, "a");
	CU_ASSERT_EQUAL(reorder_buffer_oldest_ns(b), 10);
	CU_ASSERT_EQUAL(give(b, 9)->count, 0);
	s = give(b, 30);
	CU_ASSERT_EQUAL_FATAL(s->count, 3);
	CU_ASSERT_EQUAL(memcmp(s->first_bytes, "abc", 3), 0);
	CU_ASSERT_EQUAL(reorder_buffer_count(b), 2);
	CU_ASSERT_EQUAL(reorder_buffer_oldest_ns(b), 40);
	add(b, 45, 3, "x");
	s = give(b, UINT64_MAX);
	CU_ASSERT_EQUAL_FATAL(s->count, 3);
	CU_ASSERT_EQUAL(memcmp(s->first_bytes, "dxe", 3), 0);
	CU_ASSERT_EQUAL(reorder_buffer_count(b), 0);
	CU_ASSERT_EQUAL(reorder_buffer_bytes(b), 0);
	CU_ASSERT_EQUAL(reorder_buffer_oldest_ns(b), UINT64_MAX);
	reorder_buffer_free(b);
}

static void equal_times_keep_their_order(void)
{
	struct reorder_buffer *b = reorder_buffer_new(100);
	const struct seen *s;

	for (uint32_t i = 0; i < 100; i++)
		add(b, 5, i, "x");
	s = give(b, 5);
	CU_ASSERT_EQUAL_FATAL(s->count, 100);
	for (uint32_t i = 0; i < 100; i++)
		CU_ASSERT_EQUAL(s->interfaces[i], i);
	reorder_buffer_free(b);
}

/* More than a chunk, given out in parts, so that chunks are emptied and used again. */
static void bytes_stay_as_they_were(void)
{
	static char bytes[1500];
	struct reorder_buffer *b = reorder_buffer_new(4);
	uint64_t next = 0;

	for (uint64_t time = 0; time < 3000; time++) {
		const struct seen *s;

		memset(bytes, (char)('A' + time % 26), sizeof bytes - 1);
		add(b, time, 0, bytes);
		if (time % 100 != 99)
			continue;
		s = give(b, time - 50);
		for (size_t i = 0; i < s->count; i++, next++)
			CU_ASSERT_TRUE(s->times[i] == next && s->first_bytes[i] == 'A' + next % 26);
	}
	CU_ASSERT_EQUAL(next, 2950);
	reorder_buffer_free(b); /* with packets in it */
}

static void interfaces_may_share_a_queue(void)
{
	struct reorder_buffer *b = reorder_buffer_new(2);
	const struct seen *s;

	for (uint32_t i = 0; i < 10; i++)
		add(b, 100 - i, i, "x");
	s = give(b, UINT64_MAX);
	CU_ASSERT_EQUAL_FATAL(s->count, 10);
	for (uint32_t i = 0; i < 10; i++)
		CU_ASSERT_EQUAL(s->interfaces[i], 9 - i);
	reorder_buffer_free(b);
}

static void stops_when_told(void)
{
	struct reorder_buffer *b = reorder_buffer_new(4);
	struct seen s = { .stop_at = 1 };

	add(b, 1, 0, "a");
	add(b, 2, 0, "b");
	add(b, 3, 0, "c");
	CU_ASSERT_EQUAL(reorder_buffer_give(b, UINT64_MAX, see, &s), -1);
	CU_ASSERT_EQUAL(s.count, 1);
	CU_ASSERT_EQUAL(reorder_buffer_count(b), 1);
	reorder_buffer_free(b);
}

static void links_that_are_not_quite_sorted(void)
{
	static const uint64_t times[] = { 5, 9, 7, 8, 1, 6, 6, 30, 20, 10 };
	struct reorder_buffer *b = reorder_buffer_new(1);
	const struct seen *s;

	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
		add(b, times[i], 0, i == 5 ? "f" : i == 6 ? "s" : "x");
	s = give(b, UINT64_MAX);
	CU_ASSERT_EQUAL_FATAL(s->count, 10);
	for (size_t i = 1; i < s->count; i++)
		CU_ASSERT_TRUE(s->times[i - 1] <= s->times[i]);
	CU_ASSERT_TRUE(s->first_bytes[2] == 'f' && s->first_bytes[3] == 's');
	reorder_buffer_free(b);
}

SUITE(reorder_buffer, TEST(gives_out_sorted_what_is_old_enough), TEST(equal_times_keep_their_order),
      TEST(bytes_stay_as_they_were), TEST(interfaces_may_share_a_queue), TEST(stops_when_told),
      TEST(links_that_are_not_quite_sorted))
