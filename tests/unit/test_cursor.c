#include "base/cursor.h"
#include "suite.h"

static void reads_what_was_written(void)
{
	uint8_t bytes[16];
	uint8_t back[3];
	struct writer w = writer_of(bytes, sizeof bytes);
	struct reader r;

	write_u8(&w, 0xab);
	write_u16(&w, 0x1234);
	write_u32(&w, 0xdeadbeef);
	write_bytes(&w, (const uint8_t *)"xyz", 3);
	write_zeros(&w, 2);
	rewrite_u16(&w, 1, 0x5678);
	CU_ASSERT_FALSE(w.failed);
	CU_ASSERT_EQUAL(w.len, 12);
	r = reader_of(bytes, w.len);
	CU_ASSERT_EQUAL(read_u8(&r), 0xab);
	CU_ASSERT_EQUAL(read_u16(&r), 0x5678);
	CU_ASSERT_EQUAL(read_u32(&r), 0xdeadbeef);
	read_bytes(&r, back, 3);
	CU_ASSERT_EQUAL(memcmp(back, "xyz", 3), 0);
	CU_ASSERT_EQUAL(reader_left(&r), 2);
	CU_ASSERT_FALSE(reader_is_at_end(&r));
	CU_ASSERT_EQUAL(read_u16(&r), 0);
	CU_ASSERT_TRUE(reader_is_at_end(&r));
}

static void a_failed_read_stays_failed_and_gives_zeros(void)
{
	static const uint8_t bytes[] = { 0xff, 0xff, 0xff };
	struct reader r = reader_of(bytes, sizeof bytes);

	CU_ASSERT_EQUAL(read_u32(&r), 0);
	CU_ASSERT_TRUE(r.failed);
	CU_ASSERT_EQUAL(read_u8(&r), 0); /* there is a byte, but the error is sticky */
	CU_ASSERT_EQUAL(reader_left(&r), 0);
	CU_ASSERT_FALSE(reader_is_at_end(&r));
}

static void a_part_cannot_reach_beyond_itself(void)
{
	static const uint8_t bytes[] = { 1, 2, 3, 4 };
	struct reader r = reader_of(bytes, sizeof bytes);
	struct reader part = read_part(&r, 3);

	CU_ASSERT_EQUAL(read_u32(&part), 0);
	CU_ASSERT_TRUE(part.failed);
	CU_ASSERT_EQUAL(read_u8(&r), 4);
	part = read_part(&r, SIZE_MAX);
	CU_ASSERT_TRUE(part.failed);
	CU_ASSERT_EQUAL(read_u8(&part), 0);
}

static void a_full_writer_refuses_all_that_follows(void)
{
	uint8_t bytes[4] = { 0, 0, 0, 9 };
	struct writer w = writer_of(bytes, 3);

	write_u16(&w, 1);
	write_u16(&w, 2);
	CU_ASSERT_TRUE(w.failed);
	write_u8(&w, 7); /* there is room, but the error is sticky */
	CU_ASSERT_EQUAL(w.len, 2);
	CU_ASSERT_EQUAL(bytes[3], 9);
	w = writer_of(bytes, 3);
	rewrite_u16(&w, 0, 5);
	CU_ASSERT_TRUE(w.failed);
}

SUITE(cursor, TEST(reads_what_was_written), TEST(a_failed_read_stays_failed_and_gives_zeros),
      TEST(a_part_cannot_reach_beyond_itself), TEST(a_full_writer_refuses_all_that_follows))
