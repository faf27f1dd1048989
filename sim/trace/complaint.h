/*
 * Whether a line that a program said speaks of failure. Pure. It is other people's words, in English, so it is a guess:
 * a word that says that something failed, and is no part of a name, no setting ("timeout: 30 s") and no count of none
 * ("0 errors").
 */
#ifndef COMPLAINT_H
#define COMPLAINT_H

#include <stdbool.h>

#define COMPLAINT_LINE_MAX 256 /* bytes of a line that are looked at */

/* The line as it was said, colours (ECMA-48) and all. */
bool complaint_is(const char *line);

#endif
