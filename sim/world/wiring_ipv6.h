/*
 * IPv6 addresses and routes, where a world has any. For the files of the wiring alone. Neighbours are found by their
 * own protocol (RFC 4861), routers are known by their link-local addresses, as everywhere; what a router would announce
 * is set. What an interface has goes with it when it goes down. All return 0, or -1 (logged).
 */
#ifndef WIRING_IPV6_H
#define WIRING_IPV6_H

#include "world/wiring.h"

/* What the kernel makes of an interface's link address (RFC 4291, appendix A). */
struct address wiring_link_local(const struct rtnetlink_interface *dev);

/* True if the node, or the router (TOPOLOGY_INTERNET), is to have IPv6 at all. */
bool wiring_has_ipv6(const struct wiring *w, int node);

/* A link's addresses, and its way out; what is in front has to know of it, and of the networks behind it. */
int wiring_ipv6_address(struct wiring *w, int node, int link) __attribute__((warn_unused_result));
int wiring_ipv6_add_way_out(struct wiring *w, int node, int link) __attribute__((warn_unused_result));
int wiring_ipv6_delete_way_out(struct wiring *w, int node, int link) __attribute__((warn_unused_result));
int wiring_ipv6_introduce(struct wiring *w, int node, int link) __attribute__((warn_unused_result));

/*
 * Whoever is in front of a box reaches the networks behind it that are of his realm, by the link that is its way out
 * now.
 */
int wiring_ipv6_announce(struct wiring *w, int box) __attribute__((warn_unused_result));

/* The same of it and of every box that it goes out by. */
int wiring_ipv6_announce_outward(struct wiring *w, int box) __attribute__((warn_unused_result));

/*
 * The box has other addresses outside than it had before, or another way out, and so have the networks behind it and
 * all who stand there: hosts keep those they had, as deprecated ones.
 */
int wiring_ipv6_replace(struct wiring *w, struct topology *before, int box) __attribute__((warn_unused_result));

/* A box's own address inside, and the router's. */
int wiring_ipv6_address_lan(struct wiring *w, int box) __attribute__((warn_unused_result));
int wiring_ipv6_address_router(struct wiring *w) __attribute__((warn_unused_result));

/*
 * Returns when neighbours can find the addresses of a node, or the router: the kernel begins to listen for who asks a
 * moment after it has them. The thread is in that network namespace.
 */
int wiring_ipv6_wait(const struct wiring *w, int node) __attribute__((warn_unused_result));

#endif
