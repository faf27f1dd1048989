/*
 * What the interfaces of a world are called, which number and link address they have, and whose handle is theirs. For
 * the files of the wiring alone.
 */
#ifndef WIRING_NAMES_H
#define WIRING_NAMES_H

#include "world/wiring.h"

#define WIRING_OPERATIONAL_MS 10000

/* A node's interface outward; a box's inside; the other end of an outward cable. */
struct rtnetlink_interface wiring_outward(const struct wiring *w, int node, int link);
struct rtnetlink_interface wiring_lan(int box);
struct rtnetlink_interface wiring_far_end(const struct wiring *w, int node, int link);

/* Where what is in front reaches the link by IP. */
struct rtnetlink_interface wiring_near_side(const struct wiring *w, int node, int link);

/* One neighbour that stays needs no switch. A lan without any is a switch too, so that there is an interface `lan`. */
bool wiring_has_switch(const struct wiring *w, int box);

/* Both ends of what is always plugged in at a lan where neighbours come and go. */
struct rtnetlink_interface wiring_idle(int box, int end);

/* Of a NAT64: where the box gives packets to be translated, and takes them; and the other end, in the cable's
 * namespace. */
struct rtnetlink_interface wiring_nat64(const struct wiring *w, int node);
struct rtnetlink_interface wiring_nat64_far(int box);

/* The handle of a node, or of the router (TOPOLOGY_INTERNET); and an interface of it as an end of a link to be made. */
struct rtnetlink *wiring_handle(struct wiring *w, int node);
struct rtnetlink_end wiring_end_of(const struct wiring *w, struct rtnetlink_interface dev, int node);

#endif
