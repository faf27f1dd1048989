#include "chat/peer/event.h"

#include "base/text.h"
#include "base/escape.h"

#include <string.h>

static const char *const reasons[] = {
	[REASON_NONE] = "no reason",
	[REASON_NO_ANSWER] = "no answer in 10.0 s",
	[REASON_SERVER_FULL] = "the server is full",
	[REASON_UNKNOWN_THERE] = "it does not know us any more",
	[REASON_STOPPING] = "it is stopping",
	[REASON_KEEPALIVES] = "3 keepalives unanswered",
	[REASON_NOT_LOGGED_IN] = "not logged in",
	[REASON_PEER_NOT_LOGGED_IN] = "peer is not logged in",
	[REASON_PEER_LOGGED_OUT] = "peer logged out",
	[REASON_PEER_LEFT] = "peer left",
	[REASON_YOURSELF] = "that is you",
	[REASON_OTHER_FAMILY] = "the peer has another address family",
	[REASON_SERVER_SILENT] = "the server does not answer",
	[REASON_NO_PROBE] = "no probe arrived",
	[REASON_ONE_WAY] = "probes arrived, but our answers never did",
	[REASON_TOO_MANY_PATHS] = "too many paths",
	[REASON_NO_RECHECK] = "no answer to a new punch",
	[REASON_LOGGED_IN_ANEW] = "peer logged in anew",
	[REASON_NO_PATH] = "no path",
	[REASON_PUNCH_FAILED] = "punch failed",
	[REASON_PATH_LOST] = "path lost",
	[REASON_TOO_MANY_TEXTS] = "too many texts waiting",
	[REASON_TOO_MANY_LISTS] = "too many lists waiting",
};

_Static_assert(sizeof reasons / sizeof reasons[0] == REASONS, "every reason has its words");

void eventq_put(struct eventq *q, struct event head, const uint8_t *text, size_t text_len)
{
	struct event *e = &q->slots[(q->first + q->count) % EVENT_SLOTS];

	if (q->count == EVENT_SLOTS) {
		q->refused++;
		return;
	}
	*e = head;
	e->text_len = text_len <= sizeof e->text ? text_len : sizeof e->text;
	if (e->text_len > 0)
		memcpy(e->text, text, e->text_len);
	q->count++;
}

bool eventq_take(struct eventq *q, struct event *out)
{
	if (q->count == 0)
		return false;
	*out = q->slots[q->first];
	q->first = (q->first + 1) % EVENT_SLOTS;
	q->count--;
	return true;
}

static void add_endpoint(struct text *l, const struct endpoint *e)
{
	char text[ENDPOINT_TEXT_SIZE];

	text_add(l, "%s", endpoint_format(e, text));
}

static void add_text(struct text *l, const uint8_t *text, size_t len)
{
	char shown[ESCAPE_ROOM(1)];

	for (size_t i = 0; i < len;) {
		i += escape_first(text + i, len - i, ESCAPE_KEPT_LINE, shown);
		text_add(l, "%s", shown);
	}
}

static void add_plural(struct text *l, uint32_t count, const char *noun)
{
	text_add(l, "%u %s%s", (unsigned)count, noun, count == 1 ? "" : "s");
}

/* WHAT A, for the many that begin like that. */
static void add_about(struct text *l, const char *what, const struct event *e)
{
	text_add(l, "%s ", what);
	add_endpoint(l, &e->who);
}

static void add_punched(struct text *l, const struct event *e)
{
	add_about(l, "punched", e);
	text_add(l, " via ");
	add_endpoint(l, &e->via);
	/* rounded up: something that took time never took 0 ms */
	text_add(l, " in %llu ms, ", (unsigned long long)((e->elapsed_us + 999) / 1000));
	add_plural(l, e->count, "probe");
}

static void add_not_delivered(struct text *l, const struct event *e)
{
	add_about(l, "not delivered", e);
	text_add(l, " (%s): ", reasons[e->reason]);
	add_text(l, e->text, e->text_len);
}

static void add_with_reason(struct text *l, const char *what, const struct event *e)
{
	add_about(l, what, e);
	text_add(l, ": %s", reasons[e->reason]);
}

static void add_with_text(struct text *l, const char *what, const struct event *e)
{
	add_about(l, what, e);
	text_add(l, ": ");
	add_text(l, e->text, e->text_len);
}

const char *event_format(const struct event *e, char line[EVENT_LINE_SIZE])
{
	struct text l = text_in(line, EVENT_LINE_SIZE);

	switch (e->type) {
	case EVENT_LOGGED_IN: add_about(&l, "logged in as", e); break;
	case EVENT_LOGIN_FAILED: add_with_reason(&l, "login failed", e); break;
	case EVENT_LOGGED_OUT: text_add(&l, "logged out"); break;
	case EVENT_SERVER_LOST: add_with_reason(&l, "server lost", e); break;
	case EVENT_LISTED:
		add_about(&l, "peer", e);
		text_add(&l, "%s", e->is_you ? " (you)" : "");
		break;
	case EVENT_LIST_END: add_plural(&l, e->count, "peer"); break;
	case EVENT_LIST_FAILED: text_add(&l, "list failed: %s", reasons[e->reason]); break;
	case EVENT_ASKED:
		add_about(&l, "peer", e);
		text_add(&l, " asks to punch");
		break;
	case EVENT_PUNCHED: add_punched(&l, e); break;
	case EVENT_PUNCH_FAILED:
		add_about(&l, "punch failed", e);
		text_add(&l, " after %.1f s: %s", (double)e->elapsed_us / 1e6, reasons[e->reason]);
		break;
	case EVENT_PATH_MOVED:
		add_about(&l, "path moved", e);
		text_add(&l, " via ");
		add_endpoint(&l, &e->via);
		break;
	case EVENT_PATH_LOST: add_with_reason(&l, "path lost", e); break;
	case EVENT_WAY:
		add_about(&l, "way to", e);
		text_add(&l, ": %s", way_name(e->way));
		break;
	case EVENT_CODE: add_with_text(&l, "code of", e); break;
	case EVENT_TEXT: add_with_text(&l, "from", e); break;
	case EVENT_DELIVERED: add_with_text(&l, "delivered", e); break;
	case EVENT_NOT_DELIVERED: add_not_delivered(&l, e); break;
	}
	return line;
}

bool event_is_failure(const struct event *e)
{
	return e->type == EVENT_LOGIN_FAILED || e->type == EVENT_LIST_FAILED || e->type == EVENT_NOT_DELIVERED ||
	       (e->type == EVENT_PUNCH_FAILED && e->asked_by_user);
}
