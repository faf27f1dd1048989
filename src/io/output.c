#include "io/output.h"

#include "io/clock.h"
#include "io/log.h"
#include "io/loop.h"
#include "io/nonblocking_write.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#define LAST_WAIT_US 1000000 /* for a reader who is slow, when the program is to end */

/* Beside it: with that it would not be all zero, and stand in the program's file. */
static int descriptor = STDOUT_FILENO;

static struct {
	int error; /* errno of the write that failed, or 0 */
	size_t len;
	char kept[OUTPUT_ROOM];
} out;

void output_open(void)
{
	descriptor = nonblocking_open(STDOUT_FILENO);
}

bool output_is_waiting(void)
{
	return out.len > 0 && out.error == 0;
}

size_t output_room(void)
{
	return OUTPUT_ROOM - out.len;
}

bool output_has_failed(void)
{
	return out.error != 0;
}

struct pollfd output_pollfd(void)
{
	return (struct pollfd){ .fd = output_is_waiting() ? descriptor : -1, .events = POLLOUT };
}

void output_flush(void)
{
	size_t gone = 0;

	while (gone < out.len && out.error == 0) {
		ssize_t written = nonblocking_write(descriptor, out.kept + gone, out.len - gone);

		if (written < 0 && errno == EAGAIN)
			break;
		if (written < 0)
			out.error = errno;
		else
			gone += (size_t)written;
	}
	out.len -= gone;
	memmove(out.kept, out.kept + gone, out.len);
}

static void wait_for_reader(uint64_t deadline_us)
{
	struct pollfd reader = output_pollfd();

	loop_wait(&reader, 1, deadline_us);
	output_flush();
}

void output_write(const char *bytes, size_t len)
{
	while (output_is_waiting() && len > output_room() && !loop_is_stopping())
		wait_for_reader(UINT64_MAX);
	if (out.error != 0 || len > output_room())
		return;
	memcpy(out.kept + out.len, bytes, len);
	out.len += len;
	output_flush();
}

int output_finish(void)
{
	uint64_t deadline_us = UINT64_MAX;

	output_flush();
	while (output_is_waiting() && clock_now_us() < deadline_us) {
		if (loop_is_stopping() && deadline_us == UINT64_MAX)
			deadline_us = clock_now_us() + LAST_WAIT_US;
		wait_for_reader(deadline_us);
	}
	if (out.error == 0 || out.error == EPIPE)
		return 0;
	log_error("standard output: %s", strerror(out.error));
	return -1;
}
