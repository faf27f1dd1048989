#include "world/wiring_names.h"

#include "model/nat_rules.h"

#include <stdio.h>
#include <string.h>

#define INDEX_OUTWARD 2 /* eth0, wan */
#define INDEX_LAN 3
#define INDEX_FURTHER 3 /* + link: further interfaces outward */
#define INDEX_IDLE 7    /* and 8 */
#define INDEX_NAT64 9
#define INDEX_FAR 10 /* + number_of() a link: the router's end, or the port of a bridge; the cable's: + twice that */
#define MAC_OUTWARD 1
#define MAC_LAN 2
#define MAC_FAR 3
#define MAC_CABLE 4 /* and 5 */
#define MAC_IDLE 6  /* and 7 */
#define MAC_NAT64 8 /* and 9 */

/* A number for each link of the world. */
static int number_of(int node, int link)
{
	return node + TOPOLOGY_NODES * link;
}

static struct rtnetlink_interface interface(int node, int link, int index, uint8_t role, const char *name)
{
	uint8_t number = (uint8_t)(node + 1);
	struct rtnetlink_interface dev = {
		.index = index,
		/* reads as decimal */
		.mac = { 0x02, 0, 0, (uint8_t)link, (uint8_t)(number / 10 * 16 + number % 10), role },
	};

	if (strlen(name) < sizeof dev.name && link == 0)
		memcpy(dev.name, name, strlen(name));
	else if (link == 0)
		snprintf(dev.name, sizeof dev.name, "%.11s~%u", name, (unsigned)number); /* ~ is in no node's name */
	else
		snprintf(dev.name, sizeof dev.name, "%.9s~%u.%u", name, (unsigned)number, (unsigned)link % 10);
	return dev;
}

struct rtnetlink_interface wiring_outward(const struct wiring *w, int node, int link)
{
	struct rtnetlink_interface dev =
	    interface(node, link, link == 0 ? INDEX_OUTWARD : INDEX_FURTHER + link, MAC_OUTWARD, "");

	memcpy(dev.name, w->topology->nodes[node].links[link].interface, sizeof dev.name);
	return dev;
}

struct rtnetlink_interface wiring_lan(int box)
{
	return interface(box, 0, INDEX_LAN, MAC_LAN, "lan");
}

struct rtnetlink_interface wiring_idle(int box, int end)
{
	return interface(box, 0, INDEX_IDLE + end, (uint8_t)(MAC_IDLE + end), end == 0 ? "~idle" : "idle~");
}

struct rtnetlink_interface wiring_nat64(const struct wiring *w, int node)
{
	bool is_box = w->topology->nodes[node].kind == NODE_BOX;

	return interface(node, 0, INDEX_NAT64, MAC_NAT64, is_box ? NAT_RULES_NAT64 : "clat");
}

struct rtnetlink_interface wiring_nat64_far(int box)
{
	struct rtnetlink_interface dev = interface(box, 0, WIRING_INDEX_MAX + box, MAC_NAT64 + 1, "");

	snprintf(dev.name, sizeof dev.name, "siit-%d", box);
	return dev;
}

/* One neighbour that stays needs no switch. A lan without any is a switch too, so that there is an interface `lan`. */
bool wiring_has_switch(const struct wiring *w, int box)
{
	return box >= 0 && (topology_is_movable(w->topology) || topology_count_behind(w->topology, box) != 1);
}

/* The other end of an outward cable. */
struct rtnetlink_interface wiring_far_end(const struct wiring *w, int node, int link)
{
	int front = w->topology->nodes[node].links[link].behind;

	if (front >= 0 && !wiring_has_switch(w, front))
		return wiring_lan(front);
	return interface(node, link, INDEX_FAR + number_of(node, link), MAC_FAR, w->topology->nodes[node].name);
}

/* Where what is in front reaches the node by IP. */
struct rtnetlink_interface wiring_near_side(const struct wiring *w, int node, int link)
{
	int front = w->topology->nodes[node].links[link].behind;

	return front == TOPOLOGY_INTERNET ? wiring_far_end(w, node, link) : wiring_lan(front);
}

struct rtnetlink *wiring_handle(struct wiring *w, int node)
{
	return node == TOPOLOGY_INTERNET ? &w->router : &w->nodes[node];
}

struct rtnetlink_end wiring_end_of(const struct wiring *w, struct rtnetlink_interface dev, int node)
{
	return (struct rtnetlink_end){
		.interface = dev,
		.netns_fd = node == TOPOLOGY_INTERNET ? w->home_fd : w->netns_fds[node],
		.netns = node == TOPOLOGY_INTERNET ? TOPOLOGY_ROUTER_NAME : w->topology->nodes[node].name,
	};
}

struct rtnetlink_interface wiring_cable_end(int node, int link, enum weather_direction from)
{
	int index = INDEX_FAR + 2 * number_of(node, link) + (int)from;
	struct rtnetlink_interface dev = interface(node, link, index, (uint8_t)(MAC_CABLE + from), "");

	snprintf(dev.name, sizeof dev.name, "%s-%d", from == WEATHER_UP ? "in" : "out", number_of(node, link));
	return dev;
}
