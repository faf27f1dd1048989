#include "run/job.h"

#include "run/lab.h"
#include "run/outcome.h"

#include "clock.h"
#include "log.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LAST_LINES 8

/* Writes one line and frees the object. A runner that is gone has killed this process anyway. */
static void say(int fd, json_t *object)
{
	char *line = object != NULL ? json_dumps(object, JSON_COMPACT) : NULL;
	size_t left = line != NULL ? strlen(line) : 0;
	const char *from = line;

	json_decref(object);
	if (line == NULL)
		return;
	line[left++] = '\n'; /* in place of the final zero */
	while (left > 0) {
		ssize_t wrote = write(fd, from, left);

		if (wrote < 0 && errno != EINTR)
			break;
		from += wrote > 0 ? wrote : 0;
		left -= wrote > 0 ? (size_t)wrote : 0;
	}
	free(line);
}

static void say_box(void *argument, const char *name, const char *spec, const char *sabotage)
{
	const int *fd = argument;

	say(*fd, json_pack("{s:s,s:s,s:s}", "box", name, "spec", spec, "sabotage", sabotage));
}

static void add_last_words(const struct lab *lab, struct outcome *o)
{
	const struct program *p;

	for (size_t i = 0; (p = lab_program(lab, i)) != NULL; i++) {
		char *words = program_last_words(p, lab_topology(lab), LAST_LINES);

		if (words != NULL)
			outcome_add_details(o, words);
		free(words);
	}
}

void job_run(int fd, void *argument)
{
	const struct job *job = argument;
	struct lab_settings settings = {
		.folder = job->folder,
		.scenario = job->scenario->name,
		.file = job->scenario->file,
		.deadline_ms = clock_now_ms() + UINT64_C(1000) * job->timeout_s,
		.uses_box = say_box,
		.argument = &fd,
		.audit = job->audit,
	};
	struct lab *lab = lab_new(&settings);
	struct outcome o = { 0 };
	char error[LAB_ERROR_SIZE] = "";

	if (lab == NULL)
		_exit(1);
	script_run(job->scenario, lab, job->timeout_s, &o);
	if (o.result == OUTCOME_FAILED)
		add_last_words(lab, &o);
	if (lab_end(lab, o.result != OUTCOME_FAILED, o.message, o.at, error) != 0)
		outcome_fail(&o, error);
	say(fd, json_pack("{s:o}", "outcome", outcome_to_json(&o)));
	outcome_clear(&o);
}
