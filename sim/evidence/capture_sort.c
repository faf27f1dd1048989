#include "evidence/capture_sort.h"

#include "evidence/pcapng_format.h"
#include "base/array.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* A packet block before its bytes: type, length, interface, time (two words, the high one first), two lengths. */
#define PACKET_HEAD_SIZE 28
#define TIME_AT 12

struct packet_block {
	uint64_t time;
	size_t at, len; /* of its block in the file */
};

struct index {
	const uint8_t *bytes;
	size_t len;
	struct packet_block *packets;
	size_t count;
	size_t first; /* where the first packet's block begins: before it stand the interfaces and names */
};

static uint32_t word(const uint8_t *bytes)
{
	uint32_t value;

	memcpy(&value, bytes, sizeof value);
	return value;
}

static int add(struct index *x, size_t at, size_t len)
{
	const uint8_t *time = x->bytes + at + TIME_AT;

	struct packet_block *one = array_add(&x->packets, &x->count, sizeof *one);

	if (one == NULL)
		return -1;
	if (x->count == 1)
		x->first = at;
	*one = (struct packet_block){ .time = (uint64_t)word(time) << 32 | word(time + 4), .at = at, .len = len };
	return 0;
}

static int fill(struct index *x)
{
	for (size_t at = 0; at < x->len;) {
		size_t left = x->len - at;
		size_t len = left >= 12 ? word(x->bytes + at + 4) : 0;

		if (len < 12 || len > left) {
			errno = EINVAL; /* not as we wrote it */
			return -1;
		}
		if (word(x->bytes + at) == PCAPNG_PACKET && len > PACKET_HEAD_SIZE && add(x, at, len) != 0)
			return -1;
		at += len;
	}
	return 0;
}

/* Equal times keep their order. */
static int by_time(const void *a, const void *b)
{
	const struct packet_block *x = a;
	const struct packet_block *y = b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

/* What stood before the first packet, the packets, and what stood between and after them. */
static int write_sorted(const struct index *x, FILE *f)
{
	size_t at = x->first;

	if (fwrite(x->bytes, 1, x->first, f) != x->first)
		return -1;
	for (size_t i = 0; i < x->count; i++)
		if (fwrite(x->bytes + x->packets[i].at, 1, x->packets[i].len, f) != x->packets[i].len)
			return -1;
	while (at < x->len) {
		size_t len = word(x->bytes + at + 4);

		if (word(x->bytes + at) != PCAPNG_PACKET && fwrite(x->bytes + at, 1, len, f) != len)
			return -1;
		at += len;
	}
	return 0;
}

static int write_beside(const struct index *x, const char *path)
{
	char beside[PATH_MAX];
	FILE *f = NULL;
	bool written;
	int error;

	if (snprintf(beside, sizeof beside, "%s.sorted", path) < (int)sizeof beside)
		f = fopen(beside, "we");
	if (f == NULL)
		return -1;
	written = write_sorted(x, f) == 0;
	written = fclose(f) == 0 && written;
	if (written && rename(beside, path) == 0)
		return 0;
	error = errno;
	unlink(beside);
	errno = error;
	return -1;
}

static int sort(struct index *x, const char *path)
{
	int status = fill(x);

	if (status == 0 && x->count > 0) {
		qsort(x->packets, x->count, sizeof *x->packets, by_time);
		status = write_beside(x, path);
	}
	free(x->packets);
	return status;
}

int capture_sort(const char *path)
{
	struct index x = { .len = 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	void *bytes = MAP_FAILED;
	struct stat s;
	int status;
	int error;

	if (fd < 0)
		return -1;
	if (fstat(fd, &s) != 0)
		s.st_size = 0;
	else if (s.st_size == 0)
		errno = ENODATA; /* emptied by another: it is not as we wrote it */
	if (s.st_size > 0)
		bytes = mmap(NULL, (size_t)s.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	error = errno;
	close(fd);
	errno = error;
	if (bytes == MAP_FAILED)
		return -1;
	x.bytes = bytes;
	x.len = (size_t)s.st_size;
	status = sort(&x, path);
	error = errno;
	munmap(bytes, (size_t)s.st_size);
	errno = error;
	return status;
}
