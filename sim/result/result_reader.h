/* Results of an earlier run, read from its --json file (result_formats.h writes it). */
#ifndef RESULT_READER_H
#define RESULT_READER_H

#include "result/scenario_verdict.h"

#include <jansson.h>

#define RESULT_ERROR_SIZE 512

struct result {
	json_t *line; /* what the texts below are part of */
	struct scenario scenario;
	struct outcome outcome;
	struct verdict verdict; /* as it was told: whole once results_read() has returned, but for index and folder */
};

struct results {
	struct result *list;
	size_t count;
};

/*
 * Adds the results of that file, in its order. Returns 0, or -1 with one line in `error`: "FILE:LINE: what is wrong".
 */
int results_read(struct results *r, const char *file, char error[RESULT_ERROR_SIZE])
    __attribute__((warn_unused_result));

void results_clear(struct results *r);

#endif
