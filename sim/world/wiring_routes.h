/* Addresses and routes, and who knows of whom. For the files of the wiring alone. All return 0, or -1 (logged). */
#ifndef WIRING_ROUTES_H
#define WIRING_ROUTES_H

#include "world/wiring.h"

/* Those of all the world. */
int wiring_add_addresses(struct wiring *w) __attribute__((warn_unused_result));

/* False where every address stands alone (on the internet, behind a firewall). */
bool wiring_leads_to_lan(const struct wiring *w, const struct link *l);

/* The prefix of an address there. */
unsigned wiring_prefix(const struct wiring *w, const struct link *l, const struct address *a);

/* Of routes of which there is one for each interface: none where there is one interface. */
unsigned wiring_metric(const struct wiring *w, int node, int link);

/* A link's addresses, and its way out. */
int wiring_address(struct wiring *w, int node, int link) __attribute__((warn_unused_result));
int wiring_add_way_out(struct wiring *w, int node, int link) __attribute__((warn_unused_result));
int wiring_delete_way_out(struct wiring *w, int node, int link) __attribute__((warn_unused_result));

/* What is in front has to know of the link, and, where they share a switch, all the others there. */
int wiring_introduce(struct wiring *w, int node, int link) __attribute__((warn_unused_result));
/* And the other way round, for one that comes later. */
int wiring_learn(struct wiring *w, int node, int link) __attribute__((warn_unused_result));

/* What is there already counts as done, or no longer. */
void wiring_be_lenient(struct wiring *w, bool lenient);

#endif
