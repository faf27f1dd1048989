#include "model/given.h"

#include "model/topology_names.h"

#include <stdio.h>
#include <string.h>

#define LABEL_MAX 63 /* RFC 1035 §2.3.4 */

/* --- addresses ------------------------------------------------------------------------------- */

/* An address of the lan of box `realm` that a host can have. */
static int parse_of_lan(const struct topology *t, int realm, const char *text, struct address *out,
                        char error[TOPOLOGY_ERROR_SIZE])
{
	const struct subnet *lan = &t->nodes[realm].lan;
	struct address last = subnet_host(lan, (uint32_t)subnet_size(lan) - 1);
	char network[SUBNET_TEXT_SIZE];
	struct address a;

	if (address_parse(text, &a) != 0 || !subnet_contains(lan, &a)) {
		snprintf(error, TOPOLOGY_ERROR_SIZE, "'%.60s' is no address of %s, the lan of '%s'", text,
		         subnet_format(lan, network), t->nodes[realm].name);
		return -1;
	}
	if (address_equal(&a, &lan->network) || address_equal(&a, &last)) {
		snprintf(error, TOPOLOGY_ERROR_SIZE, "%s is no host's: it stands for all of %s", text,
		         subnet_format(lan, network));
		return -1;
	}
	*out = a;
	return 0;
}

/* True if somebody has the address; then `who` gets the name. */
static bool is_taken(const struct topology *t, int realm, const struct address *a, const char **who)
{
	struct address box = topology_lan_address(t, realm);
	int node = topology_find_address(t, realm, a);

	if (address_equal(&box, a))
		*who = realm == TOPOLOGY_INTERNET ? TOPOLOGY_ROUTER_NAME : t->nodes[realm].name;
	else if (node >= 0)
		*who = t->nodes[node].name;
	else
		return false;
	return true;
}

int given_address(struct topology *t, int node, int link, const char *address, char error[TOPOLOGY_ERROR_SIZE])
{
	int realm = topology_link_realm(t, &t->nodes[node].links[link]);
	struct address *own = &t->nodes[node].links[link].addresses[0];
	struct address a;
	const char *who;

	if (realm == TOPOLOGY_INTERNET && address_plan_parse_public(address, &a, error) != 0)
		return -1;
	if (realm != TOPOLOGY_INTERNET && parse_of_lan(t, realm, address, &a, error) != 0)
		return -1;
	if (address_equal(own, &a))
		return 0;
	if (is_taken(t, realm, &a, &who)) {
		snprintf(error, TOPOLOGY_ERROR_SIZE, "'%s' cannot have %s: it is %s's already", t->nodes[node].name,
		         address, who);
		return -1;
	}
	*own = a;
	if (realm != TOPOLOGY_INTERNET)
		t->nodes[realm].lan_is_given = true;
	return 0;
}

/* --- names ----------------------------------------------------------------------------------- */

/* A label, or one with "_" before it (RFC 2782), up to a dot or the end. */
static size_t label_length(const char *text)
{
	size_t len = text[0] == '_' ? 1 : 0;

	len += strspn(text + len, "abcdefghijklmnopqrstuvwxyz0123456789-");
	return len <= LABEL_MAX && len > 0 && text[0] != '-' && text[len - 1] != '-' && text[len - 1] != '_' ? len : 0;
}

bool given_is_name(const char *name)
{
	size_t len = label_length(name);

	if (strlen(name) >= TOPOLOGY_DNS_NAME_SIZE)
		return false;
	while (len > 0 && name[len] == '.') {
		name += len + 1;
		len = label_length(name);
	}
	return len > 0 && name[len] == '\0';
}

/* 0: it may have the name; -1: not, and why. */
static int check_name(const struct topology *t, int node, const char *name, char error[TOPOLOGY_ERROR_SIZE])
{
	int owner = topology_find_name(t, name);

	if (!given_is_name(name))
		snprintf(error, TOPOLOGY_ERROR_SIZE,
		         "'%.80s' is no name: that is labels of a-z, 0-9 and -, with dots between them", name);
	else if (topology_is_reserved(name))
		snprintf(error, TOPOLOGY_ERROR_SIZE, "the name '%s' is taken by the lab itself", name);
	else if (owner >= 0 && owner != node)
		snprintf(error, TOPOLOGY_ERROR_SIZE, "the name '%.100s' is taken: it is %s's already", name,
		         t->nodes[owner].name);
	else if (owner < 0 && t->name_count == TOPOLOGY_NAMES)
		snprintf(error, TOPOLOGY_ERROR_SIZE, "no room for the name '%.100s': a world has at most %d of them",
		         name, TOPOLOGY_NAMES);
	else
		return 0;
	return -1;
}

int given_name(struct topology *t, int node, const char *name, char error[TOPOLOGY_ERROR_SIZE])
{
	if (check_name(t, node, name, error) != 0)
		return -1;
	if (topology_find_name(t, name) == node)
		return 0;
	snprintf(t->names[t->name_count].text, TOPOLOGY_DNS_NAME_SIZE, "%s", name);
	t->names[t->name_count++].node = node;
	return 0;
}
