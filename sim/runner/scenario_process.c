#include "runner/scenario_process.h"

#include "evidence/record.h"
#include "lab/lab.h"
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

/* A runner that is gone has killed this process anyway. */
static void write_all(int fd, const char *from, size_t left)
{
	while (left > 0) {
		ssize_t wrote = write(fd, from, left);

		if (wrote < 0 && errno != EINTR)
			break;
		from += wrote > 0 ? wrote : 0;
		left -= wrote > 0 ? (size_t)wrote : 0;
	}
}

/* Writes one line and frees the object. Returns 0, or -1 when there is none to write. */
static int say(int fd, json_t *object)
{
	char *line = object != NULL ? json_dumps(object, JSON_COMPACT) : NULL;
	size_t len = line != NULL ? strlen(line) : 0;

	json_decref(object);
	if (line == NULL)
		return -1;
	line[len] = '\n'; /* in place of the final zero */
	write_all(fd, line, len + 1);
	free(line);
	return 0;
}

/* The verdict is never lost: what cannot be written in full is told without its texts. */
static void say_outcome(int fd, const struct outcome *o)
{
	char line[128];
	int len;

	if (say(fd, json_pack("{s:o}", "outcome", outcome_to_json(o))) == 0)
		return;
	len = snprintf(line, sizeof line,
	               "{\"outcome\":{\"result\":\"%s\",\"message\":\"its report could not be written as JSON\"}}\n",
	               outcome_name(o->result));
	write_all(fd, line, (size_t)len);
}

static void say_box(void *argument, const char *name, const char *spec, const char *sabotage)
{
	const int *fd = argument;
	char *text = record_text(sabotage, strlen(sabotage));

	/* A box that is not told of would not be measured, and its verdict would count. */
	if (text == NULL || say(*fd, json_pack("{s:s,s:s,s:s}", "box", name, "spec", spec, "sabotage", text)) != 0)
		_exit(1);
	free(text);
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
	const struct scenario_process *job = argument;
	struct lab_settings settings = {
		.folder = job->folder,
		.scenario = job->scenario->name,
		.file = job->scenario->file,
		.deadline_ms = clock_now_ms() + UINT64_C(1000) * job->timeout_s,
		.uses_box = say_box,
		.argument = &fd,
		.audit = job->audit,
		.weather = job->weather,
		.seed = job->seed,
		.addresses = job->addresses,
	};
	struct lab *lab = lab_new(&settings);
	struct outcome o = { 0 };
	char error[LAB_ERROR_SIZE] = "", lost[LAB_ERROR_SIZE];

	if (lab == NULL)
		_exit(1);
	command_set_verbose(job->verbose);
	script_run(job->scenario, lab, job->timeout_s, &o);
	if (o.result == OUTCOME_FAILED)
		add_last_words(lab, &o);
	if (lab_end(lab, error, lost) != 0)
		outcome_fail(&o, error);
	if (lost[0] != '\0')
		o.lost = record_text(lost, strlen(lost));
	say_outcome(fd, &o);
	outcome_clear(&o);
}
