#include "runner/scenario_message.h"

#include "evidence/record.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A runner that is gone has killed this process anyway. */
static void write_all(int fd, const char *from, size_t left)
{
	while (left > 0) {
		ssize_t wrote = write(fd, from, left);

		if (wrote < 0 && errno != EINTR)
			break;
		from += wrote > 0 ? wrote : 0;
		left -= wrote > 0 ? (size_t)wrote : 0;
	}
}

/* Writes one line and frees the object. Returns 0, or -1 when there is none to write. */
static int say(int fd, json_t *object)
{
	char *line = object != NULL ? json_dumps(object, JSON_COMPACT) : NULL;
	size_t len = line != NULL ? strlen(line) : 0;

	json_decref(object);
	if (line == NULL)
		return -1;
	line[len] = '\n'; /* in place of the final zero */
	write_all(fd, line, len + 1);
	free(line);
	return 0;
}

int scenario_message_box(int fd, const struct scenario_message_box *b)
{
	return say(fd,
	           json_pack("{s:s,s:s,s:o}", "box", b->name, "spec", b->spec, "sabotage", record_string(b->sabotage)));
}

void scenario_message_outcome(int fd, const struct outcome *o)
{
	char line[128];
	int len;

	if (say(fd, json_pack("{s:o}", "outcome", outcome_to_json(o))) == 0)
		return;
	len = snprintf(line, sizeof line,
	               "{\"outcome\":{\"result\":\"%s\",\"message\":\"its report could not be written as JSON\"}}\n",
	               outcome_name(o->result));
	write_all(fd, line, (size_t)len);
}

static void take_line(const char *text, size_t len, const struct scenario_message_receiver *r)
{
	json_t *line = json_loadb(text, len, 0, NULL);
	struct scenario_message_box b;
	struct outcome o = { 0 };

	if (outcome_from_json(json_object_get(line, "outcome"), &o) == 0)
		r->outcome(r->context, &o);
	else if (json_unpack(line, "{s:s,s:s,s:s}", "box", &b.name, "spec", &b.spec, "sabotage", &b.sabotage) == 0)
		r->box(r->context, &b);
	json_decref(line);
}

size_t scenario_message_read(const char *bytes, size_t len, const struct scenario_message_receiver *r)
{
	size_t at = 0;
	const char *newline;

	while (at < len && (newline = memchr(bytes + at, '\n', len - at)) != NULL) {
		take_line(bytes + at, (size_t)(newline - bytes) - at, r);
		at = (size_t)(newline - bytes) + 1;
	}
	return at;
}
