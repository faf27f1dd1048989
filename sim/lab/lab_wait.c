#include "lab/lab_wait.h"

#include "base/utf8.h"
#include "io/clock.h"

#include <stdio.h>

#define POLL_MS 5 /* lab_wait_until() asks this often when no program says anything */

/* Waits a little. LAB_CAME: go on. */
static enum lab_waited wait_more(struct lab *l, uint64_t until_ms)
{
	if (lab_wait(l, until_ms))
		return LAB_CAME;
	if (lab_is_late(l))
		return LAB_OUT_OF_TIME;
	return clock_now_ms() >= until_ms ? LAB_TIMED_OUT : LAB_CAME;
}

static bool read_on(struct process *p, bool (*is_it)(void *argument, const char *line), void *argument)
{
	const char *line;

	while ((line = process_next_line(p, NULL)) != NULL)
		if (is_it(argument, line))
			return true;
	return false;
}

/* Time that is over is no reason to leave unread what came with its last moment. */
enum lab_waited lab_wait_line(struct lab *l, struct process *p, bool (*is_it)(void *argument, const char *line),
                              void *argument, uint64_t until_ms)
{
	enum lab_waited how = LAB_CAME;
	int status;

	while (!read_on(p, is_it, argument)) {
		if (how != LAB_CAME)
			return how;
		how = process_ended(p, &status) ? LAB_ENDED : wait_more(l, until_ms);
	}
	return LAB_CAME;
}

enum lab_waited lab_wait_end(struct lab *l, const struct process *p, uint64_t until_ms)
{
	enum lab_waited how = LAB_CAME;
	int status;

	while (!process_ended(p, &status) && how == LAB_CAME)
		how = wait_more(l, until_ms);
	return process_ended(p, &status) ? LAB_CAME : how;
}

void lab_sleep(struct lab *l, uint64_t until_ms)
{
	do
		lab_wait(l, until_ms);
	while (clock_now_ms() < until_ms && !lab_is_late(l));
}

enum lab_waited lab_wait_until(struct lab *l, bool (*holds)(void *argument), void *argument, uint64_t until_ms)
{
	while (!holds(argument)) {
		if (lab_is_late(l))
			return LAB_OUT_OF_TIME;
		if (clock_now_ms() >= until_ms)
			return LAB_TIMED_OUT;
		lab_wait(l, clock_now_ms() + POLL_MS);
	}
	return LAB_CAME;
}

const char *lab_wait_why(enum lab_waited how)
{
	return how == LAB_OUT_OF_TIME ? ", when the scenario's time was over" : "";
}

const char *lab_wait_says(const struct process *p, enum lab_waited how, double seconds, char text[LAB_WORDS_SIZE])
{
	char name[PROCESS_NAME_SIZE];
	int status = 0;

	process_name(p, name);
	if (how == LAB_ENDED && process_ended(p, &status))
		snprintf(text, LAB_WORDS_SIZE, "%s ended with status %d instead of saying it", name, status);
	else
		snprintf(text, LAB_WORDS_SIZE, "%s did not say it within %.1f s%s", name, seconds, lab_wait_why(how));
	return text;
}

const char *lab_last_line(const struct process *p, char text[LAB_WORDS_SIZE])
{
	const char *last = NULL, *line;

	for (size_t i = 0; (line = process_line(p, i, NULL)) != NULL; i++)
		last = line;
	if (last == NULL)
		utf8_print(text, LAB_WORDS_SIZE,
		           "it said nothing (is its output buffered? flush it, or run it with terminal=true)");
	else
		utf8_print(text, LAB_WORDS_SIZE, "its last line was \"%s\"", last);
	return text;
}
