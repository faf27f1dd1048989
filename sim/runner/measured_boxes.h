/*
 * The kinds of NAT box a run uses, each measured once: a verdict counts only when the boxes it stands on are what they
 * claim. A kind is a canonical spec and the sabotage done to it.
 */
#ifndef MEASURED_BOXES_H
#define MEASURED_BOXES_H

#include "check/check.h"
#include "nat/measurement.h"
#include "result/scenario_verdict.h"
#include "runner/child.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum box_state { BOX_WAITS, BOX_IS_MEASURED, BOX_AGREES, BOX_DIFFERS, BOX_UNKNOWN };

struct box_kind {
	char spec[NAT_TEXT_SIZE];
	char *sabotage; /* "" for none */
	struct nat nat;
	enum box_state state;
	enum check_depth depth;
	struct child child; /* while BOX_IS_MEASURED */
	uint64_t deadline_ms;
	struct measurement measurement;
	char *why; /* it could not be measured, in one line; then what was logged */
};

struct measured_boxes {
	struct box_kind **kinds;
	size_t count;
	unsigned limit_s; /* of measuring one kind; 0: check_limit_s() */
};

/* The index of that kind, added if it is new; -1 if the spec is none or memory is out. */
int measured_boxes_add(struct measured_boxes *b, const char *spec, const char *sabotage, enum check_depth depth);

/* Starts measuring. A kind that cannot be started becomes BOX_UNKNOWN. */
void measured_boxes_start(const struct measured_boxes *b, struct box_kind *k);

/*
 * Takes what its child said, if it is `ready` to be read; ends one whose time limit is over. True when its state is
 * final now.
 */
bool measured_boxes_read(struct box_kind *k, bool ready);

/*
 * Measures all that wait, `jobs` at once, and returns when all are settled: 0, or the signal (signals.h) that ended it
 * early.
 */
int measured_boxes_measure(struct measured_boxes *b, size_t jobs, int signal_fd) __attribute__((warn_unused_result));

/* All wait again: what was measured is forgotten. */
void measured_boxes_forget(struct measured_boxes *b);

/* How the measuring of all kinds ended. */
struct box_totals measured_boxes_totals(const struct measured_boxes *b);

/* True for BOX_AGREES, BOX_DIFFERS and BOX_UNKNOWN. */
bool measured_boxes_is_settled(const struct box_kind *k);

/* Why a box of that kind, `name`, cannot be trusted, in one line and the rows that differ in the next. The caller
 * frees. */
char *measured_boxes_complaint(const struct box_kind *k, const char *name);

/* Kills what runs. */
void measured_boxes_kill(struct measured_boxes *b);

/* Kills what runs and frees. */
void measured_boxes_clear(struct measured_boxes *b);

#endif
