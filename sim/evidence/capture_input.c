#include "evidence/capture_input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define FIRST_ROOM ((size_t)256 * 1024)
#define PACKED_ROOM ((size_t)64 * 1024)

/* Unpacking: what was read and is not unpacked yet is z.next_in. */
struct capture_gzip {
	z_stream z;
	uint8_t packed[PACKED_ROOM];
	bool ended; /* of the descriptor */
};

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
	if (in->gzip != NULL)
		inflateEnd(&in->gzip->z);
	free(in->gzip);
	in->gzip = NULL;
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

static ssize_t read_plain(struct capture_input *in, uint8_t *bytes, size_t room)
{
	ssize_t n;

	do
		n = read(in->fd, bytes, room);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		in->error = errno;
	return n;
}

/* The first bytes are in the buffer: if they are gzip's, they are to be unpacked and all that follows. */
static int begin_unpacking(struct capture_input *in)
{
	in->gzip = calloc(1, sizeof *in->gzip);
	if (in->gzip == NULL || inflateInit2(&in->gzip->z, 15 + 16) != Z_OK) {
		in->error = ENOMEM;
		return -1;
	}
	memcpy(in->gzip->packed, in->buffer, in->len);
	in->gzip->z.next_in = in->gzip->packed;
	in->gzip->z.avail_in = (uInt)in->len;
	in->len = 0;
	return 0;
}

/* A file may be several packed ones in a row. */
static ssize_t read_packed(struct capture_input *in, uint8_t *bytes, size_t room)
{
	struct capture_gzip *g = in->gzip;
	int status = Z_OK;

	g->z.next_out = bytes;
	g->z.avail_out = (uInt)(room < UINT32_MAX ? room : UINT32_MAX);
	while (g->z.next_out == bytes) {
		if (g->z.avail_in == 0 && !g->ended) {
			ssize_t n = read_plain(in, g->packed, sizeof g->packed);

			if (n < 0)
				return -1;
			g->ended = n == 0;
			g->z.next_in = g->packed;
			g->z.avail_in = (uInt)n;
		}
		if (status == Z_STREAM_END && g->z.avail_in > 0)
			(void)inflateReset(&g->z); /* of one that was begun: it cannot fail */
		if (g->z.avail_in == 0)
			return 0;
		status = inflate(&g->z, Z_NO_FLUSH);
		if (status != Z_OK && status != Z_STREAM_END) {
			in->error = EBADMSG;
			return -1;
		}
	}
	return g->z.next_out - bytes;
}

/* Enough of the beginning to see what it is; a pipe gives as little as it likes. */
static int look(struct capture_input *in)
{
	while (in->len < 2) {
		ssize_t n = read_plain(in, in->buffer + in->len, 2 - in->len);

		if (n < 0)
			return -1;
		if (n == 0)
			return 0;
		in->len += (size_t)n;
	}
	in->looked = true;
	/* There is nothing in a new buffer. NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult) */
	return in->buffer[0] == 0x1f && in->buffer[1] == 0x8b ? begin_unpacking(in) : 0;
}

/* Reads some more. False when there is nothing more to be had. */
static bool read_more(struct capture_input *in)
{
	uint64_t end = in->offset + in->len;
	size_t room;
	ssize_t n;

	if (in->fd < 0 || end >= in->limit || make_room(in) != 0)
		return false;
	if (!in->looked) {
		size_t before = in->len;

		if (look(in) != 0)
			return false;
		if (in->gzip == NULL)
			return in->len > before;
	}
	room = in->room - in->len;
	if (room > in->limit - end)
		room = (size_t)(in->limit - end);
	n = in->gzip != NULL ? read_packed(in, in->buffer + in->len, room) : read_plain(in, in->buffer + in->len, room);
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
