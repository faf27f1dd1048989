#include "session/foreground.h"

#include "io/log.h"
#include "world/launch.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Makes this process's group the foreground one; a process in the background may, if it does not mind SIGTTOU. */
static void take_terminal(void)
{
	signal(SIGTTOU, SIG_IGN);
	if (isatty(STDIN_FILENO) == 1 && tcsetpgrp(STDIN_FILENO, getpgrp()) != 0)
		log_debug("the terminal cannot be taken: %s", strerror(errno));
}

_Noreturn void foreground_exec(char **argv)
{
	setpgid(0, 0);
	take_terminal();
	launch(argv);
	log_error("%s: %s", argv[0], strerror(errno));
	_exit(127);
}

bool foreground_has_ended(pid_t pid, int *wait_status)
{
	int raw = 0;

	if (waitpid(pid, &raw, WNOHANG | WUNTRACED) != pid)
		return false;
	if (WIFSTOPPED(raw)) {
		kill(-pid, SIGCONT);
		return false;
	}
	*wait_status = raw;
	return true;
}

void foreground_return(void)
{
	void (*before)(int) = signal(SIGTTOU, SIG_IGN);

	if (isatty(STDIN_FILENO) == 1 && tcsetpgrp(STDIN_FILENO, getpgrp()) != 0)
		log_debug("the terminal cannot be taken back: %s", strerror(errno));
	signal(SIGTTOU, before);
}
