/* Files of /proc: short, read as one line, and written in one go, as they want it. */
#ifndef KERNEL_FILE_H
#define KERNEL_FILE_H

#include <stdbool.h>
#include <stddef.h>

/* The first line without its end, cut to `size`. False, with errno and "" in `text`, if there is none. */
bool kernel_file_read(const char *path, char *text, size_t size);

/* Returns 0, or -1 with errno. Makes no file. */
int kernel_file_write(const char *path, const char *text) __attribute__((warn_unused_result));

#endif
