/* A run in several parts, each on a machine of its own: which scenarios are whose. */
#ifndef SHARD_H
#define SHARD_H

#include "result/result_reader.h"
#include "runner/scenario_suite.h"

#define SHARDS_MOST 1000

/*
 * Keeps what is part `which` (from 1) of `parts`: each scenario is in one of them, whoever asks and however often, so
 * long as files and times are the same. All parts take about equally long, by the times of an earlier run (NULL: as if
 * all took the same). Returns 0, or -1 without memory.
 */
int shard_keep(struct scenario_suite *s, unsigned which, unsigned parts, const struct results *times)
    __attribute__((warn_unused_result));

#endif
