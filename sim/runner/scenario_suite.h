/*
 * The scenarios of a run: files and folders loaded, names filtered. Starts nothing.
 */
#ifndef SCENARIO_SUITE_H
#define SCENARIO_SUITE_H

#include "script/script.h"

#include <stddef.h>

struct scenario_suite {
	const struct scenario **scenarios; /* in the order of files and lines */
	size_t count;
	size_t loaded; /* so many there were before any was left out */
	struct script **scripts;
	size_t script_count;
};

/*
 * Loads a file, or every *.lua directly in a folder in the order of their names, and adds its scenarios. In a folder
 * those that register none and return a value are helpers, and passed over. A name without a slash that is not here may
 * be one of punchlab's own. Returns 0, or -1 with one line in `error`.
 */
int scenario_suite_add_path(struct scenario_suite *s, const char *path, char error[SCRIPT_ERROR_SIZE])
    __attribute__((warn_unused_result));

/*
 * Keeps the scenarios whose "folder/file: name" contains the text, without regard to case, and returns how many: all
 * are kept where it is none. A text with a slash is looked for in the whole path.
 */
size_t scenario_suite_filter(struct scenario_suite *s, const char *text);

void scenario_suite_clear(struct scenario_suite *s);

#endif
