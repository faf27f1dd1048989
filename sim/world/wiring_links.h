/* Links made and plugged in. For the files of the wiring alone. Both return 0, or -1 (logged). */
#ifndef WIRING_LINKS_H
#define WIRING_LINKS_H

#include "world/wiring.h"

/* All of the world, and the switches in its lans: made, plugged in and up. */
int wiring_add_links(struct wiring *w) __attribute__((warn_unused_result));

/* The far end, where it belongs, plugged in and up; and the near one up. */
int wiring_plug_in(struct wiring *w, int node, int link) __attribute__((warn_unused_result));

#endif
