/*
 * The evidence of one scenario for the report's page: its capture and record joined by trace/, as the "detail" of
 * base.js, packed.
 */
#ifndef SCENARIO_DETAIL_H
#define SCENARIO_DETAIL_H

#include <jansson.h>

#define SCENARIO_DETAIL_ERROR_SIZE 512

/*
 * Reads trace.pcapng and trace.jsonl of `folder`. A new JSON string, or NULL with why there is none in `error`, in one
 * sentence.
 */
json_t *scenario_detail_packed(const char *folder, char error[SCENARIO_DETAIL_ERROR_SIZE])
    __attribute__((warn_unused_result));

#endif
