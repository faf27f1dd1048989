#include "lab/lab_roaming.h"

#include "lab/lab_link.h"
#include "model/roaming.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int fail(const char *what, const char *why, char error[LAB_ERROR_SIZE])
{
	snprintf(error, LAB_ERROR_SIZE, "%.200s %.300s", what, why);
	return -1;
}

/* A copy of the topology, to be changed; the world stands then. NULL with the reason in `error`. */
static struct topology *draft(struct lab *l, char error[LAB_ERROR_SIZE])
{
	struct topology *next;

	if (lab_ready(l, error) != 0)
		return NULL;
	next = malloc(sizeof *next);
	if (next == NULL)
		snprintf(error, LAB_ERROR_SIZE, "out of memory");
	else
		*next = *lab_topology(l);
	return next;
}

static bool is_carried(const struct lab *l, int node, int link)
{
	return weather_needs_cable(&lab_topology(l)->nodes[node].links[link].weather);
}

static int check_movable(const struct node *n, char error[LAB_ERROR_SIZE])
{
	return n->is_movable ? 0
	                     : fail(n->name, "cannot change its network: say interfaces={...} where it is made", error);
}

int lab_unplug(struct lab *l, int node, int link, char error[LAB_ERROR_SIZE])
{
	const struct node *n = &lab_topology(l)->nodes[node];
	struct topology *next = check_movable(n, error) == 0 ? draft(l, error) : NULL;
	int result = next != NULL ? 0 : -1;

	if (result != 0)
		return -1;
	lab_step(l, "%s: unplug %s", n->name, n->links[link].interface);
	if (is_carried(l, node, link) && n->links[link].behind != TOPOLOGY_NOWHERE)
		result = lab_link_unplug(l, (struct cable_link){ node, link }, true, error);
	roaming_unplug(next, node, link);
	if (result == 0)
		result = lab_change(l, next, node, false, error);
	free(next);
	return result;
}

int lab_plug(struct lab *l, int node, int link, int behind, char error[LAB_ERROR_SIZE])
{
	const struct topology *t = lab_topology(l);
	const struct node *n = &t->nodes[node];
	struct topology *next;
	int result;

	if (check_movable(n, error) != 0 ||
	    (n->links[link].behind != TOPOLOGY_NOWHERE && lab_unplug(l, node, link, error) != 0))
		return -1;
	next = draft(l, error);
	if (next == NULL)
		return -1;
	lab_step(l, "%s: plug %s in %s", n->name, n->links[link].interface,
	         behind >= 0 ? t->nodes[behind].name : "at the internet");
	result = roaming_plug(next, node, link, behind, error);
	if (result == 0 && is_carried(l, node, link))
		result = lab_link_unplug(l, (struct cable_link){ node, link }, false, error);
	if (result == 0)
		result = lab_change(l, next, node, false, error);
	free(next);
	return result;
}

int lab_route(struct lab *l, int node, int link, char error[LAB_ERROR_SIZE])
{
	const struct node *n = &lab_topology(l)->nodes[node];
	struct topology *next;
	int result;

	if (n->links[link].behind == TOPOLOGY_NOWHERE)
		return fail(n->links[link].interface, "is unplugged: no way out", error);
	next = draft(l, error);
	if (next == NULL)
		return -1;
	lab_step(l, "%s: the way out is %s", n->name, n->links[link].interface);
	roaming_prefer(next, node, link);
	result = lab_change(l, next, node, false, error);
	free(next);
	return result;
}

int lab_renumber(struct lab *l, int box, bool keep_flows, char error[LAB_ERROR_SIZE])
{
	const struct node *n = &lab_topology(l)->nodes[box];
	struct topology *next;
	int result;

	if (n->nat.kind != NAT_TRANSLATE)
		return fail(n->name, "translates nothing: it has no address of its own to change", error);
	next = draft(l, error);
	if (next == NULL)
		return -1;
	lab_step(l, "%s: renumber%s", n->name, keep_flows ? ", and flows are kept" : "");
	result = roaming_renumber(next, box, error);
	if (result == 0)
		result = lab_change(l, next, box, !keep_flows, error);
	free(next);
	return result;
}
