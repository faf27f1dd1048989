/* Who stands in a session's world: a host behind each NAT asked for; or what a scenario made, and did, until it ended.
 */
#ifndef SESSION_NODES_H
#define SESSION_NODES_H

#include "lab/lab.h"
#include "session/session.h"

#include <jansson.h>

/* The name of the first host, where a command runs. */
const char *session_first_host(void);

/* Adds p2pchat's server, alice, bob, ... Returns 0, or -1 (logged). */
int session_nodes_add(struct lab *lab, const struct session_options *o) __attribute__((warn_unused_result));

/* True if there can be such a world; else the reason is on the log. Builds nothing. */
bool session_nodes_can_be(const struct session_options *o);

/* Runs the scenario to its end and says on the log how it ended: its world stands on, whatever that was. */
void session_nodes_run(struct lab *lab, const struct session_options *o);

/* Starts the programs that are to run there from the beginning; `started` gets them. Returns 0, or -1 (logged). */
int session_nodes_start(struct lab *lab, const struct session_options *o,
                        const struct process *started[SESSION_PROGRAMS_MAX]) __attribute__((warn_unused_result));

#endif
