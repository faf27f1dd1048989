#include "rule_words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_TOKENS 8192 /* pools are handed out by maps with an element for each port */

/* Some line, cut at spaces. */
struct line {
	char *text;
	const char *tokens[LINE_TOKENS];
	size_t count;
};

bool rule_words_have(const struct rule_words *w, const char *word)
{
	for (size_t i = 0; i < w->count; i++)
		if (strcmp(w->words[i], word) == 0)
			return true;
	return false;
}

static void add(struct rule_words *w, const char *what, const char *which)
{
	char word[RULE_WORD_SIZE];

	snprintf(word, sizeof word, "%s%s%s", what, which[0] != '\0' ? " " : "", which);
	if (!rule_words_have(w, word) && w->count < RULE_WORDS_MAX)
		memcpy(w->words[w->count++], word, sizeof word);
}

/* The next line, without any of `ignored`; returns what follows, or NULL at the end. */
static const char *cut(struct line *l, const char *text, const char *ignored)
{
	size_t len = strcspn(text, "\n");
	char *rest, *token;

	l->text = strndup(text, len);
	l->count = 0;
	for (char *c = l->text; *c != '\0'; c++)
		if (strchr(ignored, *c) != NULL)
			*c = ' ';
	for (token = strtok_r(l->text, " \t", &rest); token != NULL; token = strtok_r(NULL, " \t", &rest))
		if (l->count < LINE_TOKENS)
			l->tokens[l->count++] = token;
	return text[len] != '\0' ? text + len + 1 : NULL;
}

static bool is_one_of(const char *word, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strcmp(word, *list) == 0)
			return true;
	return false;
}

static bool is_small(char c)
{
	return c >= 'a' && c <= 'z';
}

/* --- iptables and ipset ------------------------------------------------------------------------ */

/* Whose value says what it is; "-j own-1" is a chain of the box's own. */
static void add_option(struct rule_words *w, const char *option, const char *value)
{
	static const char *const telling[] = { "-m", "-p", "--reject-with", "--ctstatus", "--ctdir", NULL };
	char states[RULE_WORD_SIZE], *rest;

	if (strcmp(option, "--ctstate") == 0) {
		snprintf(states, sizeof states, "%s", value);
		for (char *s = strtok_r(states, ",", &rest); s != NULL; s = strtok_r(NULL, ",", &rest))
			add(w, option, s);
		return;
	}
	add(w, option, is_one_of(option, telling) || (strcmp(option, "-j") == 0 && !is_small(value[0])) ? value : "");
}

void rule_words_of_iptables(struct rule_words *w, const char *text)
{
	static struct line l;

	while (text != NULL) {
		text = cut(&l, text, "");
		if (l.count > 0 && l.tokens[0][0] == '*')
			add(w, l.tokens[0], "");
		for (size_t i = 2; i < l.count && strcmp(l.tokens[0], "-A") == 0; i++)
			if (l.tokens[i][0] == '-')
				add_option(w, l.tokens[i], i + 1 < l.count ? l.tokens[i + 1] : "");
		free(l.text);
	}
}

void rule_words_of_ipset(struct rule_words *w, const char *text)
{
	static struct line l;

	while (text != NULL) {
		text = cut(&l, text, "");
		for (size_t i = 2; i < l.count && strcmp(l.tokens[0], "create") == 0; i++)
			if (is_small(l.tokens[i][0]))
				add(w, "ipset", l.tokens[i]);
		free(l.text);
	}
}

/* --- nft --------------------------------------------------------------------------------------- */

/* "@th,64,32" is a place in a packet; "@owner_idle" some set. */
static const char *generalized(const char *token)
{
	if (strncmp(token, "@th,", 4) == 0 || strncmp(token, "@nh,", 4) == 0)
		return "@place";
	return token[0] == '@' ? "@set" : token;
}

static bool is_word(const char *token)
{
	return (is_small(token[0]) || token[0] == '@') && strpbrk(token, ":.") == NULL;
}

static bool is_keyword(const char *token)
{
	static const char *const names_follow[] = { "chain", "goto", "jump", NULL };

	return is_one_of(token, names_follow);
}

/* How many tokens at the start of a line declare something and name it. */
static size_t declared(const struct line *l)
{
	static const char *const declared_by[] = { "set", "map", "counter", NULL };

	if (l->count > 2 && strcmp(l->tokens[0], "ct") == 0 && strcmp(l->tokens[1], "timeout") == 0 &&
	    strcmp(l->tokens[2], "set") != 0)
		return 3;
	if (l->count > 0 &&
	    (strcmp(l->tokens[0], "table") == 0 || strcmp(l->tokens[0], "add") == 0 ||
	     strcmp(l->tokens[0], "delete") == 0) &&
	    l->tokens[l->count > 1 ? 1 : 0][0] != '@')
		return l->count;
	return l->count > 1 && is_one_of(l->tokens[0], declared_by) && strcmp(l->tokens[1], "name") != 0 ? 2 : 0;
}

/* What follows these says which of their kind it is; as does what stands before "set". */
static bool is_head(const struct line *l, size_t i)
{
	static const char *const heads[] = { "ct",     "meta",   "udp",    "tcp",   "ip",      "ip6",      "icmp",
		                             "icmpv6", "snat",   "dnat",   "hook",  "l4proto", "protocol", "l3proto",
		                             "@place", "numgen", "reject", "flags", "counter", NULL };
	static const char *const of_ct[] = { "original", "reply", NULL };
	static const char *const values_of[] = {
		"l4proto", "direction", "status", "protocol", "l3proto", "with", NULL
	};
	bool is_negated = i > 0 && strcmp(l->tokens[i - 1], "!=") == 0;
	const char *before = i > is_negated ? l->tokens[i - 1 - is_negated] : "";

	return strcmp(before, "ct") == 0 ? is_one_of(l->tokens[i], of_ct)
	                                 : !is_one_of(before, values_of) && is_one_of(generalized(l->tokens[i]), heads);
}

static void add_nft(struct rule_words *w, const struct line *l, size_t i)
{
	const char *token = generalized(l->tokens[i]);
	const char *next = i + 1 < l->count ? generalized(l->tokens[i + 1]) : "";
	bool tells = is_head(l, i) && is_word(next);

	add(w, token, tells || strcmp(next, "set") == 0 ? next : "");
}

void rule_words_of_nft(struct rule_words *w, const char *text)
{
	static struct line l;

	while (text != NULL) {
		size_t first;

		text = cut(&l, text, "{},;()|");
		first = declared(&l);
		if (first > 0 && first < l.count)
			add(w, "declares", l.tokens[0]);
		for (size_t i = first; i < l.count; i++) {
			bool is_name = i > 0 && is_keyword(l.tokens[i - 1]);

			if (is_word(l.tokens[i]) && !is_name)
				add_nft(w, &l, i);
		}
		free(l.text);
	}
}
