/*
 * A lock among the programs of one user, of a file that stands for nothing else: it is made where it is missing, and
 * stays. Whoever ends has let it go.
 */
#ifndef FILE_LOCK_H
#define FILE_LOCK_H

#include "io/private_file.h"

enum file_lock_outcome {
	FILE_LOCK_TAKEN,
	FILE_LOCK_BUSY,        /* another has it */
	FILE_LOCK_UNSUPPORTED, /* nobody can have it: there are no locks in that place, as `error` tells */
	FILE_LOCK_FAILED,      /* `error` tells why */
};

/*
 * Takes it, without waiting. *fd is then to be given to file_lock_free(), and holds it so long; so it is where locks
 * are unsupported, but holds nothing.
 */
enum file_lock_outcome file_lock_take(const char *path, int *fd, char error[PRIVATE_FILE_ERROR_SIZE])
    __attribute__((warn_unused_result));

void file_lock_free(int fd);

#endif
