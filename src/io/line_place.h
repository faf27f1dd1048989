/*
 * Where a half-typed line stands on a terminal: what is in which row. Only arithmetic; how wide a character is, is what
 * the C library says of the locale (LC_CTYPE).
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
 * How many columns a character has: 2 for a control character (^A), 7 to 9 for what cannot be printed (\U+FFFF). 0 for
 * a mark that combines, which comes into the line only as a cluster (line_cluster.h).
 */
unsigned line_place_columns(wchar_t c);

/* Where a character at that place begins: in the next row if this one has no room for it, as it is never parted. */
struct line_place line_place_before(struct line_place at, wchar_t c, unsigned width);

/* The place behind a character at that place: a full row ends in the next one. A tab goes as far as the edge. */
struct line_place line_place_behind(struct line_place at, wchar_t c, unsigned width);

/*
 * The place of the `cursor`-th of `len` characters (or behind the last) on a terminal of `width` columns (at least 2),
 * where `prompt` columns stand in front.
 */
struct line_place line_place_of(const wchar_t *line, size_t len, size_t cursor, unsigned prompt, unsigned width);

#endif
