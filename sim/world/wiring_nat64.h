/*
 * The inside of a box that is a NAT64 (model/siit.h): one more interface, `nat64`, behind which the box's IPv4 has its
 * lan. What the box sends there, the translator (translator.h) gets at the other end, and what that sends comes in
 * there. For the files of the wiring alone. All return 0, or -1 (logged).
 */
#ifndef WIRING_NAT64_H
#define WIRING_NAT64_H

#include "world/wiring.h"

/* Both ends, up: of a box, or `clat` of a host that has a translator of its own (464XLAT). */
int wiring_nat64_add(struct wiring *w, int node) __attribute__((warn_unused_result));

/* The box's addresses and routes there. */
int wiring_nat64_address(struct wiring *w, int box) __attribute__((warn_unused_result));

/* The same of such a host. */
int wiring_nat64_address_host(struct wiring *w, int host) __attribute__((warn_unused_result));

/* The box gets to know by which IPv4 addresses it reaches a link of its lan. */
int wiring_nat64_introduce(struct wiring *w, int node, int link) __attribute__((warn_unused_result));

#endif
