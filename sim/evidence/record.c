#include "evidence/record.h"

#include "base/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct record {
	int fd;
	int error;      /* of the first line that failed */
	bool cut_short; /* the last line has no end */
};

struct record *record_open(const char *path)
{
	struct record *r = calloc(1, sizeof *r);

	if (r == NULL)
		return NULL;
	r->fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
	if (r->fd < 0) {
		int error = errno;

		free(r);
		errno = error;
		return NULL;
	}
	return r;
}

void record_close(struct record *r)
{
	if (r == NULL)
		return;
	close(r->fd);
	free(r);
}

int record_error(const struct record *r)
{
	return r->error;
}

static void fail(struct record *r, int error)
{
	if (r->error == 0)
		r->error = error;
}

/* A disk that fills up in mid-line leaves half a line: the next one is kept apart from it. */
static void write_line(struct record *r, const char *line, size_t len)
{
	ssize_t n;

	if (r->cut_short && write(r->fd, "\n", 1) == 1)
		r->cut_short = false;
	if (r->cut_short)
		return;
	do
		n = write(r->fd, line, len);
	while (n < 0 && errno == EINTR);
	if (n < 0) {
		fail(r, errno);
	} else if ((size_t)n < len) {
		r->cut_short = n > 0;
		fail(r, ENOSPC);
	}
}

/* "type" comes first, for the eye. */
static char *print_line(const char *type, json_t *object, size_t *len)
{
	json_t *line = json_pack("{s:s}", "type", type);
	char *text = NULL;

	if (line != NULL && json_object_update_missing(line, object) == 0)
		text = json_dumps(line, JSON_COMPACT);
	json_decref(line);
	if (text == NULL)
		return NULL;
	*len = strlen(text) + 1;
	text[*len - 1] = '\n'; /* in the place of the zero: it is written by length */
	return text;
}

void record_write_object(struct record *r, const char *type, json_t *object)
{
	size_t len = 0;
	char *line;

	if (r != NULL) {
		line = object != NULL ? print_line(type, object, &len) : NULL;
		if (line != NULL)
			write_line(r, line, len);
		else
			fail(r, object != NULL ? EILSEQ : ENOMEM);
		free(line);
	}
	json_decref(object);
}

void record_write(struct record *r, const char *type, const char *format, ...)
{
	json_error_t error;
	json_t *object;
	va_list args;

	if (r == NULL)
		return;
	va_start(args, format);
	object = json_vpack_ex(&error, 0, format, args);
	va_end(args);
	if (object != NULL)
		record_write_object(r, type, object);
	else
		fail(r, json_error_code(&error) == json_error_invalid_utf8 ? EILSEQ : EINVAL);
}

char *record_text(const char *bytes, size_t len)
{
	char *text = malloc(len * 4 + 1);
	size_t at = 0;

	if (text == NULL)
		return NULL;
	for (size_t i = 0; i < len;) {
		const uint8_t *b = (const uint8_t *)bytes + i;
		size_t n = utf8_length(b, len - i);

		if (n > 0 && b[0] != 0) {
			memcpy(text + at, b, n);
			at += n;
			i += n;
		} else {
			at += (size_t)snprintf(text + at, 5, "\\x%02x", b[0]);
			i++;
		}
	}
	text[at] = '\0';
	return text;
}

json_t *record_string(const char *bytes)
{
	char *text = bytes != NULL ? record_text(bytes, strlen(bytes)) : NULL;
	json_t *string = text != NULL ? json_string(text) : NULL;

	free(text);
	return string;
}
