/* Files beside the report's page. Nothing here knows what is in them. */
#ifndef TRACE_FILES_H
#define TRACE_FILES_H

/*
 * Puts trace.pcapng of `folder` and the record beside it at REPORT/traces/ID.pcapng and .jsonl: as links where the
 * file system can, else as copies. Returns 0, or -1 when there is no trace (or a warning was logged).
 */
int trace_files_keep(const char *folder, const char *report, const char *id) __attribute__((warn_unused_result));

#endif
