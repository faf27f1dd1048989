/*
 * The evidence of one scenario for the report's page: its capture and record joined by trace/, as the "detail" of
 * base.js, packed.
 */
#ifndef EVIDENCE_H
#define EVIDENCE_H

#include <jansson.h>

#define EVIDENCE_ERROR_SIZE 512
#define EVIDENCE_JOURNEYS 3000 /* on the page; a trace may have more, and the page then says how many */

/*
 * Reads trace.pcapng and trace.jsonl of `folder`. A new JSON string, or NULL with why there is none in `error`, in one
 * sentence.
 */
json_t *evidence_pack(const char *folder, char error[EVIDENCE_ERROR_SIZE]) __attribute__((warn_unused_result));

#endif
