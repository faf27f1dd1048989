#include "evidence/record.h"
#include "suite.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATTERN "/tmp/test_record_XXXXXX"

static char path[sizeof PATTERN];

static struct record *open_record(void)
{
	int fd;

	memcpy(path, PATTERN, sizeof path);
	fd = mkstemp(path);
	CU_ASSERT_TRUE_FATAL(fd >= 0);
	close(fd);
	return record_open(path);
}

/* Closes, reads all there is and removes the file. */
static char *close_and_read(struct record *r, char text[4096])
{
	FILE *f = fopen(path, "r");

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	text[fread(text, 1, 4095, f)] = '\0';
	fclose(f);
	unlink(path);
	record_close(r);
	return text;
}

static void writes_one_object_a_line(void)
{
	struct record *r = open_record();
	char text[4096];

	record_write(r, "input", "{s:I,s:s,s:s}", "t", (json_int_t)1700000000123456789, "host", "alice", "text",
	             "a \"b\"\n\tö");
	record_write(r, "exit", "{s:i}", "status", 3);
	record_write_object(r, "step", json_pack("{s:s}", "text", "waits"));
	CU_ASSERT_EQUAL(record_error(r), 0);
	CU_ASSERT_STRING_EQUAL(
	    close_and_read(r, text),
	    "{\"type\":\"input\",\"t\":1700000000123456789,\"host\":\"alice\",\"text\":\"a \\\"b\\\"\\n\\tö\"}\n"
	    "{\"type\":\"exit\",\"status\":3}\n{\"type\":\"step\",\"text\":\"waits\"}\n");
}

static void two_writers_share_a_file(void)
{
	struct record *a = open_record();
	struct record *b = record_open(path);
	char text[4096];

	for (int i = 0; i < 2; i++) {
		record_write(a, "a", "{s:i}", "n", i);
		record_write(b, "b", "{s:i}", "n", i);
	}
	record_close(b);
	CU_ASSERT_STRING_EQUAL(close_and_read(a, text), "{\"type\":\"a\",\"n\":0}\n{\"type\":\"b\",\"n\":0}\n"
	                                                "{\"type\":\"a\",\"n\":1}\n{\"type\":\"b\",\"n\":1}\n");
}

static void remembers_what_failed(void)
{
	struct record *r = open_record();
	struct record *full = record_open("/dev/full");
	char text[4096];

	record_write(r, "output", "{s:s}", "text", "\xff");
	CU_ASSERT_EQUAL(record_error(r), EILSEQ);
	record_write(r, "output", "{s:s}", "text", "goes on");
	CU_ASSERT_EQUAL(record_error(r), EILSEQ);
	CU_ASSERT_STRING_EQUAL(close_and_read(r, text), "{\"type\":\"output\",\"text\":\"goes on\"}\n");

	CU_ASSERT_PTR_NOT_NULL_FATAL(full);
	record_write(full, "step", "{s:s}", "text", "x");
	CU_ASSERT_EQUAL(record_error(full), ENOSPC);
	record_close(full);

	CU_ASSERT_PTR_NULL(record_open("/nonexistent/record"));
	CU_ASSERT_EQUAL(errno, ENOENT);
	record_write(NULL, "step", "{}");
}

static void text_is_always_utf8(void)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *text;
	} table[] = {
		{ "", 0, "" },
		{ "plain ~", 7, "plain ~" },
		{ "\0x", 2, "\\x00x" },
		{ "\xc3\xb6", 2, "\xc3\xb6" },                 /* ö */
		{ "\xe2\x82\xac", 3, "\xe2\x82\xac" },         /* euro sign */
		{ "\xf0\x9f\x8e\x89", 4, "\xf0\x9f\x8e\x89" }, /* beyond 16 bits */
		{ "\xf4\x8f\xbf\xbf", 4, "\xf4\x8f\xbf\xbf" }, /* U+10FFFF, the last */
		{ "\x80", 1, "\\x80" },                        /* a continuation alone */
		{ "\xc3", 1, "\\xc3" },                        /* cut short */
		{ "\xc3(", 2, "\\xc3(" },                      /* no continuation */
		{ "\xc0\xaf", 2, "\\xc0\\xaf" },               /* longer than needed */
		{ "\xe0\x80\xaf", 3, "\\xe0\\x80\\xaf" },
		{ "\xf0\x80\x80\xaf", 4, "\\xf0\\x80\\x80\\xaf" },
		{ "\xed\xa0\x80", 3, "\\xed\\xa0\\x80" },          /* a surrogate */
		{ "\xf4\x90\x80\x80", 4, "\\xf4\\x90\\x80\\x80" }, /* beyond U+10FFFF */
		{ "\xf8\x88\x80\x80\x80", 5, "\\xf8\\x88\\x80\\x80\\x80" },
		{ "\xff\xfe", 2, "\\xff\\xfe" },
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		char *text = record_text(table[i].bytes, table[i].len);
		json_t *string = json_string(text);

		CU_ASSERT_STRING_EQUAL(text, table[i].text);
		CU_ASSERT_PTR_NOT_NULL(string); /* jansson refuses what is not UTF-8 */
		json_decref(string);
		free(text);
	}
}

SUITE(record, TEST(writes_one_object_a_line), TEST(two_writers_share_a_file), TEST(remembers_what_failed),
      TEST(text_is_always_utf8))
