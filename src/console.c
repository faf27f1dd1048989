#include "console.h"

#include <errno.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static struct {
	const char *prompt; /* NULL if there is no terminal */
	char buffer[2 * CONSOLE_LINE_SIZE];
	size_t len;
	bool skipping; /* in a line that is too long */
	bool ended;
} console;

static bool write_all(const char *text, size_t len)
{
	while (len > 0) {
		ssize_t written = write(STDOUT_FILENO, text, len);

		if (written < 0 && errno != EINTR)
			return false;
		if (written > 0) {
			text += written;
			len -= (size_t)written;
		}
	}
	return true;
}

static void show_prompt(void)
{
	if (console.prompt != NULL)
		write_all(console.prompt, strlen(console.prompt));
}

void console_open(const char *prompt)
{
	console.prompt = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) ? prompt : NULL;
	show_prompt();
}

void console_close(void)
{
	if (console.prompt != NULL)
		write_all("\n", 1);
}

bool console_is_terminal(void)
{
	return console.prompt != NULL;
}

void console_read(void)
{
	ssize_t len = read(STDIN_FILENO, console.buffer + console.len, sizeof console.buffer - console.len);

	if (len > 0)
		console.len += (size_t)len;
	else if (len == 0 || (errno != EAGAIN && errno != EINTR))
		console.ended = true;
}

static void take_out(size_t len)
{
	console.len -= len;
	memmove(console.buffer, console.buffer + len, console.len);
}

/* What is left when the input ends without a line end is a line too. */
static size_t line_length(bool *whole)
{
	const char *end = memchr(console.buffer, '\n', console.len);

	*whole = end != NULL || (console.ended && console.len > 0);
	return end != NULL ? (size_t)(end - console.buffer) : console.len;
}

enum console_result console_take_line(char line[CONSOLE_LINE_SIZE])
{
	bool whole;
	size_t len = line_length(&whole);
	bool skipped = console.skipping;

	if (!whole && len >= CONSOLE_LINE_SIZE) {
		console.skipping = true;
		take_out(len);
	}
	if (!whole)
		return console.ended ? CONSOLE_END : CONSOLE_NOTHING;
	memcpy(line, console.buffer, len < CONSOLE_LINE_SIZE ? len : 0);
	line[len < CONSOLE_LINE_SIZE ? len : 0] = '\0';
	take_out(len < console.len ? len + 1 : len);
	console.skipping = false;
	show_prompt();
	return skipped || len >= CONSOLE_LINE_SIZE ? CONSOLE_TOO_LONG : CONSOLE_LINE;
}

bool console_print(const char *line)
{
	char text[2 * CONSOLE_LINE_SIZE];
	size_t len = strlen(line);

	if (len > sizeof text - 1)
		len = sizeof text - 1;
	memcpy(text, line, len);
	text[len] = '\n';
	return write_all(text, len + 1);
}
