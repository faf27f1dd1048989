/*
 * The kinds of NAT box a run uses, each measured once: a verdict counts only when the boxes it stands on are what they
 * claim. A kind is a canonical spec and the sabotage done to it.
 */
#ifndef MEASURED_BOXES_H
#define MEASURED_BOXES_H

#include "check/check.h"
#include "nat/measurement.h"
#include "result/run_output.h"
#include "runner/child.h"

#include <stdbool.h>
#include <stddef.h>

enum box_state { BOX_WAITS, BOX_IS_MEASURED, BOX_AGREES, BOX_DIFFERS, BOX_UNKNOWN };

struct box_kind {
	char spec[NAT_TEXT_SIZE];
	char *sabotage; /* "" for none */
	struct nat nat;
	enum box_state state;
	enum check_depth depth;
	struct worker worker; /* while BOX_IS_MEASURED */
	struct measurement measurement;
	char *log; /* why it could not be measured */
};

struct boxes {
	struct box_kind **kinds;
	size_t count;
};

/* The index of that kind, added if it is new; -1 if the spec is none or memory is out. */
int boxes_add(struct boxes *b, const char *spec, const char *sabotage, enum check_depth depth);

/* Starts measuring. A kind that cannot be started becomes BOX_UNKNOWN. */
void boxes_start(struct box_kind *k);

/* Takes what its worker said. True when its state is final now. */
bool boxes_read(struct box_kind *k);

/*
 * Measures all that wait, `jobs` at once, and returns when all are settled: 0, or the signal (signals.h) that ended it
 * early.
 */
int boxes_measure(struct boxes *b, size_t jobs, int signal_fd) __attribute__((warn_unused_result));

/* How the measuring of all kinds ended. */
struct box_totals boxes_totals(const struct boxes *b);

/* True for BOX_AGREES, BOX_DIFFERS and BOX_UNKNOWN. */
bool boxes_is_settled(const struct box_kind *k);

/* Why a box of that kind, `name`, cannot be trusted, in one line and the rows that differ in the next. The caller
 * frees. */
char *boxes_complaint(const struct box_kind *k, const char *name);

/* Kills what runs; boxes_doom() does not wait for its end (worker_doom()). */
void boxes_doom(const struct boxes *b);
void boxes_kill(struct boxes *b);

/* Kills what runs and frees. */
void boxes_clear(struct boxes *b);

#endif
