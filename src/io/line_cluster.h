/*
 * A letter with the marks behind it that have no column of their own, as one character of the line that libedit edits,
 * as wide as the letter: keys go by letters, and every character of the line has columns. It is less than a grapheme
 * cluster of UAX #29, where vowels that have a column, and emoji that are joined, are of one too. What stands for a
 * cluster is a character that nobody types: a hieroglyph where it is of a word, one of the rarest Chinese ones where
 * the letter has two columns, else one of plane 15, which is private use. Only a table; how wide a character is, is
 * what the C library says of the locale (LC_CTYPE).
 */
#ifndef LINE_CLUSTER_H
#define LINE_CLUSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <wchar.h>

#define LINE_CLUSTER_SIZE 8 /* characters of a cluster; a mark too many begins another one */

struct line_cluster_table {
	wchar_t (*letters)[LINE_CLUSTER_SIZE]; /* zeros behind the last */
	unsigned count, room;
};

enum line_cluster_kind {
	LINE_CLUSTER_WORD,   /* of one column, of a letter or digit: what libedit goes by (iswalnum()) */
	LINE_CLUSTER_NARROW, /* of one column, and what has no room more there */
	LINE_CLUSTER_WIDE,   /* of two columns */
	LINE_CLUSTER_KINDS
};

/* {0} is empty. What is in it stays for as long as the program edits lines: its history shows them again. */
struct line_clusters {
	struct line_cluster_table tables[LINE_CLUSTER_KINDS];
};

void line_clusters_free(struct line_clusters *clusters);

/* True if the character may not come into the line as it is, but by line_clusters_add() or line_clusters_put(). */
bool line_cluster_is_mark(wchar_t c);
bool line_cluster_is_taken(wchar_t c); /* it could stand for a cluster */

/* What stands for `len` letters (1 to LINE_CLUSTER_SIZE), or 0 if no more can be told apart (or no memory is left). */
wchar_t line_clusters_put(struct line_clusters *clusters, const wchar_t *letters, size_t len);

/* The letters that `c` stands for, which are itself where it stands for nothing. Returns how many. */
size_t line_clusters_letters(const struct line_clusters *clusters, wchar_t c, wchar_t letters[LINE_CLUSTER_SIZE]);

/*
 * Adds what was typed to the end of a line of `len` characters that has room for one more: a mark becomes one with the
 * letter in front of it. Returns the new length, which is the same as before for that, or for want of room in a table.
 */
size_t line_clusters_add(struct line_clusters *clusters, wchar_t *line, size_t len, wchar_t typed);

/*
 * The same as line_clusters_letters(), but as they are drawn: marks that have no letter stand on a dotted circle, and
 * what makes some terminals draw two emoji as one or one in more columns (U+200D, U+FE0F) is left out.
 */
size_t line_clusters_drawn(const struct line_clusters *clusters, wchar_t c, wchar_t drawn[LINE_CLUSTER_SIZE + 1]);

/*
 * The bytes of `len` characters of a line as they were typed, without a final zero, but with room for one. Returns how
 * many; of too many the first `size`, the last few of which may be question marks.
 */
size_t line_clusters_text(const struct line_clusters *clusters, const wchar_t *line, size_t len, char *text,
                          size_t size);

#endif
