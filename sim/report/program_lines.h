/*
 * What a scenario's programs were told and said, out of the world's record (evidence/record.h), for the report's page:
 * the "programs" and "steps" of base.js.
 */
#ifndef PROGRAM_LINES_H
#define PROGRAM_LINES_H

#include <jansson.h>
#include <stdint.h>

#define PROGRAM_LINES_MAX 4000 /* of one program on the page; what is beyond is in its output file */

/*
 * Reads the record and sets "programs" and "steps" of `detail`. Times are counted in microseconds from start_ns (0:
 * from the first line that has a time). Lines that cannot be read are passed over. Returns 0, or -1 with errno when
 * there is no such file or no memory.
 */
int program_lines_read(const char *record, uint64_t start_ns, json_t *detail) __attribute__((warn_unused_result));

/* Microseconds from start_ns to time_ns, of any sign. */
double program_lines_time_us(uint64_t start_ns, uint64_t time_ns);

#endif
