#include "result/junit.h"

#include "result/result_formats.h"

#include "base/escape.h"

#include <stdlib.h>
#include <string.h>

/* The counts stand before the testcases, so these wait in memory. */
struct junit {
	FILE *cases;
	char *text;
	size_t len;
};

struct junit *junit_new(void)
{
	struct junit *j = calloc(1, sizeof *j);

	if (j == NULL)
		return NULL;
	j->cases = open_memstream(&j->text, &j->len);
	if (j->cases != NULL)
		return j;
	free(j);
	return NULL;
}

static void put(FILE *out, const char *text)
{
	static const struct {
		char character;
		const char *reference;
	} references[] = { { '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" }, { '"', "&quot;" }, { 0, NULL } };
	char shown[ESCAPE_FIRST_SIZE];

	while (*text != '\0') {
		size_t i = 0;

		text += escape_first(text, strnlen(text, ESCAPE_FIRST_SEEN), ESCAPE_KEPT_XML, shown);
		while (references[i].reference != NULL && references[i].character != shown[0])
			i++;
		fputs(references[i].reference != NULL ? references[i].reference : shown, out);
	}
}

static void put_attribute(FILE *out, const char *name, const char *text)
{
	fprintf(out, " %s=\"", name);
	put(out, text != NULL ? text : "");
	putc('"', out);
}

static void put_failure(FILE *out, const struct verdict *v)
{
	const struct outcome *o = v->outcome;

	fputs("<failure", out);
	put_attribute(out, "message", o->message);
	putc('>', out);
	if (o->at != NULL)
		put(out, o->at);
	putc('\n', out);
	if (o->details != NULL)
		put(out, o->details);
	if (v->why != NULL) {
		fputs("the trace says:\n", out);
		put(out, v->why);
	}
	if (v->trace != NULL) {
		fputs("trace: ", out);
		put(out, v->trace);
	}
	fputs("</failure>", out);
}

void junit_add(struct junit *j, const struct verdict *v)
{
	char name[512];

	fputs("<testcase", j->cases);
	put_attribute(j->cases, "classname", v->scenario->file);
	put_attribute(j->cases, "name", verdict_name(v, name));
	fprintf(j->cases, " time=\"%.3f\">", v->seconds);
	if (v->outcome->result == OUTCOME_FAILED)
		put_failure(j->cases, v);
	if (v->outcome->result == OUTCOME_SKIPPED) {
		fputs("<skipped", j->cases);
		put_attribute(j->cases, "message", v->outcome->message);
		fputs("/>", j->cases);
	}
	if (v->outcome->lost != NULL) {
		fputs("<system-err>", j->cases);
		put(j->cases, v->outcome->lost);
		fputs("</system-err>", j->cases);
	}
	fputs("</testcase>\n", j->cases);
}

void junit_write(struct junit *j, const struct totals *totals, double seconds, FILE *out)
{
	fflush(j->cases);
	fprintf(out,
	        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n<testsuite name=\"punchlab\" tests=\"%zu\" "
	        "failures=\"%zu\" skipped=\"%zu\" time=\"%.3f\">\n",
	        totals->passed + totals->failed + totals->skipped, totals->failed, totals->skipped, seconds);
	if (j->text != NULL)
		fwrite(j->text, 1, j->len, out);
	fputs("</testsuite>\n</testsuites>\n", out);
}

void junit_free(struct junit *j)
{
	if (j == NULL)
		return;
	fclose(j->cases);
	free(j->text);
	free(j);
}
