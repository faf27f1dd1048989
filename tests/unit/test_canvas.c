/* Lines of cells, and how wide, in which characters and in what colours they are printed. */
#include "suite.h"
#include "trace/canvas.h"

#include <fcntl.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static void expect(const struct canvas *c, const struct style *style, const char *expected)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	canvas_print(c, f, style);
	fclose(f);
	CU_ASSERT_STRING_EQUAL(text, expected);
	free(text);
}

static void cells_are_printed_without_spaces_at_the_end(void)
{
	const struct style ascii = { .width = 80 }, unicode = { .width = 80, .unicode = true };
	struct canvas c;

	canvas_clear(&c);
	expect(&c, &ascii, "\n");
	CU_ASSERT_EQUAL(canvas_text(&c, 2, "alice", 3, TONE_PLAIN), 3);
	CU_ASSERT_EQUAL(canvas_text(&c, 8, "bob", 9, TONE_PLAIN), 3);
	canvas_put(&c, 0, GLYPH_DEATH, TONE_PLAIN);
	canvas_text(&c, 11, "  ", 2, TONE_PLAIN);
	canvas_put(&c, 13, GLYPH_SPACE, TONE_PLAIN);
	expect(&c, &ascii, "X ali   bob\n");
	expect(&c, &unicode, "✗ ali   bob\n");
}

/* What lies outside is not written, and nothing beside it. */
static void there_is_an_end_of_room(void)
{
	struct canvas c;

	canvas_clear(&c);
	canvas_put(&c, -1, GLYPH_WAY, TONE_PLAIN);
	canvas_put(&c, CANVAS_WIDTH, GLYPH_WAY, TONE_PLAIN);
	CU_ASSERT_EQUAL(c.end, 0);
	canvas_put(&c, 0, GLYPH_WAY, TONE_PLAIN);
	CU_ASSERT_EQUAL(c.end, 1);
	canvas_put(&c, CANVAS_WIDTH - 1, GLYPH_WAY, TONE_PLAIN);
	CU_ASSERT_EQUAL(c.end, CANVAS_WIDTH);
	canvas_put(&c, 4, GLYPH_WAY, TONE_PLAIN); /* one further left does not shorten it */
	CU_ASSERT_EQUAL(c.end, CANVAS_WIDTH);
	CU_ASSERT_EQUAL(c.cells[CANVAS_WIDTH - 1], GLYPH_WAY);
}

static void colours_change_where_they_have_to(void)
{
	const struct style style = { .width = 80, .colour = true };
	struct canvas c;

	canvas_clear(&c);
	canvas_text(&c, 0, "ab", 2, TONE_BAD);
	canvas_text(&c, 2, "c", 1, TONE_NAME);
	canvas_text(&c, 3, "d", 1, TONE_PLAIN);
	expect(&c, &style, "\033[1;31mab\033[0m\033[1mc\033[0md\n");
	canvas_text(&c, 3, "d", 1, TONE_DIM);
	expect(&c, &style, "\033[1;31mab\033[0m\033[1mc\033[0m\033[2md\033[0m\n");
}

/* What these tests set, as it was. */
static const char *const names[] = { "COLUMNS", "NO_COLOR", "TERM", "LC_ALL" };
static char *were[sizeof names / sizeof names[0]];

static void keep_environment(void)
{
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		were[i] = getenv(names[i]) != NULL ? strdup(getenv(names[i])) : NULL;
}

static void restore_environment(void)
{
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (were[i] == NULL)
			unsetenv(names[i]);
		else
			setenv(names[i], were[i], 1);
		free(were[i]);
	}
	setlocale(LC_CTYPE, "C");
}

static unsigned width_of(const char *columns, FILE *f)
{
	if (columns == NULL)
		unsetenv("COLUMNS");
	else
		setenv("COLUMNS", columns, 1);
	return style_of(f).width;
}

/* A terminal of 90 columns, as `f`. */
static int open_terminal(FILE **f)
{
	const struct winsize size = { .ws_row = 24, .ws_col = 90 };
	int master = posix_openpt(O_RDWR | O_NOCTTY), slave;

	CU_ASSERT_FATAL(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	CU_ASSERT_FATAL(slave >= 0 && ioctl(slave, TIOCSWINSZ, &size) == 0);
	*f = fdopen(slave, "r+");
	CU_ASSERT_PTR_NOT_NULL_FATAL(*f);
	return master;
}

static void the_width_is_asked_for(void)
{
	FILE *terminal, *file = tmpfile();
	int master = open_terminal(&terminal);

	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	keep_environment();
	CU_ASSERT_EQUAL(width_of("100", terminal), 100);
	CU_ASSERT_EQUAL(width_of("100", file), 100);
	CU_ASSERT_EQUAL(width_of("59", file), 60);
	CU_ASSERT_EQUAL(width_of("61", file), 61);
	CU_ASSERT_EQUAL(width_of("511", file), 511);
	CU_ASSERT_EQUAL(width_of("4000", file), CANVAS_WIDTH);
	CU_ASSERT_EQUAL(width_of("0", terminal), 90);
	CU_ASSERT_EQUAL(width_of("wide", terminal), 90);
	CU_ASSERT_EQUAL(width_of(NULL, terminal), 90);
	restore_environment();
	fclose(terminal);
	fclose(file);
	close(master);
}

/* Output goes into a pager: it has the terminal that standard error tells of, if it tells of one. */
static void a_pager_has_the_width_of_the_terminal(void)
{
	FILE *terminal, *file = tmpfile();
	int master = open_terminal(&terminal), was = dup(STDERR_FILENO), nothing = open("/dev/null", O_WRONLY);

	CU_ASSERT_FATAL(file != NULL && was >= 0 && nothing >= 0);
	keep_environment();
	dup2(fileno(terminal), STDERR_FILENO);
	CU_ASSERT_EQUAL(width_of(NULL, file), 90);
	CU_ASSERT_EQUAL(width_of("100", file), 100);
	dup2(nothing, STDERR_FILENO);
	CU_ASSERT_EQUAL(width_of(NULL, file), 112);
	CU_ASSERT_EQUAL(width_of(NULL, terminal), 90);
	dup2(was, STDERR_FILENO);
	restore_environment();
	fclose(terminal);
	fclose(file);
	close(master);
	close(was);
	close(nothing);
}

static void characters_and_colours_are_asked_for(void)
{
	FILE *terminal, *file = tmpfile();
	int master = open_terminal(&terminal);

	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	keep_environment();
	unsetenv("NO_COLOR");
	setenv("TERM", "xterm", 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	CU_ASSERT_TRUE(style_of(terminal).colour && style_of(terminal).unicode);
	CU_ASSERT_FALSE(style_of(file).colour);
	setenv("LC_ALL", "C", 1);
	CU_ASSERT_FALSE(style_of(terminal).unicode);
	setenv("NO_COLOR", "", 1); /* set to nothing it asks for nothing */
	CU_ASSERT_TRUE(style_of(terminal).colour);
	setenv("NO_COLOR", "1", 1);
	CU_ASSERT_FALSE(style_of(terminal).colour);
	unsetenv("NO_COLOR");
	setenv("TERM", "dumb", 1);
	CU_ASSERT_FALSE(style_of(terminal).colour);
	unsetenv("TERM");
	CU_ASSERT_TRUE(style_of(terminal).colour);
	restore_environment();
	fclose(terminal);
	fclose(file);
	close(master);
}

SUITE(canvas, TEST(cells_are_printed_without_spaces_at_the_end), TEST(there_is_an_end_of_room),
      TEST(colours_change_where_they_have_to), TEST(the_width_is_asked_for),
      TEST(a_pager_has_the_width_of_the_terminal), TEST(characters_and_colours_are_asked_for))
