/* What is said of a mapping's kind and of its end, in JSON and lists and to who reads a page. */
#ifndef MAPPING_WORDS_H
#define MAPPING_WORDS_H

#include "trace/mapping.h"

struct mapping_words {
	const char *word;   /* "out" */
	const char *phrase; /* "opened from inside"; NULL: nothing is to be said */
};

/* By the enums' numbers. */
extern const struct mapping_words mapping_kinds[], mapping_ends[];

#endif
