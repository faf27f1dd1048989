#include "io/line_editor.h"

#include "base/escape.h"
#include "io/line_cluster.h"
#include "io/line_screen.h"
#include "io/output.h"

#include <histedit.h>
#include <limits.h>
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
#define WORDS_SIZE 8192     /* of those that Tab shows */
#define DRAWN_SIZE 65536    /* is drawn at once */
#define CLUSTER_KEY L'\x80' /* that no keyboard has: takes what goes into the line by way of clusters */
#define CLUSTER_KEYS L"\x80"
/* What libedit takes the terminal for, with room for a whole line: it writes behind the last row of one that has none.
 */
#define UNSEEN_COLUMNS "16384"
#define UNSEEN_ROWS "8"   /* LINE_SCREEN_LINE characters have at most 9 columns each */
#define ESCAPE_WAIT_MS 50 /* the keys of a sequence follow faster; a lone Escape must not block the program */

static struct {
	EditLine *editor;
	FILE *unseen; /* what it draws on */
	struct line_screen screen;
	HistoryW *history;
	struct line_clusters clusters;
	wchar_t typed; /* for CLUSTER_KEY */
	bool quoting;  /* the next key comes into the line (Ctrl-V) */
	bool ended;
	const struct line_completion *completion; /* NULL: none */
} line_editor;

static volatile sig_atomic_t continued;
static volatile sig_atomic_t resized;

static bool is_full(void)
{
	const LineInfoW *line = el_wline(line_editor.editor);

	return line->lastchar - line->buffer >= LINE_SCREEN_LINE;
}

/* What goes by way of clusters, or is quoted, is no key of its own to libedit. A line end is one even if quoted. */
static int take_key(wchar_t *key)
{
	bool is_quoted = line_editor.quoting && *key != L'\n' && *key != L'\r';

	if (*key == L'\0') /* which means nothing */
		return 1;
	line_editor.quoting = false;
	if (is_full() && (is_quoted || (*key >= L' ' && *key != L'\x7f')))
		*key = L'\0';
	else if (is_quoted || *key == CLUSTER_KEY || line_cluster_is_mark(*key) || line_cluster_is_taken(*key)) {
		line_editor.typed = *key;
		*key = CLUSTER_KEY;
	}
	return 1;
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
			return take_key(key);
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

/* Backspace takes the last mark off a letter that has some, as they were typed one by one. */
static unsigned char editor_erase(EditLine *editor, wint_t key)
{
	const LineInfoW *line = el_wline(editor);
	wchar_t letters[LINE_CLUSTER_SIZE], rest[2] = L"";
	size_t len;

	(void)key;
	if (line->cursor == line->buffer)
		return CC_REFRESH_BEEP;
	len = line_clusters_letters(&line_editor.clusters, line->cursor[-1], letters);
	if (len == 2)
		rest[0] = letters[0];
	else if (len > 2)
		rest[0] = line_clusters_put(&line_editor.clusters, letters, len - 1);
	el_deletestr(editor, 1);
	el_winsertstr(editor, rest);
	return CC_REFRESH;
}

/* Puts what is typed, or completed, in front of the cursor. */
static void insert(EditLine *editor, const wchar_t *typed)
{
	const LineInfoW *line = el_wline(editor);
	wchar_t text[LINE_EDITOR_SIZE + 1] = L"", before = line->cursor > line->buffer ? line->cursor[-1] : L'\0';
	size_t len = before != L'\0' ? 1 : 0, first = len;

	text[0] = before;
	for (; *typed != L'\0' && len < LINE_EDITOR_SIZE; typed++)
		len = line_clusters_add(&line_editor.clusters, text, len, *typed);
	text[len] = L'\0';
	if (before != L'\0' && text[0] != before) {
		el_deletestr(editor, 1);
		first = 0;
	}
	el_winsertstr(editor, text + first);
}

static unsigned char editor_insert_cluster(EditLine *editor, wint_t key)
{
	wchar_t typed[2] = { line_editor.typed };

	(void)key;
	insert(editor, typed);
	return CC_REFRESH;
}

/* libedit's own would wait for the key. */
static unsigned char editor_quote(EditLine *editor, wint_t key)
{
	(void)editor;
	(void)key;
	line_editor.quoting = true;
	return CC_NORM;
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

/* libedit's own is not seen. */
static unsigned char editor_clear_screen(EditLine *editor, wint_t key)
{
	(void)editor;
	(void)key;
	line_screen_erase_all(&line_editor.screen);
	return CC_REFRESH;
}

/* The line up to the cursor, and where its last word begins. Returns false if it is too long to be completed. */
static bool line_before(EditLine *editor, char before[LINE_EDITOR_SIZE], size_t *word)
{
	const LineInfoW *line = el_wline(editor);
	size_t len = line_clusters_text(&line_editor.clusters, line->buffer, (size_t)(line->cursor - line->buffer),
	                                before, LINE_EDITOR_SIZE);

	if (len == LINE_EDITOR_SIZE)
		return false;
	before[len] = '\0';
	for (*word = len; *word > 0 && before[*word - 1] != ' ';)
		--*word;
	return true;
}

static void show_words(const char *before, const char *typed)
{
	char list[WORDS_SIZE], shown[WORDS_SIZE];
	size_t len;

	line_completion_list(line_editor.completion, before, typed, list, sizeof list);
	len = escape_text(shown, sizeof shown, list, strlen(list), ESCAPE_KEPT_LINE);
	line_editor_show(shown, len);
}

static void complete(EditLine *editor, const char *rest)
{
	wchar_t text[LINE_EDITOR_SIZE];

	if (mbstowcs(text, rest, LINE_EDITOR_SIZE) < LINE_EDITOR_SIZE)
		insert(editor, text);
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
		el_winsertstr(editor, L"\t");
		return CC_REFRESH;
	}
	snprintf(typed, sizeof typed, "%s", before + word);
	before[word] = '\0';
	count = line_completion_common(line_editor.completion, before, typed, common, sizeof common);
	if (count == 0)
		return CC_REFRESH_BEEP;
	if (strlen(common) > strlen(typed))
		complete(editor, common + strlen(typed));
	else if (count > 1)
		show_words(before, typed);
	if (count == 1)
		el_winsertstr(editor, L" ");
	return CC_REFRESH;
}

static void on_terminal_signal(int number)
{
	if (number == SIGCONT)
		continued = 1;
	else
		resized = 1;
}

/* They come while loop_wait() waits: one that came just before it would be followed after the next wait only. */
static void take_terminal_signals(void)
{
	struct sigaction action = { .sa_handler = on_terminal_signal };
	sigset_t held;

	sigemptyset(&held);
	sigaddset(&held, SIGCONT);
	sigaddset(&held, SIGWINCH);
	sigprocmask(SIG_BLOCK, &held, NULL);
	sigaction(SIGCONT, &action, NULL);
	sigaction(SIGWINCH, &action, NULL);
}

/* Nothing else that libedit draws is shown: where a line fills several rows it goes astray. It only edits. */
static ssize_t hear_bell(void *cookie, const char *bytes, size_t len)
{
	(void)cookie;
	if (memchr(bytes, '\a', len) != NULL)
		output_write("\a", 1);
	return (ssize_t)len;
}

/* What is drawn goes the way of everything else, in order, and does not wait for the terminal either. */
static ssize_t draw(void *cookie, const char *bytes, size_t len)
{
	(void)cookie;
	output_write(bytes, len);
	return (ssize_t)len;
}

static FILE *open_writer(cookie_write_function_t *write)
{
	return fopencookie(NULL, "w", (cookie_io_functions_t){ .write = write });
}

static unsigned terminal_columns(void)
{
	struct winsize size;

	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col : 80;
}

static void show_line(void)
{
	const LineInfoW *line = el_wline(line_editor.editor);

	line_screen_show(&line_editor.screen, line->buffer, (size_t)(line->lastchar - line->buffer),
	                 (size_t)(line->cursor - line->buffer), terminal_columns());
	fflush(line_editor.screen.out);
}

/* What the terminal does on that capability (termcap's name), without the padding of old ones; "" for nothing. */
static void take_sequence(const char *name, char text[LINE_SCREEN_SEQUENCE_SIZE])
{
	const char *found = NULL;
	size_t len = 0;

	if (el_get(line_editor.editor, EL_GETTC, name, &found) != 0 || found == NULL)
		found = "";
	while (*found != '\0' && len + 1 < LINE_SCREEN_SEQUENCE_SIZE) {
		const char *padding = found[0] == '$' && found[1] == '<' ? strchr(found, '>') : NULL;

		if (padding != NULL)
			found = padding + 1;
		else
			text[len++] = *found++;
	}
	text[len] = '\0';
}

static void close_writers(FILE *unseen, FILE *out)
{
	if (unseen != NULL)
		fclose(unseen);
	if (out != NULL)
		fclose(out);
}

static void open_screen(FILE *out, const char *prompt)
{
	static char drawn[DRAWN_SIZE];
	struct line_screen *screen = &line_editor.screen;

	setvbuf(out, drawn, _IOFBF, sizeof drawn);
	screen->out = out;
	screen->prompt = prompt;
	screen->clusters = &line_editor.clusters;
	take_sequence("up", screen->up);
	take_sequence("nd", screen->right);
	take_sequence("ce", screen->erase_row);
	take_sequence("cd", screen->erase_below);
	take_sequence("cl", screen->erase_all);
}

/* libedit asks the terminal how large it is each time. */
static void begin_line(void)
{
	el_set(line_editor.editor, EL_UNBUFFERED, 1);
	el_set(line_editor.editor, EL_SETTC, "li", UNSEEN_ROWS, NULL);
	el_set(line_editor.editor, EL_SETTC, "co", UNSEEN_COLUMNS, NULL);
}

void line_editor_open(const char *prompt)
{
	HistEventW event;
	FILE *unseen = open_writer(hear_bell), *out = open_writer(draw);

	if (setlocale(LC_CTYPE, "") == NULL || MB_CUR_MAX == 1)
		setlocale(LC_CTYPE, "C.UTF-8");
	if (unseen != NULL && out != NULL)
		line_editor.editor =
		    el_init_fd("p2pchat", stdin, unseen, stderr, STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO);
	if (line_editor.editor == NULL) {
		close_writers(unseen, out);
		return;
	}
	line_editor.unseen = unseen;
	open_screen(out, prompt);
	line_editor.history = history_winit();
	if (line_editor.history != NULL) {
		history_w(line_editor.history, &event, H_SETSIZE, HISTORY_LINES);
		el_wset(line_editor.editor, EL_HIST, history_w, line_editor.history);
	}
	el_set(line_editor.editor, EL_EDITOR, "emacs");
	el_wset(line_editor.editor, EL_ADDFN, L"p2pchat-end", L"End the input, or delete", editor_end);
	el_set(line_editor.editor, EL_BIND, "^D", "p2pchat-end", NULL);
	el_wset(line_editor.editor, EL_ADDFN, L"p2pchat-erase", L"Delete the mark or letter before", editor_erase);
	el_set(line_editor.editor, EL_BIND, "^?", "p2pchat-erase", NULL);
	el_set(line_editor.editor, EL_BIND, "^H", "p2pchat-erase", NULL);
	el_wset(line_editor.editor, EL_ADDFN, L"p2pchat-insert-cluster", L"Insert by way of a cluster",
	        editor_insert_cluster);
	el_wset(line_editor.editor, EL_BIND, CLUSTER_KEYS, L"p2pchat-insert-cluster", NULL);
	el_wset(line_editor.editor, EL_ADDFN, L"p2pchat-quote", L"Put the next key into the line", editor_quote);
	el_set(line_editor.editor, EL_BIND, "^V", "p2pchat-quote", NULL);
	el_wset(line_editor.editor, EL_ADDFN, L"p2pchat-leave-line", L"Leave the line, or the program",
	        editor_leave_line);
	el_set(line_editor.editor, EL_BIND, "^C", "p2pchat-leave-line", NULL);
	el_wset(line_editor.editor, EL_ADDFN, L"p2pchat-clear-screen", L"Clear all but the line", editor_clear_screen);
	el_set(line_editor.editor, EL_BIND, "^L", "p2pchat-clear-screen", NULL);
	el_set(line_editor.editor, EL_BIND, "^[^L", "p2pchat-clear-screen", NULL);
	el_set(line_editor.editor, EL_BIND, "^[x", "ed-ignore", NULL); /* libedit's would wait for a command's name */
	el_set(line_editor.editor, EL_BIND, "^[X", "ed-ignore", NULL);
	el_set(line_editor.editor, EL_SETTY, "-d", "-intr",
	       NULL); /* Ctrl-C is a key like others while there is an editor */
	el_set(line_editor.editor, EL_BIND, "^@", "ed-ignore",
	       NULL); /* editor_key()'s that means nothing; libedit has what the terminal leaves unused there */
	el_wset(line_editor.editor, EL_ADDFN, L"p2pchat-complete", L"Complete the word", editor_complete);
	el_set(line_editor.editor, EL_BIND, "^I", "p2pchat-complete", NULL);
	el_set(line_editor.editor, EL_GETCFN, editor_key);
	begin_line();
	take_terminal_signals();
	show_line();
}

bool line_editor_is_open(void)
{
	return line_editor.editor != NULL;
}

void line_editor_complete(const struct line_completion *completion)
{
	line_editor.completion = completion;
}

void line_editor_close(void)
{
	line_screen_clear(&line_editor.screen, terminal_columns());
	el_set(line_editor.editor, EL_UNBUFFERED, 0);
	if (line_editor.history != NULL)
		history_wend(line_editor.history);
	el_end(line_editor.editor);
	line_clusters_free(&line_editor.clusters);
	line_editor.editor = NULL;
	close_writers(line_editor.unseen, line_editor.screen.out);
}

/* --- a key, and what comes between -------------------------------------------------------------------------------- */

static void begin_next_line(void)
{
	el_set(line_editor.editor, EL_UNBUFFERED, 0); /* libedit has no other way */
	begin_line();
}

/* Of what is pasted not every step is drawn. */
static bool more_waits(void)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };

	return poll(&input, 1, 0) > 0;
}

/* libedit has no line to give both when that is empty and when the input is over, which is told by the keys. */
enum line_editor_result line_editor_read(char line[LINE_EDITOR_SIZE], size_t *len)
{
	HistEventW event;
	int count = 0;
	const wchar_t *typed = el_wgets(line_editor.editor, &count);

	if (line_editor.ended)
		return LINE_EDITOR_END;
	if (typed == NULL || count <= 0 || (typed[count - 1] != L'\n' && typed[count - 1] != L'\r')) {
		if (!more_waits())
			show_line();
		return LINE_EDITOR_TYPING;
	}
	if (line_editor.history != NULL && count > 1)
		history_w(line_editor.history, &event, H_ENTER, typed);
	*len = line_clusters_text(&line_editor.clusters, typed, (size_t)count - 1, line, LINE_EDITOR_SIZE);
	line_screen_show(&line_editor.screen, typed, (size_t)count - 1, (size_t)count - 1, terminal_columns());
	line_screen_leave(&line_editor.screen);
	begin_next_line();
	show_line();
	return LINE_EDITOR_LINE;
}

void line_editor_show(const char *shown, size_t len)
{
	FILE *out = line_editor.screen.out;

	line_screen_clear(&line_editor.screen, terminal_columns());
	fwrite(shown, 1, len, out);
	fputs("\n", out);
	show_line();
}

void line_editor_follow_terminal(void)
{
	if (!continued && !resized)
		return;
	if (continued) { /* libedit believes the terminal is still as it left it */
		el_set(line_editor.editor, EL_PREP_TERM, 0);
		el_set(line_editor.editor, EL_PREP_TERM, 1);
		fputs("\r", line_editor.screen.out);
		line_screen_forget(&line_editor.screen);
	}
	if (resized)
		line_screen_clear(&line_editor.screen, terminal_columns());
	continued = resized = 0;
	show_line();
}
