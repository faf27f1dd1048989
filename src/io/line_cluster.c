#include "io/line_cluster.h"

#include "io/line_place.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <wctype.h>

#define FIRST_ROOM 64
#define DOTTED_CIRCLE 0x25cc
#define JOINER 0x200d
#define EMOJI_SELECTOR 0xfe0f

/* What stands for clusters of a kind: no language writes that many. */
static const struct line_cluster_range {
	wchar_t first;
	unsigned count;
} ranges[LINE_CLUSTER_KINDS] = {
	[LINE_CLUSTER_WORD] = { 0x13000, 1024 },
	[LINE_CLUSTER_NARROW] = { 0xf0000, 8192 },
	[LINE_CLUSTER_WIDE] = { 0x20000, 8192 },
};

void line_clusters_free(struct line_clusters *clusters)
{
	for (unsigned kind = 0; kind < LINE_CLUSTER_KINDS; kind++)
		free(clusters->tables[kind].letters);
	*clusters = (struct line_clusters){ 0 };
}

/* The kind that `c` stands for, or LINE_CLUSTER_KINDS if it is of no range. */
static unsigned kind_of(wchar_t c)
{
	unsigned kind = 0;

	while (kind < LINE_CLUSTER_KINDS && (unsigned)c - (unsigned)ranges[kind].first >= ranges[kind].count)
		kind++;
	return kind;
}

bool line_cluster_is_mark(wchar_t c)
{
	return c != L'\0' && iswprint((wint_t)c) && line_place_columns(c) == 0;
}

bool line_cluster_is_taken(wchar_t c)
{
	return kind_of(c) < LINE_CLUSTER_KINDS;
}

static size_t letters_of(const wchar_t cluster[LINE_CLUSTER_SIZE])
{
	return wcsnlen(cluster, LINE_CLUSTER_SIZE);
}

static bool is_same(const wchar_t cluster[LINE_CLUSTER_SIZE], const wchar_t *letters, size_t len)
{
	return letters_of(cluster) == len && wmemcmp(cluster, letters, len) == 0;
}

static bool make_room(struct line_cluster_table *table)
{
	unsigned room = table->room > 0 ? 2 * table->room : FIRST_ROOM;
	void *grown;

	if (table->count < table->room)
		return true;
	grown = realloc(table->letters, room * sizeof *table->letters);
	if (grown == NULL)
		return false;
	table->letters = grown;
	table->room = room;
	return true;
}

/* What stands for them in that range, or 0 if it is full (or no memory is left). */
static wchar_t put(struct line_cluster_table *table, const struct line_cluster_range *range, const wchar_t *letters,
                   size_t len)
{
	for (unsigned i = 0; i < table->count; i++)
		if (is_same(table->letters[i], letters, len))
			return range->first + (wchar_t)i;
	if (table->count == range->count || !make_room(table))
		return 0;
	wmemset(table->letters[table->count], L'\0', LINE_CLUSTER_SIZE);
	wmemcpy(table->letters[table->count], letters, len);
	return range->first + (wchar_t)table->count++;
}

static enum line_cluster_kind kind_with(wchar_t letter)
{
	if (line_place_columns(letter) > 1)
		return LINE_CLUSTER_WIDE;
	return iswalnum((wint_t)letter) ? LINE_CLUSTER_WORD : LINE_CLUSTER_NARROW;
}

wchar_t line_clusters_put(struct line_clusters *clusters, const wchar_t *letters, size_t len)
{
	enum line_cluster_kind kind = kind_with(letters[0]);
	wchar_t c = put(&clusters->tables[kind], &ranges[kind], letters, len);

	if (c == 0 && kind == LINE_CLUSTER_WORD)
		c = put(&clusters->tables[LINE_CLUSTER_NARROW], &ranges[LINE_CLUSTER_NARROW], letters, len);
	return c;
}

size_t line_clusters_letters(const struct line_clusters *clusters, wchar_t c, wchar_t letters[LINE_CLUSTER_SIZE])
{
	unsigned kind = kind_of(c), i = kind < LINE_CLUSTER_KINDS ? (unsigned)(c - ranges[kind].first) : 0;

	if (kind == LINE_CLUSTER_KINDS || i >= clusters->tables[kind].count) {
		letters[0] = c;
		return 1;
	}
	wmemcpy(letters, clusters->tables[kind].letters[i], LINE_CLUSTER_SIZE);
	return letters_of(letters);
}

/* What stands for `before` together with a mark, or 0 if they cannot be one. */
static wchar_t join(struct line_clusters *clusters, wchar_t before, wchar_t mark)
{
	wchar_t letters[LINE_CLUSTER_SIZE];
	size_t len = line_clusters_letters(clusters, before, letters);

	if (!iswprint((wint_t)before) || len == LINE_CLUSTER_SIZE)
		return 0;
	letters[len] = mark;
	return line_clusters_put(clusters, letters, len + 1);
}

size_t line_clusters_add(struct line_clusters *clusters, wchar_t *line, size_t len, wchar_t typed)
{
	wchar_t joined;

	if (!line_cluster_is_mark(typed) && !line_cluster_is_taken(typed)) {
		line[len] = typed;
		return len + 1;
	}
	joined = line_cluster_is_mark(typed) && len > 0 ? join(clusters, line[len - 1], typed) : 0;
	if (joined != 0) {
		line[len - 1] = joined;
		return len;
	}
	line[len] = line_clusters_put(clusters, &typed, 1);
	return line[len] != 0 ? len + 1 : len;
}

size_t line_clusters_drawn(const struct line_clusters *clusters, wchar_t c, wchar_t drawn[LINE_CLUSTER_SIZE + 1])
{
	wchar_t letters[LINE_CLUSTER_SIZE];
	size_t count = line_clusters_letters(clusters, c, letters), len = 0;

	if (line_cluster_is_mark(letters[0]))
		drawn[len++] = DOTTED_CIRCLE;
	for (size_t i = 0; i < count; i++)
		if (letters[i] != JOINER && letters[i] != EMOJI_SELECTOR)
			drawn[len++] = letters[i];
	return len;
}

size_t line_clusters_text(const struct line_clusters *clusters, const wchar_t *line, size_t len, char *text,
                          size_t size)
{
	size_t at = 0;

	for (size_t i = 0; i < len; i++) {
		wchar_t letters[LINE_CLUSTER_SIZE];
		size_t count = line_clusters_letters(clusters, line[i], letters);

		for (size_t j = 0; j < count; j++) {
			char bytes[MB_LEN_MAX];
			int bytes_len = wctomb(bytes, letters[j]);

			if (bytes_len < 0)
				continue;
			if (at + (size_t)bytes_len >= size) {
				memset(text + at, '?', size - at);
				return size;
			}
			memcpy(text + at, bytes, (size_t)bytes_len);
			at += (size_t)bytes_len;
		}
	}
	return at;
}
