/*
 * Diagnostics: one line each on standard error, led by the program's name. Events that scripts read do
 * not go through here; they are the program's standard output. Never changes errno.
 */
#ifndef LOG_H
#define LOG_H

#include <stdbool.h>
#include <stddef.h>

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

/* Names the program (kept, not copied) and sets how much is said; the start is "" and LOG_INFO. */
void log_init(const char *program, enum log_level most);

/*
 * From now on a line that would have to wait for whoever reads standard error is lost instead, and counted: a program
 * that serves others does not stop for its log. Once, after loop_init().
 */
void log_never_wait(void);

/* Shows a line of the log, `len` bytes without an end. Returns false if it cannot now: the line is then lost, and
 * counted. */
typedef bool log_screen(const char *line, size_t len);

/* Who shows the lines from now on, on the terminal that standard error is; NULL: they are written there again. */
void log_show_by(log_screen *screen);

/* Says how many lines were lost, if any were and it can be said now; every other line does that first, too. */
void log_catch_up(void);

/* Whether lines of that level are written: for those that take work to make. */
bool log_says(enum log_level level);

#define log_error(...) log_line(LOG_ERROR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_WARNING, __VA_ARGS__)
#define log_info(...) log_line(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_DEBUG, __VA_ARGS__)

/*
 * Writes "program: text" and a line end in a single write(), or has it shown; longer than 1023 bytes is cut. It is one
 * line that moves no cursor, whatever it tells of: see escape.h.
 */
void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
