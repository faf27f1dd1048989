/*
 * The balance of a trace whose record counts something else than the capture has: each of its counters a packet more or
 * less, what is said to be wrong then, and whether it is. tests/unit/sentences/audit has it.
 */
#include "said.h"
#include "suite.h"
#include "trace/audit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER "tests/unit/traces/"

static char *balance(struct trace *t, bool *agrees)
{
	char error[TRACE_ERROR_SIZE], *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT_EQUAL_FATAL(audit_trace(t, f, agrees, error), 0);
	fclose(f);
	return text;
}

/* The lines that the other has not. */
static void tell_new_lines(FILE *f, char *text, const char *other)
{
	char *rest = text;

	for (char *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest))
		if (strstr(other, line) == NULL)
			fprintf(f, "%s\n", line);
}

/* With the counter as it would be then. */
static void tell_with(FILE *f, struct trace *t, const char *usual, struct recorded_counter *c, int more,
                      uint64_t time_ns)
{
	const struct recorded_counter was = *c;
	bool agrees = false;
	char *text;

	if (more < 0 && c->packets == 0)
		return;
	c->packets += (uint64_t)more;
	c->time_ns = time_ns;
	text = balance(t, &agrees);
	fprintf(f, "%s %s %d, %+d%s: %s\n", t->scene.nodes[c->node].name, c->interface, c->counted, more,
	        time_ns != was.time_ns ? ", read early" : "", agrees ? "agrees" : "does not agree");
	*c = was;
	tell_new_lines(f, text, usual);
	free(text);
}

static void tell_of(FILE *f, const char *name)
{
	char path[64], error[TRACE_ERROR_SIZE], *usual;
	struct trace *t;
	bool agrees = false;

	snprintf(path, sizeof path, FOLDER "%s", name);
	t = trace_open(path, error);
	CU_ASSERT_PTR_NOT_NULL_FATAL(t);
	usual = balance(t, &agrees);
	CU_ASSERT_TRUE(agrees);
	for (size_t i = 0; i < t->events.counter_count; i++) {
		struct recorded_counter *c = &t->events.counters[i];

		tell_with(f, t, usual, c, 1, c->time_ns);
		tell_with(f, t, usual, c, -1, c->time_ns);
		tell_with(f, t, usual, c, -1, t->end_ns - 1);
		tell_with(f, t, usual, c, 2, c->time_ns);
	}
	free(usual);
	trace_free(t);
}

static void what_does_not_agree_is_wrong(void)
{
	static const char *const names[] = { "closed-port", "ttl", "reboot", "rule-in", "too-big", "unplugged" };
	struct said said;

	said_begin(&said);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		said_title(&said, names[i]);
		tell_of(said.f, names[i]);
	}
	said_end(&said, "tests/unit/sentences/audit");
}

SUITE(audit, TEST(what_does_not_agree_is_wrong))
