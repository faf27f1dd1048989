/* What stands where in a world: for a person, and as JSON. */
#ifndef WORLD_MAP_H
#define WORLD_MAP_H

#include "model/topology.h"

#include <jansson.h>
#include <stdio.h>

/* One line per node: name, addresses, what it is. */
void world_map_print(FILE *out, const struct topology *t);

/* A list of {name, kind, addresses, public, behind, nat}; a new reference. */
json_t *world_map_to_json(const struct topology *t);

#endif
