#include "io/console.h"

#include "io/output.h"

#include <errno.h>
#include <histedit.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#define HISTORY_LINES 200
#define ESCAPE_WAIT_MS                                                                                                 \
	50             /* the keys of a sequence follow one another faster; a lone Escape must not block the program */
#define END_OF_INPUT 4 /* Ctrl-D, on an empty line */

static const char clear_line[] = "\r\033[K";

static struct {
	const char *prompt; /* NULL if there is no terminal */
	EditLine *editor;
	FILE *screen; /* what it draws on */
	History *history;
	char buffer[2 * CONSOLE_LINE_SIZE]; /* what was read and not taken out */
	size_t len;
	bool skipping; /* in a line that is too long */
	bool ended;
} console;

static volatile sig_atomic_t continued;
static volatile sig_atomic_t resized;

/* --- on a terminal: libedit, asked for one key at a time --------------------------------------------------------- */

static char *editor_prompt(EditLine *editor)
{
	static char text[16];

	(void)editor;
	snprintf(text, sizeof text, "%s", console.prompt);
	return text;
}

/* Keys of several bytes that are cut short count as a key that means nothing. */
static int editor_key(EditLine *editor, wchar_t *key)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
	mbstate_t state = { 0 };

	(void)editor;
	for (;;) {
		char byte;
		size_t length;

		*key = L'\0';
		if (poll(&input, 1, ESCAPE_WAIT_MS) <= 0)
			return 1;
		if (read(STDIN_FILENO, &byte, 1) != 1)
			return 0;
		length = mbrtowc(key, &byte, 1, &state);
		if (length != (size_t)-2)
			return 1;
	}
}

static void on_terminal_signal(int number)
{
	if (number == SIGCONT)
		continued = 1;
	else
		resized = 1;
}

/* What libedit draws goes the way of everything else, in order, and does not wait for the terminal either. */
static ssize_t draw(void *cookie, const char *bytes, size_t len)
{
	(void)cookie;
	output_write(bytes, len);
	return (ssize_t)len;
}

static void editor_open(void)
{
	struct sigaction action = { .sa_handler = on_terminal_signal };
	HistEvent event;
	FILE *screen = fopencookie(NULL, "w", (cookie_io_functions_t){ .write = draw });

	if (setlocale(LC_CTYPE, "") == NULL || MB_CUR_MAX == 1)
		setlocale(LC_CTYPE, "C.UTF-8");
	if (screen == NULL)
		return;
	console.editor = el_init_fd("p2pchat", stdin, screen, stderr, STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO);
	if (console.editor == NULL) {
		fclose(screen);
		return;
	}
	console.screen = screen;
	console.history = history_init();
	if (console.history != NULL) {
		history(console.history, &event, H_SETSIZE, HISTORY_LINES);
		el_set(console.editor, EL_HIST, history, console.history);
	}
	el_set(console.editor, EL_PROMPT, editor_prompt);
	el_set(console.editor, EL_EDITOR, "emacs");
	el_set(console.editor, EL_GETCFN, editor_key);
	el_set(console.editor, EL_UNBUFFERED, 1);
	sigaction(SIGCONT, &action, NULL);
	sigaction(SIGWINCH, &action, NULL);
}

static void add_to_buffer(const char *text, size_t len)
{
	size_t room = sizeof console.buffer - console.len;

	len = len < room ? len : room;
	memcpy(console.buffer + console.len, text, len);
	console.len += len;
}

static void editor_line(const char *line, size_t len)
{
	HistEvent event;

	if (console.history != NULL && len > 1)
		history(console.history, &event, H_ENTER, line);
	add_to_buffer(line, len < CONSOLE_LINE_SIZE ? len - 1 : CONSOLE_LINE_SIZE); /* enough to be found too long */
	add_to_buffer("\n", 1);
	el_set(console.editor, EL_UNBUFFERED, 0); /* begins the next line: libedit has no other way */
	el_set(console.editor, EL_UNBUFFERED, 1);
}

static void editor_read(void)
{
	int len = 0;
	const char *line = el_gets(console.editor, &len);

	if (line == NULL || len <= 0)
		console.ended = line == NULL;
	else if (len == 1 && line[0] == END_OF_INPUT)
		console.ended = true;
	else if (line[len - 1] == '\n' || line[len - 1] == '\r')
		editor_line(line, (size_t)len);
}

static void editor_close(void)
{
	el_set(console.editor, EL_UNBUFFERED, 0);
	if (console.history != NULL)
		history_end(console.history);
	el_end(console.editor);
	console.editor = NULL;
	fclose(console.screen);
	output_write(clear_line, strlen(clear_line));
}

/* --- both --------------------------------------------------------------------------------------------------------- */

void console_open(const char *prompt)
{
	output_open();
	console.prompt = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) ? prompt : NULL;
	if (console.prompt != NULL)
		editor_open();
}

void console_close(void)
{
	if (console.editor != NULL)
		editor_close();
}

bool console_is_terminal(void)
{
	return console.prompt != NULL;
}

void console_follow_terminal(void)
{
	if (console.editor == NULL || (!continued && !resized))
		return;
	if (continued) { /* libedit believes the terminal is still as it left it */
		el_set(console.editor, EL_PREP_TERM, 0);
		el_set(console.editor, EL_PREP_TERM, 1);
	}
	if (resized)
		el_resize(console.editor);
	continued = resized = 0;
	el_set(console.editor, EL_REFRESH);
}

void console_read(void)
{
	ssize_t len;

	if (console.editor != NULL) {
		editor_read();
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
	static char text[sizeof clear_line + CONSOLE_PRINT_SIZE];
	int len = snprintf(text, sizeof text - 1, "%s%s", console.editor != NULL ? clear_line : "", line);
	size_t end = (size_t)len < sizeof text - 2 ? (size_t)len : sizeof text - 2;

	text[end] = '\n';
	output_write(text, end + 1);
	if (console.editor != NULL)
		el_set(console.editor, EL_REFRESH);
	return !output_has_failed();
}
