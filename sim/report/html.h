/*
 * The HTML report of a run: a folder with index.html, which needs nothing beside it, and the kept traces it links
 * to. Is told of scenarios as they end and writes the page at the end. Knows neither runner nor scripts.
 */
#ifndef HTML_H
#define HTML_H

#include "result/scenario_verdict.h"

#include <stddef.h>

struct html;

/*
 * Makes the folder where it is missing. `title` is the command in words ("punchlab matrix"), `command` its whole line,
 * `against` an earlier page to compare with (earlier_run.h), or NULL. NULL with the reason logged: the folder cannot be
 * written, or there is no such page.
 */
struct html *html_open(const char *folder, const char *title, const char *command, const char *against)
    __attribute__((warn_unused_result));

/* Takes a scenario with its evidence; what of that cannot be read is said on the page. */
void html_add(struct html *h, const struct verdict *v);

/* Writes the page and frees. `not_run`: scenarios an interrupted run did not end. Returns 0, or -1 with the reason
 * logged. */
int html_close(struct html *h, double seconds, size_t not_run) __attribute__((warn_unused_result));

#endif
