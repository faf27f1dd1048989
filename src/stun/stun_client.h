/*
 * STUN transactions over UDP (RFC 8489 §6.2.1): asks many questions at once from many sockets, sends each again until
 * it is answered, and paces new ones (RFC 5780 §8.1 wants no more than ten a second). Pure: the caller owns the
 * sockets, which it numbers, the clock and the randomness, and carries the datagrams.
 *
 * It reports what came back and from where, and judges nothing: an answer from an unexpected address is an answer.
 */
#ifndef STUN_CLIENT_H
#define STUN_CLIENT_H

#include "base/endpoint.h"
#include "stun/stun_message.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STUN_CLIENT_MAX 512 /* transactions not forgotten */
#define STUN_CLIENT_KEY_SIZE 16
#define STUN_QUESTION_ROOM 64 /* no question is longer */

enum stun_outcome {
	STUN_UNASKED, /* never asked, or given up before its time */
	STUN_WAITING,
	STUN_ANSWERED,    /* with a success response; or, for an echo, with the question itself */
	STUN_REFUSED,     /* with an error response */
	STUN_UNREACHABLE, /* an ICMP error came instead */
	STUN_SILENT,      /* nothing came, however often it was sent */
};

struct stun_question {
	uint16_t socket;        /* the caller's number of the socket to ask from */
	uint16_t answer_socket; /* where the answer is to come in */
	struct endpoint to;
	uint8_t change;         /* flags of CHANGE-REQUEST; 0: no CHANGE-REQUEST */
	uint16_t response_port; /* 0: no RESPONSE-PORT */
	bool echo;              /* `to` is an own address: what is to come in is the question itself */
	uint8_t sends;          /* how often at most, at least 1 */
	uint32_t rto_ms; /* until the second sending; doubles each time, and once more is waited after the last */
};

struct stun_answer {
	enum stun_outcome outcome;
	struct endpoint from;          /* where it came from */
	struct endpoint mapped;        /* stun_mapped() of it; for an echo the same as `from` */
	struct endpoint other_address; /* OTHER-ADDRESS */
	bool rewritten;    /* MAPPED-ADDRESS is not what XOR-MAPPED-ADDRESS says: something changed the payload */
	uint16_t code;     /* of a refusal */
	uint64_t asked_ms; /* when it was first sent */
	uint32_t rtt_ms;   /* from the last sending to the answer */
};

struct stun_transaction {
	struct stun_question question;
	struct stun_answer answer;
	uint8_t id[STUN_ID_SIZE];
	unsigned sent;    /* how often */
	uint64_t sent_ms; /* when last */
	uint64_t due_ms;  /* when to send again, or to give up */
	bool used;
};

struct stun_client {
	uint8_t key[STUN_CLIENT_KEY_SIZE]; /* transaction ids are made of it */
	uint64_t serial;
	uint32_t pace_ms;
	uint64_t next_start_ms; /* not before this a new transaction is sent for the first time */
	unsigned malformed;     /* datagrams received that are no STUN message */
	unsigned strangers;     /* STUN messages that answer nothing that was asked there */
	struct stun_transaction transactions[STUN_CLIENT_MAX];
};

/* A datagram to send now. */
struct stun_datagram {
	uint16_t socket;
	struct endpoint to;
	size_t len;
	uint8_t bytes[STUN_QUESTION_ROOM];
};

/* `key` is random; `pace_ms` the least time between two new transactions. */
void stun_client_init(struct stun_client *c, const uint8_t key[STUN_CLIENT_KEY_SIZE], uint32_t pace_ms);

/* Asks; the datagram comes out of stun_client_next(). Returns a handle, or -1 if the table is full. */
int stun_client_ask(struct stun_client *c, const struct stun_question *q, uint64_t now_ms)
    __attribute__((warn_unused_result));

/* A datagram came in on a socket. Returns true if it answers a question. */
bool stun_client_receive(struct stun_client *c, uint16_t socket, const struct endpoint *from, const uint8_t *bytes,
                         size_t len, uint64_t now_ms);

/* An ICMP error about a datagram from `socket` to `to` came in. */
void stun_client_unreachable(struct stun_client *c, uint16_t socket, const struct endpoint *to);

/* Takes the next datagram that is due. Gives up on the questions whose time is over. Returns false if none is due. */
bool stun_client_next(struct stun_client *c, uint64_t now_ms, struct stun_datagram *out);

/* When stun_client_next() will have something to do; UINT64_MAX if never. */
uint64_t stun_client_deadline(const struct stun_client *c);

/* What became of a question. A handle that is -1 gives STUN_UNASKED. */
struct stun_answer stun_client_answer(const struct stun_client *c, int handle);

/* Frees a handle (-1 is allowed); an answer that comes later is a stranger's. */
void stun_client_forget(struct stun_client *c, int handle);

#endif
