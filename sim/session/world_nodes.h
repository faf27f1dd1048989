/* What stands where in a world: for a person, and as JSON. */
#ifndef WORLD_NODES_H
#define WORLD_NODES_H

#include "model/topology.h"

#include <jansson.h>
#include <stdio.h>

/* One line per node: name, addresses, what it is. */
void world_nodes_print(FILE *out, const struct topology *t);

/* A list of {name, kind, addresses, public, behind, nat}; a new reference. */
json_t *world_nodes_to_json(const struct topology *t);

#endif
