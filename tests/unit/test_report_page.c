#include "report/compressed_json.h"
#include "report/page.h"
#include "suite.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* The page made of data; the caller frees. */
static char *page_of(json_t *data)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT_EQUAL(page_write(f, data), 0);
	fclose(f);
	json_decref(data);
	return text;
}

/* The data block of a page: what stands between its tags. */
static char *block_of(const char *page)
{
	const char *start = strstr(page, "id=\"data\">");
	CU_ASSERT_PTR_NOT_NULL_FATAL(start);
	start += strlen("id=\"data\">");
	const char *end = strstr(start, "</script>");
	CU_ASSERT_PTR_NOT_NULL_FATAL(end);
	return strndup(start, (size_t)(end - start));
}

static void data_stay_in_their_block(void)
{
	static const char *const hostile[] = {
		"</script><script>alert(1)</script>", "<!--<script>", "]]>", "&lt;\"'\\", "\xe2\x80\xa8", "\x1b[2J"
	};

	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		char *page = page_of(json_pack("{s:s}", hostile[i], hostile[i]));
		char *block = block_of(page);
		CU_ASSERT_PTR_NULL(strpbrk(block, "<>&"));
		json_t *back = json_loads(block, 0, NULL);
		CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(back, hostile[i])), hostile[i]);
		json_decref(back);
		free(block);
		free(page);
	}
}

static void page_allows_its_own_parts_alone(void)
{
	char *page = page_of(json_object());

	CU_ASSERT_PTR_NOT_NULL(strstr(page, "default-src 'none'; script-src 'sha256-"));
	CU_ASSERT_PTR_NULL(strstr(page, "unsafe-inline"));
	CU_ASSERT_PTR_NULL(strstr(page, "@DATA@"));
	CU_ASSERT_PTR_NULL(strstr(page, "innerHTML"));
	CU_ASSERT_PTR_NULL(strstr(page, "https://"));
	free(page);
}

static void full_disk_is_an_error(void)
{
	FILE *f = fopen("/dev/full", "we");
	json_t *data = json_object();

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT_EQUAL(page_write(f, data), -1);
	fclose(f);
	json_decref(data);
}

static void packed_detail_comes_back(void)
{
	json_t *detail = json_pack("{s:[s,i,n]}", "why", "because </script>", 7);
	json_t *packed = compressed_json(detail);
	unsigned char small[512];
	char text[512] = "";
	size_t len;
	uLongf room = sizeof(text) - 1;

	CU_ASSERT_PTR_NOT_NULL_FATAL(packed);
	CU_ASSERT_EQUAL(sodium_base642bin(small, sizeof(small), json_string_value(packed), json_string_length(packed),
	                                  NULL, &len, NULL, sodium_base64_VARIANT_ORIGINAL),
	                0);
	CU_ASSERT_EQUAL(uncompress((Bytef *)text, &room, small, len), Z_OK);
	json_t *back = json_loads(text, 0, NULL);
	CU_ASSERT(json_equal(back, detail));
	json_decref(back);
	json_decref(packed);
	json_decref(detail);
}

SUITE(report_page, TEST(data_stay_in_their_block), TEST(page_allows_its_own_parts_alone), TEST(full_disk_is_an_error),
      TEST(packed_detail_comes_back))
