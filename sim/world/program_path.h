/* Where a program's file is: along PATH, and where administrators' programs are, which PATH often leaves out. */
#ifndef PROGRAM_PATH_H
#define PROGRAM_PATH_H

#include <stddef.h>

/* The administrators' folders. */
#define PROGRAM_PATH_MORE "/usr/local/sbin:/usr/sbin:/sbin"

/* Finds a program along PATH, /usr/sbin and /sbin. Returns 0 with its path, or -1. A name with a slash is a path. */
int program_path_find(const char *name, char *path, size_t size) __attribute__((warn_unused_result));

#endif
