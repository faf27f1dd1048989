/* Files that a scenario speaks of: those beside it, and a folder that its programs share. */
#ifndef LAB_FILES_H
#define LAB_FILES_H

#include "lab/lab.h"

#include <limits.h>

/*
 * The path of a file beside `file`, which is the scenario's own: whole where there is such a file. One that is absolute
 * stays what it is. Returns `path`, or `name` where the path would be too long.
 */
const char *lab_path_beside(const char *file, const char *name, char path[PATH_MAX]);

/* What is beside the scenario, if there is such a file; else `name` as it is: programs and folders are found so. */
const char *lab_find_beside(const char *file, const char *name, char path[PATH_MAX]);

/* The folder that the scenario's programs can share, below lab_folder(), whole; it is made. Returns 0, or -1. */
int lab_shared_folder(const struct lab *l, char path[PATH_MAX], char error[LAB_ERROR_SIZE])
    __attribute__((warn_unused_result));

#endif
