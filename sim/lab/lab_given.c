#include "lab/lab_given.h"

#include "model/given.h"
#include "model/topology_ipv6.h"

#include <stdio.h>
#include <string.h>

#define LINE_SIZE 1024
#define WORDS (LINE_SIZE / 2) /* each has a comma */

/* The world on paper, or NULL with the reason. */
static struct topology *paper(struct lab *l, char error[LAB_ERROR_SIZE])
{
	struct topology *t = lab_paper(l);

	if (t == NULL)
		snprintf(error, LAB_ERROR_SIZE, "the world stands already; say it before the first use");
	return t;
}

/* A choice for the whole world is made before its first node; the same may be made again. Returns 0 or -1. */
static int refuse_late(const struct topology *t, bool is_another, const char *why, char error[LAB_ERROR_SIZE])
{
	if (t->count == 0 || !is_another)
		return 0;
	snprintf(error, LAB_ERROR_SIZE, "'%s' %s before the first host", t->nodes[0].name, why);
	return -1;
}

int lab_choose_addresses(struct lab *l, const char *plan, char error[LAB_ERROR_SIZE])
{
	struct topology *t = paper(l, error);
	enum address_plan chosen;

	if (t == NULL || address_plan_parse(plan, &chosen, error) != 0 ||
	    refuse_late(t, t->plan != chosen, "has its address already; choose addresses", error) != 0)
		return -1;
	t->plan = chosen;
	return 0;
}

int lab_choose_families(struct lab *l, const char *families, char error[LAB_ERROR_SIZE])
{
	struct topology *t = paper(l, error);
	enum families chosen;

	if (t == NULL || families_parse(families, &chosen, error) != 0 ||
	    refuse_late(t, t->families != chosen, "is there already; choose families", error) != 0)
		return -1;
	t->families = chosen;
	return 0;
}

int lab_set_families(struct lab *l, int host, const char *families, char error[LAB_ERROR_SIZE])
{
	struct topology *t = paper(l, error);
	enum families chosen;

	if (t == NULL || families_parse(families, &chosen, error) != 0)
		return -1;
	topology_set_families(t, host, chosen);
	return 0;
}

int lab_ask_temporary(struct lab *l, int host, char error[LAB_ERROR_SIZE])
{
	struct topology *t = paper(l, error);

	if (t == NULL)
		return -1;
	topology_ask_temporary(t, host);
	return 0;
}

int lab_ask_clat(struct lab *l, int host, char error[LAB_ERROR_SIZE])
{
	struct topology *t = paper(l, error);

	if (t == NULL || topology_ask_clat(t, host))
		return t != NULL ? 0 : -1;
	snprintf(error, LAB_ERROR_SIZE, "no address is left for the translator of '%s'", t->nodes[host].name);
	return -1;
}

int lab_give_address(struct lab *l, int node, int link, const char *address, char error[LAB_ERROR_SIZE])
{
	struct topology *t = paper(l, error);

	return t != NULL ? given_address(t, node, link, address, error) : -1;
}

int lab_give_name(struct lab *l, int node, const char *name, char error[LAB_ERROR_SIZE])
{
	struct topology *t = paper(l, error);

	return t != NULL ? given_name(t, node, name, error) : -1;
}

/* --- a host in one line ------------------------------------------------------------------------ */

/* "x:behind=nat-a,names=a.example,b.example": a name, and the words behind it. */
struct host_line {
	char copy[LINE_SIZE];
	const char *words[WORDS];
	size_t count;
};

/* Which of the keys that have one value a later word has again; NULL: none. */
static const char *find_repeat(const struct host_line *h)
{
	static const char *const once[] = { "address=", "behind=", "families=" };

	for (size_t k = 0; k < sizeof once / sizeof once[0]; k++) {
		size_t count = 0;

		for (size_t i = 0; i < h->count; i++)
			count += strncmp(h->words[i], once[k], strlen(once[k])) == 0;
		if (count > 1)
			return once[k];
	}
	return NULL;
}

static int split(struct host_line *h, const char *line, char error[LAB_ERROR_SIZE])
{
	const char *repeat;
	char *words, *rest = NULL;

	if ((size_t)snprintf(h->copy, sizeof h->copy, "%s", line) >= sizeof h->copy) {
		snprintf(error, LAB_ERROR_SIZE, "a host's line has at most %d bytes", LINE_SIZE - 1);
		return -1;
	}
	words = strchr(h->copy, ':');
	if (words == NULL)
		return 0;
	*words++ = '\0';
	for (char *w = strtok_r(words, ",", &rest); w != NULL && h->count < WORDS; w = strtok_r(NULL, ",", &rest))
		h->words[h->count++] = w;
	repeat = find_repeat(h);
	if (repeat != NULL)
		snprintf(error, LAB_ERROR_SIZE, "'%.60s': %s is given twice", h->copy, repeat);
	return repeat == NULL ? 0 : -1;
}

/* What stands behind that word and "=", where the line has it; else NULL. */
static const char *find_word(const struct host_line *h, const char *word)
{
	for (size_t i = 0; i < h->count; i++)
		if (strncmp(h->words[i], word, strlen(word)) == 0)
			return h->words[i] + strlen(word);
	return NULL;
}

/* The box in front of one more host; TOPOLOGY_INTERNET; -2 with the reason. */
static int find_front(const struct topology *t, const struct host_line *h, char error[LAB_ERROR_SIZE])
{
	const char *name = find_word(h, "behind=");
	int box = name != NULL ? topology_find(t, name) : TOPOLOGY_INTERNET;

	if (name == NULL || (box >= 0 && t->nodes[box].kind == NODE_BOX))
		return box;
	snprintf(error, LAB_ERROR_SIZE, "'%.40s' cannot stand behind '%.40s': there is no box of that name", h->copy,
	         name);
	return -2;
}

/* The host of that name, which may be there, or is one more. Its index, or -1. */
static int find_host(struct lab *l, const struct host_line *h, char error[LAB_ERROR_SIZE])
{
	const struct topology *t = lab_topology(l);
	int host = h->count > 0 ? topology_find(t, h->copy) : -1;
	int front = find_front(t, h, error);

	if (front < TOPOLOGY_INTERNET)
		return -1;
	if (host < 0 || t->nodes[host].kind != NODE_HOST)
		return lab_add_host(l, h->copy, front, 1, error);
	if (find_word(h, "behind=") == NULL)
		return host;
	snprintf(error, LAB_ERROR_SIZE, "'%.60s' stands somewhere already: behind= is for one more host", h->copy);
	return -1;
}

/* One of the words behind a host's name. Of the others, what has no "=" is one more of what the word before it was. */
static int give_word(struct lab *l, int host, const char *word, bool *is_name, char error[LAB_ERROR_SIZE])
{
	if (strcmp(word, "temporary") == 0)
		return lab_ask_temporary(l, host, error);
	if (strcmp(word, "clat") == 0)
		return lab_ask_clat(l, host, error);
	if (strncmp(word, "names=", 6) == 0) {
		*is_name = true;
		return lab_give_name(l, host, word + 6, error);
	}
	if (*is_name && strchr(word, '=') == NULL)
		return lab_give_name(l, host, word, error);
	*is_name = false;
	if (strncmp(word, "behind=", 7) == 0)
		return 0; /* it stands there */
	if (strncmp(word, "families=", 9) == 0)
		return lab_set_families(l, host, word + 9, error);
	if (strncmp(word, "address=", 8) == 0)
		return lab_give_address(l, host, 0, word + 8, error);
	snprintf(error, LAB_ERROR_SIZE,
	         "a host has no '%.60s'; there are: address=, behind=, clat, families=, names=, temporary", word);
	return -1;
}

int lab_tell_host(struct lab *l, const char *line, char error[LAB_ERROR_SIZE])
{
	struct host_line h = { .count = 0 };
	bool is_name = false;
	int host = split(&h, line, error) == 0 ? find_host(l, &h, error) : -1;

	for (size_t i = 0; i < h.count && host >= 0; i++)
		if (give_word(l, host, h.words[i], &is_name, error) != 0)
			return -1;
	return host;
}
