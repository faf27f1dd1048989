#include "io/line_screen.h"

#include "io/line_place.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <wctype.h>

static void repeat(FILE *out, const char *what, unsigned times)
{
	while (times-- > 0)
		fputs(what, out);
}

/* --- characters ---------------------------------------------------------------------------------- */

static void put_letters(const struct line_screen *s, wchar_t c)
{
	wchar_t drawn[LINE_CLUSTER_SIZE + 1];
	size_t count = line_clusters_drawn(s->clusters, c, drawn);

	for (size_t i = 0; i < count; i++) {
		char bytes[MB_LEN_MAX];
		int size = wctomb(bytes, drawn[i]);

		fwrite(bytes, 1, size > 0 ? (size_t)size : 0, s->out);
	}
}

/* The columns from one place to the next one, or to the edge. */
static unsigned gap(struct line_place from, struct line_place to, unsigned width)
{
	return (to.row == from.row ? to.column : width) - from.column;
}

/* In the columns that line_place.h has for it. */
static void put(const struct line_screen *s, wchar_t c, struct line_place at, unsigned width)
{
	if (c == L'\t') {
		repeat(s->out, " ", gap(at, line_place_behind(at, c, width), width));
	} else if (c < 0x20 || c == 0x7f) {
		fprintf(s->out, "^%c", (char)(c ^ 0x40));
	} else if (!iswprint((wint_t)c)) {
		fprintf(s->out, "\\U+%04X", (unsigned)c);
	} else {
		repeat(s->out, " ", gap(at, line_place_before(at, c, width), width));
		put_letters(s, c);
	}
}

/* --- rows ---------------------------------------------------------------------------------------- */

static struct line_place place_of(const struct line_screen *s, size_t cursor)
{
	return line_place_of(s->line, s->len, cursor, (unsigned)strlen(s->prompt), s->width);
}

/* A terminal stays at the edge of a row that is full until more is written: a blank takes it to the next one. */
static void go_on_behind_full_row(const struct line_screen *s, struct line_place at)
{
	if (at.row > 0 && at.column == 0)
		fputs(" \r", s->out);
}

/* From the first-th on, up to the end. */
static void draw_from(struct line_screen *s, size_t first)
{
	struct line_place at = line_place_of(s->line, first, first, (unsigned)strlen(s->prompt), s->width);

	for (size_t i = first; i < s->len; i++) {
		put(s, s->line[i], at, s->width);
		at = line_place_behind(at, s->line[i], s->width);
	}
	go_on_behind_full_row(s, at);
	s->cursor = s->len;
}

/* Right to a place in its row, of which that character is the first behind: by what stands there if there is no other
 * way. */
static void go_right(const struct line_screen *s, struct line_place to, size_t cursor)
{
	size_t first = cursor;

	if (s->right[0] != '\0') {
		repeat(s->out, s->right, to.column);
		return;
	}
	while (first > 0 && place_of(s, first - 1).row == to.row)
		first--;
	if (to.row == 0)
		fputs(s->prompt, s->out);
	for (; first < cursor; first++)
		put(s, s->line[first], place_of(s, first), s->width);
}

static void move_to(struct line_screen *s, size_t cursor)
{
	struct line_place from = place_of(s, s->cursor), to = place_of(s, cursor);

	s->cursor = cursor;
	if (from.row == to.row && from.column == to.column)
		return;
	for (unsigned row = from.row; row > to.row; row--)
		fputs(s->up, s->out);
	for (unsigned row = from.row; row < to.row; row++)
		fputs("\n", s->out);
	fputs("\r", s->out);
	go_right(s, to, cursor);
}

/* --- the whole ----------------------------------------------------------------------------------- */

static bool begins_as_shown(const struct line_screen *s, const wchar_t *line, size_t len, unsigned width)
{
	return s->is_shown && s->width == width && len >= s->len && wmemcmp(line, s->line, s->len) == 0;
}

static void take_line(struct line_screen *s, const wchar_t *line, size_t len, unsigned width)
{
	wmemcpy(s->line, line, len);
	s->len = len;
	s->width = width;
}

void line_screen_show(struct line_screen *s, const wchar_t *line, size_t len, size_t cursor, unsigned width)
{
	size_t shown = s->len;

	len = len < LINE_SCREEN_LINE ? len : LINE_SCREEN_LINE;
	cursor = cursor < len ? cursor : len;
	if (begins_as_shown(s, line, len, width) && (len == shown || s->cursor == shown)) {
		take_line(s, line, len, width);
		if (len > shown)
			draw_from(s, shown);
	} else {
		line_screen_clear(s, width);
		take_line(s, line, len, width);
		fputs(s->prompt, s->out);
		draw_from(s, 0);
	}
	s->is_shown = true;
	move_to(s, cursor);
}

/* Blanks over what stands in the row: for a terminal that cannot erase. */
static void overwrite_row(const struct line_screen *s, unsigned columns)
{
	repeat(s->out, " ", columns);
	fputs("\r", s->out);
}

void line_screen_clear(struct line_screen *s, unsigned width)
{
	struct line_place end;
	const char *erase;

	if (!s->is_shown)
		return;
	s->width = width;
	end = place_of(s, s->len);
	erase = end.row > 0 ? s->erase_below : s->erase_row;
	fputs("\r", s->out);
	repeat(s->out, s->up, place_of(s, s->cursor).row);
	fputs(erase, s->out);
	if (erase[0] == '\0')
		overwrite_row(s, end.row == 0 ? end.column : width - 1);
	s->is_shown = false;
}

void line_screen_leave(struct line_screen *s)
{
	struct line_place end = place_of(s, s->len);

	if (!s->is_shown)
		return;
	move_to(s, s->len);
	if (end.row == 0 || end.column > 0)
		fputs("\n", s->out);
	s->is_shown = false;
}

void line_screen_erase_all(struct line_screen *s)
{
	if (s->erase_all[0] == '\0') {
		line_screen_leave(s);
		return;
	}
	fputs(s->erase_all, s->out);
	s->is_shown = false;
}

void line_screen_forget(struct line_screen *s)
{
	s->is_shown = false;
}
