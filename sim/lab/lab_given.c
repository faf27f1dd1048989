#include "lab/lab_given.h"

#include "model/given.h"
#include "model/topology_ipv6.h"

#include <stdio.h>
#include <string.h>

#define LINE_SIZE 1024

/* The world on paper, or NULL with the reason. */
static struct topology *paper(struct lab *l, char error[LAB_ERROR_SIZE])
{
	struct topology *t = lab_paper(l);

	if (t == NULL)
		snprintf(error, LAB_ERROR_SIZE, "the world stands already; say it before the first use");
	return t;
}

int lab_choose_addresses(struct lab *l, const char *plan, char error[LAB_ERROR_SIZE])
{
	struct topology *t = paper(l, error);
	enum address_plan chosen;

	if (t == NULL || address_plan_parse(plan, &chosen, error) != 0)
		return -1;
	if (t->count > 0 && t->plan != chosen) {
		snprintf(error, LAB_ERROR_SIZE, "'%s' has its address already; choose addresses before the first host",
		         t->nodes[0].name);
		return -1;
	}
	t->plan = chosen;
	return 0;
}

int lab_choose_families(struct lab *l, const char *families, char error[LAB_ERROR_SIZE])
{
	struct topology *t = paper(l, error);
	enum families chosen;

	if (t == NULL || families_parse(families, &chosen, error) != 0)
		return -1;
	if (t->count > 0 && t->families != chosen) {
		snprintf(error, LAB_ERROR_SIZE, "'%s' is there already; choose families before the first host",
		         t->nodes[0].name);
		return -1;
	}
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

/* One of the words behind a host's name. What has no "=" is one more of what the word before it was. */
static int give_word(struct lab *l, int host, const char *word, bool *is_name, char error[LAB_ERROR_SIZE])
{
	if (strncmp(word, "names=", 6) == 0) {
		*is_name = true;
		return lab_give_name(l, host, word + 6, error);
	}
	if (*is_name && strchr(word, '=') == NULL)
		return lab_give_name(l, host, word, error);
	*is_name = false;
	if (strncmp(word, "families=", 9) == 0)
		return lab_set_families(l, host, word + 9, error);
	if (strncmp(word, "address=", 8) == 0)
		return lab_give_address(l, host, 0, word + 8, error);
	snprintf(error, LAB_ERROR_SIZE, "a host has no '%.60s'; there are: address=, families=, names=", word);
	return -1;
}

int lab_add_host_line(struct lab *l, const char *line, char error[LAB_ERROR_SIZE])
{
	char copy[LINE_SIZE];
	char *words, *rest = NULL;
	bool is_name = false;
	int host;

	if ((size_t)snprintf(copy, sizeof copy, "%s", line) >= sizeof copy) {
		snprintf(error, LAB_ERROR_SIZE, "a host's line has at most %d bytes", LINE_SIZE - 1);
		return -1;
	}
	words = strchr(copy, ':');
	if (words != NULL)
		*words++ = '\0';
	host = lab_add_host(l, copy, TOPOLOGY_INTERNET, 1, error);
	if (host < 0 || words == NULL)
		return host;
	for (char *w = strtok_r(words, ",", &rest); w != NULL; w = strtok_r(NULL, ",", &rest))
		if (give_word(l, host, w, &is_name, error) != 0)
			return -1;
	return host;
}
