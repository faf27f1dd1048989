/*
 * What rules are made of, as a kernel sees it: matches, targets, types, statements, each with what says which of its
 * kind it is ("-m conntrack", "ct expiration", "udp checksum", "zone set"). Names, addresses and numbers are none.
 */
#ifndef RULE_WORDS_H
#define RULE_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#define RULE_WORD_SIZE 48
#define RULE_WORDS_MAX 512

struct rule_words {
	char words[RULE_WORDS_MAX][RULE_WORD_SIZE];
	size_t count;
};

/* Adds those of text for iptables-restore (and ip6tables-restore), for `ipset restore`, for `nft -f`. */
void rule_words_of_iptables(struct rule_words *w, const char *text);
void rule_words_of_ipset(struct rule_words *w, const char *text);
void rule_words_of_nft(struct rule_words *w, const char *text);

bool rule_words_have(const struct rule_words *w, const char *word);

#endif
