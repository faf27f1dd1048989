#include "io/line_completion.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* The next word that begins as `typed`, from the *i-th on, which is then that behind it. NULL: there is none more. */
static const char *next_word(const struct line_completion *completion, const char *before, const char *typed,
                             unsigned *i)
{
	const char *word;

	while ((word = completion->word(completion->context, before, (*i)++)) != NULL)
		if (word[0] != '\0' && strncmp(word, typed, strlen(typed)) == 0)
			return word;
	return NULL;
}

static void shorten_to_common(char *common, const char *word)
{
	size_t same = 0;

	while (common[same] != '\0' && common[same] == word[same])
		same++;
	while (same > 0 && ((uint8_t)common[same] & 0xc0) == 0x80)
		same--; /* whole characters */
	common[same] = '\0';
}

unsigned line_completion_common(const struct line_completion *completion, const char *before, const char *typed,
                                char *common, size_t size)
{
	unsigned count = 0, i = 0;
	const char *word;

	common[0] = '\0';
	while ((word = next_word(completion, before, typed, &i)) != NULL) {
		if (count++ == 0)
			snprintf(common, size, "%s", word);
		shorten_to_common(common, word);
	}
	return count;
}

void line_completion_list(const struct line_completion *completion, const char *before, const char *typed, char *list,
                          size_t size)
{
	size_t len = 0;
	unsigned i = 0;
	const char *word;

	list[0] = '\0';
	while (len + 1 < size && (word = next_word(completion, before, typed, &i)) != NULL)
		len += (size_t)snprintf(list + len, size - len, "%s%s", len > 0 ? "  " : "", word);
}
