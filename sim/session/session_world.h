/* The inside of a session: the world, built and kept. Runs in the sandbox. */
#ifndef SESSION_WORLD_H
#define SESSION_WORLD_H

#include "session/session.h"

#include <stdbool.h>

struct session_world {
	const struct session_options *options;
	const char *name;
	const char *folder;
	int calls_fd;  /* world_calls_open() */
	int stands_fd; /* gets a byte when the network stands: time for the uplink */
	int about_fd;  /* gets a line with one JSON object about the world, and SESSION_WORLD_END when it has ended in
	                  order */
};

#define SESSION_WORLD_END "end\n"

/* Builds the world, says what stands where, runs the command or waits for a signal. Returns the exit status. */
int session_world_run(const struct session_world *w);

/* Takes the terminal back and, unless quiet, says where the capture is. Runs outside, when the world has ended. */
void session_world_report(const char *folder, bool is_quiet);

#endif
