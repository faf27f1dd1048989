/* The report's page for one trace, of whatever origin: a session, a scenario, somebody's own capture. */
#ifndef TRACE_PAGE_H
#define TRACE_PAGE_H

#include "report/journeys.h"

/*
 * Writes the page to the file `path`; into the folder of that name, as index.html, if there is one; "-": to standard
 * output. `command` made it; `against` is an earlier page's run (earlier_run.h), or null. The trace was read by
 * why_read() and can be read again. Returns 0, or -1 with the reason logged.
 */
int trace_page_write(const char *path, struct why *why, const struct journeys_choice *choice, const char *command,
                     const json_t *against) __attribute__((warn_unused_result));

#endif
