/* Paragraphs for the terminal: wrapped at its width, headings in bold. */
#ifndef WRAP_H
#define WRAP_H

#include "trace/canvas.h"

/* Prints text whose paragraphs are lines; the first, and each after an empty line, is a heading. */
void wrap_print(FILE *f, const char *text, const struct style *style);

#endif
