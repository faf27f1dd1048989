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

enum task_state { TASK_WAITS, TASK_RUNS, TASK_ENDED, TASK_REPORTED };

/* A box of its world, and which kind that is. */
struct task_box {
	char name[TOPOLOGY_NAME_SIZE];
	int kind; /* index in struct boxes */
};

struct task {
	struct job job;
	size_t index; /* its place in the run */
	unsigned repeat;
	enum task_state state;
	char *folder;
	struct worker worker;
	size_t read; /* so much of what the worker said is understood */
	uint64_t began_ms;
	double seconds; /* once it ended */
	struct task_box boxes[TOPOLOGY_NODES];
	size_t box_count;
	bool has_outcome;
	struct outcome outcome;
};

/* Makes its folder in `run` and starts it. A task that cannot be started has ended, as failed. */
void task_start(struct task *t, const char *run);

/* Takes what its worker said; boxes it uses are added to `boxes`. */
void task_read(struct task *t, struct boxes *boxes);

/* When it must be killed, clock_now_ms(). */
uint64_t task_deadline_ms(const struct task *t);

/* Kills it for taking too long. */
void task_kill(struct task *t);

/* True once it has ended and every kind of box it used is settled: its verdict can be given. */
bool task_is_decided(const struct task *t, const struct boxes *boxes);

/* Turns the outcome into a failure if a box was not what it claims, or a punch not what the oracle says (lab:oracle()).
 */
void task_judge(struct task *t, const struct boxes *boxes);

/* The path of its capture, if there is one (PATH_MAX bytes), or NULL. */
const char *task_trace(const struct task *t, char *path);

void task_clear(struct task *t);

#endif
