/*
 * A small file that only its owner may read: read whole, and written whole or not at all, so that a full disk or a
 * power failure leaves what was there before.
 */
#ifndef PRIVATE_FILE_H
#define PRIVATE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#define PRIVATE_FILE_ERROR_SIZE 512

/*
 * Reads at most `room` bytes, and *len of them. Returns 0, 1 if there is no such file, or -1 with what is wrong in
 * words: it is somebody else's, can be read by others, is longer, or cannot be read.
 */
int private_file_read(const char *path, char *bytes, size_t room, size_t *len, char error[PRIVATE_FILE_ERROR_SIZE])
    __attribute__((warn_unused_result));

/*
 * Writes it, and the folders it is in. What is there already is replaced, or stays if `keep` is set. Returns 0, or -1
 * with what is wrong in words.
 */
int private_file_write(const char *path, const char *bytes, size_t len, bool keep, char error[PRIVATE_FILE_ERROR_SIZE])
    __attribute__((warn_unused_result));

/* Says in `error` what is wrong with the file, or what errno says of it; returns -1. */
int private_file_fail(const char *path, const char *what, char error[PRIVATE_FILE_ERROR_SIZE]);
int private_file_fail_by_errno(const char *path, char error[PRIVATE_FILE_ERROR_SIZE]);

#endif
