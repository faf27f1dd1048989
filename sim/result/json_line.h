/* JSON as a line of text: what --json prints, everywhere the same. */
#ifndef JSON_LINE_H
#define JSON_LINE_H

#include <jansson.h>
#include <stdio.h>

/* Prints a value of any kind, without blanks. Returns 0, or -1 if it could not, or there is none (NULL). */
int json_line_print(FILE *f, const json_t *value);

#endif
