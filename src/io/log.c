#include "io/log.h"

#include "io/nonblocking_write.h"
#include "base/escape.h"
#include "base/utf8.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *log_program = "";
static enum log_level log_most = LOG_INFO;
static int log_fd = STDERR_FILENO;
static bool log_waits = true;
static log_screen *log_shown_by;
static bool log_is_cut; /* only a part of the last line was taken: a terminal can do that */
static unsigned long long log_lost;

void log_init(const char *program, enum log_level most)
{
	log_program = program;
	log_most = most;
}

void log_never_wait(void)
{
	log_fd = nonblocking_open(STDERR_FILENO);
	log_waits = false;
}

void log_show_by(log_screen *screen)
{
	log_shown_by = screen;
}

static size_t clamp(int written, size_t room)
{
	if (written < 0)
		return 0;
	return (size_t)written < room ? (size_t)written : room - 1;
}

/*
 * Takes a line with its end. Returns whether it was written; a log that cannot be has nowhere to be reported but
 * itself, later.
 */
static bool put(const char *line, size_t len)
{
	ssize_t written;

	if (log_shown_by != NULL)
		return log_shown_by(line, len - 1);
	written = log_waits ? write(log_fd, line, len) : nonblocking_write(log_fd, line, len);
	if (written == (ssize_t)len) {
		log_is_cut = false;
		return true;
	}
	log_is_cut = log_is_cut || written > 0;
	return false;
}

/* Returns whether the log is up to date. */
static bool catch_up(void)
{
	char line[256];
	int len;

	if (log_lost == 0)
		return true;
	len = snprintf(line, sizeof line, "%s%.128s%s%llu line%s of the log %s lost\n",
	               log_is_cut && log_shown_by == NULL ? "\n" : "", log_program, log_program[0] != '\0' ? ": " : "",
	               log_lost, log_lost == 1 ? "" : "s", log_lost == 1 ? "was" : "were");
	if (!put(line, clamp(len, sizeof line)))
		return false;
	log_lost = 0;
	return true;
}

void log_catch_up(void)
{
	int saved_errno = errno;

	catch_up();
	errno = saved_errno;
}

bool log_says(enum log_level level)
{
	return level <= log_most;
}

void log_line(enum log_level level, const char *format, ...)
{
	char said[1024], line[1024];
	size_t len = 0;
	int saved_errno = errno;
	va_list args;

	if (!log_says(level))
		return;
	if (log_program[0] != '\0')
		len = clamp(snprintf(line, sizeof line, "%s: ", log_program), sizeof line);
	va_start(args, format);
	utf8_vprint(said, sizeof said, format, args);
	va_end(args);
	len += escape_text(line + len, sizeof line - len, said, strlen(said), ESCAPE_KEPT_COLUMNS);
	line[len++] = '\n'; /* in the place of the zero */
	if (!catch_up() || !put(line, len))
		log_lost++;
	errno = saved_errno;
}
