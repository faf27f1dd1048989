#include "io/console.h"

#include "base/escape.h"
#include "io/log.h"
#include "io/output.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static struct {
	bool is_terminal;
	char buffer[2 * CONSOLE_LINE_SIZE]; /* what was read and not taken out */
	size_t len;
	bool skipping; /* in a line that is too long */
	bool ended;
} console;

/* The device that the terminal is by its own name (/dev/tty is one of several), or 0. */
static unsigned terminal_of(int fd)
{
	unsigned device;

	return ioctl(fd, TIOCGDEV, &device) == 0 ? device : 0;
}

/* Half the room is kept for what happens, none of which may be lost. */
static bool show_log(const char *line, size_t len)
{
	if (output_room() < OUTPUT_ROOM / 2)
		return false;
	line_editor_show(line, len);
	return true;
}

void console_open(const char *prompt)
{
	output_open();
	console.is_terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	if (console.is_terminal)
		line_editor_open(prompt);
	if (line_editor_is_open() && terminal_of(STDERR_FILENO) == terminal_of(STDOUT_FILENO))
		log_show_by(show_log);
}

void console_close(void)
{
	log_show_by(NULL);
	if (line_editor_is_open())
		line_editor_close();
}

void console_complete(const struct line_completion *completion)
{
	line_editor_complete(completion);
}

bool console_has_room(void)
{
	return line_editor_is_open() && console.len < CONSOLE_LINE_SIZE;
}

bool console_is_terminal(void)
{
	return console.is_terminal;
}

void console_follow_terminal(void)
{
	if (line_editor_is_open())
		line_editor_follow_terminal();
}

#define KEYS_AT_ONCE 256 /* of what was pasted, before the program looks after something else */

/* The first key is there. */
static bool input_waits(unsigned keys)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };

	return keys == 0 || poll(&input, 1, 0) > 0;
}

static void add_to_buffer(const char *text, size_t len)
{
	size_t room = sizeof console.buffer - console.len;

	len = len < room ? len : room;
	memcpy(console.buffer + console.len, text, len);
	console.len += len;
}

static void read_key(void)
{
	char line[LINE_EDITOR_SIZE];
	size_t len;

	switch (line_editor_read(line, &len)) {
	case LINE_EDITOR_TYPING: break;
	case LINE_EDITOR_LINE:
		add_to_buffer(line, len);
		add_to_buffer("\n", 1);
		break;
	case LINE_EDITOR_END: console.ended = true; break;
	}
}

void console_read(void)
{
	ssize_t len;

	if (line_editor_is_open()) {
		for (unsigned i = 0; i < KEYS_AT_ONCE && !console.ended && console.len == 0 && input_waits(i); i++)
			read_key();
		return;
	}
	len = read(STDIN_FILENO, console.buffer + console.len, sizeof console.buffer - console.len);
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

/* The next line's length. What is left when the input ends without a line end is a line too. */
static size_t line_length(bool *whole)
{
	const char *end = memchr(console.buffer, '\n', console.len);

	*whole = end != NULL || (console.ended && (console.len > 0 || console.skipping));
	return end != NULL ? (size_t)(end - console.buffer) : console.len;
}

enum console_result console_take_line(char line[CONSOLE_LINE_SIZE])
{
	bool whole;
	size_t len = line_length(&whole);
	bool too_long = console.skipping || len >= CONSOLE_LINE_SIZE;
	bool is_text = memchr(console.buffer, '\0', len) == NULL;

	if (!whole) {
		console.skipping = too_long;
		if (too_long)
			take_out(len);
		return console.ended ? CONSOLE_END : CONSOLE_NOTHING;
	}
	snprintf(line, CONSOLE_LINE_SIZE, "%.*s", too_long || !is_text ? 0 : (int)len, console.buffer);
	take_out(len < console.len ? len + 1 : len);
	console.skipping = false;
	if (too_long)
		return CONSOLE_TOO_LONG;
	return is_text ? CONSOLE_LINE : CONSOLE_NO_TEXT;
}

bool console_print(const char *line)
{
	char shown[CONSOLE_PRINT_SIZE];
	size_t len = escape_text(shown, sizeof shown, line, strlen(line), ESCAPE_KEPT_LINE);

	if (line_editor_is_open()) {
		line_editor_show(shown, len);
	} else {
		output_write(shown, len);
		output_write("\n", 1);
	}
	return !output_has_failed();
}
