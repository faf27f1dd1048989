/*
 * Calls from outside into a standing world: whatever a scenario can call there (scenarios/README.md), as JSON
 * (script/script_call.h). They go through an abstract unix socket "punchlab-calls/PID" of the session's process, to
 * this very user alone. One request a connection: a JSON object and the end of what is sent; the answer likewise.
 */
#ifndef WORLD_CALLS_H
#define WORLD_CALLS_H

#include <jansson.h>
#include <sys/types.h>

struct lab;
struct script;

/* The session's side: a descriptor that the world inherits, or -1 with errno. */
int world_calls_open(void) __attribute__((warn_unused_result));

/* The world's side: answers whoever calls now. Waits no longer than 2 s for one that sends nothing. */
void world_calls_answer(int fd, struct script *script, struct lab *lab);

/*
 * From outside: calls `name` on "lab", a host, a box, or "HOST link" of the world that `about` describes
 * (world_socket_ask()). Takes the reference of `arguments`, a list. Returns what the call returned, a list (a new
 * reference); NULL with the reason logged.
 */
json_t *world_call(const json_t *about, const char *on, const char *name, json_t *arguments)
    __attribute__((warn_unused_result));

#endif
