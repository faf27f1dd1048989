/* The words of the record, by what they stand for. For record_line.c and record_line_read.c alone. */
#ifndef RECORD_WORDS_H
#define RECORD_WORDS_H

#include "evidence/record_line.h"

extern const char *const record_types[RECORD_OTHER];
extern const char *const record_askers[MAPPER_PCP + 1];
extern const char *const record_events[RECORD_SNAPSHOT + 1];
extern const char *const record_directions[WEATHER_DOWN + 1];
extern const char *const record_changes[RECORD_WAKES + 1];
extern const char *const record_fates[RECORD_OVERTOOK + 1];
extern const char *const record_counted_words[RECORD_COUNTED_OTHER + 1];

/* Others are numbers. */
struct record_protocol {
	const char *name;
	uint8_t number;
};
extern const struct record_protocol record_protocols[3];

#define RECORD_WORDS_COUNT(words) (sizeof(words) / sizeof(words)[0])

#endif
