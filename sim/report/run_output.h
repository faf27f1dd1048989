/*
 * What a person or a machine reads of a run: one line per scenario as it ends and a summary; TAP; JSON lines. Prints
 * what it is given and decides nothing.
 */
#ifndef RUN_OUTPUT_H
#define RUN_OUTPUT_H

#include "result/scenario_verdict.h"

#include <stdbool.h>
#include <stddef.h>

struct run_output_options {
	bool tap;                 /* TAP instead of text */
	bool details_of_all;      /* details of passed scenarios too */
	const char *json_path;    /* JSON lines to that file; "-": to standard output, instead of text; NULL: none */
	const char *junit_path;   /* JUnit's XML to that file, or as json_path */
	const char *html_path;    /* an HTML report in that folder; NULL: none */
	const char *summary_path; /* Markdown, added to that file; NULL: none */
	const char *against;      /* an earlier page that the report is compared with; NULL: none */
	const char *title;        /* the command in words, and its whole line, for the HTML report */
	const char *command;
	bool grid; /* a grid of the scenarios' cells instead of a line for each that passed */
};

struct run_output;

/* Opens the files, but empties none. NULL with the reason logged. `total` scenarios will follow. */
struct run_output *run_output_open(const struct run_output_options *options, size_t total)
    __attribute__((warn_unused_result));

/* The run begins: empties the files, says what is said before the first verdict. Returns 0, or -1 (logged). */
int run_output_begin(const struct run_output *r) __attribute__((warn_unused_result));

/* Closes without a word, because the run could not begin. NULL is fine. */
void run_output_abandon(struct run_output *r);

/*
 * In whatever order they come: results for programs (JSON, JUnit, TAP, the summary) have the order of their indices,
 * and so are the same from run to run. What it points to must stay until the end, but its trace and folder.
 */
void run_output_verdict(struct run_output *r, const struct verdict *v);

/* How many scenarios had repeats that did not end alike, so far. */
size_t run_output_wavering(const struct run_output *r);

/* The line of progress on a terminal: how many are done, how many run. */
void run_output_progress(struct run_output *r, size_t done, size_t running);

/* The end. `traces` is the run's folder or NULL. Returns 0, or -1 when something could not be written. Frees. */
int run_output_close(struct run_output *r, const struct totals *totals, const struct box_totals *boxes,
                     const char *traces, double seconds) __attribute__((warn_unused_result));

#endif
