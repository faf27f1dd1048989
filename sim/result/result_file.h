/* The file of --json or --junit: opened before anything is started, and closed with a verdict on all that was written.
 */
#ifndef RESULT_FILE_H
#define RESULT_FILE_H

#include <stdbool.h>
#include <stdio.h>

/* True for "-", which is standard output; false for NULL, which is none. */
bool result_file_is_stdout(const char *path);

/* True if both are open on the same file; NULL is none, and standard output and devices take from several. */
bool result_file_is_same(FILE *a, FILE *b);

/* Opens the file, leaving what is in it; "-" is standard output. NULL with the reason logged. */
FILE *result_file_open(const char *path) __attribute__((warn_unused_result));

/*
 * Empties what result_file_open() gave for that path, once nothing can keep its new content from being made; NULL is
 * fine. Returns 0, or -1 with the reason logged.
 */
int result_file_begin(FILE *f, const char *path) __attribute__((warn_unused_result));

/*
 * Closes what result_file_open() gave for that path; NULL is fine. Returns 0, or -1 with the reason logged when
 * anything since the opening could not be written. Standard output stays open, and is for options_finish() to judge.
 */
int result_file_close(FILE *f, const char *path) __attribute__((warn_unused_result));

#endif
