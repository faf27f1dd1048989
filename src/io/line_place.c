#include "io/line_place.h"

#include <stdbool.h>
#include <wctype.h>

#define CONTROL_COLUMNS 2 /* ^A */
#define CODE_COLUMNS 7    /* \U+200E */
#define LONG_CODE_COLUMNS 8
#define TAB_COLUMNS 8

/* libedit shows as ^X what is a control character of one byte in Latin-1. */
static bool is_control(wchar_t c)
{
	return c < 0x100 && iswcntrl((wint_t)c);
}

unsigned line_place_columns(wchar_t c)
{
	int width = wcwidth(c);

	if (is_control(c))
		return CONTROL_COLUMNS;
	if (!iswprint((wint_t)c))
		return c > 0xffff ? LONG_CODE_COLUMNS : CODE_COLUMNS;
	return width > 0 ? (unsigned)width : 0;
}

static struct line_place start_of_next_row(struct line_place at)
{
	return (struct line_place){ .row = at.row + 1 };
}

/* One wide character is never parted: blanks fill the row in front of it. */
static struct line_place before(struct line_place at, wchar_t c, unsigned width)
{
	bool is_parted = iswprint((wint_t)c) && at.column + line_place_columns(c) > width;

	return is_parted ? start_of_next_row(at) : at;
}

static struct line_place after(struct line_place at, unsigned columns, unsigned width)
{
	columns += at.column;
	return (struct line_place){ .row = at.row + columns / width, .column = columns % width };
}

/* As far as the next stop; one that ends at the edge goes no further. */
static struct line_place after_tab(struct line_place at, unsigned width)
{
	unsigned stop = (at.column / TAB_COLUMNS + 1) * TAB_COLUMNS;

	return stop < width ? (struct line_place){ .row = at.row, .column = stop } : start_of_next_row(at);
}

struct line_place line_place_of(const wchar_t *line, size_t len, size_t cursor, unsigned prompt, unsigned width)
{
	struct line_place at = after((struct line_place){ 0 }, prompt, width);

	for (size_t i = 0; i < cursor; i++) {
		if (line[i] == L'\t')
			at = after_tab(at, width);
		else if (line[i] == L'\n')
			at = start_of_next_row(at);
		else
			at = after(before(at, line[i], width), line_place_columns(line[i]), width);
	}
	return cursor < len ? before(at, line[cursor], width) : at;
}
