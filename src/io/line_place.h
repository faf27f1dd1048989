/*
 * Where a line that libedit edits stands on a terminal: what it puts into which row. Only arithmetic; how wide a
 * character is, is what the C library says of the locale (LC_CTYPE).
 */
#ifndef LINE_PLACE_H
#define LINE_PLACE_H

#include <stddef.h>
#include <wchar.h>

struct line_place {
	unsigned row;    /* from 0, where the prompt begins */
	unsigned column; /* from 0 to below the terminal's width */
};

/*
 * How many columns libedit draws for a character: 2 for ^A, 7 for \U+FFFF. 0 for a mark that combines, which comes into
 * its line only as a cluster (line_cluster.h), as versions of libedit differ in it.
 */
unsigned line_place_columns(wchar_t c);

/*
 * The place of the `cursor`-th of `len` characters (or behind the last) on a terminal of `width` columns (at least 2),
 * where `prompt` columns stand in front.
 */
struct line_place line_place_of(const wchar_t *line, size_t len, size_t cursor, unsigned prompt, unsigned width);

#endif
