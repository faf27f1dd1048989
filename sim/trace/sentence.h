/*
 * Sentences with blanks: what a cause or an advice is told with stands in one table as text, and the words that fill
 * it in another. Pure but for the stream it writes to.
 *
 *     {word}            what that word says here
 *     {?word:A|B}       A if the word holds here, else B; "|B" may be left out. A and B may nest.
 */
#ifndef SENTENCE_H
#define SENTENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct sentence_word {
	const char *name;
	void (*say)(FILE *f, const void *context); /* writes it; NULL: it is only asked about */
	bool (*holds)(
	    const void *context); /* whether it is so, or there is something to say; NULL: it is never asked about */
};

struct sentence_words {
	const struct sentence_word *list;
	size_t count;
	const struct sentence_words *more; /* looked at for what is not in the list; or NULL */
};

void sentence_write(FILE *f, const char *sentence, const struct sentence_words *words, const void *context);

/* The first word that is in no list, or is not for what is asked of it there, or NULL: for tests of the tables. */
const char *sentence_unknown(const char *sentence, const struct sentence_words *words);

#endif
