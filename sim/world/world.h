/*
 * A topology made real, inside the sandbox: namespaces, veths, addresses, routes, NAT rules, names. It ends with
 * the sandbox's first process; there is nothing to tear down.
 */
#ifndef WORLD_H
#define WORLD_H

#include "model/topology.h"
#include "world/translator.h"

#include <sys/types.h>

struct world {
	struct topology topology;
	int netns_fds[TOPOLOGY_NODES];    /* the nodes' network namespaces */
	int home_netns_fd;                /* the sandbox's own, where the process normally is: the internet's router */
	int keeper;                       /* the keeper's socket (keeper.h); -1: there is none */
	int reapers[TOPOLOGY_NODES];      /* what ends each box's mappings (reaper.h); -1: nothing has to */
	int cable_netns_fd;               /* where the ends of links are that the cable carries; -1: there are none */
	int translator[TRANSLATOR_SEATS]; /* -1: there is none */
	uint64_t dropped_before[TOPOLOGY_NODES]; /* by rules that a box no longer has, as far as they counted */
	uint64_t refused_before[2]; /* by the machine's tables of neighbours, IPv4's and IPv6's (neighbours.h) */
};

/*
 * Builds it all and returns when traffic can flow (operstate up, rules loaded); IPv6 off, bridge-nf-call-iptables 0.
 * `extra_rules` may be NULL; `extra_rules[i]`, where not NULL, is appended to box i's set-up: each line a command
 * ("iptables -D ...", no quotes, no shell) that is run in its namespace after its rules, in order (sabotage). The
 * topology is copied. Returns 0, or -1 with what failed on the log.
 */
int world_build(struct world *w, const struct topology *t, const char *const *extra_rules)
    __attribute__((warn_unused_result));

/*
 * The same in two steps: after the first one the links stand and can be captured, after the second one the rules are in
 * force and there may be traffic. Both return 0, or -1 with what failed on the log.
 */
int world_begin(struct world *w, const struct topology *t) __attribute__((warn_unused_result));
int world_finish(struct world *w, const char *const *extra_rules) __attribute__((warn_unused_result));

/*
 * Returns when the routes are back of interfaces that have come up again, as far as the world keeps them (those made by
 * world_begin() do). 0, or -1 (logged) when the process that does it has died.
 */
int world_settle(const struct world *w) __attribute__((warn_unused_result));

/*
 * Returns when the kernel has taken notice of a carrier that came or went at the node's links, in worlds whose routes
 * are kept: before that a packet may seem to leave by a link that is down. 0, or -1 (logged).
 */
int world_await_links(const struct world *w, int node) __attribute__((warn_unused_result));

/* Says on the log, if it is so, that packets were refused since it began, as a table of neighbours was full. */
void world_tell_refused(const struct world *w);

/* A box whose mappings should have ended at their age, but for a process that has died; -1: there is none. */
int world_find_dead_reaper(const struct world *w);

/*
 * Opens a socket as socket(2) does, inside node's network namespace, or the router's (TOPOLOGY_INTERNET; non-blocking,
 * close-on-exec). -1 with errno.
 */
int world_socket(const struct world *w, int node, int domain, int type, int protocol)
    __attribute__((warn_unused_result));

/*
 * As if the box lost its power for a moment: what it was carrying is lost, every mapping and permission is forgotten,
 * the rules stay. Returns 0, or -1 (logged).
 */
int world_reboot(const struct world *w, int box) __attribute__((warn_unused_result));

/* Who is told that a box, which forwards nothing just now, is about to get other rules: what they have counted goes. */
struct world_ruling {
	void (*begins)(void *context, int box);
	void *context;
};

/*
 * The node's links become these, as wiring_change() does it; the world's topology with them, and its names. A box whose
 * way out is another then, or has another address, gets rules for that: those of a running world that were added to
 * them (`extra_rules` as world_build()'s) are added again. Where it `forgets`, its mappings and permissions are gone,
 * as after a reboot. Boxes behind it get rules of IPv6 where these are to be others. `ruling` is told of each
 * box. Returns 0, or -1 (logged).
 */
int world_change(struct world *w, int node, const struct link links[TOPOLOGY_LINKS], const char *const *extra_rules,
                 bool forgets, const struct world_ruling *ruling) __attribute__((warn_unused_result));

/*
 * The box becomes one of that kind; its mappings and permissions are forgotten. What was added to its rules is treated
 * as by world_change(). Returns 0, or -1 (logged).
 */
int world_change_nat(struct world *w, int box, const struct nat *nat, const char *const *extra_rules)
    __attribute__((warn_unused_result));

/*
 * The world's topology and its names have the temporary address that the host prefers now (temporary.h), which the
 * kernel may have made at any time. Returns 1 if it is a new one, 0, or -1 (logged).
 */
int world_follow_temporary(struct world *w, int host) __attribute__((warn_unused_result));

/* Has the kernel make a new one, for a host that has one. Returns 0, or -1 (logged). */
int world_renew_temporary(const struct world *w, int host) __attribute__((warn_unused_result));

/* Runs a command in the node's namespace and waits. Output and return value as command_run(). */
struct command;
int world_run(const struct world *w, int node, struct command *c) __attribute__((warn_unused_result));

/*
 * fork() whose child is in the node's network namespace, or the router's (TOPOLOGY_INTERNET), with the node's name as
 * host name. Returns as fork() does; a child that cannot get there ends with status 127 and a message. A node whose
 * netns_fds is -1 is where the caller is: so programs are tested without privileges.
 */
pid_t world_fork(const struct world *w, int node) __attribute__((warn_unused_result));

/*
 * The same for a child that executes a program at once: `become` does, or ends the child. Until then it has this
 * process's memory, and this process stands still: what it writes there is seen here, and all that it may do is to
 * change what the kernel knows of it. So nothing of the memory need be copied, page by page.
 */
pid_t world_start(const struct world *w, int node, void (*become)(void *argument), void *argument)
    __attribute__((warn_unused_result));

#endif
