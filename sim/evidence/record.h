/*
 * The world's record: one JSON object a line, beside the capture, with what packets cannot tell. Written with one
 * write(2) per line to a file opened O_APPEND, so that several processes may write; lines are sorted by "t" by the
 * reader. Times "t" are nanoseconds since 1970, the capture's clock. Kinds ("type"):
 *
 *   world    version, scenario, file, punchlab
 *   node     name, kind "host"|"box"|"router", behind (name or null), addresses [..], nat, lan "10.0.1.0/24" (boxes)
 *   mapping  t, box, event "new"|"update"|"destroy"|"snapshot", proto, orig {src,dst}, reply {src,dst}
 * ("a.b.c.d:port"), timeout (s), replied (bool), assured (bool): a conntrack entry of that box gap      t, box: events
 * of that box's conntrack were lost; a snapshot follows counter  t, box, name, packets, bytes: a rule's or an
 * interface's counter (counters.h), at the end start    t, host, program, id, argv [..] input    t, host, id, text: a
 * line typed to it output   t, host, id, stream "stdout"|"stderr", text: a line it said; continues true: the line goes
 * on in the next exit     t, host, id, status step     t, text: what the scenario did or waited for; flush/reboot of a
 * box and rules changed in mid-run included result   t, passed (bool), message, at "file:line", seconds
 */
#ifndef RECORD_H
#define RECORD_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

struct record;

/* Opens (appends to, creates) a record. NULL with errno. */
struct record *record_open(const char *path) __attribute__((warn_unused_result));
void record_close(struct record *r);

/*
 * Writes one line of that type; the rest as jansson's json_pack() makes an object:
 *     record_write(r, "input", "{s:I,s:s}", "t", (json_int_t)clock_wall_ns(), "text", line);
 * A failed write is remembered, also a text that is not UTF-8 (EILSEQ; see record_text()). NULL for r: nothing is done.
 */
void record_write(struct record *r, const char *type, const char *format, ...);

/* The same with an object whose reference it takes. NULL (no memory) is remembered. */
void record_write_object(struct record *r, const char *type, json_t *object);

/* errno of the first failed write, or 0. */
int record_error(const struct record *r);

/*
 * Bytes as text for the record: valid UTF-8 stays, every other byte and zero bytes become \xNN. The caller frees; NULL
 * only without memory.
 */
char *record_text(const char *bytes, size_t len) __attribute__((warn_unused_result));

/* The same as a JSON string, a new reference. NULL without memory, and for NULL. */
json_t *record_string(const char *bytes) __attribute__((warn_unused_result));

#endif
