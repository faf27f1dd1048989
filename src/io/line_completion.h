/*
 * What Tab makes of the last word of a line that is being typed: which words may stand there, and what those have in
 * common that begin so. Only text.
 */
#ifndef LINE_COMPLETION_H
#define LINE_COMPLETION_H

#include <stdbool.h>
#include <stddef.h>

struct line_completion {
	/*
	 * The i-th word that may stand where a line is being typed behind `before` (the line up to that word,
	 * zero-ended), NULL behind the last. "" is none.
	 */
	const char *(*word)(void *context, const char *before, unsigned i);
	/* True if what is typed behind `before` is any text, so that Tab is a character of it. */
	bool (*is_text)(const char *before);
	void *context; /* of word() */
};

/*
 * How many words behind `before` begin as `typed`; as much as those have in common is written to `common`, whole
 * characters and a final zero (nothing if there are none).
 */
unsigned line_completion_common(const struct line_completion *completion, const char *before, const char *typed,
                                char *common, size_t size);

/* Writes those words with blanks between, as many as have room, and a final zero. */
void line_completion_list(const struct line_completion *completion, const char *before, const char *typed, char *list,
                          size_t size);

#endif
