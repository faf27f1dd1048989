/*
 * One client: logs in, lists, punches paths to other peers, talks over them. Pure: commands, datagrams and the time go
 * in, datagrams and events come out; no socket, no heap, no printing.
 *
 *     commands --> login     <--> server
 *                  listing   <--> server
 *                  paths     <--> server, peers
 *                  outbox    <--> peers
 */
#ifndef PEER_H
#define PEER_H

#include "chat/peer/listing.h"
#include "chat/peer/login.h"
#include "chat/peer/lookup.h"
#include "chat/peer/other_family.h"
#include "chat/peer/outbox.h"
#include "chat/peer/paths.h"
#include "chat/peer/pins.h"

struct peer_config {
	struct endpoint server;
	struct endpoint other_server; /* the same one's address of the other family; of no family for none */
	uint64_t punch_timeout_us;
	uint64_t keepalive_us;
	unsigned strategies; /* of enum strategy */
	struct endpoint
	    hosts[WIRE_HOSTS_MAX]; /* this host's addresses, with the port of the first socket of the family */
	uint8_t host_count;
	bool keeps_port;                  /* the first socket is to stay the same, whatever comes of it */
	uint8_t identity[CARD_SEED_SIZE]; /* the seed of the identity key: secret, the same at every start */
	uint8_t seed[EFFECTS_SEED_SIZE];  /* random, new for every start */
};

struct peer {
	struct login login;
	struct other_family other; /* that the server has */
	struct listing listing;
	struct lookup lookup; /* of whom the user has named */
	struct lookup search; /* of who was at the other end of a path that was lost; see peer_search.h */
	size_t search_turn;   /* the place of that path */
	uint64_t search_next_us;
	struct pins pins; /* the program reads them before the start, and keeps them when they have changed */
	struct path_times times;
	struct paths paths;
	struct means means;
	struct outbox outbox;
	struct effects fx;
	uint32_t serial;      /* of the last request to the server */
	struct endpoint seen; /* as the server saw us at the login before */
	bool keeps_port;
	bool wants_fresh; /* socket */
	uint64_t received;
};

/*
 * `p` is all zero, as fresh memory is: most of it is only needed by who is busy, and is not touched before. The rest is
 * as peer_config tells.
 */
void peer_init(struct peer *p, const struct peer_config *config);

/* The commands. Each is answered by an event, now or later; see src/README.md. They are not for while
 * peer_is_leaving(). */
void peer_login(struct peer *p, const char *name, uint64_t now_us);   /* "" for no name */
void peer_list(struct peer *p, const char *pattern, uint64_t now_us); /* see listing.h */
void peer_status(struct peer *p, uint64_t now_us);

/* `called` is the name the user gave, whose bearer the peer must be; NULL if it was an address. */
void peer_punch(struct peer *p, const struct endpoint *who, const uint8_t called[NAME_SIZE], uint64_t now_us);

/*
 * Finds who has that name: among the paths, or by asking the server. Returns false while it is not known
 * (peer_is_finding() then); else true, with *who, or with *reason if there is nobody.
 */
bool peer_find(struct peer *p, const uint8_t name[NAME_SIZE], struct endpoint *who, enum reason *reason,
               uint64_t now_us);
bool peer_is_finding(const struct peer *p);

/* The name belongs to the key that was refused last (EVENT_KEY_CHANGED). Returns false if none was. */
bool peer_accept(struct peer *p, const uint8_t name[NAME_SIZE]);

/*
 * The file of known names holds those of `file` now, see pins_merge(). Paths to whom a name does not belong end, with
 * all that waits for them (EVENT_KEY_CHANGED).
 */
void peer_take_pins(struct peer *p, struct pins *file, uint64_t now_us);

/* True if a text to that peer has a path to go, or wait for. */
bool peer_takes_texts(struct peer *p, const struct endpoint *who);

/* False while a text to that peer would find too many others waiting. */
bool peer_has_room(struct peer *p, const struct endpoint *who);

/* `called` as for peer_punch(); `len` is 1 to WIRE_TEXT_MAX bytes. */
void peer_send(struct peer *p, const struct endpoint *who, const uint8_t called[NAME_SIZE], const uint8_t *text,
               size_t len, uint64_t now_us);

/* A text to somebody of that name whom peer_find() has not found, for that reason: it is told as not delivered. */
void peer_give_up_text(struct peer *p, const uint8_t name[NAME_SIZE], enum reason reason, const uint8_t *text,
                       size_t len);

/* Shows the code of an open path (EVENT_CODE). Returns false if there is none. */
bool peer_verify(struct peer *p, const struct endpoint *who);

/* Leaves the server and every peer, in a second at most. EVENT_LOGGED_OUT tells the end of a login. */
void peer_logout(struct peer *p, uint64_t now_us);

/* True from peer_logout() to its end. */
bool peer_is_leaving(const struct peer *p);

/* True unless neither logged in nor about to be, and without paths: nothing to leave. */
bool peer_is_in(const struct peer *p);

/* True if everything the user asked for has its answer. */
bool peer_is_idle(const struct peer *p);

/*
 * A datagram came to the socket of that number. Judges no time-out, as what is waited for may come right behind it;
 * peer_tick() does, and begins what the datagram made possible: call it when nothing more is there.
 */
void peer_receive(struct peer *p, uint16_t socket, const struct endpoint *from, const uint8_t *bytes, size_t len,
                  uint64_t now_us);
void peer_tick(struct peer *p, uint64_t now_us);

/* When peer_tick() is to be called next, UINT64_MAX for never. */
uint64_t peer_deadline(const struct peer *p);

/*
 * The sockets beside the first that are wanted now, by number: look after every call, before anything is sent. One that
 * was opened is told with its port, one that cannot be with 0.
 */
bool peer_wants_socket(const struct peer *p, uint16_t number);
uint16_t peer_sockets_end(const struct peer *p); /* all numbers wanted so far are smaller */
void peer_socket_opened(struct peer *p, uint16_t number, uint16_t port);

/*
 * True if the first socket is to be another one, on another port: neither the server nor a peer is heard by it any
 * more. The program is to open that, close this, and tell its port. If it cannot, it just leaves things as they are.
 */
bool peer_wants_fresh_socket(const struct peer *p);
void peer_fresh_socket_opened(struct peer *p, uint16_t port, uint64_t now_us);

/*
 * True if the server is to be talked to by its address of the other family, as it does not answer by the first. The
 * program is to have the first socket and that of the other family change places, once what is to be sent is sent, and
 * to say so: then the server is at `other_server`, until it is the other way round again.
 */
bool peer_wants_other_family(const struct peer *p, uint64_t now_us);
void peer_other_family_taken(struct peer *p, uint64_t now_us);

/* The next datagram to send and the next event to show; false if there is none. Call both until false after every call.
 */
bool peer_next_datagram(struct peer *p, struct datagram *out);
bool peer_next_event(struct peer *p, struct event *out);

#endif
