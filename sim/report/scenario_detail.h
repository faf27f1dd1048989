/*
 * The evidence of one trace for the report's page: its capture and record joined by trace/, as base.js describes it.
 */
#ifndef SCENARIO_DETAIL_H
#define SCENARIO_DETAIL_H

#include "report/journeys.h"

#include <jansson.h>

#define SCENARIO_DETAIL_ERROR_SIZE 512

/*
 * Sets "detail", "journeys", "close", "payloads" and "pairs" of `scenario` from a trace that was read. `choice`: NULL
 * for all journeys. Returns 0, or -1 with the reason in `error`, in one sentence.
 */
int scenario_detail_put(json_t *scenario, struct why *why, const struct journeys_choice *choice,
                        char error[SCENARIO_DETAIL_ERROR_SIZE]) __attribute__((warn_unused_result));

/* The same of trace.pcapng and trace.jsonl of `folder`. */
int scenario_detail_read(json_t *scenario, const char *folder, char error[SCENARIO_DETAIL_ERROR_SIZE])
    __attribute__((warn_unused_result));

#endif
