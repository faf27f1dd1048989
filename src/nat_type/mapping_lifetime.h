/*
 * How long a NAT keeps an idle mapping, and which direction of traffic keeps it alive (RFC 4787 §4.3, RFC 5780 §4.6):
 * one socket for each time to wait, all at once, and each is asked once whether its mapping still lives, by an answer
 * sent to it at the request of another socket (RESPONSE-PORT). A search by halves would need a socket for each step
 * too, but take the sum of the waits. Pure; a part of survey.
 */
#ifndef MAPPING_LIFETIME_H
#define MAPPING_LIFETIME_H

#include "base/endpoint.h"
#include "stun/stun_client.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LIFETIME_MAX_S 300
#define LIFETIME_STEPS                                                                                                 \
	81 /* times to wait up to LIFETIME_MAX_S: each second to 40, then each 5 to 180, then each 10                  \
	    */
#define LIFETIME_REFRESHES 3 /* sockets that ask for the direction */
#define LIFETIME_SOCKETS (2 * LIFETIME_STEPS + LIFETIME_REFRESHES)

/* An idle time between the longest that a mapping survived and the shortest that it did not. */
struct lifetime_span {
	bool measured;     /* at least one mapping was seen alive or dead after a wait */
	uint32_t alive_ms; /* 0: none survived */
	uint32_t dead_ms;  /* 0: all survived, up to alive_ms */
};

enum lifetime_refresh { LIFETIME_REFRESH_UNKNOWN, LIFETIME_REFRESH_BOTH, LIFETIME_REFRESH_OUTBOUND };

struct lifetime_findings {
	struct lifetime_span fresh;  /* after one question and its answer */
	struct lifetime_span stream; /* after traffic both ways for longer than two seconds */
	enum lifetime_refresh refresh;
};

struct lifetime_plan {
	struct endpoint server;
	uint16_t first_socket; /* of LIFETIME_SOCKETS sockets that have not sent yet; fewer may be used */
	uint16_t asker;        /* another socket */
	unsigned max_s;        /* the longest wait, 1 to LIFETIME_MAX_S */
	uint8_t sends;         /* see struct stun_question */
	uint32_t rto_ms;
	bool fast; /* the server and the pace allow many questions: see mappings that live a second only */
};

enum lifetime_kind { LIFETIME_FRESH, LIFETIME_STREAM, LIFETIME_REFRESHED };

enum lifetime_state {
	LIFETIME_UNUSED,
	LIFETIME_WARMING, /* the mapping is made, by `exchanges_left` more questions */
	LIFETIME_PAUSED,  /* between two of them */
	LIFETIME_IDLE,    /* until `due_ms` */
	LIFETIME_CHECKED, /* whether it lives is being asked */
	LIFETIME_ALIVE,
	LIFETIME_DEAD,
	LIFETIME_SPOILED, /* says nothing */
};

struct lifetime_probe {
	enum lifetime_kind kind;
	enum lifetime_state state;
	uint16_t socket;
	unsigned exchanges_left;
	unsigned checks_left;
	int handle;
	uint16_t mapped_port;
	uint32_t wait_ms;
	uint64_t last_ms; /* the last traffic this host had a part in */
	uint64_t due_ms;
	uint32_t idle_ms; /* how long it really was, when checked */
};

struct lifetime {
	struct lifetime_plan plan;
	struct lifetime_probe probes[LIFETIME_SOCKETS];
	size_t count;      /* started */
	size_t planned;    /* to be started, the refresh probes not counted */
	uint64_t start_ms; /* when the next may start */
	bool refresh_asked;
	bool done;
};

/* How many of the sockets a plan with that `max_s` uses. */
size_t lifetime_sockets(unsigned max_s);

void lifetime_start(struct lifetime *l, const struct lifetime_plan *plan);

/* Goes on as far as answers and clock allow. */
void lifetime_step(struct lifetime *l, struct stun_client *c, uint64_t now_ms);

/* When lifetime_step() has something to do that no answer brings about; UINT64_MAX if never. */
uint64_t lifetime_deadline(const struct lifetime *l);

/* What is known so far. */
struct lifetime_findings lifetime_findings(const struct lifetime *l);

#endif
