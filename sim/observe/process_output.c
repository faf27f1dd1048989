#include "observe/process_output.h"

#include "base/array.h"
#include "base/utf8.h"
#include "io/clock.h"
#include "io/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_SHOWN 160 /* bytes of a line among the last words; all of it is in the program's output file */

int process_output_open(struct process_output *o, const char *path)
{
	o->path = strdup(path);
	if (o->path == NULL)
		return -1;
	o->file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);
	return o->file < 0 ? -1 : 0;
}

void process_output_close(struct process_output *o)
{
	if (o->file >= 0)
		close(o->file);
	o->file = -1;
	for (size_t i = 0; i < o->count; i++)
		free(o->lines[i].text);
	free(o->lines);
	for (int i = 0; i < 2; i++)
		if (o->fds[i] >= 0)
			close(o->fds[i]);
	free(o->unfinished[0].bytes);
	free(o->unfinished[1].bytes);
	free(o->path);
}

static void write_plain(struct process_output *o, const char *bytes, size_t len)
{
	while (len > 0 && !o->file_failed) {
		ssize_t n = write(o->file, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			o->file_failed = true;
			log_error("cannot write %s: %s", o->path, strerror(errno));
			return;
		}
		o->written += (size_t)n;
		bytes += n;
		len -= (size_t)n;
	}
}

static void keep_plain(struct process_output *o, const char *bytes, size_t len)
{
	static const char end[] = "\n[punchlab: the program said more than 64 MiB; this file ends here]\n";
	size_t fits = PROCESS_FILE_MAX - o->file_len;

	if (o->file_len > PROCESS_FILE_MAX)
		return;
	write_plain(o, bytes, len < fits ? len : fits);
	o->file_len += len;
	if (len <= fits)
		return;
	write_plain(o, end, sizeof end - 1);
	o->file_len = PROCESS_FILE_MAX + 1;
}

static void record_said(const struct process_output *o, int stream, const char *text, bool continues)
{
	record_write(o->record, &(struct record_line){ .type = RECORD_OUTPUT,
	                                               .said.host = o->host,
	                                               .said.id = o->id,
	                                               .said.is_stderr = stream == 2,
	                                               .said.continues = continues,
	                                               .said.text = text });
}

/* Keeps a line; takes the text over. */
static void keep(struct process_output *o, int stream, char *text)
{
	struct process_line *line = array_add(&o->lines, &o->count, sizeof *line);

	if (line == NULL) {
		free(text);
		return;
	}
	o->kept += strlen(text) + sizeof *line;
	*line = (struct process_line){ .stream = stream, .text = text };
}

static void add_text(struct process_output *o, int stream, char *text, bool continues)
{
	if (text == NULL)
		return;
	record_said(o, stream, text, continues);
	keep(o, stream, text);
}

static void add_line(struct process_output *o, int stream, const char *bytes, size_t len, bool continues)
{
	if (o->full)
		return;
	if (!continues && len > 0 && bytes[len - 1] == '\r') /* a terminal's line end */
		len--;
	if (o->kept + len <= PROCESS_KEPT_MAX) {
		add_text(o, stream, record_text(bytes, len), continues);
		return;
	}
	o->full = true;
	add_text(
	    o, stream,
	    strdup(
		"[punchlab: more than 16 MiB; what follows is in the program's .out file alone, which ends at 64 MiB]"),
	    false);
}

/* Appends to the unfinished line. Returns 0, or -1 without memory. */
static int append(struct process_output *o, int stream, const char *bytes, size_t len)
{
	return array_append(&o->unfinished[stream - 1].bytes, &o->unfinished[stream - 1].len, bytes, len);
}

static void cut(struct process_output *o, int stream, bool continues)
{
	size_t len = o->unfinished[stream - 1].len;

	if (o->unfinished[stream - 1].bytes == NULL)
		add_line(o, stream, "", 0, continues);
	else
		add_line(o, stream, o->unfinished[stream - 1].bytes, len, continues);
	o->unfinished[stream - 1].len = 0;
	if (o->unfinished[stream - 1].bytes != NULL)
		o->unfinished[stream - 1].bytes[0] = '\0';
}

static void add(struct process_output *o, int stream, const char *bytes, size_t len)
{
	keep_plain(o, bytes, len);
	while (len > 0) {
		const char *end = memchr(bytes, '\n', len);
		size_t part = end != NULL ? (size_t)(end - bytes) : len;
		size_t room = PROCESS_LINE_MAX - o->unfinished[stream - 1].len;
		bool too_long = part > room;

		if (too_long)
			part = room;
		if (append(o, stream, bytes, part) != 0)
			return;
		if (too_long || end != NULL)
			cut(o, stream, too_long);
		if (!too_long && end != NULL)
			part++; /* the line end itself */
		bytes += part;
		len -= part;
	}
}

void process_output_finish(struct process_output *o, int stream)
{
	if (o->unfinished[stream - 1].len > 0)
		cut(o, stream, false);
}

static void end_stream(struct process_output *o, int stream)
{
	process_output_finish(o, stream);
	close(o->fds[stream - 1]);
	o->fds[stream - 1] = -1;
}

bool process_output_read(struct process_output *o, int stream)
{
	char bytes[16384];
	int fd = o->fds[stream - 1];
	ssize_t n = fd >= 0 ? read(fd, bytes, sizeof bytes) : -1;

	if (n > 0) {
		add(o, stream, bytes, (size_t)n);
		return true;
	}
	if (fd < 0 || (n < 0 && errno == EAGAIN))
		return false;
	if (n < 0 && errno == EINTR)
		return true;
	end_stream(o, stream); /* EIO is how a terminal ends */
	return false;
}

static void print_line(FILE *out, const struct process_line *line)
{
	size_t len = utf8_fit(line->text, LINE_SHOWN);

	fprintf(out, "  %c %.*s%s\n", line->stream == 2 ? '!' : '|', (int)len, line->text,
	        line->text[len] != '\0' ? "..." : "");
}

void process_output_print_last(const struct process_output *o, size_t lines, FILE *out)
{
	for (size_t i = o->count > lines ? o->count - lines : 0; i < o->count; i++)
		print_line(out, &o->lines[i]);
}
