/*
 * The memory that the product's own code asks for in a test: it is filled with what is no good value, so that nobody
 * takes it for empty; whether all of it is given back; and what becomes of one who gets none. What libraries ask for
 * themselves is not seen.
 */
#ifndef MEMORY_H
#define MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/*
 * From now on. The request of that number gets nothing, and so does every one after it unless it is to be that one
 * alone; 0: all get what they ask for.
 */
void memory_watch(size_t fail_at, bool once);

/* Ends it. Returns how many pieces were not given back. */
size_t memory_left(void);

/* Whether a request got nothing since memory_watch(). */
bool memory_failed(void);

#endif
