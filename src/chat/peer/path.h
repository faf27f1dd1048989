/*
 * The path to one peer: asking the server for an introduction, punching, keeping the hole open, finding another address
 * when the peer's changes, noticing that it is gone, saying goodbye. Pure; part of peer.
 *
 * A probe is answered to where it came from, and a source not heard before is probed at once, so that a peer whose NAT
 * gives every destination another port is found all the same. The path is open when a probe of ours was answered: that
 * shows both directions. Every life of a path has a nonce of its own on both sides; what does not carry ours is a probe
 * or a replay.
 */
#ifndef PATH_H
#define PATH_H

#include "base/allowance.h"
#include "chat/peer/candidates.h"
#include "chat/peer/effects.h"
#include "chat/peer/path_ways.h"
#include "chat/peer/text_keys.h"
#include "chat/retry.h"

enum path_state {
	PATH_FREE,
	PATH_ASKING,   /* the server is asked for an introduction; no token yet */
	PATH_PUNCHING, /* token, key, mine, candidates are valid */
	PATH_OPEN,     /* so are theirs and via */
	PATH_CLOSING,  /* bye was sent, and not answered yet */
	PATH_DOWN,     /* failed, lost or closed; kept to tell repeated introductions from new ones */
};

/* How long things take; the same for all paths of a client. */
struct path_times {
	uint64_t punch_timeout_us;
	uint64_t keepalive_us;
};

struct path {
	enum path_state state;
	struct endpoint peer;      /* as the server knows it: its name */
	bool asked_by_user;        /* somebody waits for the outcome */
	bool wanted;               /* the user asked for it ever, or sent a text: it gives way to nobody */
	bool introduced;           /* ever: token and key are set */
	bool heard;                /* a probe arrived in this life */
	bool checking;             /* open, but to be shown again: a sequence of probes is under way */
	bool pinned;               /* the name's key is noted, since the user last wanted it */
	bool may_relay;            /* the server passes everything on */
	bool is_known_by_loopback; /* to the peer, which that leads to itself */
	bool refused;              /* asking: the server knows nobody there so far */
	bool chosen;               /* the better address family was taken already, see path_rivals.h */
	uint32_t request;          /* serial of our own request; 0 if the peer asked */
	uint32_t their_request;    /* serial of the peer's latest request under this token; 0 for none */
	struct retry ask;          /* our request to the server */
	uint8_t token[WIRE_TOKEN_SIZE];
	uint8_t key[SECRETS_KEY_SIZE];
	uint8_t identity[CARD_KEY_SIZE];     /* the peer's */
	uint8_t run[CARD_KEY_SIZE];          /* its exchange key: text_heard counts as long as this stays */
	uint8_t name[NAME_SIZE];             /* as on its card; zero for none */
	uint8_t called[NAME_SIZE];           /* as the user calls it, who is to be nobody else; zero if by address */
	uint8_t sought[CARD_KEY_SIZE];       /* the run that it is asked for as; zero for any */
	uint8_t secret[CARD_SECRET_SIZE];    /* of our ephemeral key in this life */
	uint8_t mine[WIRE_EPHEMERAL_SIZE];   /* the public half */
	uint8_t theirs[WIRE_EPHEMERAL_SIZE]; /* zero until heard; may be a replayed one until open */
	struct text_keys text_keys;          /* of these two */
	struct candidates candidates;
	struct path_ways ways; /* beyond plain punching */
	struct candidate *via; /* where datagrams go; NULL until open */
	uint64_t begun_us;     /* when the peer asked, however often it has asked again since */
	uint64_t started_us;
	uint64_t opened_us;
	uint64_t anew_us;          /* when a lost path is to be asked for once more; 0 for never */
	uint64_t anew_until_us;    /* for so long texts wait for it to be found */
	uint64_t another_until_us; /* who was asked for there is another, or out of reach: nobody looks there before */
	uint64_t deadline_us;      /* of asking, punching, checking, closing */
	uint64_t next_us;          /* the next probe of the sequence, or keepalive, or bye */
	uint32_t step;             /* in the sequence of probes */
	uint32_t last_answered;    /* serial of the latest probe that was answered, on whatever candidate */
	uint32_t
	    sources; /* how many places they came from; more than any honest peer's is a pair of NATs breeding them */
	uint32_t lingering;     /* probes still to send after opening */
	uint32_t unanswered;    /* keepalives */
	uint32_t text_heard;    /* serial of the last text shown */
	uint32_t texts_waiting; /* in the outbox */
	struct retry text_retry;
	struct bucket said;    /* by the peer, in lines that it has made us show */
	uint32_t too_much;     /* dropped since that was told last */
	uint64_t told_next_us; /* when it may be told again */
};

/* The path has come to nothing, for that reason: says so, and is down. */
void path_fail(struct path *p, struct effects *fx, enum reason reason, uint64_t now_us);

/*
 * A datagram with this path's token and a right mac came from `from`. Texts and their acknowledgements are not for
 * here: returns true for those that the caller is to handle, which are fresh and on an open path.
 */
bool path_receive(struct path *p, struct effects *fx, const struct path_times *times, const struct route *from,
                  const struct wire_message *m, uint64_t now_us);

/* Where datagrams go on an open path: the peer's address, or the server's. */
struct endpoint path_address(const struct path *p, const struct effects *fx);

/* Sends a datagram of that type over the open path. */
void path_send(struct path *p, struct effects *fx, struct wire_message *m);

/* Says goodbye to the peer, if it can be reached. */
void path_close(struct path *p, struct effects *fx, uint64_t now_us);

void path_tick(struct path *p, struct effects *fx, const struct path_times *times, uint64_t now_us);
uint64_t path_deadline(const struct path *p, const struct effects *fx);

/*
 * The peer says or asks something that makes us show that many lines. Returns false, and counts it as dropped, if it
 * has made us show enough for now: 100 a second, 1,000 at once. Told once in ten seconds, at most, and where the path
 * ends.
 */
bool path_hears_out(struct path *p, struct effects *fx, uint32_t lines, uint64_t now_us);

/* True while it is not decided whether the path opens. */
bool path_is_undecided(const struct path *p);

/* What people are told the peer's name is: as on its card, or until there is one as the user calls it. Zero for none.
 */
const uint8_t *path_shown_name(const struct path *p);

#endif
