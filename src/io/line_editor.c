#include "io/line_editor.h"

#include "base/escape.h"
#include "io/line_place.h"
#include "io/output.h"

#include <histedit.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#define HISTORY_LINES 200
#define WORDS_SIZE 8192  /* of those that Tab shows */
#define SEQUENCE_SIZE 32 /* of what a terminal is told */
#define WIDTHS_SIZE 3    /* of a character that changes how wide others are */
#define DRAWN_SIZE 65536 /* more than libedit ever draws at once: no character of it is parted */
#define ESCAPE_WAIT_MS                                                                                                 \
	50 /* the keys of a sequence follow one another faster; a lone Escape must not block the program */

static struct {
	const char *prompt;
	EditLine *editor;
	FILE *screen; /* what it draws on */
	History *history;
	bool hidden; /* what it draws now */
	bool ended;
	const struct line_completion *completion; /* NULL: none */
} line_editor;

static volatile sig_atomic_t continued;
static volatile sig_atomic_t resized;

static char *editor_prompt(EditLine *editor)
{
	static char text[16];

	(void)editor;
	snprintf(text, sizeof text, "%s", line_editor.prompt);
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
		if (read(STDIN_FILENO, &byte, 1) != 1) { /* the terminal is gone */
			line_editor.ended = true;
			return 0;
		}
		length = mbrtowc(key, &byte, 1, &state);
		if (length != (size_t)-2)
			return 1;
	}
}

/* Ctrl-D ends the input, but on a line that holds something deletes the character it stands on, as in a shell. */
static unsigned char editor_end(EditLine *editor, wint_t key)
{
	const LineInfoW *line = el_wline(editor);

	(void)key;
	if (line->buffer == line->lastchar) {
		line_editor.ended = true;
		return CC_NORM;
	}
	if (line->cursor == line->lastchar)
		return CC_REFRESH_BEEP;
	el_cursor(editor, 1);
	el_deletestr(editor, 1);
	return CC_REFRESH;
}

/* Ctrl-C leaves what is half typed; on an empty line it ends the program, as it does where there is no editor. */
static unsigned char editor_leave_line(EditLine *editor, wint_t key)
{
	const LineInfoW *line = el_wline(editor);

	(void)key;
	if (line->buffer == line->lastchar) {
		raise(SIGINT);
		return CC_NORM;
	}
	el_cursor(editor, (int)(line->lastchar - line->cursor));
	el_deletestr(editor, (int)(line->lastchar - line->buffer));
	return CC_REFRESH;
}

/* The line up to the cursor, and where its last word begins. Returns false if it is too long to be completed. */
static bool line_before(EditLine *editor, char before[LINE_EDITOR_SIZE], size_t *word)
{
	const LineInfo *line = el_line(editor);
	size_t len = (size_t)(line->cursor - line->buffer);

	if (len >= LINE_EDITOR_SIZE)
		return false;
	memcpy(before, line->buffer, len);
	before[len] = '\0';
	for (*word = len; *word > 0 && before[*word - 1] != ' ';)
		--*word;
	return true;
}

static void show_words(const char *before, const char *typed)
{
	char list[WORDS_SIZE], shown[WORDS_SIZE];

	line_completion_list(line_editor.completion, before, typed, list, sizeof list);
	line_editor_show(shown, escape_text(shown, sizeof shown, list, strlen(list), ESCAPE_KEPT_LINE));
}

static unsigned char editor_complete(EditLine *editor, wint_t key)
{
	char before[LINE_EDITOR_SIZE], typed[LINE_EDITOR_SIZE], common[LINE_EDITOR_SIZE];
	unsigned count;
	size_t word;

	(void)key;
	if (!line_before(editor, before, &word))
		return CC_REFRESH_BEEP;
	if (line_editor.completion == NULL || line_editor.completion->is_text(before)) {
		el_insertstr(editor, "\t");
		return CC_REFRESH;
	}
	snprintf(typed, sizeof typed, "%s", before + word);
	before[word] = '\0';
	count = line_completion_common(line_editor.completion, before, typed, common, sizeof common);
	if (count == 0)
		return CC_REFRESH_BEEP;
	if (strlen(common) > strlen(typed))
		el_insertstr(editor, common + strlen(typed));
	else if (count > 1)
		show_words(before, typed);
	if (count == 1)
		el_insertstr(editor, " ");
	return CC_REFRESH;
}

static void on_terminal_signal(int number)
{
	if (number == SIGCONT)
		continued = 1;
	else
		resized = 1;
}

/*
 * Some terminals draw two emoji as one for the joiner between them (U+200D), or one wider for the selector behind it
 * (U+FE0F): then it is not in the columns that libedit counts, and the rows are others. They are not told of it.
 */
static bool changes_widths(const char *bytes, size_t left)
{
	return left >= WIDTHS_SIZE &&
	       (memcmp(bytes, "\xe2\x80\x8d", WIDTHS_SIZE) == 0 || memcmp(bytes, "\xef\xb8\x8f", WIDTHS_SIZE) == 0);
}

/* What libedit draws goes the way of everything else, in order, and does not wait for the terminal either. */
static ssize_t draw(void *cookie, const char *bytes, size_t len)
{
	size_t start = 0;

	(void)cookie;
	if (line_editor.hidden)
		return (ssize_t)len;
	for (size_t at = 0; at < len; at++) {
		if (!changes_widths(bytes + at, len - at))
			continue;
		output_write(bytes + start, at - start);
		start = at + WIDTHS_SIZE;
	}
	output_write(bytes + start, len - start);
	return (ssize_t)len;
}

void line_editor_open(const char *prompt)
{
	static char drawn[DRAWN_SIZE];
	struct sigaction action = { .sa_handler = on_terminal_signal };
	HistEvent event;
	FILE *screen = fopencookie(NULL, "w", (cookie_io_functions_t){ .write = draw });

	if (setlocale(LC_CTYPE, "") == NULL || MB_CUR_MAX == 1)
		setlocale(LC_CTYPE, "C.UTF-8");
	if (screen == NULL)
		return;
	setvbuf(screen, drawn, _IOFBF, sizeof drawn);
	line_editor.prompt = prompt;
	line_editor.editor = el_init_fd("p2pchat", stdin, screen, stderr, STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO);
	if (line_editor.editor == NULL) {
		fclose(screen);
		return;
	}
	line_editor.screen = screen;
	line_editor.history = history_init();
	if (line_editor.history != NULL) {
		history(line_editor.history, &event, H_SETSIZE, HISTORY_LINES);
		el_set(line_editor.editor, EL_HIST, history, line_editor.history);
	}
	el_set(line_editor.editor, EL_PROMPT, editor_prompt);
	el_set(line_editor.editor, EL_EDITOR, "emacs");
	el_wset(line_editor.editor, EL_ADDFN, L"p2pchat-end", L"End the input, or delete", editor_end);
	el_set(line_editor.editor, EL_BIND, "^D", "p2pchat-end", NULL);
	el_wset(line_editor.editor, EL_ADDFN, L"p2pchat-leave-line", L"Leave the line, or the program",
	        editor_leave_line);
	el_set(line_editor.editor, EL_BIND, "^C", "p2pchat-leave-line", NULL);
	el_set(line_editor.editor, EL_SETTY, "-d", "-intr",
	       NULL); /* Ctrl-C is a key like others while there is an editor */
	el_wset(line_editor.editor, EL_ADDFN, L"p2pchat-complete", L"Complete the word", editor_complete);
	el_set(line_editor.editor, EL_BIND, "^I", "p2pchat-complete", NULL);
	el_set(line_editor.editor, EL_GETCFN, editor_key);
	el_set(line_editor.editor, EL_UNBUFFERED, 1);
	sigaction(SIGCONT, &action, NULL);
	sigaction(SIGWINCH, &action, NULL);
}

bool line_editor_is_open(void)
{
	return line_editor.editor != NULL;
}

void line_editor_complete(const struct line_completion *completion)
{
	line_editor.completion = completion;
}

/* What the terminal does on that capability (termcap's name), without the padding old ones asked for; "" for nothing.
 */
static const char *terminal_sequence(const char *name, char text[SEQUENCE_SIZE])
{
	const char *found = NULL;
	size_t len = 0;

	if (el_get(line_editor.editor, EL_GETTC, name, &found) != 0 || found == NULL)
		found = "";
	while (*found != '\0' && len + 1 < SEQUENCE_SIZE) {
		const char *padding = found[0] == '$' && found[1] == '<' ? strchr(found, '>') : NULL;

		if (padding != NULL)
			found = padding + 1;
		else
			text[len++] = *found++;
	}
	text[len] = '\0';
	return text;
}

static unsigned terminal_columns(void)
{
	struct winsize size;

	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col : 80;
}

/* Blanks over what stands on the line: for a terminal that cannot erase. */
static void overwrite_line(unsigned columns)
{
	char blanks[256];
	unsigned width = columns < sizeof blanks ? columns : sizeof blanks;

	memset(blanks, ' ', width);
	output_write(blanks, width);
	output_write("\r", 1);
}

/* The place of the cursor, or of the end. */
static struct line_place place_of(const wchar_t *there)
{
	const LineInfoW *line = el_wline(line_editor.editor);

	return line_place_of(line->buffer, (size_t)(line->lastchar - line->buffer), (size_t)(there - line->buffer),
	                     (unsigned)strlen(line_editor.prompt), terminal_columns());
}

/* Takes prompt and half-typed line off the terminal, all the rows they fill; the cursor then stands where they began.
 */
static void editor_clear(void)
{
	const LineInfoW *line = el_wline(line_editor.editor);
	struct line_place end = place_of(line->lastchar);
	char up[SEQUENCE_SIZE], erase[SEQUENCE_SIZE];

	terminal_sequence("up", up);
	terminal_sequence(end.row > 0 ? "cd" : "ce", erase);
	output_write("\r", 1);
	for (unsigned rows = place_of(line->cursor).row; rows > 0; rows--)
		output_write(up, strlen(up));
	output_write(erase, strlen(erase));
	if (erase[0] == '\0')
		overwrite_line(end.row == 0 ? end.column : terminal_columns() - 1);
}

static void draw_anew(void)
{
	editor_clear();
	el_set(line_editor.editor, EL_REFRESH);
}

/*
 * libedit counts a mark that combines as a column where it is typed at the end, and as none where it draws the whole
 * line. So it is made to draw that, which nobody sees: it would leave out the mark. At the last column it has gone to
 * the next row too early, where that is too late.
 */
static void recount_marks(void)
{
	const LineInfoW *line = el_wline(line_editor.editor);

	if (line->cursor == line->buffer || line->cursor != line->lastchar || line_place_columns(line->cursor[-1]) > 0)
		return;
	if (place_of(line->cursor).column + 1 == terminal_columns()) {
		draw_anew();
		return;
	}
	line_editor.hidden = true;
	el_set(line_editor.editor, EL_REFRESH);
	line_editor.hidden = false;
}

void line_editor_close(void)
{
	editor_clear();
	el_set(line_editor.editor, EL_UNBUFFERED, 0);
	if (line_editor.history != NULL)
		history_end(line_editor.history);
	el_end(line_editor.editor);
	line_editor.editor = NULL;
	fclose(line_editor.screen);
}

/* --- a key, and what comes between -------------------------------------------------------------------------------- */

static void begin_next_line(void)
{
	el_set(line_editor.editor, EL_UNBUFFERED, 0); /* libedit has no other way */
	el_set(line_editor.editor, EL_UNBUFFERED, 1);
}

/* libedit has no line to give both when the line is empty and when the input is over: the latter is told by the keys.
 */
enum line_editor_result line_editor_read(char line[LINE_EDITOR_SIZE], size_t *len)
{
	HistEvent event;
	int count = 0;
	const char *typed = el_gets(line_editor.editor, &count);

	if (line_editor.ended)
		return LINE_EDITOR_END;
	if (typed == NULL || count <= 0 || (typed[count - 1] != '\n' && typed[count - 1] != '\r')) {
		recount_marks();
		return LINE_EDITOR_TYPING;
	}
	if (line_editor.history != NULL && count > 1)
		history(line_editor.history, &event, H_ENTER, typed);
	*len = count < LINE_EDITOR_SIZE ? (size_t)count - 1 : LINE_EDITOR_SIZE;
	memcpy(line, typed, *len);
	begin_next_line();
	return LINE_EDITOR_LINE;
}

void line_editor_show(const char *shown, size_t len)
{
	editor_clear();
	output_write(shown, len);
	output_write("\n", 1);
	el_set(line_editor.editor, EL_REFRESH);
}

void line_editor_follow_terminal(void)
{
	if (!continued && !resized)
		return;
	if (continued) { /* libedit believes the terminal is still as it left it */
		el_set(line_editor.editor, EL_PREP_TERM, 0);
		el_set(line_editor.editor, EL_PREP_TERM, 1);
		output_write("\r", 1);
	}
	if (resized) { /* it then believes to stand at the beginning of a line */
		editor_clear();
		el_resize(line_editor.editor);
	}
	continued = resized = 0;
	el_set(line_editor.editor, EL_REFRESH);
}
