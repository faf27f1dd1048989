/* A command that owns the terminal while it runs, as one started by a shell does. */
#ifndef FOREGROUND_H
#define FOREGROUND_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * In the child, before exec: a process group of its own, in the foreground if standard input is a terminal; signals at
 * their defaults; the administrators' programs on the PATH. Then becomes the command; ends with 127 and a message if
 * that fails.
 */
_Noreturn void foreground_exec(char **argv);

/*
 * Looks, without waiting, whether the child has ended. True: *wait_status is what waitpid(2) said. A child that
 * was stopped goes on: there is no shell to wake it.
 */
bool foreground_has_ended(pid_t pid, int *wait_status);

/* Takes the terminal back, if there is one. */
void foreground_return(void);

#endif
