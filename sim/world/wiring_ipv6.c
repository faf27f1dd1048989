#include "world/wiring_ipv6.h"

#include "io/clock.h"
#include "io/log.h"
#include "model/topology_ipv6.h"
#include "world/wiring_names.h"
#include "world/wiring_routes.h"

#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define GROUPS_FILE "/proc/thread-self/net/igmp6"
#define GROUPS_SIZE ((size_t)128 * 1024)

struct address wiring_link_local(const struct rtnetlink_interface *dev)
{
	const uint8_t *m = dev->mac;

	return (struct address){
		.family = ADDRESS_IPV6,
		.bytes = { 0xfe, 0x80, 0, 0, 0, 0, 0, 0, m[0] ^ 2, m[1], m[2], 0xff, 0xfe, m[3], m[4], m[5] },
	};
}

bool wiring_has_ipv6(const struct wiring *w, int node)
{
	return node >= 0 ? w->topology->nodes[node].ipv6_count > 0 : topology_has_ipv6(w->topology);
}

static bool has_addresses(const struct wiring *w, int node, int link)
{
	struct address unused[TOPOLOGY_ADDRESSES];

	return topology_ipv6_addresses(w->topology, node, link, unused) > 0;
}

int wiring_ipv6_address(struct wiring *w, int node, int link)
{
	struct rtnetlink_interface dev = wiring_outward(w, node, link);
	struct address list[TOPOLOGY_ADDRESSES];
	size_t count = topology_ipv6_addresses(w->topology, node, link, list);
	const struct node *n = &w->topology->nodes[node];
	bool is_on_lan = n->links[link].behind != TOPOLOGY_INTERNET;

	for (size_t i = 0; i < count && i < n->ipv6_count - n->has_clat; i++)
		if ((i == 0 && n->has_temporary ? rtnetlink_add_managing_address : rtnetlink_add_address)(
			&w->nodes[node], &dev, &list[i],
			is_on_lan ? ADDRESS_PLAN_IPV6_PREFIX : address_bits(&list[i])) != 0)
			return -1;
	return 0;
}

int wiring_ipv6_add_way_out(struct wiring *w, int node, int link)
{
	struct rtnetlink_interface dev = wiring_outward(w, node, link), front = wiring_near_side(w, node, link);
	struct address gateway = wiring_link_local(&front);

	if (!has_addresses(w, node, link))
		return 0;
	return rtnetlink_add_default_route(&w->nodes[node], &dev, &gateway, wiring_metric(w, node, link));
}

int wiring_ipv6_delete_way_out(struct wiring *w, int node, int link)
{
	struct rtnetlink_interface dev = wiring_outward(w, node, link), front = wiring_near_side(w, node, link);
	struct address gateway = wiring_link_local(&front);

	if (!has_addresses(w, node, link))
		return 0;
	return rtnetlink_delete_default_route(&w->nodes[node], &dev, &gateway, wiring_metric(w, node, link));
}

/* What stands in front of `at` reaches the network by way of it, or no longer. */
static int change_route(struct wiring *w, int at, const struct subnet *to,
                        int (*change)(struct rtnetlink *nl, const struct rtnetlink_interface *dev,
                                      const struct subnet *to, const struct address *gateway))
{
	int link = (int)(topology_way_out(w->topology, at) - w->topology->nodes[at].links);
	struct rtnetlink_interface near = wiring_near_side(w, at, link), outward = wiring_outward(w, at, link);
	struct address gateway = wiring_link_local(&outward);

	return change(wiring_handle(w, w->topology->nodes[at].links[link].behind), &near, to, &gateway);
}

/* The networks behind a box that who stands in front of another, or of itself, is to know: of his realm. */
static size_t networks_told(const struct topology *t, int box, int by, struct subnet out[2])
{
	const struct subnet lan = topology_ipv6_lan(t, box), outside = topology_nptv6(t, box).outside;
	size_t count = 0;

	if (t->nodes[box].kind != NODE_BOX || !topology_goes_by(t, box, by))
		return 0;
	if (lan.prefix != 0 && topology_ipv6_realm(t, topology_way_out(t, by)->behind) == topology_ipv6_realm(t, box))
		out[count++] = lan;
	if (outside.prefix != 0)
		out[count++] = outside;
	return count;
}

int wiring_ipv6_announce(struct wiring *w, int box)
{
	const struct topology *t = w->topology;
	struct subnet told[2];

	if (!has_addresses(w, box, (int)(topology_way_out(t, box) - t->nodes[box].links)))
		return 0;
	for (int i = 0; i < (int)t->count; i++) {
		size_t count = networks_told(t, i, box, told);

		for (size_t k = 0; k < count; k++)
			if (change_route(w, box, &told[k], rtnetlink_set_route) != 0)
				return -1;
	}
	return 0;
}

int wiring_ipv6_announce_outward(struct wiring *w, int box)
{
	for (; box >= 0; box = topology_way_out(w->topology, box)->behind)
		if (wiring_ipv6_announce(w, box) != 0)
			return -1;
	return 0;
}

/* On a lan an address is found there; on the internet it stands alone. */
int wiring_ipv6_introduce(struct wiring *w, int node, int link)
{
	const struct topology *t = w->topology;
	struct rtnetlink_interface near = wiring_near_side(w, node, link);
	struct address list[TOPOLOGY_ADDRESSES];
	size_t count = topology_ipv6_addresses(t, node, link, list);

	for (size_t i = 0; i < count && t->nodes[node].links[link].behind == TOPOLOGY_INTERNET; i++)
		if (rtnetlink_add_host_route(&w->router, &near, &list[i], 0) != 0)
			return -1;
	if (count == 0 || t->nodes[node].kind != NODE_BOX || &t->nodes[node].links[link] != topology_way_out(t, node))
		return 0;
	return wiring_ipv6_announce(w, node);
}

int wiring_ipv6_address_lan(struct wiring *w, int box)
{
	struct rtnetlink_interface dev = wiring_lan(box);
	struct subnet lan = topology_ipv6_lan(w->topology, box);
	struct address a = topology_ipv6_lan_address(w->topology, box);

	return lan.prefix == 0 ? 0 : rtnetlink_add_address(&w->nodes[box], &dev, &a, lan.prefix);
}

int wiring_ipv6_address_router(struct wiring *w)
{
	static const struct rtnetlink_interface lo = { .index = RTNETLINK_LOOPBACK, .name = "lo" };
	struct address a = topology_ipv6_lan_address(w->topology, TOPOLOGY_INTERNET);

	return !wiring_has_ipv6(w, TOPOLOGY_INTERNET) ? 0
	                                              : rtnetlink_add_address(&w->router, &lo, &a, address_bits(&a));
}

/* --- other networks ---------------------------------------------------------------------------- */

static int replace_lan(struct wiring *w, const struct topology *before, int box)
{
	struct subnet old = topology_ipv6_lan(before, box), new = topology_ipv6_lan(w->topology, box);
	struct address own = topology_ipv6_lan_address(before, box);
	struct rtnetlink_interface dev = wiring_lan(box);

	if (old.prefix == 0 || subnet_equal(&old, &new))
		return 0;
	return wiring_ipv6_address_lan(w, box) == 0 ? rtnetlink_delete_address(&w->nodes[box], &dev, &own, old.prefix)
	                                            : -1;
}

/* Who is in front of a box, as it was, has no route there any more. */
static int withdraw_route(struct wiring *w, struct topology *before, int box, const struct subnet *to)
{
	struct topology *now = w->topology;
	int result;

	w->topology = before;
	result = topology_way_out(before, box)->behind != TOPOLOGY_NOWHERE
	             ? change_route(w, box, to, rtnetlink_delete_route)
	             : 0;
	w->topology = now;
	return result;
}

/* Nobody in front of the box comes to what was behind it; nor does he by boxes that lead there no longer. */
static int replace_routes(struct wiring *w, struct topology *before, int box)
{
	struct subnet old[2], new[2];

	for (int at = box; at >= 0; at = topology_way_out(before, at)->behind) {
		size_t count = networks_told(before, box, at, old), stays = networks_told(w->topology, box, at, new);

		for (size_t k = 0; k < count; k++)
			if (!(stays == count && subnet_equal(&old[k], &new[k])) &&
			    withdraw_route(w, before, at, &old[k]) != 0)
				return -1;
	}
	return wiring_ipv6_announce_outward(w, box);
}

/* A host goes on with what uses the address it had, which nobody outside reaches any more; a box does not. */
static int retire(struct wiring *w, int node, int link, const struct address *old, bool is_first)
{
	const struct node *n = &w->topology->nodes[node];
	struct rtnetlink_interface dev = wiring_outward(w, node, link), near = wiring_near_side(w, node, link);
	bool is_on_lan = n->links[link].behind != TOPOLOGY_INTERNET;

	if (n->kind == NODE_HOST)
		return rtnetlink_prefer_address(&w->nodes[node], &dev, old, ADDRESS_PLAN_IPV6_PREFIX, 0,
		                                n->has_temporary && is_first);
	if (rtnetlink_delete_address(&w->nodes[node], &dev, old,
	                             is_on_lan ? ADDRESS_PLAN_IPV6_PREFIX : address_bits(old)) != 0)
		return -1;
	return is_on_lan ? 0 : rtnetlink_delete_host_route(&w->router, &near, old, 0);
}

/* One that a host had already, and that was retired, is as good as a new one. */
static int prefer(struct wiring *w, int node, int link, const struct address *new, bool is_first)
{
	const struct node *n = &w->topology->nodes[node];
	struct rtnetlink_interface dev = wiring_outward(w, node, link);

	if (n->kind != NODE_HOST)
		return 0;
	return rtnetlink_prefer_address(&w->nodes[node], &dev, new, ADDRESS_PLAN_IPV6_PREFIX, RTNETLINK_VALID_S,
	                                n->has_temporary && is_first);
}

static int replace_addresses(struct wiring *w, const struct topology *before, int node, int link)
{
	const struct node *n = &w->topology->nodes[node];
	struct address old[TOPOLOGY_ADDRESSES], new[TOPOLOGY_ADDRESSES];
	size_t count = topology_ipv6_addresses(before, node, link, old);

	if (count == 0 || topology_ipv6_addresses(w->topology, node, link, new) != count ||
	    address_equal(&old[0], &new[0]))
		return 0;
	if (wiring_ipv6_address(w, node, link) != 0)
		return -1;
	for (size_t i = 0; i < n->ipv6_count - n->has_clat; i++)
		if (retire(w, node, link, &old[i], i == 0) != 0 || prefer(w, node, link, &new[i], i == 0) != 0)
			return -1;
	return 0;
}

int wiring_ipv6_replace(struct wiring *w, struct topology *before, int box)
{
	for (int i = 0; i < (int)before->count; i++) {
		const struct node *n = &before->nodes[i];

		if (!topology_goes_by(before, i, box) && !topology_goes_by(w->topology, i, box))
			continue;
		if (n->kind == NODE_BOX && (replace_lan(w, before, i) != 0 || replace_routes(w, before, i) != 0))
			return -1;
		for (int k = 0; k < (int)n->link_count; k++)
			if (n->links[k].behind != TOPOLOGY_NOWHERE && replace_addresses(w, before, i, k) != 0)
				return -1;
	}
	return 0;
}

/* --- who listens for neighbours ---------------------------------------------------------------- */

/* The groups that the interfaces of the namespace listen to, as the kernel tells it. */
struct groups {
	char text[GROUPS_SIZE];
	const char *missing; /* an interface that does not listen yet; NULL: there is none */
};

static bool read_groups(struct groups *g)
{
	FILE *f = fopen(GROUPS_FILE, "re");
	size_t len = f != NULL ? fread(g->text, 1, sizeof g->text - 1, f) : 0;

	g->text[len] = '\0';
	g->missing = NULL;
	return f != NULL && fclose(f) == 0;
}

/* The solicited-node group of the address (RFC 4291 §2.7.1): there neighbours ask for it. */
static bool listens(const char *text, const struct rtnetlink_interface *dev, const struct address *a)
{
	char wanted[40], name[16], group[40];
	const uint8_t *b = a->bytes + 13;

	snprintf(wanted, sizeof wanted, "ff0200000000000000000001ff%02x%02x%02x", b[0], b[1], b[2]);
	for (const char *line = text; *line != '\0'; line += strcspn(line, "\n"), line += *line == '\n')
		if (sscanf(line, "%*d %15s %39s", name, group) == 2 && strcmp(name, dev->name) == 0 &&
		    strcmp(group, wanted) == 0)
			return true;
	return false;
}

static void look(struct groups *g, struct rtnetlink_interface dev, const struct address *list, size_t count)
{
	struct address own = wiring_link_local(&dev);
	static char name[sizeof dev.name];

	for (size_t i = 0; i <= count && g->missing == NULL; i++)
		if (!listens(g->text, &dev, i == count ? &own : &list[i])) {
			memcpy(name, dev.name, sizeof name);
			g->missing = name;
		}
}

/* Where an interface is down (its host sleeps), nobody is to be found, nor looked for. */
static bool is_up(const struct rtnetlink_interface *dev)
{
	struct ifreq request = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), result;

	snprintf(request.ifr_name, sizeof request.ifr_name, "%s", dev->name);
	result = ioctl(fd, SIOCGIFFLAGS, &request);
	close(fd);
	return result != 0 || (request.ifr_flags & IFF_UP) != 0;
}

/* Temporary addresses are not waited for here: they come and go, and the keeper's copy of them is that of the start. */
static void look_outward(struct groups *g, const struct wiring *w, int node)
{
	const struct node *n = &w->topology->nodes[node];
	struct address list[TOPOLOGY_ADDRESSES];

	for (int k = 0; k < (int)n->link_count; k++) {
		struct rtnetlink_interface dev = wiring_outward(w, node, k);
		const int front = n->links[k].behind;

		if (front != TOPOLOGY_NOWHERE && is_up(&dev))
			look(g, dev, list, topology_ipv6_addresses_at(w->topology, node, k, front, list) - n->has_clat);
	}
}

/* Of a lan, where there is one and something is plugged in; of the router, to whom it matters. */
static void look_inward(struct groups *g, const struct wiring *w, int node)
{
	const struct topology *t = w->topology;
	struct address own;

	if (node >= 0 && topology_ipv6_lan(t, node).prefix != 0 &&
	    (topology_count_behind(t, node) > 0 || topology_is_movable(t))) {
		own = topology_ipv6_lan_address(t, node);
		look(g, wiring_lan(node), &own, 1);
	}
	for (int i = 0; i < (int)t->count && node == TOPOLOGY_INTERNET; i++)
		for (int k = 0; k < (int)t->nodes[i].link_count && t->nodes[i].ipv6_count > 0; k++)
			if (t->nodes[i].links[k].behind == TOPOLOGY_INTERNET)
				look(g, wiring_far_end(w, i, k), NULL, 0);
}

int wiring_ipv6_wait(const struct wiring *w, int node)
{
	static struct groups g;
	uint64_t deadline_ms = clock_now_ms() + WIRING_OPERATIONAL_MS;

	while (wiring_has_ipv6(w, node)) {
		if (!read_groups(&g)) {
			log_error("cannot read %s: %s", GROUPS_FILE, strerror(errno));
			return -1;
		}
		if (node >= 0)
			look_outward(&g, w, node);
		look_inward(&g, w, node);
		if (g.missing == NULL)
			return 0;
		if (clock_now_ms() >= deadline_ms) {
			log_error("neighbours cannot find the IPv6 addresses of %s: they do not come up", g.missing);
			return -1;
		}
		poll(NULL, 0, 1);
	}
	return 0;
}
