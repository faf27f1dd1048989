/*
 * The report's page: sim/report/page.html with its styles and scripts, embedded at build time, and the data put in as
 * one JSON block. Knows nothing of what the data say; base.js describes them.
 */
#ifndef PAGE_H
#define PAGE_H

#include <jansson.h>
#include <stdio.h>

/*
 * Writes the page. The data are written so that no text in them can end the block or begin another element: pure ASCII,
 * and '<', '>' and '&' as \u escapes. Returns 0, or -1 with errno when the stream failed.
 */
int page_write(FILE *f, const json_t *data) __attribute__((warn_unused_result));

/* The same to a file of that name. Returns 0, or -1 with errno. */
int page_write_file(const char *path, const json_t *data) __attribute__((warn_unused_result));

#endif
