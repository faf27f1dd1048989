/*
 * The output folder: OUT/2024-11-22_09-24-55/007-two-cones-punch-through/. OUT/latest leads to the newest run.
 */
#ifndef RUN_FOLDER_H
#define RUN_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

/* Makes a folder, its parents too, and sees that it can be written. Returns 0, or -1 with errno. */
int run_folder_make(const char *path) __attribute__((warn_unused_result));

/*
 * Makes `out` where it is missing, and in it a fresh folder for one run; its path is written to `path` (PATH_MAX
 * bytes). Returns 0, or -1 with the reason logged.
 */
int run_folder_make_run(const char *out, char *path) __attribute__((warn_unused_result));

/*
 * Removes a run's folder if nothing is in it. OUT/latest, if it led there, then leads to the newest run that is left,
 * and is gone when there is none. True: the folder is gone.
 */
bool run_folder_remove_empty_run(const char *out, const char *run);

/*
 * How much of a path is there already, its length; and, with that length, removes what was made of it since then and is
 * empty.
 */
size_t run_folder_there(const char *path);
void run_folder_remove_made(const char *path, size_t there);

/* Makes the folder of one scenario in a run's: `number` from 1, and the name made fit. Returns 0, or -1 with errno. */
int run_folder_make_scenario(const char *run, size_t number, const char *name, char *path)
    __attribute__((warn_unused_result));

/* Removes a scenario's folder and all that is in it. What cannot be removed is left, and the first of it logged. */
void run_folder_remove(const char *path);

#endif
