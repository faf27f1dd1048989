/*
 * A path that is open, and another way to the same peer by the other address family. The first that answers opens the
 * path, as nobody is to wait for a family that is broken; of two that work the better one is taken, once in a life of
 * the path (RFC 8421): IPv6's, unless its round trip is clearly longer. Pure; part of path.
 */
#ifndef PATH_RIVALS_H
#define PATH_RIVALS_H

#include "chat/peer/path.h"

/* True if the candidate is of the other family than the one that the open path goes by, and may yet take its place. */
bool path_rivals_include(const struct path *p, const struct candidate *c);

/* True if it is to take its place: both have answered. */
bool path_rivals_win(const struct path *p, const struct candidate *c);

/* Sends each of them a probe. */
void path_rivals_probe(struct path *p, struct effects *fx, uint64_t now_us);

#endif
