/*
 * A client's login at the server: the handshake, the keepalives, noticing that the server is gone and logging in again.
 * Pure; part of peer.
 */
#ifndef LOGIN_H
#define LOGIN_H

#include "chat/peer/effects.h"
#include "chat/retry.h"

enum login_state {
	LOGIN_OUT,      /* nothing is sent or expected */
	LOGIN_ENTERING, /* nonce, and cookie once challenged */
	LOGIN_IN,       /* session and you are valid */
	LOGIN_LEAVING,  /* session is valid; waiting for the answer to logout */
};

struct login {
	enum login_state state;
	bool automatic; /* ENTERING without having been told to: it never gives up */
	bool told;      /* "logged in" was shown, and "logged out" not since */
	struct endpoint server;
	struct endpoint you; /* as the server sees us */
	uint8_t identity[CARD_SEED_SIZE];
	char name[NAME_TEXT_SIZE]; /* "" for none */
	uint8_t nonce[WIRE_NONCE_SIZE];
	uint8_t cookie[WIRE_COOKIE_SIZE];
	uint8_t session[WIRE_SESSION_SIZE];
	uint64_t started_us; /* entering or leaving */
	struct retry retry;
	uint64_t keepalive_us; /* interval */
	uint64_t since_us;     /* IN: of the latest login */
	uint64_t next_ping_us;
	uint32_t pings;      /* serial of the last */
	unsigned unanswered; /* pings since the server was last heard */
	bool doubted;        /* IN, but a peer that it led to is not heard: pings go at the pace of `retry` */
	bool unheard;        /* ENTERING because keepalives had no answer, and nothing has had one since */
	uint64_t fresh_us;   /* when the socket is to be doubted next, while `unheard` */
	uint64_t fresh_pause_us;
	bool crowded;          /* IN: the server tells nobody who comes and goes, and we have said so */
	bool is_other_version; /* what it says since then is that it speaks another one */
};

/* `identity` is the seed of the identity key. */
void login_init(struct login *l, const struct endpoint *server, const uint8_t identity[CARD_SEED_SIZE],
                uint64_t keepalive_us);

/*
 * Begins to log in under a name ("" for none); from LOGIN_OUT only, or to turn an automatic login into one that can
 * fail. The exchange key is a new one, and stays through the logins that are automatic: by it peers know the same run
 * again.
 */
void login_enter(struct login *l, struct effects *fx, const char *name, uint64_t now_us);

/* Says as whom one is logged in. */
void login_tell(const struct login *l, struct effects *fx);

/* Begins to log out, or ends at once what is not a login (yet, or any more). EVENT_LOGGED_OUT if it ever was one. */
void login_leave(struct login *l, struct effects *fx, uint64_t now_us);

/* True if a datagram of the server carries our session. */
bool login_owns(const struct login *l, const struct wire_message *m);

/* A datagram of the server that concerns the login itself. The caller sees what came of it by the state. */
void login_receive(struct login *l, struct effects *fx, const struct wire_message *m, uint64_t now_us);

/*
 * Somebody at the server's address says that the server speaks another version. Anybody could: so it is only the reason
 * that is told if there is no other answer in the usual time.
 */
void login_note_other_version(struct login *l);

/* The server was heard, by whatever carries our session. */
void login_heard(struct login *l);

/* A peer is not heard any more, and maybe nobody is: asks the server soon and often, which decides in seconds. */
void login_doubt(struct login *l, uint64_t now_us);

/*
 * True once in a while as long as the server does not answer: it may be our socket, whose flows a box in front of us
 * sends a dead way (from an address it no longer has, or losing the answers).
 */
bool login_doubts_socket(struct login *l, uint64_t now_us);

/* The server was lost because it did not answer, and still nothing is heard of it. */
bool login_is_in_vain(const struct login *l);

/* The server is reached at another address from now on. */
void login_take_server(struct login *l, const struct endpoint *server);

/* The socket is another one: asks to be let in by it, as if for the first time. */
void login_begin_anew(struct login *l, struct effects *fx, uint64_t now_us);

/* Sends a request to the server under our session. */
void login_send(const struct login *l, struct effects *fx, struct wire_message *m);

/* Requests can be made: they are answered when the login is. */
bool login_may_ask(const struct login *l);

/* The time-outs of requests run: not while the login that they wait for has one of its own. */
bool login_clocks_run(const struct login *l);

void login_tick(struct login *l, struct effects *fx, uint64_t now_us);
uint64_t login_deadline(const struct login *l);

#endif
