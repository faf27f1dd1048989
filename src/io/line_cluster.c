#include "io/line_cluster.h"

#include "io/line_place.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <wctype.h>

#define NARROW_FIRST 0xf0000
#define WIDE_FIRST 0x20000
#define CLUSTERS 8192 /* of each width: no language writes that many */
#define FIRST_ROOM 64
#define DOTTED_CIRCLE 0x25cc
#define JOINER 0x200d
#define EMOJI_SELECTOR 0xfe0f

void line_clusters_free(struct line_clusters *clusters)
{
	free(clusters->narrow.letters);
	free(clusters->wide.letters);
	*clusters = (struct line_clusters){ 0 };
}

static bool is_wide(wchar_t c)
{
	return c >= WIDE_FIRST && c < WIDE_FIRST + CLUSTERS;
}

bool line_cluster_is_mark(wchar_t c)
{
	return c != L'\0' && iswprint((wint_t)c) && line_place_columns(c) == 0;
}

bool line_cluster_is_taken(wchar_t c)
{
	return is_wide(c) || (c >= NARROW_FIRST && c < NARROW_FIRST + CLUSTERS);
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

/* Its place in the table, or CLUSTERS if it has none. */
static unsigned put(struct line_cluster_table *table, const wchar_t *letters, size_t len)
{
	for (unsigned i = 0; i < table->count; i++)
		if (is_same(table->letters[i], letters, len))
			return i;
	if (table->count == CLUSTERS || !make_room(table))
		return CLUSTERS;
	wmemset(table->letters[table->count], L'\0', LINE_CLUSTER_SIZE);
	wmemcpy(table->letters[table->count], letters, len);
	return table->count++;
}

wchar_t line_clusters_put(struct line_clusters *clusters, const wchar_t *letters, size_t len)
{
	bool wide = line_place_columns(letters[0]) > 1;
	unsigned i = put(wide ? &clusters->wide : &clusters->narrow, letters, len);

	if (i == CLUSTERS)
		return 0;
	return (wchar_t)(i + (wide ? WIDE_FIRST : NARROW_FIRST));
}

size_t line_clusters_letters(const struct line_clusters *clusters, wchar_t c, wchar_t letters[LINE_CLUSTER_SIZE])
{
	const struct line_cluster_table *table = is_wide(c) ? &clusters->wide : &clusters->narrow;
	unsigned i = (unsigned)c - (is_wide(c) ? WIDE_FIRST : NARROW_FIRST);

	if (!line_cluster_is_taken(c) || i >= table->count) {
		letters[0] = c;
		return 1;
	}
	wmemcpy(letters, table->letters[i], LINE_CLUSTER_SIZE);
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
