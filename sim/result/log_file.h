/*
 * What a child of the runner writes to its standard output and error: a file in memory of which only the end is kept,
 * so that a scenario that prints without end takes no more than a little.
 */
#ifndef LOG_FILE_H
#define LOG_FILE_H

#define LOG_FILE_KEPT 65536 /* bytes */

/* An empty one. Its descriptor, or -1 with errno. */
int log_file_new(void) __attribute__((warn_unused_result));

/* In the child, after writing to it: gives back the memory of what is no longer kept. `fd` is always the same. */
void log_file_trim(int fd);

/* The last LOG_FILE_KEPT bytes as text (record_text()); the caller frees. NULL: nothing was written. */
char *log_file_text(int fd);

#endif
