/* Text from programs and packets made safe for a terminal. */
#ifndef PLAIN_H
#define PLAIN_H

#include <stdio.h>

/* Writes the text, control characters as \xNN, each line led by `indent`; a final line end is added where missing. */
void plain_lines(FILE *out, const char *indent, const char *text);

/* Writes the text in one line, control characters (line ends too) as \xNN. */
void plain_text(FILE *out, const char *text);

#endif
