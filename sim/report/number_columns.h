/*
 * Lists of whole numbers side by side, and the texts they point at, written as JSON while they grow: a hundred thousand
 * journeys are some millions of numbers, and as columns they are small and quick to read.
 */
#ifndef NUMBER_COLUMNS_H
#define NUMBER_COLUMNS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define NUMBER_COLUMNS 32

struct number_columns {
	const char *const *names;
	size_t count; /* columns, at most NUMBER_COLUMNS */
	struct number_column {
		FILE *f;
		char *text;
		size_t len;
		size_t count;
		bool mixed; /* others than the first stand there */
		int64_t first, last;
	} list[NUMBER_COLUMNS];
	json_t *texts, *places; /* each text once, and where it stands */
	bool failed;            /* memory ran out */
};

/* Begins with the columns of those names, which must outlive it. Free it with number_columns_free(). */
void number_columns_begin(struct number_columns *c, const char *const *names, size_t count);
void number_columns_free(struct number_columns *c);

/* Appends a number to a column; number_columns_step() appends the difference from the one before it. */
void number_columns_add(struct number_columns *c, size_t column, int64_t value);
void number_columns_step(struct number_columns *c, size_t column, int64_t value);

/* Appends a text's place among the texts to a column; -1 for NULL. */
void number_columns_text(struct number_columns *c, size_t column, const char *text);

/*
 * All of it, packed as compressed_json.h does: {"texts":[..], and each column's name: [..], or {"all","count"} where
 * all are the same}. A new reference, or NULL without memory. Nothing may be added afterwards.
 */
json_t *number_columns_pack(struct number_columns *c) __attribute__((warn_unused_result));

#endif
