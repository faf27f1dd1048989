#include "report/page.h"

#include "sim/report/page_bytes.h" /* made by sim/report/embed */

#include <errno.h>
#include <string.h>

/* Inside a JSON text these three characters stand in strings only, where an escape means the same. */
static const char *escape_of(char c)
{
	switch (c) {
	case '<': return "\\u003c";
	case '>': return "\\u003e";
	case '&': return "\\u0026";
	default: return NULL;
	}
}

/* json_dump_callback_t: passes what needs no escape on in one piece. */
static int write_escaped(const char *text, size_t len, void *stream)
{
	FILE *f = stream;
	size_t done = 0;

	for (size_t i = 0; i < len; i++) {
		const char *escape = escape_of(text[i]);
		if (!escape)
			continue;
		if (fwrite(text + done, 1, i - done, f) != i - done || fputs(escape, f) == EOF)
			return -1;
		done = i + 1;
	}
	return fwrite(text + done, 1, len - done, f) == len - done ? 0 : -1;
}

int page_write(FILE *f, const json_t *data)
{
	errno = 0;
	if (fwrite(page_before, 1, sizeof(page_before), f) == sizeof(page_before) &&
	    json_dump_callback(data, write_escaped, f, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_ENCODE_ANY) == 0 &&
	    fwrite(page_after, 1, sizeof(page_after), f) == sizeof(page_after) && fflush(f) == 0)
		return 0;
	if (errno == 0)
		errno = EIO;
	return -1;
}

int page_write_file(const char *path, const json_t *data)
{
	FILE *f = fopen(path, "we");
	int result = f != NULL ? page_write(f, data) : -1;

	if (f != NULL && fclose(f) != 0)
		result = -1;
	return result;
}
