/* What a lab's record is told of its topology. */
#ifndef WORLD_NOTES_H
#define WORLD_NOTES_H

#include "evidence/record.h"
#include "model/topology.h"

/* Writes the record's first lines: of which scenario (and file; each may be NULL) the world is, and every node of it.
 */
void world_notes_begin(struct record *r, const struct topology *t, const char *scenario, const char *file);

/* Writes where one of a node's links is since then (0: from now on): behind TOPOLOGY_NOWHERE it is gone. */
void world_notes_interface(struct record *r, const struct topology *t, int node, int place, uint64_t since_ns);

/*
 * The same of all links, but for that node's, which have other addresses than before; and the networks of all boxes
 * that have others.
 */
void world_notes_changes(struct record *r, const struct topology *before, const struct topology *now, int except,
                         uint64_t since_ns);

#endif
