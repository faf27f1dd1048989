/* What every program gets that the lab executes for its user, whatever the lab's own process looks like. */
#ifndef LAUNCH_H
#define LAUNCH_H

/* Ours, with PROGRAM_PATH_MORE (program_path.h) at the end of PATH; what is said beside that stands above it. */
struct launch_environment {
	char **list; /* as environ */
	char *path;
};

/*
 * `env`: "NAME=VALUE", ends with NULL, outlives what is made; NULL: none. Returns 0, or -1 and errno: then there is
 * nothing to free.
 */
int launch_environment_make(struct launch_environment *e, const char *const *env) __attribute__((warn_unused_result));
void launch_environment_free(struct launch_environment *e);

/*
 * Becomes the program argv[0] with that environment, default signals, and none blocked. Returns only if that failed,
 * with errno: ENOENT for a program that is nowhere, even where a folder of PATH is closed to us. `environ` is then the
 * list; nothing else of this process's memory has changed.
 */
void launch_in(char *const *argv, const struct launch_environment *e);

/* The same with nothing beside. */
void launch(char *const *argv);

#endif
