#include "evidence/capture_input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIRST_ROOM ((size_t)256 * 1024)

struct capture_input capture_input_of_fd(int fd)
{
	return (struct capture_input){ .fd = fd, .limit = UINT64_MAX };
}

struct capture_input capture_input_of_memory(const uint8_t *bytes, size_t len)
{
	return (struct capture_input){ .fd = -1, .bytes = bytes, .len = len, .limit = UINT64_MAX };
}

void capture_input_close(struct capture_input *in)
{
	if (in->fd > STDIN_FILENO)
		close(in->fd);
	in->fd = -1;
	free(in->buffer);
	in->buffer = NULL;
	in->bytes = NULL;
	in->at = in->len = 0;
}

static void move_to_front(struct capture_input *in)
{
	if (in->at == 0 || in->buffer == NULL)
		return;
	memmove(in->buffer, in->buffer + in->at, in->len - in->at);
	in->offset += in->at;
	in->len -= in->at;
	in->at = 0;
}

/* Doubles a full buffer: a length that lies costs no more memory than the bytes that do come. */
static int make_room(struct capture_input *in)
{
	size_t room = in->room == 0 ? FIRST_ROOM : in->room * 2;
	uint8_t *buffer;

	if (in->len < in->room)
		return 0;
	buffer = realloc(in->buffer, room);
	if (buffer == NULL) {
		in->error = ENOMEM;
		return -1;
	}
	in->buffer = buffer;
	in->bytes = buffer;
	in->room = room;
	return 0;
}

/* Reads some more. False when there is nothing more to be had. */
static bool read_more(struct capture_input *in)
{
	uint64_t end = in->offset + in->len;
	size_t room;
	ssize_t n;

	if (in->fd < 0 || end >= in->limit || make_room(in) != 0)
		return false;
	room = in->room - in->len;
	if (room > in->limit - end)
		room = (size_t)(in->limit - end);
	do
		n = read(in->fd, in->buffer + in->len, room);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		in->error = errno;
	if (n <= 0)
		return false;
	in->len += (size_t)n;
	return true;
}

const uint8_t *capture_input_view(struct capture_input *in, size_t len)
{
	if (len > in->len - in->at)
		move_to_front(in);
	while (len > in->len - in->at)
		if (!read_more(in))
			return NULL;
	return in->bytes + in->at;
}

size_t capture_input_left(const struct capture_input *in)
{
	return in->len - in->at;
}

void capture_input_take(struct capture_input *in, size_t len)
{
	in->at += len;
}

uint64_t capture_input_offset(const struct capture_input *in)
{
	return in->offset + in->at;
}
