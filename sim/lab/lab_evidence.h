/* The evidence of a lab that has ended: the capture and the record in its folder. */
#ifndef LAB_EVIDENCE_H
#define LAB_EVIDENCE_H

#include "lab/lab.h"

/* Is the file still there, and as long as the `size` bytes that were written to it? 0, or -1 with the reason. */
int lab_evidence_look_for(const char *path, uint64_t size, char error[LAB_ERROR_SIZE])
    __attribute__((warn_unused_result));

/* Writes journeys, translations and drops into the capture, as comments. What goes wrong is added to `lost`. */
void lab_evidence_annotate(const char *folder, char lost[LAB_ERROR_SIZE]);

/* Does the trace add up? 0, or -1 with the reason; what does not is printed to standard error. */
int lab_evidence_audit(const char *folder, char error[LAB_ERROR_SIZE]);

#endif
