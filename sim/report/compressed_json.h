/*
 * A scenario's evidence, made small for the page: compact JSON, compressed by zlib (RFC 1950), as base64. The
 * page takes it apart again only when the scenario is opened, so that a run of hundreds opens at once and can be
 * mailed.
 */
#ifndef COMPRESSED_JSON_H
#define COMPRESSED_JSON_H

#include <jansson.h>

/* A JSON string with `detail` packed; the caller owns it. NULL when memory ran out or `detail` cannot be written. */
json_t *compressed_json(const json_t *detail) __attribute__((warn_unused_result));

/* The same of JSON that is text already, `len` bytes of it. NULL when memory ran out. */
json_t *compressed_text(const char *text, size_t len) __attribute__((warn_unused_result));

#endif
