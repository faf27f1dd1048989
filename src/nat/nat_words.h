/* The names of the keys of NAT specs, and their values. For nat.c and nat_parse.c alone. */
#ifndef NAT_WORDS_H
#define NAT_WORDS_H

#include "nat/nat.h"

#define NAT_WORDS_MAX 7

/*
 * A word's place is the number of the enum it stands for; `also` are short forms, by the same places. The key's name
 * alone stands for the value `bare`, if that is not 0. Numbers have no words, but limits.
 */
struct nat_words {
	const char *name;
	const char *words[NAT_WORDS_MAX + 1]; /* ends with NULL */
	const char *also[NAT_WORDS_MAX];
	unsigned bare;
	long low, high;      /* of a number */
	const char *unit;    /* " of seconds"; or NULL */
	const char *earlier; /* name that the key had, as records of that time have it; or NULL */
};
extern const struct nat_words nat_words[NAT_KEY_COUNT];

/* Keys that are TCP's: each that is not said is what nat_mirror_tcp() makes it. */
#define NAT_KEY_TCP_FIRST NAT_KEY_TCP
#define NAT_KEY_TCP_LAST NAT_KEY_TCP_TRANSITORY

/* The filtering of IPv6 where it is not said: the strict one, where there is any. */
enum nat_behaviour nat_unsaid_ipv6_filtering(const struct nat *nat);

/* The ports of TCP where they are not said: those of `mirrored` where mapping and filtering of TCP have them, too. */
enum nat_ports nat_unsaid_tcp_ports(const struct nat *nat, const struct nat *mirrored);

/* What nat_set_value() does for NAT_KEY_TCP. */
void nat_treat_tcp(struct nat *nat, enum nat_tcp_policy policy);

#endif
