/* Words as a shell reads them back. Pure. */
#ifndef SHELL_H
#define SHELL_H

#include <stddef.h>

/*
 * Writes the words of an argument list (it ends with NULL) in one line, each in quotes where it needs them: 'it'\''s',
 * and $'\x1b' where there are control characters, which bash, zsh and POSIX.1-2024 know. Cut to `size`. Returns `text`.
 */
const char *shell_line(const char *const *argv, char *text, size_t size);

#endif
