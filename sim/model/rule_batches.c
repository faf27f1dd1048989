#include "model/rule_batches.h"

#include <stdio.h>
#include <string.h>

#define COMMIT "COMMIT\n"

void rule_batches_begin(struct rule_batches *b, const char *text)
{
	*b = (struct rule_batches){ .rest = text };
}

static size_t line_length(const char *text)
{
	size_t length = strcspn(text, "\n");

	return length + (text[length] == '\n');
}

static size_t append(char *out, size_t size, size_t len, const char *text, size_t length)
{
	if (len + length >= size)
		return len;
	memcpy(out + len, text, length);
	out[len + length] = '\0';
	return len + length;
}

unsigned rule_batches_next(struct rule_batches *b, char *out, size_t size)
{
	size_t len = 0;
	unsigned lines = 0, tables = 0;

	out[0] = '\0';
	if (b->table != NULL) {
		len = append(out, size, len, b->table, line_length(b->table));
		tables = 1;
	}
	while (b->rest[0] != '\0' && lines < RULE_BATCH_LINES) {
		const char *line = b->rest;
		size_t length = line_length(line);

		if (line[0] == '*') {
			b->table = line;
			tables++;
		} else if (strncmp(line, COMMIT, strlen(COMMIT)) == 0) {
			b->table = NULL;
		}
		len = append(out, size, len, line, length);
		b->rest += length;
		lines++;
	}
	if (b->table != NULL)
		append(out, size, len, COMMIT, strlen(COMMIT));
	return tables;
}
