/* The keys of NAT specs, the words of their values, and both by number. For nat.c and nat_parse.c alone. */
#ifndef NAT_WORDS_H
#define NAT_WORDS_H

#include "nat/nat.h"

enum nat_key {
	NAT_KEY_MAPPING,
	NAT_KEY_FILTERING,
	NAT_KEY_PORTS,
	NAT_KEY_RANGE,
	NAT_KEY_HAIRPIN,
	NAT_KEY_REFRESH,
	NAT_KEY_INPUT,
	NAT_KEY_TIMEOUT,
	NAT_KEY_STREAM_TIMEOUT,
	NAT_KEY_UDP,
	NAT_KEY_COUNT
};

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

/* A range is low << 16 | high; a timeout is given with its default filled in. */
unsigned nat_value(const struct nat *nat, enum nat_key key);
void nat_set_value(struct nat *nat, enum nat_key key, unsigned value);

#endif
