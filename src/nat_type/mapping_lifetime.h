/*
 * How long a NAT keeps an idle mapping, and which direction of traffic keeps it alive (RFC 4787 §4.3, RFC 5780 §4.6):
 * one socket for each time to wait, all at once, and each is asked once whether its mapping still lives, by an answer
 * sent to it at the request of another socket (RESPONSE-PORT). A search by halves would need a socket for each step
 * too, but take the sum of the waits. Pure; a part of discovery.
 */
#ifndef MAPPING_LIFETIME_H
#define MAPPING_LIFETIME_H

#include "base/endpoint.h"
#include "nat/nat.h"
#include "stun/stun_client.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAPPING_LIFETIME_MAX_S 300
#define MAPPING_LIFETIME_STEPS                                                                                         \
	81 /* times to wait up to MAPPING_LIFETIME_MAX_S: each second to 40, then each 5 to 180, then each 10          \
	    */
#define MAPPING_LIFETIME_REFRESHES 3 /* sockets that ask for the direction */
#define MAPPING_LIFETIME_SOCKETS (2 * MAPPING_LIFETIME_STEPS + MAPPING_LIFETIME_REFRESHES)

/* An idle time between the longest that a mapping survived and the shortest that it did not. */
struct mapping_lifetime_span {
	bool measured;     /* at least one mapping was seen alive or dead after a wait */
	uint32_t alive_ms; /* 0: none survived */
	uint32_t dead_ms;  /* 0: all survived, up to alive_ms */
};

struct mapping_lifetime_findings {
	struct mapping_lifetime_span fresh;  /* after one question and its answer */
	struct mapping_lifetime_span stream; /* after traffic both ways for longer than two seconds */
	bool refresh_measured;
	enum nat_refresh refresh;
};

struct mapping_lifetime_plan {
	struct endpoint server;
	uint16_t first_socket; /* of MAPPING_LIFETIME_SOCKETS sockets that have not sent yet; fewer may be used */
	uint16_t asker;        /* another socket */
	unsigned max_s;        /* the longest wait, 1 to MAPPING_LIFETIME_MAX_S */
	uint8_t sends;         /* see struct stun_question */
	uint32_t rto_ms;
	bool fast; /* the server and the pace allow many questions: see mappings that live a second only */
};

enum mapping_lifetime_kind { MAPPING_LIFETIME_FRESH, MAPPING_LIFETIME_STREAM, MAPPING_LIFETIME_REFRESHED };

enum mapping_lifetime_state {
	MAPPING_LIFETIME_UNUSED,
	MAPPING_LIFETIME_WARMING, /* the mapping is made, by `exchanges_left` more questions */
	MAPPING_LIFETIME_PAUSED,  /* between two of them */
	MAPPING_LIFETIME_IDLE,    /* until `due_ms` */
	MAPPING_LIFETIME_CHECKED, /* whether it lives is being asked */
	MAPPING_LIFETIME_ALIVE,
	MAPPING_LIFETIME_DEAD,
	MAPPING_LIFETIME_SPOILED, /* says nothing */
};

struct mapping_lifetime_probe {
	enum mapping_lifetime_kind kind;
	enum mapping_lifetime_state state;
	uint16_t socket;
	unsigned exchanges_left;
	unsigned checks_left;
	unsigned tries_left; /* if its wait ends late */
	int handle;
	uint16_t mapped_port;
	uint32_t wait_ms;
	uint64_t last_ms; /* the last traffic this host had a part in */
	uint64_t due_ms;
	uint32_t idle_ms; /* how long it really was, when checked */
};

struct mapping_lifetime {
	struct mapping_lifetime_plan plan;
	struct mapping_lifetime_probe probes[MAPPING_LIFETIME_SOCKETS];
	size_t count;      /* started */
	size_t planned;    /* to be started, the refresh probes not counted */
	uint64_t start_ms; /* when the next may start */
	bool refresh_asked;
	bool done;
};

/* How many of the sockets a plan with that `max_s` uses. */
size_t mapping_lifetime_sockets(unsigned max_s);

void mapping_lifetime_start(struct mapping_lifetime *l, const struct mapping_lifetime_plan *plan);

/* Goes on as far as answers and clock allow. */
void mapping_lifetime_step(struct mapping_lifetime *l, struct stun_client *c, uint64_t now_ms);

/* When mapping_lifetime_step() has something to do that no answer brings about; UINT64_MAX if never. */
uint64_t mapping_lifetime_deadline(const struct mapping_lifetime *l);

/* What is known so far. */
struct mapping_lifetime_findings mapping_lifetime_findings(const struct mapping_lifetime *l);

#endif
