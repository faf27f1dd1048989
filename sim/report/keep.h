/* Files beside the report's page. Nothing here knows what is in them. */
#ifndef KEEP_H
#define KEEP_H

/* Makes the folder, its parents too, and sees that it can be written. Returns 0, or -1 with errno. */
int keep_make_folder(const char *path) __attribute__((warn_unused_result));

/*
 * Puts trace.pcapng of `folder` and the record beside it at REPORT/traces/ID.pcapng and .jsonl: as links where the
 * file system can, else as copies. Returns 0, or -1 when there is no trace (or a warning was logged).
 */
int keep_trace_files(const char *folder, const char *report, const char *id) __attribute__((warn_unused_result));

#endif
