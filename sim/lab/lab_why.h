/* What the trace so far says of two hosts of a lab that still runs. */
#ifndef LAB_WHY_H
#define LAB_WHY_H

#include "lab/lab.h"

#include <jansson.h>

/*
 * As `punchlab trace --why --json` tells it of the two nodes (explain_json.h), in that protocol (IP's number); -1: in
 * UDP, or what else they spoke. Returns NULL with the reason in `error`.
 */
json_t *lab_why(struct lab *l, int a, int b, int protocol, char error[LAB_ERROR_SIZE])
    __attribute__((warn_unused_result));

#endif
