/* One request that a server has in hand, and what is done with any of them. Pure; part of rendezvous. */
#ifndef RENDEZVOUS_REQUEST_H
#define RENDEZVOUS_REQUEST_H

#include "chat/rendezvous/rendezvous.h"

struct request {
	struct rendezvous *r;
	const struct endpoint *local;
	const struct endpoint *from;
	const struct wire_message *m;
	struct roster_peer *peer; /* who asks, once its session is found right */
	uint64_t now_us;
};

void request_answer(const struct request *q, const struct wire_message *m);

/* An answer that carries no more than the session it got. */
void request_answer_session(const struct request *q, enum wire_type type);

/* Of what one may not have so often: counts it, or drops the request. */
bool request_is_allowed(const struct request *q, enum limits_kind kind);

/* The number of our address that the request came to. */
uint8_t request_door(const struct request *q);

/* The same for what no request is in hand for. */
void request_drop(struct rendezvous *r, enum drop reason);
bool request_events_are_full(const struct rendezvous *r);
void request_tell(struct rendezvous *r, struct rendezvous_event event);
void request_send(struct rendezvous *r, const struct roster_peer *to, const struct wire_message *m);

/* Tells everybody that somebody has come, or goes. */
void request_notice(struct rendezvous *r, struct roster_peer *about, enum wire_presence presence, uint64_t now_us);

#endif
