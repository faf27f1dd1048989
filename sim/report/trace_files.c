#include "report/trace_files.h"

#include "result/run_folder.h"

#include "io/log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

static int pour(int from, int to)
{
	ssize_t n;

	do
		n = sendfile(to, from, NULL, 1 << 20);
	while (n > 0 || (n < 0 && errno == EINTR));
	return n == 0 ? 0 : -1;
}

static int copy(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = in >= 0 ? open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644) : -1;
	int result = out >= 0 ? pour(in, out) : -1;
	int error = errno;

	if (in >= 0)
		close(in);
	if (out >= 0 && close(out) != 0 && result == 0) {
		error = errno;
		result = -1;
	}
	errno = error;
	return result;
}

static int link_or_copy(const char *from, const char *to)
{
	if (unlink(to) != 0 && errno != ENOENT)
		return -1;
	return link(from, to) == 0 ? 0 : copy(from, to);
}

static int keep_file(const char *folder, const char *report, const char *id, const char *suffix)
{
	char from[PATH_MAX], to[PATH_MAX];

	if (snprintf(from, sizeof from, "%s/trace.%s", folder, suffix) >= (int)sizeof from ||
	    snprintf(to, sizeof to, "%s/traces/%s.%s", report, id, suffix) >= (int)sizeof to) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return link_or_copy(from, to);
}

int trace_files_keep(const char *folder, const char *report, const char *id)
{
	char traces[PATH_MAX];

	if (snprintf(traces, sizeof traces, "%s/traces", report) >= (int)sizeof traces)
		return -1;
	if (run_folder_make(traces) == 0 && keep_file(folder, report, id, "pcapng") == 0) {
		if (keep_file(folder, report, id, "jsonl") != 0)
			log_warning("%s/trace.jsonl could not be put beside the report: %s", folder, strerror(errno));
		return 0;
	}
	if (errno != ENOENT)
		log_warning("%s/trace.pcapng could not be put beside the report: %s", folder, strerror(errno));
	return -1;
}
