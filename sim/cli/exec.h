/* A program on a host of a standing world: what `exec` and `shell --in` do. */
#ifndef EXEC_H
#define EXEC_H

#include <stdbool.h>

/*
 * Runs the command there, in the terminal if there is one. `name`: the world's; NULL: the only one that stands.
 * `as_json`: what it says is kept, and printed with its end as one object. Returns the command's exit status (128 +
 * signal), or CLI_USAGE or CLI_FAILED (logged).
 */
int exec_run(const char *name, const char *host, char **command, bool as_json);

#endif
