#include "observe/process_input.h"

#include "base/array.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void process_input_close(struct process_input *in)
{
	if (in->fd >= 0)
		close(in->fd);
	in->fd = -1;
	free(in->bytes);
	in->bytes = NULL;
	in->len = 0;
}

bool process_input_waits(const struct process_input *in)
{
	return in->fd >= 0 && in->len > 0;
}

void process_input_feed(struct process_input *in)
{
	while (process_input_waits(in)) {
		ssize_t n = write(in->fd, in->bytes, in->len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0) {
			process_input_close(in); /* the program closed its end */
			return;
		}
		in->len -= (size_t)n;
		memmove(in->bytes, in->bytes + n, in->len);
	}
	if (in->ends)
		process_input_close(in);
}

int process_input_add(struct process_input *in, const char *bytes, size_t len)
{
	if (in->fd < 0 || in->ends || array_append(&in->bytes, &in->len, bytes, len) != 0)
		return -1;
	process_input_feed(in);
	return in->fd >= 0 ? 0 : -1;
}

void process_input_end(struct process_input *in)
{
	static const char control_d = 4; /* a terminal's one direction cannot be closed alone */

	if (in->fd < 0 || in->ends)
		return;
	if (in->terminal && process_input_add(in, &control_d, 1) != 0)
		return;
	in->ends = true;
	process_input_feed(in);
}
