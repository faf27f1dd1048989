/* Words as a shell reads them back. */
#ifndef QUOTE_H
#define QUOTE_H

#include <stddef.h>

/* "./punchlab" and the words, each in single quotes where it needs them ('it'\''s'). The caller frees; NULL without
 * memory. */
char *quote_command(size_t count, const char *const *words) __attribute__((warn_unused_result));

#endif
