/*
 * The HTML report of a run: a folder with index.html, which needs nothing beside it, and the kept traces it links
 * to. Is told of scenarios as they end and writes the page at the end. Knows neither runner nor scripts.
 */
#ifndef HTML_H
#define HTML_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct html;

struct html_scenario {
	size_t index; /* its place in the run, from 0 */
	const char *name;
	const char *file;
	int line;
	unsigned repeat;    /* which repeat, from 1; 0: there is only one */
	const char *result; /* "passed", "failed", "skipped" */
	double seconds;
	const char *message; /* NULL: none */
	const char *at;      /* "file:line"; NULL: none */
	const char *details; /* further lines; NULL: none */
	const json_t *cell;  /* its place in the matrix, as outcome.h's; NULL: none */
	const char *folder;  /* with its trace.pcapng and trace.jsonl; NULL: there is none */
	bool keep_trace;     /* the trace stays, so the page may link to it */
};

/*
 * Makes the folder where it is missing. `title` is the command in words ("punchlab matrix"), `command` its whole line.
 * NULL with the reason logged: the folder cannot be written.
 */
struct html *html_open(const char *folder, const char *title, const char *command) __attribute__((warn_unused_result));

/* Takes a scenario with its evidence; what of that cannot be read is said on the page. */
void html_add(struct html *h, const struct html_scenario *s);

/* Writes the page and frees. `not_run`: scenarios an interrupted run did not end. Returns 0, or -1 with the reason
 * logged. */
int html_close(struct html *h, double seconds, size_t not_run) __attribute__((warn_unused_result));

#endif
