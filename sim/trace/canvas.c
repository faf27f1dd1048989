#include "trace/canvas.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define WIDTH_DEFAULT 112 /* where there is no terminal to ask */
#define WIDTH_MIN 60

static const struct {
	const char *unicode;
	const char *ascii;
} glyphs[] = {
	[GLYPH_SPACE] = { " ", " " },    [GLYPH_LIFE] = { "│", "|" },   [GLYPH_WAY] = { "─", "-" },
	[GLYPH_CROSSING] = { "┼", "+" }, [GLYPH_ORIGIN] = { "●", "o" }, [GLYPH_PASSED] = { "◇", "#" },
	[GLYPH_CHANGED] = { "◆", "*" },  [GLYPH_RIGHT] = { "▶", ">" },  [GLYPH_LEFT] = { "◀", "<" },
	[GLYPH_DEATH] = { "✗", "X" },    [GLYPH_CUT] = { "…", "?" },    [GLYPH_TO_RIGHT] = { "→", ">" },
	[GLYPH_TO_LEFT] = { "←", "<" },
};

_Static_assert(sizeof glyphs / sizeof glyphs[0] == GLYPHS, "every glyph has its characters");

static const char *const tones[] = {
	[TONE_PLAIN] = "",        [TONE_DIM] = "\033[2m",  [TONE_NAME] = "\033[1m",
	[TONE_PORT] = "\033[36m", [TONE_WAY] = "\033[32m", [TONE_BAD] = "\033[1;31m",
};

_Static_assert(sizeof tones / sizeof tones[0] == TONES, "every tone has its colour");

void canvas_clear(struct canvas *c)
{
	memset(c, 0, sizeof *c);
}

static void put_cell(struct canvas *c, int x, unsigned char cell, enum tone tone)
{
	if (x < 0 || x >= CANVAS_WIDTH)
		return;
	c->cells[x] = cell;
	c->tones[x] = (unsigned char)tone;
	if ((unsigned)x >= c->end)
		c->end = (unsigned)x + 1;
}

void canvas_put(struct canvas *c, int x, enum glyph g, enum tone tone)
{
	put_cell(c, x, (unsigned char)g, tone);
}

unsigned canvas_text(struct canvas *c, int x, const char *text, unsigned room, enum tone tone)
{
	unsigned i;

	for (i = 0; i < room && text[i] != '\0'; i++)
		put_cell(c, x + (int)i, (unsigned char)text[i], tone);
	return i;
}

static void print_cell(unsigned char cell, FILE *f, const struct style *style)
{
	if (cell < GLYPHS)
		fputs(style->unicode ? glyphs[cell].unicode : glyphs[cell].ascii, f);
	else
		putc(cell, f);
}

void canvas_print(const struct canvas *c, FILE *f, const struct style *style)
{
	unsigned end = c->end;
	unsigned char tone = TONE_PLAIN;

	while (end > 0 && (c->cells[end - 1] == GLYPH_SPACE || c->cells[end - 1] == ' '))
		end--;
	for (unsigned i = 0; i < end; i++) {
		if (style->colour && c->tones[i] != tone) {
			if (tone != TONE_PLAIN)
				fputs("\033[0m", f);
			tone = c->tones[i];
			fputs(tones[tone], f);
		}
		print_cell(c->cells[i], f, style);
	}
	if (tone != TONE_PLAIN)
		fputs("\033[0m", f);
	putc('\n', f);
}

/* Into a pager, which has the terminal's width, standard output is a pipe: then standard error tells. */
static unsigned terminal_width(int fd)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	long asked = columns != NULL ? strtol(columns, NULL, 10) : 0;

	if (asked <= 0)
		asked =
		    ioctl(fd, TIOCGWINSZ, &size) == 0 || ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
	if (asked <= 0)
		asked = WIDTH_DEFAULT;
	if (asked < WIDTH_MIN)
		asked = WIDTH_MIN;
	return asked < CANVAS_WIDTH ? (unsigned)asked : CANVAS_WIDTH;
}

struct style style_of(FILE *f)
{
	const char *no_colour = getenv("NO_COLOR"), *term = getenv("TERM");
	bool terminal = isatty(fileno(f)) == 1;

	setlocale(LC_CTYPE, "");
	return (struct style){
		.width = terminal_width(fileno(f)),
		.colour = terminal && (no_colour == NULL || no_colour[0] == '\0') &&
		          !(term != NULL && strcmp(term, "dumb") == 0),
		.unicode = strcmp(nl_langinfo(CODESET), "UTF-8") == 0,
	};
}
