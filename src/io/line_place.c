#include "io/line_place.h"

#include <stdbool.h>
#include <wctype.h>

#define CONTROL_COLUMNS 2 /* ^A */
#define CODE_COLUMNS 7u   /* \U+200E */
#define TAB_COLUMNS 8

static bool is_control(wchar_t c)
{
	return c < 0x20 || c == 0x7f;
}

unsigned line_place_columns(wchar_t c)
{
	int width = wcwidth(c);

	if (is_control(c))
		return CONTROL_COLUMNS;
	if (!iswprint((wint_t)c))
		return CODE_COLUMNS + (c > 0xffff ? 1u : 0u) + (c > 0xfffff ? 1u : 0u);
	return width > 0 ? (unsigned)width : 0;
}

static struct line_place start_of_next_row(struct line_place at)
{
	return (struct line_place){ .row = at.row + 1 };
}

/* One wide character is never parted: blanks fill the row in front of it. */
struct line_place line_place_before(struct line_place at, wchar_t c, unsigned width)
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

struct line_place line_place_behind(struct line_place at, wchar_t c, unsigned width)
{
	if (c == L'\t')
		return after_tab(at, width);
	return after(line_place_before(at, c, width), line_place_columns(c), width);
}

struct line_place line_place_of(const wchar_t *line, size_t len, size_t cursor, unsigned prompt, unsigned width)
{
	struct line_place at = after((struct line_place){ 0 }, prompt, width);

	for (size_t i = 0; i < cursor; i++)
		at = line_place_behind(at, line[i], width);
	return cursor < len ? line_place_before(at, line[cursor], width) : at;
}
