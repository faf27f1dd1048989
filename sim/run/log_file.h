/* What a worker writes to its standard output and error: a file in memory, of which the end is read. */
#ifndef LOG_FILE_H
#define LOG_FILE_H

#define LOG_FILE_KEPT 65536 /* bytes */

/* An empty one. Its descriptor, or -1 with errno. */
int log_file_new(void) __attribute__((warn_unused_result));

/* The last LOG_FILE_KEPT bytes as text (record_text()); the caller frees. NULL: nothing was written. */
char *log_file_text(int fd);

#endif
