/*
 * What a program says, word for word: a test prints every view to a text, which is compared with a file. After a change
 * of words `UPDATE_TRACES=1 build/release/unit` writes the files anew: the difference is then to be read.
 */
#ifndef SAID_H
#define SAID_H

#include <stdio.h>

/* A text that is written like a file. */
struct said {
	FILE *f;
	char *text;
	size_t len;
};

void said_begin(struct said *s);

/* A line that begins a view. */
void said_title(struct said *s, const char *title);

/* Asserts that it says what the file at `path` does; else the first line that differs is shown. */
void said_end(struct said *s, const char *path);

#endif
