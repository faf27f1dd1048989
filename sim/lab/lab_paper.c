/* The world on paper, of lab.h: what grows until the first use. */
#include "lab/lab_internal.h"

#include "model/roaming.h"
#include "model/topology_ipv6.h"

#include <stdio.h>
#include <string.h>

struct topology *lab_paper(struct lab *l)
{
	return lab_stands(l) ? NULL : &l->topology;
}

void lab_plan_weather(struct lab *l, int node, int link, const struct weather *w)
{
	topology_set_weather(&l->topology, node, link, w);
}

static bool is_open_for_more(const struct lab *l, const char *name, char error[LAB_ERROR_SIZE])
{
	if (!lab_stands(l))
		return true;
	snprintf(error, LAB_ERROR_SIZE, "%s: the world stands already; name all hosts and boxes before the first use",
	         name);
	return false;
}

void lab_keep_plan(struct lab *l)
{
	if (!lab_stands(l))
		l->kept = l->topology;
}

void lab_restore_plan(struct lab *l)
{
	if (lab_stands(l))
		return;
	for (size_t i = l->kept.count; i < l->topology.count; i++) {
		free(l->sabotage[i]);
		l->sabotage[i] = NULL;
	}
	l->topology = l->kept;
}

int lab_add_box(struct lab *l, const char *name, int behind, const char *spec, const char *lan, const char *sabotage,
                char error[LAB_ERROR_SIZE])
{
	struct nat nat;
	int box;

	if (!is_open_for_more(l, name, error) || nat_parse(spec, &nat, error) != 0)
		return -1;
	box = topology_add_box(&l->topology, name, behind, &nat, lan, error);
	if (box >= 0 && sabotage != NULL && sabotage[0] != '\0')
		l->sabotage[box] = strdup(sabotage);
	return box;
}

int lab_add_host(struct lab *l, const char *name, int behind, size_t addresses, char error[LAB_ERROR_SIZE])
{
	int host;

	if (!is_open_for_more(l, name, error))
		return -1;
	host = topology_add_host(&l->topology, name, behind, addresses, error);
	if (host >= 0)
		topology_set_families(&l->topology, host, l->topology.families);
	return host;
}

int lab_name_interface(struct lab *l, int node, const char *interface, unsigned metric, char error[LAB_ERROR_SIZE])
{
	return roaming_name_interface(&l->topology, node, interface, metric, error);
}

int lab_add_interface(struct lab *l, int node, const char *interface, int behind, unsigned metric, size_t addresses,
                      char error[LAB_ERROR_SIZE])
{
	return roaming_add_interface(&l->topology, node, interface, behind, metric, addresses, error);
}

static bool makes_do_without_box(const char *host, const char *sabotage, char error[LAB_ERROR_SIZE])
{
	if (sabotage == NULL || sabotage[0] == '\0')
		return true;
	snprintf(error, LAB_ERROR_SIZE,
	         "%s: sabotage is done to a box, and none is made for this host: give it a NAT of its own, or sabotage "
	         "the box that it stands behind",
	         host);
	return false;
}

int lab_add_box_for(struct lab *l, const char *host, const char *spec, const char *sabotage, char error[LAB_ERROR_SIZE])
{
	char name[TOPOLOGY_NAME_SIZE + 4];
	struct nat nat;
	int box;

	if (spec != NULL && nat_parse(spec, &nat, error) != 0)
		return -2;
	if (spec == NULL || nat_is_nothing(&nat))
		return makes_do_without_box(host, sabotage, error) ? TOPOLOGY_INTERNET : -2;
	snprintf(name, sizeof name, "nat-%c", host[0]);
	if (topology_find(&l->topology, name) >= 0)
		snprintf(name, sizeof name, "nat-%s", host);
	box = lab_add_box(l, name, TOPOLOGY_INTERNET, spec, NULL, sabotage, error);
	return box >= 0 ? box : -2;
}
