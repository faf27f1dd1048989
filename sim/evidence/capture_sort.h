/*
 * Puts a finished capture's packets in the order of their times: for the rare case that one came later than the
 * recorder held the others back (a virtual machine stopped between stamping and storing it).
 */
#ifndef CAPTURE_SORT_H
#define CAPTURE_SORT_H

/*
 * Rewrites the file, which recorder_file.h wrote on this machine, beside itself and puts it in its own place; at any
 * moment the path names a whole file. Blocks stay as they are. Returns 0, or -1 with errno and the file as it was.
 */
int capture_sort(const char *path) __attribute__((warn_unused_result));

#endif
