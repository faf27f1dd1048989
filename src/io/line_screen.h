/*
 * What a terminal shows of a prompt and the line that is being typed behind it, which may fill several rows; whoever
 * writes something else takes them away first. It goes by what it has drawn itself (line_place.h), and knows no more
 * of the terminal than a few sequences.
 */
#ifndef LINE_SCREEN_H
#define LINE_SCREEN_H

#include "io/line_cluster.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <wchar.h>

#define LINE_SCREEN_SEQUENCE_SIZE 32
#define LINE_SCREEN_LINE 8192 /* characters that are shown of a longer line */

struct line_screen {
	FILE *out;
	const char *prompt; /* ASCII */
	const struct line_clusters *clusters;
	/* What moves the cursor up and right, and erases the row, and all below, from there. "": the terminal cannot.
	 */
	char up[LINE_SCREEN_SEQUENCE_SIZE], right[LINE_SCREEN_SEQUENCE_SIZE];
	char erase_row[LINE_SCREEN_SEQUENCE_SIZE], erase_below[LINE_SCREEN_SEQUENCE_SIZE];
	char erase_all[LINE_SCREEN_SEQUENCE_SIZE]; /* and takes the cursor to the first row */

	/* What is shown, if anything is. */
	bool is_shown;
	unsigned width;
	wchar_t line[LINE_SCREEN_LINE];
	size_t len, cursor;
};

/*
 * Shows a line of `len` characters with the cursor on the `cursor`-th (or behind the last) on a terminal of `width`
 * columns (at least 2): what stands there already is not drawn again.
 */
void line_screen_show(struct line_screen *s, const wchar_t *line, size_t len, size_t cursor, unsigned width);

/* Takes all of it away; the cursor is then where the prompt began. `width`: as of now, rows are as the terminal has
 * them. */
void line_screen_clear(struct line_screen *s, unsigned width);

/* Leaves the line where it is, with the cursor at the beginning of the row below. */
void line_screen_leave(struct line_screen *s);

/* Takes away all that the terminal shows; one that cannot leaves it, and goes on below. */
void line_screen_erase_all(struct line_screen *s);

/* Whatever is there is no longer that; the cursor is at the beginning of a row. */
void line_screen_forget(struct line_screen *s);

#endif
