/*
 * The line that is being typed on a terminal, edited by libedit, which is asked for one key at a time and never waits
 * for the next. There is one, of standard input and output. What is seen of it line_screen.h draws, by way of output.h.
 */
#ifndef LINE_EDITOR_H
#define LINE_EDITOR_H

#include "io/line_completion.h"

#include <stdbool.h>
#include <stddef.h>

#define LINE_EDITOR_SIZE 4096 /* bytes of a line, with its final zero */

/* Shows `prompt` (kept). Where there can be no editor it is not open then, and lines are to be read as they come. */
void line_editor_open(const char *prompt);

/* True until line_editor_close(). */
bool line_editor_is_open(void);

/* Takes the line off the terminal and gives that back as it was. */
void line_editor_close(void);

/*
 * How Tab completes what is typed of a word from now on (kept, not copied), or shows those that begin so. Where nobody
 * has told, it is a character like others.
 */
void line_editor_complete(const struct line_completion *completion);

enum line_editor_result {
	LINE_EDITOR_TYPING, /* the line goes on */
	LINE_EDITOR_LINE,   /* it is done, and the next one begins */
	LINE_EDITOR_END,    /* the input is over */
};

/*
 * Takes a key, the first byte of which is there. A line that is done is written to `line`, *len bytes without an end
 * and without a final zero; of a longer one LINE_EDITOR_SIZE bytes, so that it is found too long.
 */
enum line_editor_result line_editor_read(char line[LINE_EDITOR_SIZE], size_t *len);

/* Writes `len` bytes and a line end above what is being typed. */
void line_editor_show(const char *shown, size_t len);

/* Draws the line anew after the terminal was resized, or taken away and given back (Ctrl-Z, fg), if it was. */
void line_editor_follow_terminal(void);

#endif
