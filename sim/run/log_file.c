#include "run/log_file.h"

#include "observe/record.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int log_file_new(void)
{
	return memfd_create("log", MFD_CLOEXEC);
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
