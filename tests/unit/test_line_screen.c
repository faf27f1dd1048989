#include "io/line_screen.h"

#include "locale_utf8.h"
#include "suite.h"

#include <stdlib.h>
#include <string.h>

#define PROMPT ">>> "
#define ROWS 64
#define WIDTH 20 /* of the widest terminal here */
#define TOP 1    /* row of the prompt: another line stands above it */

/* A terminal: ASCII alone, and the sequences below. */
static struct {
	char rows[ROWS][WIDTH + 1];
	unsigned width, row, column; /* column == width: at the edge of a full row */
} terminal;

static char *drawn;
static size_t drawn_len;
static struct line_clusters clusters;
static struct line_screen screen;

static void erase_from(unsigned row, unsigned column)
{
	memset(terminal.rows[row] + column, ' ', terminal.width - column);
}

static size_t obey(const char *sequence)
{
	switch (sequence[2]) {
	case 'A': terminal.row -= terminal.row > 0 ? 1 : 0; break;
	case 'C': terminal.column += terminal.column + 1 < terminal.width ? 1 : 0; break;
	case 'K': erase_from(terminal.row, terminal.column); break;
	case 'H': terminal.row = terminal.column = 0; break;
	default:
		erase_from(terminal.row, terminal.column);
		for (unsigned row = terminal.row + 1; row < ROWS; row++)
			erase_from(row, 0);
	}
	return 3;
}

static void put(char c)
{
	if (terminal.column == terminal.width) {
		terminal.row++;
		terminal.column = 0;
	}
	CU_ASSERT_FATAL(terminal.row < ROWS);
	terminal.rows[terminal.row][terminal.column++] = c;
}

/* What was drawn since comes to the terminal. */
static void deliver(void)
{
	fflush(screen.out);
	for (size_t at = 0; at < drawn_len;) {
		if (drawn[at] == '\x1b') {
			at += obey(drawn + at);
			continue;
		}
		if (drawn[at] == '\n')
			terminal.row++;
		if (drawn[at] == '\n' || drawn[at] == '\r')
			terminal.column = 0;
		else
			put(drawn[at]);
		at++;
	}
	rewind(screen.out);
}

static void begin(unsigned width)
{
	enter_utf8();
	terminal.width = width;
	terminal.row = TOP;
	terminal.column = 0;
	for (unsigned row = 0; row < ROWS; row++)
		erase_from(row, 0);
	memcpy(terminal.rows[0], "above", 5);
	screen = (struct line_screen){ .out = open_memstream(&drawn, &drawn_len),
		                       .prompt = PROMPT,
		                       .clusters = &clusters,
		                       .up = "\x1b[A",
		                       .right = "\x1b[C",
		                       .erase_row = "\x1b[K",
		                       .erase_below = "\x1b[J",
		                       .erase_all = "\x1b[H\x1b[J" };
	CU_ASSERT_PTR_NOT_NULL_FATAL(screen.out);
}

static void end(void)
{
	fclose(screen.out);
	free(drawn);
	line_clusters_free(&clusters);
	leave_utf8();
}

static void show(const wchar_t *line, size_t len, size_t cursor)
{
	line_screen_show(&screen, line, len, cursor, terminal.width);
}

/* The prompt and the line, row by row, and nothing else. */
static void is_there(const wchar_t *line, size_t len, size_t cursor)
{
	unsigned at = (unsigned)(strlen(PROMPT) + cursor);

	CU_ASSERT_EQUAL(memcmp(terminal.rows[0], "above", 5), 0);
	for (unsigned i = 0; i < (ROWS - TOP) * terminal.width; i++) {
		char expected = i < strlen(PROMPT)         ? PROMPT[i]
		                : i < strlen(PROMPT) + len ? (char)line[i - strlen(PROMPT)]
		                                           : ' ';

		CU_ASSERT_EQUAL_FATAL(terminal.rows[TOP + i / terminal.width][i % terminal.width], expected);
	}
	CU_ASSERT_EQUAL(terminal.row, TOP + at / terminal.width);
	CU_ASSERT_EQUAL(terminal.column, at % terminal.width);
}

/* --- tests ------------------------------------------------------------------------------------- */

static void what_is_added_alone_is_drawn(void)
{
	begin(20);
	show(L"ab", 2, 2);
	deliver();
	is_there(L"ab", 2, 2);
	show(L"abcd", 4, 4);
	fflush(screen.out);
	CU_ASSERT_EQUAL(memcmp(drawn, "cd", 2), 0);
	CU_ASSERT_EQUAL(drawn_len, 2);
	deliver();
	is_there(L"abcd", 4, 4);
	end();
}

/* Wherever something comes or goes, and wherever the cursor stands, also at the edges of rows. */
static void any_edit_of_any_line(void)
{
	static const unsigned widths[] = { 5, 8, 13, 20 };
	unsigned seed = 1;

	for (size_t w = 0; w < sizeof widths / sizeof *widths; w++) {
		wchar_t line[100];
		size_t len = 0;

		begin(widths[w]);
		for (unsigned i = 0; i < 2000; i++) {
			size_t from = (unsigned)rand_r(&seed) % (len + 1);
			size_t gone = (unsigned)rand_r(&seed) % (len - from + 1);
			size_t come = (unsigned)rand_r(&seed) % 12;

			come = len - gone + come <= 100 ? come : 0;
			wmemmove(line + from + come, line + from + gone, len - from - gone);
			wmemset(line + from, (wchar_t)(L'a' + i % 26), come);
			len += come - gone;
			from = (unsigned)rand_r(&seed) % 2 == 0 ? len : (unsigned)rand_r(&seed) % (len + 1);
			show(line, len, from);
			deliver();
			is_there(line, len, from);
		}
		end();
	}
}

static void what_is_cleared_leaves_nothing(void)
{
	begin(10);
	show(L"abcdefghijklmnopqrs", 19, 3);
	line_screen_clear(&screen, 10);
	line_screen_clear(&screen, 10); /* nothing is there */
	deliver();
	CU_ASSERT_EQUAL(terminal.row, TOP);
	CU_ASSERT_EQUAL(terminal.column, 0);
	for (unsigned row = TOP; row < ROWS; row++)
		CU_ASSERT_EQUAL(memcmp(terminal.rows[row], "          ", 10), 0);
	end();
}

static void a_line_that_is_left_stays(void)
{
	begin(10);
	show(L"abcdefgh", 8, 2);
	line_screen_leave(&screen);
	deliver();
	CU_ASSERT_EQUAL(terminal.row, TOP + 2);
	CU_ASSERT_EQUAL(terminal.column, 0);
	show(L"", 0, 0);
	deliver();
	CU_ASSERT_EQUAL(memcmp(terminal.rows[TOP], ">>> abcdef", 10), 0);
	CU_ASSERT_EQUAL(memcmp(terminal.rows[TOP + 1], "gh        ", 10), 0);
	CU_ASSERT_EQUAL(memcmp(terminal.rows[TOP + 2], ">>>       ", 10), 0);
	end();
}

/* One that ends at the edge is in the next row by then. */
static void a_full_row_that_is_left_leaves_no_empty_one(void)
{
	begin(10);
	show(L"abcdef", 6, 6);
	line_screen_leave(&screen);
	deliver();
	CU_ASSERT_EQUAL(terminal.row, TOP + 1);
	end();
}

static void all_is_erased_but_the_line(void)
{
	begin(10);
	show(L"abcdefgh", 8, 2);
	line_screen_erase_all(&screen);
	show(L"abcdefgh", 8, 2);
	deliver();
	CU_ASSERT_EQUAL(memcmp(terminal.rows[0], ">>> abcdef", 10), 0);
	CU_ASSERT_EQUAL(memcmp(terminal.rows[1], "gh        ", 10), 0);
	CU_ASSERT_EQUAL(memcmp(terminal.rows[2], "          ", 10), 0);
	CU_ASSERT_EQUAL(terminal.row, 0);
	CU_ASSERT_EQUAL(terminal.column, 6);
	end();
}

static void where_it_cannot_all_be_erased_the_line_goes_on_below(void)
{
	begin(10);
	screen.erase_all[0] = '\0';
	show(L"abcdefgh", 8, 2);
	line_screen_erase_all(&screen);
	show(L"ab", 2, 2);
	deliver();
	CU_ASSERT_EQUAL(memcmp(terminal.rows[TOP + 1], "gh        ", 10), 0);
	CU_ASSERT_EQUAL(memcmp(terminal.rows[TOP + 2], ">>> ab    ", 10), 0);
	end();
}

static void without_sequences_it_goes_on(void)
{
	begin(20);
	screen.up[0] = screen.right[0] = screen.erase_row[0] = screen.erase_below[0] = '\0';
	show(L"abc", 3, 3);
	show(L"abc", 3, 1);
	deliver();
	is_there(L"abc", 3, 1);
	show(L"a", 1, 1);
	deliver();
	is_there(L"a", 1, 1);
	end();
}

static void what_cannot_be_printed_is_told(void)
{
	static const wchar_t line[] = L"\x01\x7f\t\x85!";

	begin(20);
	show(line, 5, 5);
	deliver();
	CU_ASSERT_EQUAL(memcmp(terminal.rows[TOP], ">>> ^A^?        \\U+0", 20), 0);
	CU_ASSERT_EQUAL(memcmp(terminal.rows[TOP + 1], "085!", 4), 0);
	end();
}

SUITE(line_screen, TEST(what_is_added_alone_is_drawn), TEST(any_edit_of_any_line), TEST(what_is_cleared_leaves_nothing),
      TEST(a_line_that_is_left_stays), TEST(a_full_row_that_is_left_leaves_no_empty_one),
      TEST(all_is_erased_but_the_line), TEST(where_it_cannot_all_be_erased_the_line_goes_on_below),
      TEST(without_sequences_it_goes_on), TEST(what_cannot_be_printed_is_told))
