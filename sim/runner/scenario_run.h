/* One scenario of a run, as the runner sees it: waiting, running, ended, reported. */
#ifndef SCENARIO_RUN_H
#define SCENARIO_RUN_H

#include "runner/measured_boxes.h"
#include "runner/scenario_process.h"
#include "result/outcome.h"
#include "runner/child.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCENARIO_RUN_GRACE_S 5 /* after its time-out a scenario has so long to save its evidence */

enum scenario_run_state { SCENARIO_RUN_WAITS, SCENARIO_RUN_RUNS, SCENARIO_RUN_ENDED, SCENARIO_RUN_REPORTED };

/* A box of its world, and which kind that is. */
struct scenario_run_box {
	char name[TOPOLOGY_NAME_SIZE];
	int kind; /* index in struct measured_boxes */
};

struct scenario_run {
	struct scenario_process process;
	size_t index; /* its place in the run */
	size_t place; /* in the whole one, from 1, where this is a part */
	unsigned repeat;
	enum scenario_run_state state;
	char *folder;
	bool is_spare;       /* its folder is kept for now: scenario_verdict.h */
	bool lacks_comments; /* its capture does, which was not to be kept */
	struct child child;
	size_t read; /* so much of what the child said is understood */
	uint64_t began_ms;
	uint64_t ended_ms; /* when it had said its last word; 0: not yet. Its world is then taken down */
	double seconds;    /* once it ended */
	struct scenario_run_box boxes[TOPOLOGY_NODES];
	size_t box_count;
	bool has_outcome;
	struct outcome outcome;
	char *why; /* what the trace tells of its failure; NULL: nothing */
};

/* Makes its folder in `run` and starts it. One that cannot be started has ended, as failed. */
void scenario_run_start(struct scenario_run *t, const char *run);

/* Takes what its child said; boxes it uses are added to `boxes`. */
void scenario_run_read(struct scenario_run *t, struct measured_boxes *boxes);

/* When it must be killed, clock_now_ms(). */
uint64_t scenario_run_deadline_ms(const struct scenario_run *t);

/* Kills it for taking too long. */
void scenario_run_kill(struct scenario_run *t);

/* True once it has ended and every kind of box it used is settled: its verdict can be given. */
bool scenario_run_is_decided(const struct scenario_run *t, const struct measured_boxes *boxes);

/* Turns the outcome into a failure if a box was not what it claims, or a punch not what the oracle says (lab:oracle()).
 */
void scenario_run_judge(struct scenario_run *t, const struct measured_boxes *boxes);

/*
 * Writes the verdict into the scenario's record, if there is one, so that who reads the trace alone knows it. Fails the
 * scenario if that cannot be written.
 */
void scenario_run_record(struct scenario_run *t);

/* Its evidence is kept after all: writes what its capture lacks, if anything. */
void scenario_run_add_comments(struct scenario_run *t);

/* Says what is lost where its capture or its record, which were there when it ended, is not there any more. */
void scenario_run_look_for_trace(struct scenario_run *t);

/* The path of its capture, if there is one (PATH_MAX bytes), or NULL. */
const char *scenario_run_trace(const struct scenario_run *t, char *path);

void scenario_run_clear(struct scenario_run *t);

#endif
