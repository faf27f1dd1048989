#include "evidence/record.h"

#include "base/escape.h"
#include "io/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct record {
	int fd;
	int error;                /* of the first line that failed */
	bool cut_short;           /* the last line has no end */
	_Atomic uint64_t *length; /* of the file, by what was written to it: one count for all forks */
};

static int open_file(struct record *r, const char *path)
{
	struct stat there;

	r->fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
	if (r->fd < 0 || fstat(r->fd, &there) != 0)
		return -1;
	r->length = mmap(NULL, sizeof *r->length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (r->length == MAP_FAILED)
		return -1;
	atomic_init(r->length, (uint64_t)there.st_size);
	return 0;
}

struct record *record_open(const char *path)
{
	struct record *r = calloc(1, sizeof *r);

	if (r != NULL && open_file(r, path) != 0) {
		int error = errno;

		if (r->fd >= 0)
			close(r->fd);
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
	munmap(r->length, sizeof *r->length);
	free(r);
}

int record_descriptor(const struct record *r)
{
	return r->fd;
}

uint64_t record_length(const struct record *r)
{
	return atomic_load(r->length);
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

/* Counted once it is there: the file is never shorter than the count says. */
static ssize_t append(struct record *r, const char *bytes, size_t len)
{
	ssize_t n;

	do
		n = write(r->fd, bytes, len);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		atomic_fetch_add(r->length, (uint64_t)n);
	return n;
}

/* A disk that fills up in mid-line leaves half a line: the next one is kept apart from it. */
static void write_line(struct record *r, char *line)
{
	size_t len = strlen(line) + 1;
	ssize_t n;

	line[len - 1] = '\n'; /* in the place of the zero: it is written by length */
	if (r->cut_short && append(r, "\n", 1) == 1)
		r->cut_short = false;
	if (r->cut_short)
		return;
	n = append(r, line, len);
	if (n < 0) {
		fail(r, errno);
	} else if ((size_t)n < len) {
		r->cut_short = n > 0;
		fail(r, ENOSPC);
	}
}

void record_write(struct record *r, const struct record_line *line)
{
	bool has_time = line->time_ns != 0 || line->type == RECORD_WORLD || line->type == RECORD_NODE;
	struct record_line timed = *line;
	json_t *object;
	char *text;

	if (r == NULL)
		return;
	if (!has_time)
		timed.time_ns = clock_wall_ns();
	object = record_line_to_json(&timed);
	text = object != NULL ? json_dumps(object, JSON_COMPACT) : NULL;
	if (text != NULL)
		write_line(r, text);
	else
		fail(r, ENOMEM);
	free(text);
	json_decref(object);
}

char *record_text(const char *bytes, size_t len)
{
	char *text = malloc(ESCAPE_ROOM(len));

	if (text != NULL)
		escape_text(text, ESCAPE_ROOM(len), bytes, len, ESCAPE_KEPT_UTF8);
	return text;
}

json_t *record_string(const char *bytes)
{
	char *text = bytes != NULL ? record_text(bytes, strlen(bytes)) : NULL;
	json_t *string = text != NULL ? json_string(text) : NULL;

	free(text);
	return string;
}
