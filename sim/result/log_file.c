#include "result/log_file.h"

#include "evidence/record.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define TRIMMED_BY (1 << 20) /* so seldom that it costs nothing */

int log_file_new(void)
{
	return memfd_create("log", MFD_CLOEXEC);
}

void log_file_trim(int fd)
{
	static off_t trimmed;
	off_t end = lseek(fd, 0, SEEK_END);

	if (end - LOG_FILE_KEPT < trimmed + TRIMMED_BY)
		return;
	/* A hole keeps the places of what is behind it: others may be writing. */
	fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, trimmed, end - LOG_FILE_KEPT - trimmed);
	trimmed = end - LOG_FILE_KEPT;
}

char *log_file_text(int fd)
{
	off_t end = lseek(fd, 0, SEEK_END);
	off_t from = end > LOG_FILE_KEPT ? end - LOG_FILE_KEPT : 0;
	char *bytes = end > 0 ? malloc(LOG_FILE_KEPT) : NULL;
	char *text = NULL;
	ssize_t got;
	int begun = 0;

	if (bytes == NULL)
		return NULL;
	got = pread(fd, bytes, LOG_FILE_KEPT, from);
	while (from > 0 && begun < 3 && begun < got && (bytes[begun] & 0xc0) == 0x80) /* the rest of a character */
		begun++;
	if (got > 0)
		text = record_text(bytes + begun, (size_t)(got - begun));
	free(bytes);
	return text;
}
