/*
 * Ends the whole program when a scenario file does not let go of it: a file can catch Lua's errors, or be deep in C,
 * where no hook comes. For times alone when nothing is running that would have to be taken down.
 */
#ifndef LOAD_LIMIT_H
#define LOAD_LIMIT_H

/*
 * If load_limit_end() is not called in so many seconds: "FILE: COMPLAINT" on standard error, and exit status 2. The
 * file's name is one line of text.
 */
void load_limit_begin(const char *file, unsigned seconds, const char *complaint);
void load_limit_end(void);

#endif
