/* Finds the trace that is meant: a file, a scenario's folder, a run's folder, or nothing at all for the latest run. */
#ifndef FIND_H
#define FIND_H

#include <stdbool.h>
#include <stddef.h>

#define FIND_RUNS "out"
#define FIND_LATEST FIND_RUNS "/latest"
#define FIND_ERROR_SIZE 512

struct found {
	char path[4096];   /* of the capture */
	size_t others;     /* further traces in the folder that was named */
	char folder[4096]; /* that folder, if others is not 0 */
	bool failed;       /* it was taken because its scenario failed */
};

/*
 * `path` NULL means FIND_LATEST. Of several traces in a run's folder the first whose scenario failed is taken, else the
 * last. Returns 0, or -1 with a one-line message in `error`.
 */
int find_trace(const char *path, struct found *out, char error[FIND_ERROR_SIZE]) __attribute__((warn_unused_result));

/* True if the word names something in the file system, or can only be meant to. */
bool find_is_path(const char *word);

#endif
