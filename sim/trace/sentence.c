#include "trace/sentence.h"

#include <string.h>

static const struct sentence_word *find(const struct sentence_words *words, const char *name, size_t len)
{
	for (; words != NULL; words = words->more)
		for (size_t i = 0; i < words->count; i++)
			if (strncmp(words->list[i].name, name, len) == 0 && words->list[i].name[len] == '\0')
				return &words->list[i];
	return NULL;
}

struct filling {
	const struct sentence_words *words;
	const void *context;
};

static const char *fill(FILE *f, const char *at, const char *stops, const struct filling *with);

/* Of two texts the one that holds is written, the other passed over. */
static const char *fill_choice(FILE *f, const char *at, const struct sentence_word *word, const struct filling *with)
{
	bool holds = word != NULL && word->holds != NULL && word->holds(with->context);

	at = fill(holds ? f : NULL, at, "|}", with);
	if (*at == '|')
		at = fill(holds ? NULL : f, at + 1, "}", with);
	return at;
}

/* Behind the opening brace. Returns what follows the closing one. */
static const char *fill_blank(FILE *f, const char *at, const struct filling *with)
{
	bool choice = *at == '?';
	const char *name = at + choice;
	size_t len = strcspn(name, choice ? ":" : "}");
	const struct sentence_word *word = find(with->words, name, len);

	at = name + len;
	if (choice && *at == ':')
		at = fill_choice(f, at + 1, word, with);
	else if (f != NULL && word != NULL && word->say != NULL)
		word->say(f, with->context);
	return at + (*at == '}');
}

/* Up to the end or one of `stops`. `f` NULL: passed over. */
static const char *fill(FILE *f, const char *at, const char *stops, const struct filling *with)
{
	while (*at != '\0' && strchr(stops, *at) == NULL) {
		if (*at == '{') {
			at = fill_blank(f, at + 1, with);
			continue;
		}
		if (f != NULL)
			fputc(*at, f);
		at++;
	}
	return at;
}

void sentence_write(FILE *f, const char *sentence, const struct sentence_words *words, const void *context)
{
	const struct filling with = { words, context };

	fill(f, sentence, "", &with);
}

const char *sentence_unknown(const char *sentence, const struct sentence_words *words)
{
	for (const char *at = sentence; (at = strchr(at, '{')) != NULL; at++) {
		bool choice = at[1] == '?';
		const char *name = at + 1 + choice;
		const struct sentence_word *word = find(words, name, strcspn(name, ":}"));

		if (word == NULL || (choice ? word->holds == NULL : word->say == NULL))
			return name;
	}
	return NULL;
}
