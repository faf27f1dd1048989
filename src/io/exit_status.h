/*
 * How a process ended, as the shell has it: its exit status, or 128 + the signal that ended it.
 */
#ifndef EXIT_STATUS_H
#define EXIT_STATUS_H

#include <sys/types.h>

/* Of what waitpid(2) said. */
int exit_status_of(int wait_status);

/* Waits for the child's end. -1 with errno if there is no such child. */
int exit_status_wait(pid_t pid);

/* "ended with status 1", "was killed by signal 9 (Killed), as ...". Returns `text`. */
#define EXIT_STATUS_TEXT_SIZE 160
const char *exit_status_text(int status, char text[EXIT_STATUS_TEXT_SIZE]);

#endif
