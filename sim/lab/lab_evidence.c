#include "lab/lab_evidence.h"

#include "trace/annotate.h"
#include "trace/audit.h"

#include "io/log.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Journeys, translations and drops as Wireshark shows them. The evidence is whole without. */
void lab_evidence_annotate(const char *folder, char lost[LAB_ERROR_SIZE])
{
	char path[PATH_MAX], error[TRACE_ERROR_SIZE];
	size_t told = strlen(lost);

	if (snprintf(path, sizeof path, "%s/trace.pcapng", folder) >= (int)sizeof path)
		return;
	if (annotate_in_place(path, error) != 0)
		snprintf(lost + told, LAB_ERROR_SIZE - told, "%sthe capture stays without comments: %.400s",
		         told != 0 ? "; " : "", error);
}

/* A program may remove what it finds, or empty it, the evidence too. */
int lab_evidence_look_for(const char *path, uint64_t size, char error[LAB_ERROR_SIZE])
{
	struct stat there;
	bool is_there = stat(path, &there) == 0;

	if (is_there && (!S_ISREG(there.st_mode) || (uint64_t)there.st_size >= size))
		return 0;
	snprintf(error, LAB_ERROR_SIZE, "%.200s: it was %s while the scenario ran", path,
	         is_there ? "cut short" : "removed");
	return -1;
}

int lab_evidence_audit(const char *folder, char error[LAB_ERROR_SIZE])
{
	char path[PATH_MAX], *report;

	if (snprintf(path, sizeof path, "%s/trace.pcapng", folder) >= (int)sizeof path)
		return 0;
	if (audit_file(path, &report) == 0)
		return 0;
	log_error("the trace does not add up:");
	if (report != NULL)
		fputs(report, stderr);
	free(report);
	snprintf(error, LAB_ERROR_SIZE, "the trace does not add up: see its log, or punchlab trace --audit");
	return -1;
}
