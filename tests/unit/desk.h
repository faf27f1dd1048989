/* The server alone at its desk, on a clock of the test's own, for tests that are its clients. */
#ifndef DESK_H
#define DESK_H

#include "chat/rendezvous/rendezvous.h"

#define DESK_SECOND UINT64_C(1000000)
#define DESK_FORGET (60u * DESK_SECOND)
#define DESK_MAX_PEERS 200u

extern struct rendezvous desk;
extern uint64_t desk_now;
extern const struct endpoint desk_address;

/* Starts the server anew, with room for so many. */
void desk_start(uint32_t max_peers);

/* Frees what it needed. */
void desk_close(void);

/* The address of client i, 198.51.100.1:1000 and on. */
struct endpoint desk_client_at(uint32_t i);

/* A datagram reaches it. */
void desk_deliver(const struct endpoint *from, const struct wire_message *m);

/* The next datagram the server sends; false if there is none. */
bool desk_answer(struct endpoint *to, struct wire_message *m);

/* Sends one message and reads the one answer that must come back to the sender; 0 if there is none. */
enum wire_type desk_ask(const struct endpoint *from, const struct wire_message *question, struct wire_message *m);

/* A login of client i without a cookie. */
struct wire_message desk_login_message(uint32_t i);

/* Logs client i in; returns its welcome. */
struct wire_message desk_log_in(uint32_t i);

/*
 * A login from anywhere, by the key of a number and under a name, which is proved by the key of `prover`. Returns the
 * answer's type, with *m; nobody but `from` is sent anything at once.
 */
enum wire_type desk_log_in_as(const struct endpoint *from, const char *name, uint32_t key, uint32_t prover,
                              struct wire_message *m);

/* Lets the clock run until the server has told all there is to tell of who comes and goes; returns to how many. */
unsigned desk_notices(enum wire_presence presence);

/* Client i, welcomed so, does something: it is a ping. */
void desk_use(uint32_t i, const struct wire_message *welcome);

/* A request in the session of that welcome. */
struct wire_message desk_request(enum wire_type type, const struct wire_message *welcome);

/* Takes all events; returns how many are of that type. */
unsigned desk_take_events(enum rendezvous_event_type type);

#endif
