#include "io/exit_status.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#define SIGNALS_FROM 128

int exit_status_of(int wait_status)
{
	return WIFSIGNALED(wait_status) ? SIGNALS_FROM + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

int exit_status_wait(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return exit_status_of(status);
}

const char *exit_status_text(int status, char text[EXIT_STATUS_TEXT_SIZE])
{
	int signal = status - SIGNALS_FROM;

	if (signal <= 0)
		snprintf(text, EXIT_STATUS_TEXT_SIZE, "ended with status %d", status);
	else
		snprintf(text, EXIT_STATUS_TEXT_SIZE, "was killed by signal %d (%s)%s", signal, strsignal(signal),
		         signal == SIGKILL ? ", as the kernel does where memory has run out" : "");
	return text;
}
