/* What every program gets that the lab executes for its user, whatever the lab's own process looks like. */
#ifndef LAUNCH_H
#define LAUNCH_H

/*
 * Becomes the program argv[0] with default signals, none blocked, and PROGRAM_PATH_MORE (program_path.h) at the end of
 * PATH; what `env`
 * ("NAME=VALUE", ends with NULL; NULL: none) says stands above that. Returns only if that failed, with errno: ENOENT
 * for a program that is nowhere, even where a folder of PATH is closed to us.
 */
void launch(char *const *argv, const char *const *env);

#endif
