/*
 * A world's growing capture, passed on as it grows: all of it, or what was seen at one host or box. What is written is
 * a whole pcapng at any moment.
 */
#ifndef LIVE_CAPTURE_H
#define LIVE_CAPTURE_H

#include "evidence/pcapng_reader.h"

#include <stdio.h>

struct live_capture;

/*
 * Reads the capture at `path`, which must have been begun; writes to `out`, which stays the caller's. `node` is a
 * host's or box's name, or NULL for all. NULL with the reason in `error`.
 */
struct live_capture *live_capture_new(const char *path, const char *node, FILE *out,
                                      char error[PCAPNG_READER_ERROR_SIZE]) __attribute__((warn_unused_result));
void live_capture_free(struct live_capture *f);

/* Passes on what has come. Returns 0; -1 if the capture cannot be read (logged) or the output not be written (errno).
 */
int live_capture_step(struct live_capture *f) __attribute__((warn_unused_result));

#endif
