#include "model/roaming.h"

#include "model/topology_ipv6.h"

#include <stdio.h>
#include <string.h>

#define METRIC_ETHERNET 100
#define METRIC_WIFI 600
#define METRIC_OTHER 700
#define RENUMBERED_MAX 99 /* two digits of an address (topology_ipv6.h) */

static bool begins_with(const char *text, const char *beginning)
{
	return strncmp(text, beginning, strlen(beginning)) == 0;
}

unsigned roaming_metric(const char *interface)
{
	if (begins_with(interface, "eth") || begins_with(interface, "wan"))
		return METRIC_ETHERNET;
	return begins_with(interface, "wifi") || begins_with(interface, "wlan") ? METRIC_WIFI : METRIC_OTHER;
}

/* --- several interfaces ---------------------------------------------------------------------- */

static int find(const struct node *n, const char *interface)
{
	for (size_t k = 0; k < n->link_count; k++)
		if (strcmp(n->links[k].interface, interface) == 0)
			return (int)k;
	return -1;
}

static int check_name(const struct node *n, const char *interface, char error[TOPOLOGY_ERROR_SIZE])
{
	size_t len = strspn(interface, "abcdefghijklmnopqrstuvwxyz0123456789-");
	bool is_outside = begins_with(interface, "wan");

	if (len == 0 || len >= TOPOLOGY_INTERFACE_SIZE || interface[len] != '\0')
		snprintf(error, TOPOLOGY_ERROR_SIZE, "bad interface '%.40s' of '%s': 1 to %d of a-z, 0-9 and -",
		         interface, n->name, TOPOLOGY_INTERFACE_SIZE - 1);
	else if (n->kind == NODE_BOX && !is_outside)
		snprintf(error, TOPOLOGY_ERROR_SIZE, "bad interface '%s' of '%s': those of a box are wan, wan2, ...",
		         interface, n->name);
	else if (n->kind == NODE_HOST && (is_outside || strcmp(interface, "lan") == 0 || strcmp(interface, "lo") == 0))
		snprintf(error, TOPOLOGY_ERROR_SIZE, "bad interface '%s' of '%s': only boxes have one of that name",
		         interface, n->name);
	else if (find(n, interface) >= 0)
		snprintf(error, TOPOLOGY_ERROR_SIZE, "'%s' has an interface '%s' already", n->name, interface);
	else
		return 0;
	return -1;
}

static int check_metric(const struct node *n, unsigned metric, char error[TOPOLOGY_ERROR_SIZE])
{
	if (metric >= 1 && metric <= ROAMING_METRIC_MAX)
		return 0;
	snprintf(error, TOPOLOGY_ERROR_SIZE, "a metric of '%s' is a whole number from 1 to %d", n->name,
	         ROAMING_METRIC_MAX);
	return -1;
}

/* No two routes of a host may have the same. */
static unsigned free_metric(const struct node *n, unsigned metric)
{
	for (size_t k = 0; k < n->link_count; k++)
		if (n->links[k].metric == metric)
			return free_metric(n, metric + 1);
	return metric;
}

int roaming_name_interface(struct topology *t, int node, const char *interface, unsigned metric,
                           char error[TOPOLOGY_ERROR_SIZE])
{
	struct node *n = &t->nodes[node];
	char before[TOPOLOGY_INTERFACE_SIZE];
	int result;

	memcpy(before, n->links[0].interface, sizeof before);
	n->links[0].interface[0] = '\0';
	result = check_name(n, interface, error) == 0 ? check_metric(n, metric, error) : -1;
	snprintf(n->links[0].interface, sizeof n->links[0].interface, "%s", result == 0 ? interface : before);
	if (result != 0)
		return -1;
	n->links[0].metric = metric;
	n->is_movable = true;
	return 0;
}

static int check_place(const struct topology *t, const struct node *n, int behind, char error[TOPOLOGY_ERROR_SIZE])
{
	bool is_other_box = behind >= 0 && t->nodes[behind].kind == NODE_BOX && behind != (int)(n - t->nodes);

	if (n->kind == NODE_BOX && n->nat.kind != NAT_TRANSLATE)
		snprintf(error, TOPOLOGY_ERROR_SIZE, "'%s' translates nothing: it has one interface outside", n->name);
	else if (is_other_box || behind == TOPOLOGY_INTERNET)
		return 0;
	else
		snprintf(error, TOPOLOGY_ERROR_SIZE, "'%s' can stand behind a NAT box only, or on the internet",
		         n->name);
	return -1;
}

static int give_addresses(struct topology *t, int node, int link, size_t count, char error[TOPOLOGY_ERROR_SIZE])
{
	while (t->nodes[node].links[link].address_count < count)
		if (!topology_give_address(t, node, link, t->nodes[node].kind)) {
			snprintf(error, TOPOLOGY_ERROR_SIZE, "no address is left for '%s'", t->nodes[node].name);
			return -1;
		}
	return 0;
}

int roaming_add_interface(struct topology *t, int node, const char *interface, int behind, unsigned metric,
                          size_t address_count, char error[TOPOLOGY_ERROR_SIZE])
{
	struct node *n = &t->nodes[node];
	int link = (int)n->link_count;

	if (check_name(n, interface, error) != 0 || check_metric(n, metric, error) != 0 ||
	    check_place(t, n, behind, error) != 0)
		return -1;
	if (link == TOPOLOGY_LINKS || address_count < 1 || address_count > TOPOLOGY_ADDRESSES) {
		snprintf(error, TOPOLOGY_ERROR_SIZE, "'%s' can have at most %d interfaces, with 1 to %d addresses each",
		         n->name, TOPOLOGY_LINKS, TOPOLOGY_ADDRESSES);
		return -1;
	}
	n->links[link] = (struct link){ .behind = behind, .metric = free_metric(n, metric) };
	snprintf(n->links[link].interface, sizeof n->links[link].interface, "%s", interface);
	n->link_count++;
	if (give_addresses(t, node, link, address_count, error) == 0)
		return link;
	n->link_count--;
	return -1;
}

int roaming_find_interface(const struct topology *t, int node, const char *interface, char error[TOPOLOGY_ERROR_SIZE])
{
	const struct node *n = &t->nodes[node];
	int link = find(n, interface);
	size_t used;

	if (link >= 0)
		return link;
	used =
	    (size_t)snprintf(error, TOPOLOGY_ERROR_SIZE, "'%s' has no interface '%.40s'; it has", n->name, interface);
	for (size_t k = 0; k < n->link_count && used < TOPOLOGY_ERROR_SIZE; k++)
		used += (size_t)snprintf(error + used, TOPOLOGY_ERROR_SIZE - used, "%s %s", k > 0 ? "," : "",
		                         n->links[k].interface);
	return -1;
}

/* --- moving ---------------------------------------------------------------------------------- */

static struct topology_lease *find_lease(struct topology *t, int realm, int node, int link)
{
	for (size_t i = 0; i < t->lease_count; i++)
		if (t->leases[i].realm == realm && t->leases[i].node == node && t->leases[i].link == link)
			return &t->leases[i];
	return NULL;
}

static int keep_lease(struct topology *t, const struct topology_lease *lease, char error[TOPOLOGY_ERROR_SIZE])
{
	if (t->lease_count < TOPOLOGY_LEASES) {
		t->leases[t->lease_count++] = *lease;
		return 0;
	}
	snprintf(error, TOPOLOGY_ERROR_SIZE, "too many interfaces and boxes for interfaces to move among");
	return -1;
}

static void note_addresses(struct topology_lease *lease, const struct link *l)
{
	memcpy(lease->addresses, l->addresses, sizeof lease->addresses);
	lease->address_count = l->address_count;
}

/* A box stays where it is, for its rules know its addresses outside. They are what the link would be given next, were
 * it there: as many as it has where it is made. */
static int lease(struct topology *t, int realm, int node, int link, char error[TOPOLOGY_ERROR_SIZE])
{
	struct link *l = &t->nodes[node].links[link], before = *l;
	struct topology_lease new = { .realm = realm, .node = node, .link = link };
	int result = 0;

	if (find_lease(t, realm, node, link) != NULL)
		return 0;
	if (topology_link_realm(t, l) != realm) {
		l->behind = realm;
		l->address_count = 0;
		result = give_addresses(t, node, link, before.address_count, error);
	}
	note_addresses(&new, l);
	*l = before;
	return result == 0 ? keep_lease(t, &new, error) : -1;
}

static int lease_everywhere(struct topology *t, int node, int link, char error[TOPOLOGY_ERROR_SIZE])
{
	int own = topology_link_realm(t, &t->nodes[node].links[link]);
	int result = lease(t, t->nodes[node].kind == NODE_HOST ? TOPOLOGY_INTERNET : own, node, link, error);

	if (t->nodes[node].kind == NODE_BOX)
		return result;

	for (size_t i = 0; i < t->count && result == 0; i++)
		if (t->nodes[i].kind == NODE_BOX && t->nodes[i].nat.kind == NAT_TRANSLATE)
			result = lease(t, (int)i, node, link, error);
	return result;
}

int roaming_lease(struct topology *t, char error[TOPOLOGY_ERROR_SIZE])
{
	for (size_t i = 0; i < t->count; i++)
		for (size_t k = 0; k < t->nodes[i].link_count && t->nodes[i].is_movable; k++)
			if (lease_everywhere(t, (int)i, (int)k, error) != 0)
				return -1;
	return 0;
}

void roaming_unplug(struct topology *t, int node, int link)
{
	struct link *l = &t->nodes[node].links[link];

	l->behind = TOPOLOGY_NOWHERE;
	l->address_count = 0;
}

int roaming_plug(struct topology *t, int node, int link, int behind, char error[TOPOLOGY_ERROR_SIZE])
{
	struct node *n = &t->nodes[node];
	const struct topology_lease *mine;

	if (check_place(t, n, behind, error) != 0)
		return -1;
	roaming_unplug(t, node, link);
	n->links[link].behind = behind;
	mine = find_lease(t, topology_link_realm(t, &n->links[link]), node, link);
	if (mine == NULL) {
		snprintf(error, TOPOLOGY_ERROR_SIZE, "'%s' %s", n->name,
		         n->kind == NODE_BOX && n->is_movable
		             ? "is a box: it can be plugged in again where it was"
		             : "was not made to move: say interfaces={...} where it is made");
		roaming_unplug(t, node, link);
		return -1;
	}
	memcpy(n->links[link].addresses, mine->addresses, sizeof mine->addresses);
	n->links[link].address_count = mine->address_count;
	return 0;
}

void roaming_prefer(struct topology *t, int node, int link)
{
	struct node *n = &t->nodes[node];
	unsigned least = ROAMING_METRIC_MAX;

	for (size_t k = 0; k < n->link_count; k++)
		if ((int)k != link && n->links[k].metric < least)
			least = n->links[k].metric;
	if (n->links[link].metric < least)
		return;
	for (size_t k = 0; k < n->link_count && least == 1; k++)
		n->links[k].metric++;
	n->links[link].metric = least > 1 ? least - 1 : 1;
}

/* Those behind it count what it does, too. */
static int check_renumbered(const struct topology *t, int box, char error[TOPOLOGY_ERROR_SIZE])
{
	for (int i = 0; i < (int)t->count; i++) {
		if (t->nodes[i].kind != NODE_BOX || !topology_is_behind(t, i, box) ||
		    (topology_ipv6_renumbered(t, i) < RENUMBERED_MAX &&
		     t->nodes[i].links[0].renumbered < RENUMBERED_MAX))
			continue;
		snprintf(error, TOPOLOGY_ERROR_SIZE, "'%s' got other addresses %d times already, and that is the most",
		         t->nodes[i].name, RENUMBERED_MAX);
		return -1;
	}
	return 0;
}

int roaming_renumber(struct topology *t, int box, char error[TOPOLOGY_ERROR_SIZE])
{
	struct link *l = &t->nodes[box].links[0], before = *l;
	struct topology_lease dead = { .realm = topology_link_realm(t, l), .node = -1, .link = -1 };
	struct topology_lease *mine = find_lease(t, dead.realm, box, 0);

	note_addresses(&dead, l);
	if (l->behind == TOPOLOGY_NOWHERE) {
		snprintf(error, TOPOLOGY_ERROR_SIZE, "'%s' is unplugged: no address to change", t->nodes[box].name);
		return -1;
	}
	if (check_renumbered(t, box, error) != 0)
		return -1;
	if (keep_lease(t, &dead, error) != 0)
		return -1;
	l->renumbered++;
	l->address_count = 0;
	if (give_addresses(t, box, 0, before.address_count, error) != 0) {
		*l = before;
		return -1;
	}
	if (mine != NULL)
		note_addresses(mine, l);
	return 0;
}
