/* News of the files in which boxes' miniupnpd keep what they have mapped (model/lease_file.h). */
#ifndef LEASE_WATCH_H
#define LEASE_WATCH_H

#include "model/lease_file.h"

#define LEASE_FOLDER "/run/punchlab-mapper" /* of the world */
#define LEASE_PATH_SIZE 96

/* The file of that box. Returns `path`. */
const char *lease_watch_path(const char *box, char path[LEASE_PATH_SIZE]);

/* A descriptor that is readable when any of them has changed; -1 with errno. Close-on-exec, does not block. */
int lease_watch_open(void);

/* Takes in that something has changed. */
void lease_watch_clear(int fd);

/*
 * What stands in a box's file now; 0: nothing, or there is none. `changed_ns`, unless NULL, gets when it was written
 * last (clock_wall_ns()), which is before anybody was told of it; 0: there is no file.
 */
size_t lease_watch_read(const char *box, struct lease out[LEASE_FILE_MAX], uint64_t *changed_ns);

#endif
