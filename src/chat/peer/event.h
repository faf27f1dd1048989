/*
 * What happens to a client, and the line that says so: the event lines of README.md, which scripts wait for, and the
 * same as people read them, with names. Pure;
 * events wait in a ring of fixed size between the state machine and the program.
 */
#ifndef EVENT_H
#define EVENT_H

#include "base/endpoint.h"
#include "chat/peer/strategy.h"
#include "chat/wire.h"

enum event_type {
	EVENT_LOGGED_IN,    /* who: oneself */
	EVENT_LOGIN_FAILED, /* who: the server; reason */
	EVENT_LOGGED_OUT,
	EVENT_SERVER_LOST,   /* who: the server; reason */
	EVENT_LISTED,        /* who; is_you */
	EVENT_LIST_END,      /* count */
	EVENT_LIST_FAILED,   /* reason */
	EVENT_ASKED,         /* who */
	EVENT_PUNCHED,       /* who, via, elapsed_us, count: probes */
	EVENT_PUNCH_FAILED,  /* who, elapsed_us, reason; asked_by_user */
	EVENT_PATH_MOVED,    /* who, via */
	EVENT_PATH_LOST,     /* who, reason */
	EVENT_WAY,           /* who, way: right behind the two that tell an address */
	EVENT_CODE,          /* who, text: of card_code() */
	EVENT_TEXT,          /* who, text */
	EVENT_DELIVERED,     /* who, text */
	EVENT_NOT_DELIVERED, /* who, or a name alone, of whom nothing else is known; reason, text */
	EVENT_NAMED,         /* who, name */
	EVENT_READDRESSED,   /* who is at via from now on */
	EVENT_KEY_CHANGED,   /* who, name */
	EVENT_HAS_COME,      /* who, name */
	EVENT_HAS_GONE,      /* who, name */
	EVENT_CROWDED,       /* who: the server, which tells of no more who have come or gone */
	EVENT_ROOMY,         /* who: the server, which does again */
	EVENT_TOO_FAST,      /* who; count: what it said or asked, and was dropped */
	EVENT_STATUS, /* who, state; of an open path: via, way, elapsed_us: round trip, count: seconds; text: the key */
};

enum reason {
	REASON_NONE,
	REASON_NO_ANSWER,
	REASON_SERVER_FULL,
	REASON_UNKNOWN_THERE,
	REASON_STOPPING,
	REASON_KEEPALIVES,
	REASON_NOT_LOGGED_IN,
	REASON_PEER_NOT_LOGGED_IN,
	REASON_PEER_LOGGED_OUT,
	REASON_PEER_LEFT,
	REASON_YOURSELF,
	REASON_OTHER_FAMILY,
	REASON_LOOPBACK,
	REASON_SERVER_SILENT,
	REASON_NO_PROBE,
	REASON_ONE_WAY,
	REASON_TOO_MANY_PATHS,
	REASON_NO_RECHECK,
	REASON_LOGGED_IN_ANEW,
	REASON_NO_PATH,
	REASON_PUNCH_FAILED,
	REASON_PATH_LOST,
	REASON_TOO_MANY_TEXTS,
	REASON_TOO_MANY_LISTS,
	REASON_NAME_TAKEN,
	REASON_NAME_REFUSED,
	REASON_NOBODY_CALLED,
	REASON_OTHER_NAME,
	REASON_KEY_CHANGED,
	REASON_OTHER_VERSION,
	REASONS,
};

struct event {
	enum event_type type;
	enum reason reason;
	struct endpoint who;
	struct endpoint via;
	uint8_t name[NAME_SIZE]; /* of who, if it is known, or what the user calls it; all zero if neither */
	bool is_you;
	bool asked_by_user; /* answers a command; else the peer asked, or the punch was an automatic one */
	enum way way;
	uint64_t elapsed_us;
	uint32_t count;
	uint32_t waiting;  /* texts */
	const char *state; /* in words */
	size_t text_len;   /* bytes */
	uint8_t text[WIRE_TEXT_MAX];
};

#define EVENT_SLOTS 320 /* more than any one call makes: every path, after too much, every text, every list failing */

struct eventq {
	size_t first;
	size_t count;
	uint64_t refused;
	struct event slots[EVENT_SLOTS];
};

/* Adds an event; its text is `text_len` bytes at `text` (which may be NULL with 0). */
void eventq_put(struct eventq *q, struct event head, const uint8_t *text, size_t text_len);

/* Takes the oldest event out. Returns false if there is none. */
bool eventq_take(struct eventq *q, struct event *out);

/* The longest line event_format() makes, with its final zero: every byte of a text as \xNN, and what stands around it.
 */
#define EVENT_LINE_SIZE (4 * WIRE_TEXT_MAX + 256)

/* Who reads the lines: programs, for which they stay as they are, or people, who are told names, and what to try. */
enum event_style { EVENT_FOR_PROGRAMS, EVENT_FOR_PEOPLE };

/*
 * Writes the event's line, without a line end. Nothing in a text can end the line or move the cursor: control
 * characters and bytes that are not UTF-8 appear as \xNN. Returns `line`.
 */
const char *event_format(const struct event *e, enum event_style style, char line[EVENT_LINE_SIZE]);

/*
 * False for what is not told to them: people read a name in place of the address, and hear only of texts that are not
 * delivered.
 */
bool event_is_for(const struct event *e, enum event_style style);

#define REASON_SIZE 240

/* The reason in words, for people with what they can do about it. Returns `words`. */
const char *reason_words(enum reason reason, enum event_style style, char words[REASON_SIZE]);

/* True for the events that answer a command with a failure. */
bool event_is_failure(const struct event *e);

#endif
