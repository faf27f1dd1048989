/*
 * The client's terminal or pipe: whole lines in, whole lines out. On a terminal there is a prompt, and a line that
 * comes out while another is being typed does not destroy it.
 */
#ifndef CONSOLE_H
#define CONSOLE_H

#include "io/line_editor.h"

#include <stdbool.h>
#include <stddef.h>

#define CONSOLE_LINE_SIZE LINE_EDITOR_SIZE /* bytes, with its final zero */

enum console_result {
	CONSOLE_NOTHING, /* no whole line yet */
	CONSOLE_LINE,
	CONSOLE_TOO_LONG, /* a line longer than CONSOLE_LINE_SIZE was left out */
	CONSOLE_NO_TEXT,  /* a line with a zero byte in it was left out */
	CONSOLE_END,      /* the input is over */
};

/*
 * Takes standard input and output (output.h); `prompt` (kept) is shown if both are a terminal. If standard error is the
 * same, lines of the log are shown above what is being typed, too, as console_print() does it, until console_close().
 */
void console_open(const char *prompt);

/* What Tab does from now on (kept, not copied). */
void console_complete(const struct line_completion *completion);

/*
 * True if more may be read though what was is not taken out yet: on a terminal, so that lines can be edited and left,
 * until there is very much of it.
 */
bool console_has_room(void);

/* Gives the terminal back as it was; console_print() goes on working. */
void console_close(void);

bool console_is_terminal(void);

/* Draws the line anew after the terminal was resized, or taken away and given back (Ctrl-Z, fg). Call after every wait.
 */
void console_follow_terminal(void);

/* Reads what is there. To be called when standard input is ready. */
void console_read(void);

/* Takes the next line out of what was read, without its end. */
enum console_result console_take_line(char line[CONSOLE_LINE_SIZE]);

#define CONSOLE_PRINT_SIZE 8192

/*
 * Writes a line by way of output.h, cut to CONSOLE_PRINT_SIZE; what would move the cursor is shown as \xNN. Returns
 * false once standard output cannot be written.
 */
bool console_print(const char *line);

#endif
