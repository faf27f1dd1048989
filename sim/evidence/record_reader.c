#include "evidence/record_reader.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static bool take_line(const char *text, size_t len, bool (*take)(void *, const struct record_line *), void *context)
{
	struct record_line line;
	bool is_good;

	if (record_line_read(text, len, &line) != 0)
		return false;
	is_good = take(context, &line);
	record_line_free(&line);
	return is_good;
}

int record_read(const char *path, bool (*take)(void *context, const struct record_line *line), void *context,
                struct record_flaws *flaws)
{
	FILE *f = fopen(path, "re");
	char *text = NULL;
	size_t room = 0;
	ssize_t len;
	bool failed;

	*flaws = (struct record_flaws){ 0 };
	if (f == NULL)
		return -1;
	for (unsigned number = 1; (len = getline(&text, &room, f)) > 0; number++)
		if (!take_line(text, (size_t)len, take, context) && flaws->count++ == 0)
			flaws->first = number;
	failed = ferror(f) != 0;
	free(text);
	fclose(f);
	if (failed)
		errno = EIO;
	return failed ? -1 : 0;
}
