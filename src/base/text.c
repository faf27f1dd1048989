#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>

struct text text_in(char *buffer, size_t size)
{
	buffer[0] = '\0';
	return (struct text){ .at = buffer, .size = size };
}

void text_add(struct text *t, const char *format, ...)
{
	va_list args;
	int len;

	if (t->cut)
		return;
	va_start(args, format);
	len = vsnprintf(t->at + t->len, t->size - t->len, format, args);
	va_end(args);
	if (len < 0 || (size_t)len >= t->size - t->len)
		t->cut = true;
	else
		t->len += (size_t)len;
}
