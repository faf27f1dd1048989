/* Standing worlds, for the subcommands that look into one. */
#ifndef STANDING_WORLD_H
#define STANDING_WORLD_H

#include <jansson.h>
#include <stdbool.h>

/*
 * What the world of that name says of itself (session.c); with NULL the only one there is. NULL with one line on the
 * log that says which there are.
 */
json_t *standing_world_find(const char *name) __attribute__((warn_unused_result));

/* True if the world has such a host or box; else false with one line on the log that says which there are. */
bool standing_world_has_node(const json_t *world, const char *node);

#endif
