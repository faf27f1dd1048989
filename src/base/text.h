/*
 * Text put together in a fixed buffer. What does not fit is cut and remembered, so that one test at the end is enough.
 */
#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct text {
	char *at;
	size_t size, len;
	bool cut;
};

/* An empty text in a buffer of `size` bytes, always zero-ended. */
struct text text_in(char *buffer, size_t size);

void text_add(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
