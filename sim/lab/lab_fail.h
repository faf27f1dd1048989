/* The one line that says what went wrong, for the files of the lab. */
#ifndef LAB_FAIL_H
#define LAB_FAIL_H

#include "lab/lab.h"

/* "WHAT: WHY" in `error`, each cut where it is too long. Returns -1. */
int lab_fail(char error[LAB_ERROR_SIZE], const char *what, const char *why);

#endif
