/* A whole trace explained at once: explain_file(). */
#include "trace/explain.h"
#include "trace/wrap.h"

#include <stdlib.h>

static void learn(void *context, const struct journey *j)
{
	why_journey(context, j);
}

/* Returns the paragraphs, or NULL. */
static char *explain_trace(struct trace *t, struct why *w)
{
	const struct trace_visitor visitor = { w, NULL, learn };
	char error[TRACE_ERROR_SIZE], *text = NULL;
	size_t len;
	FILE *f;
	int status;

	if (trace_run(t, &visitor, error) != 0 || t->packets == 0)
		return NULL;
	why_settle(w);
	f = open_memstream(&text, &len);
	if (f == NULL)
		return NULL;
	status = explain(f, w, NULL, NULL, error);
	fclose(f);
	if (status == 0)
		return text;
	free(text);
	return NULL;
}

static char *wrap(const char *text)
{
	static const struct style plain = { .width = 100 };
	char *wrapped = NULL;
	size_t len;
	FILE *f = open_memstream(&wrapped, &len);

	if (f == NULL)
		return NULL;
	wrap_print(f, text, &plain);
	fclose(f);
	return wrapped;
}

char *explain_file(const char *path)
{
	char error[TRACE_ERROR_SIZE], *text, *wrapped;
	struct trace *t = trace_open(path, error);
	struct why *w = calloc(1, sizeof *w);

	text = t != NULL && w != NULL && why_begin(w, t) == 0 ? explain_trace(t, w) : NULL;
	wrapped = text != NULL ? wrap(text) : NULL;
	free(text);
	if (w != NULL)
		why_free(w);
	free(w);
	trace_free(t);
	return wrapped;
}
