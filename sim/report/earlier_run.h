/* What an earlier page says of its run, for the comparison on a new one: the "against" of base.js. */
#ifndef EARLIER_RUN_H
#define EARLIER_RUN_H

#include <jansson.h>

#define EARLIER_RUN_ERROR_SIZE 512

/*
 * Reads a page that page.h wrote: a file, or index.html of a folder. A new reference; or NULL with one line in `error`:
 * there is none, or it is no such page.
 */
json_t *earlier_run_read(const char *path, char error[EARLIER_RUN_ERROR_SIZE]) __attribute__((warn_unused_result));

#endif
