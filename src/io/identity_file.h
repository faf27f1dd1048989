/*
 * Where a program keeps the secret that its identity is made of: a file of its owner's, one line of hexadecimal digits.
 */
#ifndef IDENTITY_FILE_H
#define IDENTITY_FILE_H

#include "io/private_file.h"

#include <stddef.h>
#include <stdint.h>

#define IDENTITY_FILE_SIZE 32
#define IDENTITY_FILE_ERROR_SIZE PRIVATE_FILE_ERROR_SIZE

/* Where it is kept if nothing else is told: below $XDG_DATA_HOME or $HOME/.local/share. Returns 0, or -1 for nowhere.
 */
int identity_file_default(char *path, size_t size) __attribute__((warn_unused_result));

enum identity_file_outcome {
	IDENTITY_FILE_IS_GOOD,
	IDENTITY_FILE_IS_BAD,         /* `error` tells why: it can be read by others, or is no such file */
	IDENTITY_FILE_CANNOT_BE_MADE, /* nothing is there, as far as can be seen; `error` tells why not */
};

/* Reads the secret, or makes one where there is none: the folders too, and the file whole or not at all. */
enum identity_file_outcome identity_file_read(const char *path, uint8_t secret[IDENTITY_FILE_SIZE],
                                              char error[IDENTITY_FILE_ERROR_SIZE]) __attribute__((warn_unused_result));

#endif
