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
	[REASON_LOOPBACK] = "one of the two is at the server's loopback address",
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
	[REASON_NAME_TAKEN] = "the name is taken",
	[REASON_NAME_REFUSED] = "the server refuses the name",
	[REASON_NOBODY_CALLED] = "nobody who is logged in is called that",
	[REASON_OTHER_NAME] = "the server has named somebody else",
	[REASON_KEY_CHANGED] = "the key is not the one that is known",
	[REASON_OTHER_VERSION] = "it speaks another version of the protocol",
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
	q->count--;
	q->first = q->count > 0 ? (q->first + 1) % EVENT_SLOTS : 0; /* where the memory is in use already */
	return true;
}

static void add_endpoint(struct text *l, const struct endpoint *e)
{
	char text[ENDPOINT_TEXT_SIZE];

	text_add(l, "%s", endpoint_format(e, text));
}

static void add_text(struct text *l, const uint8_t *text, size_t len)
{
	char shown[ESCAPE_FIRST_SIZE];

	for (size_t i = 0; i < len;) {
		i += escape_first(text + i, len - i, ESCAPE_KEPT_LINE, shown);
		text_add(l, "%s", shown);
	}
}

static void add_plural(struct text *l, uint32_t count, const char *noun)
{
	text_add(l, "%u %s%s", (unsigned)count, noun, count == 1 ? "" : "s");
}

static void add_name(struct text *l, const uint8_t name[NAME_SIZE])
{
	add_text(l, name, name_length(name));
}

/* WHAT A, for the many that begin like that. Who has been called by a name that nobody has is nowhere. */
static void add_about(struct text *l, const char *what, const struct event *e, enum event_style style)
{
	text_add(l, "%s ", what);
	if (e->name[0] != 0 && (style == EVENT_FOR_PEOPLE || e->who.address.family == ADDRESS_NONE))
		add_name(l, e->name);
	else
		add_endpoint(l, &e->who);
}

static void add_punched(struct text *l, const struct event *e, enum event_style style)
{
	add_about(l, "punched", e, style);
	text_add(l, " via ");
	add_endpoint(l, &e->via);
	/* rounded up: something that took time never took 0 ms */
	text_add(l, " in %llu ms, ", (unsigned long long)((e->elapsed_us + 999) / 1000));
	add_plural(l, e->count, "probe");
}

/* What a person can do about it. */
static const char *advice_for(enum reason reason)
{
	static const char *const advice[REASONS] = {
		[REASON_NO_ANSWER] = "is the address right, and does UDP get through your firewall?",
		[REASON_NO_PROBE] =
		    ("a NAT or firewall on the way lets nothing in; --strategy auto at both ends, or a server "
		     "with --relay, may get through"),
		[REASON_ONE_WAY] =
		    "the other side's NAT or firewall lets nothing in; --strategy auto at both ends may help",
		[REASON_PEER_NOT_LOGGED_IN] = "list shows who is",
		[REASON_NOBODY_CALLED] = "list shows who is",
		[REASON_SERVER_SILENT] = "it is tried again by itself",
		[REASON_NOT_LOGGED_IN] = "login first",
		[REASON_KEEPALIVES] = "it is tried again by itself",
		[REASON_NO_RECHECK] = "it is tried again by itself",
		[REASON_NO_PATH] = "punch first",
		[REASON_OTHER_FAMILY] =
		    ("one of you is at the server by IPv4, the other by IPv6: give its address so that "
		     "both are by the same, or take a server with --relay"),
		[REASON_LOOPBACK] = ("nobody else reaches it there: on the server's computer, too, a client is to be "
		                     "given the address that the others use"),
		[REASON_NAME_TAKEN] = "login NAME takes another; it is free again a minute after its holder has gone",
		[REASON_TOO_MANY_PATHS] = "logout ends them all",
		[REASON_SERVER_FULL] = "try again later",
		[REASON_OTHER_VERSION] = "client and server are to be of one release",
	};

	return advice[reason];
}

static void add_reason(struct text *l, const struct event *e, enum event_style style)
{
	char words[REASON_SIZE];

	text_add(l, "%s", reason_words(e->reason, style, words));
}

static void add_not_delivered(struct text *l, const struct event *e, enum event_style style)
{
	add_about(l, "not delivered", e, style);
	text_add(l, " (%s): ", reasons[e->reason]);
	add_text(l, e->text, e->text_len);
}

static void add_with_reason(struct text *l, const char *what, const struct event *e, enum event_style style)
{
	add_about(l, what, e, style);
	text_add(l, ": ");
	add_reason(l, e, style);
}

static void add_with_text(struct text *l, const char *what, const struct event *e, enum event_style style)
{
	add_about(l, what, e, style);
	text_add(l, ": ");
	add_text(l, e->text, e->text_len);
}

/* WHAT A: NAME */
static void add_with_name(struct text *l, const char *what, const struct event *e)
{
	add_about(l, what, e, EVENT_FOR_PROGRAMS);
	text_add(l, ": ");
	add_name(l, e->name);
}

/* Where a name is and who: people are told both. */
static void add_whereabouts(struct text *l, const char *what, const struct event *e, enum event_style style)
{
	add_about(l, what, e, style);
	if (style == EVENT_FOR_PEOPLE && e->name[0] != 0) {
		text_add(l, "  ");
		add_endpoint(l, &e->who);
	}
}

static void add_listed(struct text *l, const struct event *e, enum event_style style)
{
	add_whereabouts(l, "peer", e, style);
	text_add(l, "%s", e->is_you ? " (you)" : "");
}

static void add_presence(struct text *l, const char *what, const struct event *e, enum event_style style)
{
	if (style == EVENT_FOR_PEOPLE)
		add_whereabouts(l, what, e, style);
	else
		add_with_name(l, what, e);
}

/* WHAT SERVER; what that means, for people, who do not need to know where. */
static void add_crowd(struct text *l, const char *what, const char *meaning, const struct event *e,
                      enum event_style style)
{
	if (style == EVENT_FOR_PROGRAMS)
		add_about(l, what, e, style);
	else
		text_add(l, "%s: %s", what, meaning);
}

static void add_failed(struct text *l, const struct event *e, enum event_style style)
{
	add_about(l, "punch failed", e, style);
	text_add(l, " after %.1f s: ", (double)e->elapsed_us / 1e6);
	add_reason(l, e, style);
}

static void add_moved(struct text *l, const char *what, const struct event *e, enum event_style style)
{
	add_about(l, what, e, style);
	text_add(l, " via ");
	add_endpoint(l, &e->via);
}

static void add_key_changed(struct text *l, const struct event *e, enum event_style style)
{
	add_with_name(l, "key changed", e);
	if (style == EVENT_FOR_PROGRAMS)
		return;
	text_add(l, " has another key than the one you know: this may be somebody else, and is refused. "
	            "Ask by another way; `accept ");
	add_name(l, e->name);
	text_add(l, "` takes the new key");
}

static void add_status(struct text *l, const struct event *e, enum event_style style)
{
	add_about(l, "status", e, style);
	text_add(l, ": %s", e->state);
	if (e->via.port != 0) {
		text_add(l, ", %s via ", way_name(e->way));
		add_endpoint(l, &e->via);
		text_add(l, ", round trip %.1f ms, for %u s, key ", (double)e->elapsed_us / 1e3, (unsigned)e->count);
		add_text(l, e->text, e->text_len);
	}
	if (e->waiting > 0) {
		text_add(l, ", ");
		add_plural(l, e->waiting, "text");
		text_add(l, " waiting");
	}
}

const char *event_format(const struct event *e, enum event_style style, char line[EVENT_LINE_SIZE])
{
	struct text l = text_in(line, EVENT_LINE_SIZE);

	switch (e->type) {
	case EVENT_LOGGED_IN: add_about(&l, "logged in as", e, style); break;
	case EVENT_LOGIN_FAILED: add_with_reason(&l, "login failed", e, style); break;
	case EVENT_LOGGED_OUT: text_add(&l, "logged out"); break;
	case EVENT_SERVER_LOST: add_with_reason(&l, "server lost", e, style); break;
	case EVENT_LISTED: add_listed(&l, e, style); break;
	case EVENT_LIST_END: add_plural(&l, e->count, "peer"); break;
	case EVENT_LIST_FAILED:
		text_add(&l, "list failed: ");
		add_reason(&l, e, style);
		break;
	case EVENT_ASKED:
		add_about(&l, "peer", e, style);
		text_add(&l, " asks to punch");
		break;
	case EVENT_PUNCHED: add_punched(&l, e, style); break;
	case EVENT_PUNCH_FAILED: add_failed(&l, e, style); break;
	case EVENT_PATH_MOVED: add_moved(&l, "path moved", e, style); break;
	case EVENT_PATH_LOST: add_with_reason(&l, "path lost", e, style); break;
	case EVENT_WAY:
		add_about(&l, "way to", e, style);
		text_add(&l, ": %s", way_name(e->way));
		break;
	case EVENT_CODE: add_with_text(&l, "code of", e, style); break;
	case EVENT_TEXT: add_with_text(&l, "from", e, style); break;
	case EVENT_DELIVERED: add_with_text(&l, "delivered", e, style); break;
	case EVENT_NOT_DELIVERED: add_not_delivered(&l, e, style); break;
	case EVENT_NAMED: add_with_name(&l, "name of", e); break;
	case EVENT_READDRESSED: add_moved(&l, "peer moved", e, style); break;
	case EVENT_KEY_CHANGED: add_key_changed(&l, e, style); break;
	case EVENT_HAS_COME: add_presence(&l, "joined", e, style); break;
	case EVENT_HAS_GONE: add_presence(&l, "left", e, style); break;
	case EVENT_CROWDED: add_crowd(&l, "crowded", "who comes and goes is not told any more", e, style); break;
	case EVENT_ROOMY: add_crowd(&l, "roomy", "who comes and goes is told again", e, style); break;
	case EVENT_TOO_FAST:
		add_about(&l, "too fast", e, style);
		text_add(&l, ": %u dropped", (unsigned)e->count);
		break;
	case EVENT_STATUS: add_status(&l, e, style); break;
	}
	return line;
}

bool event_is_for(const struct event *e, enum event_style style)
{
	return style == EVENT_FOR_PROGRAMS || (e->type != EVENT_NAMED && e->type != EVENT_DELIVERED);
}

const char *reason_words(enum reason reason, enum event_style style, char words[REASON_SIZE])
{
	const char *advice = style == EVENT_FOR_PEOPLE ? advice_for(reason) : NULL;
	struct text l = text_in(words, REASON_SIZE);

	text_add(&l, "%s", reasons[reason]);
	if (advice != NULL)
		text_add(&l, " (%s)", advice);
	return words;
}

bool event_is_failure(const struct event *e)
{
	return e->type == EVENT_LOGIN_FAILED || e->type == EVENT_LIST_FAILED || e->type == EVENT_NOT_DELIVERED ||
	       (e->type == EVENT_PUNCH_FAILED && e->asked_by_user);
}
