#include "in_world.h"

#include "world/sandbox.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static bool ended_well(pid_t pid)
{
	int status = -1;

	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

bool sandbox_works(void)
{
	pid_t pid = sandbox_fork();

	if (pid == 0)
		_exit(0);
	return ended_well(pid);
}

bool in_world(const struct topology *t, bool (*body)(const struct world *w, const void *argument), const void *argument)
{
	pid_t pid = sandbox_fork();

	if (pid == 0) {
		struct world *w = calloc(1, sizeof *w);

		_exit(w != NULL && world_build(w, t, NULL) == 0 && body(w, argument) ? 0 : 1);
	}
	return ended_well(pid);
}
