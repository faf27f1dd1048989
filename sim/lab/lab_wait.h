/* Waiting in a lab: for a line, for a program's end, for anything. No wait outlasts the scenario's own time. */
#ifndef LAB_WAIT_H
#define LAB_WAIT_H

#include "lab/lab.h"

enum lab_waited {
	LAB_CAME,       /* what was waited for */
	LAB_ENDED,      /* the program ended before */
	LAB_TIMED_OUT,  /* `until_ms` (clock_now_ms()) came */
	LAB_OUT_OF_TIME /* the scenario's time is over */
};

#define LAB_WORDS_SIZE 512

/*
 * Reads on in what a program says to a line for which is_it() is true: LAB_CAME with the program's reading position
 * behind that line, or any of the others with all read.
 */
enum lab_waited lab_wait_line(struct lab *l, struct process *p, bool (*is_it)(void *argument, const char *line),
                              void *argument, uint64_t until_ms);

/* Waits for a program's end. LAB_ENDED is not among the answers. */
enum lab_waited lab_wait_end(struct lab *l, const struct process *p, uint64_t until_ms);

/* Until that time, or the scenario's is over: the world and its programs go on. */
void lab_sleep(struct lab *l, uint64_t until_ms);

/* Asks holds() again and again, whenever a program said something and every 5 ms, until it is true. */
enum lab_waited lab_wait_until(struct lab *l, bool (*holds)(void *argument), void *argument, uint64_t until_ms);

/* ", when the scenario's time was over" where that is why; else "". */
const char *lab_wait_why(enum lab_waited how);

/* In words, one line: "alice client ended with status 1 instead of saying it". For what is not LAB_CAME. */
const char *lab_wait_says(const struct process *p, enum lab_waited how, double seconds, char text[LAB_WORDS_SIZE]);

/* What a program said last, in words. */
const char *lab_last_line(const struct process *p, char text[LAB_WORDS_SIZE]);

#endif
