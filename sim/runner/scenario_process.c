#include "runner/scenario_process.h"

#include "runner/scenario_message.h"
#include "lab/lab.h"
#include "observe/capture.h"
#include "result/outcome.h"
#include "world/command.h"

#include "io/clock.h"
#include "io/log.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LAST_LINES 8

static void say_box(void *argument, const char *name, const char *spec, const char *sabotage)
{
	const int *fd = argument;

	if (scenario_message_box(*fd, &(struct scenario_message_box){ name, spec, sabotage }) != 0)
		_exit(1);
}

static void add_last_words(const struct lab *lab, struct outcome *o)
{
	const struct process *p;

	for (size_t i = 0; (p = lab_program(lab, i)) != NULL; i++) {
		char *words = process_last_words(p, LAST_LINES);

		if (words != NULL)
			outcome_add_details(o, words);
		free(words);
	}
}

void scenario_process_run(int fd, void *argument)
{
	const struct scenario_process *p = argument;
	struct lab_settings settings = {
		.folder = p->folder,
		.scenario = p->scenario->name,
		.file = p->scenario->file,
		.deadline_ms = clock_now_ms() + UINT64_C(1000) * p->timeout_s,
		.uses_box = say_box,
		.argument = &fd,
		.audit = p->audit,
		.weather = p->weather,
		.seed = p->seed,
		.addresses = p->addresses,
	};
	struct lab *lab = lab_new(&settings);
	struct outcome o = { 0 };
	char error[LAB_ERROR_SIZE] = "";
	struct lab_left left;

	if (lab == NULL)
		_exit(1);
	command_set_verbose(p->verbose);
	capture_set_worlds(p->worlds);
	script_run(p->scenario, lab, p->timeout_s, &o);
	if (o.result == OUTCOME_FAILED)
		add_last_words(lab, &o);
	else if (p->spares_comments)
		lab_spare_comments(lab);
	o.has_weather = topology_needs_cable(lab_topology(lab));
	if (lab_end(lab, &left, error) != 0)
		outcome_fail(&o, error);
	o.has_trace = left.has_trace;
	if (left.lost[0] != '\0')
		outcome_lose(&o, left.lost);
	scenario_message_outcome(fd, &o);
	outcome_clear(&o);
}
