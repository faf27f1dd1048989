/* The names of the keys of NAT specs, and the words of their values. For nat.c and nat_parse.c alone. */
#ifndef NAT_WORDS_H
#define NAT_WORDS_H

#include "nat/nat.h"

#define NAT_WORDS_MAX 4

/*
 * A word's place is the number of the enum it stands for; `also` are short forms, by the same places. Numbers have no
 * words.
 */
struct nat_words {
	const char *name;
	const char *words[NAT_WORDS_MAX + 1]; /* ends with NULL */
	const char *also[NAT_WORDS_MAX];
};
extern const struct nat_words nat_words[NAT_KEY_COUNT];

#endif
