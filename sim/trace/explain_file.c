/* A whole trace explained at once: explain_file(). */
#include "trace/explain.h"
#include "trace/wrap.h"

#include <stdlib.h>

/* The paragraphs, wrapped; NULL without memory. */
static char *wrap_all(const struct why *w)
{
	static const struct style plain = { .width = 100 };
	char *text = NULL, *wrapped = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (f == NULL)
		return NULL;
	explain_all(f, w);
	fclose(f);
	f = open_memstream(&wrapped, &len);
	if (f != NULL) {
		wrap_print(f, text, &plain);
		fclose(f);
	}
	free(text);
	return wrapped;
}

char *explain_file(const char *path)
{
	char error[TRACE_ERROR_SIZE], *text;
	struct trace *t = trace_open(path, error);
	struct why *w = t != NULL ? why_read(t, NULL, error) : NULL;

	text = w != NULL && t->packets > 0 ? wrap_all(w) : NULL;
	why_free(w);
	trace_free(t);
	return text;
}
