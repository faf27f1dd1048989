#include "log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static const char *log_program = "";
static enum log_level log_most = LOG_INFO;

void log_init(const char *program, enum log_level most)
{
	log_program = program;
	log_most = most;
}

static size_t clamp(int written, size_t room)
{
	if (written < 0)
		return 0;
	return (size_t)written < room ? (size_t)written : room - 1;
}

void log_line(enum log_level level, const char *format, ...)
{
	char line[1024];
	size_t room = sizeof line - 1; /* the line end */
	size_t len = 0;
	int saved_errno = errno;
	va_list args;

	if (level > log_most)
		return;
	if (log_program[0] != '\0')
		len = clamp(snprintf(line, room, "%s: ", log_program), room);
	va_start(args, format);
	len += clamp(vsnprintf(line + len, room - len, format, args), room - len);
	va_end(args);
	line[len++] = '\n';
	/* A log that cannot be written has nowhere to be reported. */
	ssize_t ignored = write(STDERR_FILENO, line, len);

	(void)ignored;
	errno = saved_errno;
}
