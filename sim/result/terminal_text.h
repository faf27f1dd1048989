/* Text for a terminal: what programs and packets said made safe, what the lab says itself wrapped. */
#ifndef TERMINAL_TEXT_H
#define TERMINAL_TEXT_H

#include <stddef.h>
#include <stdio.h>

/* Writes the text, control characters as \xNN, each line led by `indent`; a final line end is added where missing. */
void terminal_lines(FILE *out, const char *indent, const char *text);

/* Writes the text in one line, control characters (line ends too) as \xNN. */
void terminal_text(FILE *out, const char *text);

/*
 * Writes the lab's own text and a line end, from where the line is (`used` columns) on: what does not fit in `columns`
 * goes on below, `indent` from the left. Line ends in it stay.
 */
void terminal_wrapped(FILE *out, const char *text, size_t used, size_t indent, size_t columns);

#endif
